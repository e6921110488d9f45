//! One-time notices: what a page shows once after a form was sent without the browser's program.
//!
//! A notice waits for the page it is for, also through a sign-in; it is shown to nobody but the person who wrote it.
//! The cookie names the latest few, so that a wrong password does not lose what was written before it.

use axum::http::{HeaderMap, HeaderValue};
use model::api::{Notice, Problem};
use model::calendar::Instant;
use model::ids::{AggregatorId, PersonId};

use super::Site;
use super::cookies::Cookie;
use super::operation::RequestInfo;
use handlers::context::{CallerContext, Identity};
use model::clock::latest_that_can_be;
use store::hashing::{token, token_hash};
use store::{Transaction, UnitOfWork};

/// How long a notice waits, in seconds: what was written survives a forgotten password.
const LIFETIME: i64 = 3_600;

/// The last instant until which a notice may wait that is there now: one that was kept while the clock was far ahead would
/// wait for longer, and take the place of others all that time.
pub fn longest(now: Instant) -> Instant {
    latest_that_can_be(now).plus_seconds(LIFETIME)
}

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
    let lasts = if tokens.is_empty() { 0 } else { LIFETIME };
    Cookie::Notice.set(&tokens.join(&BETWEEN.to_string()), lasts, secure)
}

/// Most notices of one person that wait; the oldest goes.
const MOST_OF_PERSON: i64 = 20;
/// Most notices of nobody that wait: from one source, and from all.
const MOST_OF_SOURCE: i64 = 20;
const MOST_OF_NOBODY: i64 = 2_000;
/// Most bytes of a notice of nobody, and of what was entered in it.
const MOST_CONTENT: usize = 4 * 1_024;
pub const MOST_ENTERED: usize = 2 * 1_024;

/// Who writes a notice.
#[derive(Clone, Debug)]
pub enum Writer {
    Person(PersonId),
    /// Nobody who is known, by the hash of where they come from.
    Nobody(String),
}

#[derive(Clone)]
struct StoreNotice {
    hash: String,
    writer: Writer,
    content: String,
    now: Instant,
}

impl UnitOfWork for StoreNotice {
    /// Whether there was room for it.
    type Answer = bool;
    async fn run(self, tx: &mut Transaction) -> Result<bool, Problem> {
        tx.remove_notices_over(self.now).await?;
        let longest = longest(self.now);
        let (person, source) = match &self.writer {
            Writer::Person(person) => {
                tx.keep_latest_notices(*person, MOST_OF_PERSON - 1, longest).await?;
                (Some(*person), None)
            }
            Writer::Nobody(source) => {
                let (of_source, of_nobody) = tx.notices_of_nobody(source, longest).await?;
                if of_source >= MOST_OF_SOURCE || of_nobody >= MOST_OF_NOBODY {
                    return Ok(false);
                }
                (None, Some(source.as_str()))
            }
        };
        let expires = self.now.plus_seconds(LIFETIME);
        tx.keep_notice(&self.hash, person, source, &self.content, expires).await?;
        Ok(true)
    }
}

#[derive(Clone)]
struct Remove(String);

impl UnitOfWork for Remove {
    type Answer = ();
    async fn run(self, tx: &mut Transaction) -> Result<(), Problem> {
        tx.remove_notice(&self.0).await?;
        Ok(())
    }
}

/// Keeps a notice for the holder of the cookie that is answered; none where there is no room for it.
pub async fn keep(
    site: &Site,
    aggregator: AggregatorId,
    writer: Writer,
    headers: &HeaderMap,
    notice: &Notice,
) -> Result<Option<HeaderValue>, Problem> {
    let token = token();
    let content = serde_json::to_string(notice).unwrap_or_default();
    if matches!(writer, Writer::Nobody(_)) && content.len() > MOST_CONTENT {
        return Ok(None);
    }
    let keep = StoreNotice { hash: token_hash(&token), writer, content, now: site.marketplace.clock.now() };
    if !site.marketplace.write(aggregator, keep).await? {
        return Ok(None);
    }
    let mut tokens = tokens(headers, site.secure);
    tokens.insert(0, token);
    tokens.truncate(MOST);
    Ok(Some(cookie(&tokens, site.secure)))
}

/// Who writes, by the session that there is or was: an expired one still says who. Where the operation is open to anyone
/// it is nobody, whatever the cookie says.
pub async fn writer(site: &Site, info: &RequestInfo, open_to_anyone: bool) -> Result<Writer, Problem> {
    let nobody = Writer::Nobody(token_hash(&info.source.to_string()));
    let Identity::Session(hash) = &info.identity else {
        return Ok(nobody);
    };
    if open_to_anyone {
        return Ok(nobody);
    }
    let session = site.marketplace.store.read(info.aggregator).await?.session(hash).await?;
    Ok(session.map_or(nobody, |session| Writer::Person(session.person)))
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
    let now = site.marketplace.clock.now();
    let mut tx = site.marketplace.store.read(aggregator).await.ok()?;
    let reader = CallerContext::open(&mut tx, identity, now).await.ok()?.actor();
    let mut found = None;
    for (position, token) in tokens.iter().enumerate() {
        let Some((author, content)) = tx.notice(&token_hash(token), now).await.ok()? else {
            continue;
        };
        let notice: Notice = serde_json::from_str(&content).ok()?;
        if notice.page == page && (author.is_none() || author == reader) {
            found = Some((position, notice));
            break;
        }
    }
    drop(tx);
    let (position, notice) = found?;
    let hash = token_hash(&tokens.remove(position));
    site.marketplace.write(aggregator, Remove(hash)).await.ok()?;
    Some((notice, cookie(&tokens, site.secure)))
}
