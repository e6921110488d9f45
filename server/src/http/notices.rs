//! One-time notices: what a page shows once after a form was sent without the browser's program.
//!
//! A notice waits for the page it is for, also through a sign-in; it is shown to nobody but the person who wrote it.
//! The cookie names the latest few, so that a wrong password does not lose what was written before it.

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

/// How many wait at once for the same browser.
const MOST: usize = 4;
/// Between the tokens of the cookie, which are hexadecimal.
const BETWEEN: char = '.';

/// The tokens that a browser holds, newest first.
fn tokens(headers: &HeaderMap, secure: bool) -> Vec<String> {
    let held = Cookie::Notice.values(headers, secure);
    let tokens = held.iter().flat_map(|value| value.split(BETWEEN)).filter(|token| !token.is_empty());
    tokens.take(MOST).map(str::to_owned).collect()
}

/// The cookie that names these tokens; without any, it is removed.
fn cookie(tokens: &[String], secure: bool) -> HeaderValue {
    let lasts = if tokens.is_empty() { 0 } else { LASTS };
    Cookie::Notice.set(&tokens.join(&BETWEEN.to_string()), lasts, secure)
}

#[derive(Clone)]
struct Keep {
    hash: String,
    person: Option<i64>,
    content: String,
    expires: Instant,
}

impl Errand for Keep {
    type Answer = ();
    async fn run(self, work: &mut Work) -> Result<(), Problem> {
        work.keep_notice(&self.hash, self.person, &self.content, self.expires.0).await?;
        Ok(())
    }
}

#[derive(Clone)]
struct Remove(String);

impl Errand for Remove {
    type Answer = ();
    async fn run(self, work: &mut Work) -> Result<(), Problem> {
        work.remove_notice(&self.0).await?;
        Ok(())
    }
}

/// Keeps a notice for the holder of the cookie that is answered; `writer` is none where it is nobody's but the
/// browser's, as on the way in.
pub async fn keep(
    site: &Site,
    aggregator: AggregatorId,
    writer: Option<&Identity>,
    headers: &HeaderMap,
    notice: &Notice,
) -> Result<HeaderValue, Problem> {
    let token = token();
    let person = match writer {
        Some(identity) => author(site, aggregator, identity).await?,
        None => None,
    };
    let now = site.office.clock.now();
    let keep = Keep {
        hash: token_hash(&token),
        person,
        content: serde_json::to_string(notice).unwrap_or_default(),
        expires: now.plus_seconds(LASTS),
    };
    site.office.write(aggregator, keep).await?;
    let mut tokens = tokens(headers, site.secure);
    tokens.insert(0, token);
    tokens.truncate(MOST);
    Ok(cookie(&tokens, site.secure))
}

/// Whose session it is or was: an expired one still says who wrote.
async fn author(site: &Site, aggregator: AggregatorId, identity: &Identity) -> Result<Option<i64>, Problem> {
    let Identity::Session(hash) = identity else {
        return Ok(None);
    };
    let session = site.office.store.read(aggregator).await?.session(hash).await?;
    Ok(session.map(|session| session.person))
}

/// Takes the newest notice that waits for this page and this reader, with the header that forgets it.
pub async fn take(
    site: &Site,
    aggregator: AggregatorId,
    identity: &Identity,
    headers: &HeaderMap,
    page: &str,
) -> Option<(Notice, HeaderValue)> {
    let mut tokens = tokens(headers, site.secure);
    if tokens.is_empty() {
        return None;
    }
    let now = site.office.clock.now();
    let mut work = site.office.store.read(aggregator).await.ok()?;
    let reader = Desk::open(&mut work, identity, now).await.ok()?.actor();
    let mut found = None;
    for (position, token) in tokens.iter().enumerate() {
        let Some((author, content)) = work.notice(&token_hash(token), now.0).await.ok()? else {
            continue;
        };
        let notice: Notice = serde_json::from_str(&content).ok()?;
        if notice.page == page && (author.is_none() || author == reader) {
            found = Some((position, notice));
            break;
        }
    }
    drop(work);
    let (position, notice) = found?;
    let hash = token_hash(&tokens.remove(position));
    site.office.write(aggregator, Remove(hash)).await.ok()?;
    Some((notice, cookie(&tokens, site.secure)))
}
