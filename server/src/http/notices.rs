//! One-time notices: what a page shows once after a form was sent without the browser's program.
//!
//! A notice waits for the page it is for, also through a sign-in; it is shown to nobody but the person who wrote it.

use axum::http::{HeaderMap, HeaderValue};
use model::api::{Notice, Problem};
use model::calendar::Instant;
use model::ids::AggregatorId;

use super::Site;
use super::cookies::Cookie;
use crate::desk::{Desk, Identity};
use crate::passwords::{token, token_hash};
use crate::store::{Errand, Work};

/// How long a notice waits, in seconds: what was written survives a forgotten password.
const LASTS: i64 = 3_600;

struct Keep {
    hash: String,
    person: Option<i64>,
    content: String,
    expires: Instant,
}

impl Errand for Keep {
    type Answer = ();
    async fn run(self, work: &mut Work) -> Result<(), Problem> {
        work.keep_notice(&self.hash, self.person, &self.content, self.expires.0)
            .await?;
        Ok(())
    }
}

struct Remove(String);

impl Errand for Remove {
    type Answer = ();
    async fn run(self, work: &mut Work) -> Result<(), Problem> {
        work.remove_notice(&self.0).await?;
        Ok(())
    }
}

/// Keeps a notice for the holder of the cookie that is answered.
pub async fn keep(
    site: &Site,
    aggregator: AggregatorId,
    identity: &Identity,
    notice: &Notice,
) -> Result<HeaderValue, Problem> {
    let token = token();
    let now = site.office.clock.now();
    let keep = Keep {
        hash: token_hash(&token),
        person: author(site, aggregator, identity).await?,
        content: serde_json::to_string(notice).unwrap_or_default(),
        expires: now.plus_seconds(LASTS),
    };
    site.office.write(aggregator, keep).await?;
    Ok(Cookie::Notice.set(&token, LASTS, site.secure))
}

/// Whose session it is or was: an expired one still says who wrote.
async fn author(
    site: &Site,
    aggregator: AggregatorId,
    identity: &Identity,
) -> Result<Option<i64>, Problem> {
    let Identity::Session(hash) = identity else {
        return Ok(None);
    };
    let session = site
        .office
        .store
        .read(aggregator)
        .await?
        .session(hash)
        .await?;
    Ok(session.map(|session| session.person))
}

/// Takes the notice that waits for this page, with the header that forgets it.
pub async fn take(
    site: &Site,
    aggregator: AggregatorId,
    identity: &Identity,
    headers: &HeaderMap,
    page: &str,
) -> Option<(Notice, HeaderValue)> {
    let hash = token_hash(&Cookie::Notice.of(headers, site.secure)?);
    let now = site.office.clock.now();
    let mut work = site.office.store.read(aggregator).await.ok()?;
    let (author, content) = work.notice(&hash, now.0).await.ok()??;
    let notice: Notice = serde_json::from_str(&content).ok()?;
    if notice.page != page {
        return None;
    }
    let reader = Desk::open(&mut work, identity, now).await.ok()?.actor();
    drop(work);
    if author.is_some() && author != reader {
        return None;
    }
    site.office.write(aggregator, Remove(hash)).await.ok()?;
    Some((notice, Cookie::Notice.set("", 0, site.secure)))
}
