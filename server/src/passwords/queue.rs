//! The queue before the work on passwords, which takes long on purpose: short, and shared fairly, so that a flood is
//! refused at once and does not make everybody else wait.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use model::api::ApiError;

use super::in_turn;

/// Most that have a place, those at work included.
const MOST: usize = 64;
/// Most of them that are strangers: browsers that signed in before have the rest to themselves.
const MOST_STRANGERS: usize = 48;
/// Most of them from one origin. At four at once, they are through in some tenths of a second.
const MOST_FROM_ONE: usize = 16;
/// Seconds after which it is worth trying again.
const AGAIN: u32 = 2;

static QUEUE: HashQueue = HashQueue(Mutex::new(WaitingCounts { all: 0, by_origin: BTreeMap::new() }));

struct HashQueue(Mutex<WaitingCounts>);

struct WaitingCounts {
    all: usize,
    by_origin: BTreeMap<String, usize>,
}

impl HashQueue {
    fn lock(&self) -> MutexGuard<'_, WaitingCounts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in the queue, given up when it is dropped.
#[derive(Debug)]
pub struct QueueSlot {
    origin: String,
}

impl QueueSlot {
    /// Takes a place for a request from this origin.
    ///
    /// # Errors
    /// There is none: too many wait from the same origin, or altogether.
    pub fn take(origin: &str, known: bool) -> Result<Self, ApiError> {
        let mut waiting = QUEUE.lock();
        let of_this_origin = waiting.by_origin.get(origin).copied().unwrap_or_default();
        if of_this_origin >= MOST_FROM_ONE {
            return Err(ApiError::TooMany { retry_after: AGAIN });
        }
        if waiting.all >= if known { MOST } else { MOST_STRANGERS } {
            return Err(ApiError::Unavailable);
        }
        waiting.all += 1;
        waiting.by_origin.insert(origin.to_owned(), of_this_origin + 1);
        Ok(Self { origin: origin.to_owned() })
    }

    /// Works on a password when its turn has come; none where that panicked.
    pub async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        in_turn(work).await
    }
}

impl Drop for QueueSlot {
    fn drop(&mut self) {
        let mut waiting = QUEUE.lock();
        waiting.all = waiting.all.saturating_sub(1);
        if let Some(count) = waiting.by_origin.get_mut(&self.origin) {
            *count -= 1;
            if *count == 0 {
                waiting.by_origin.remove(&self.origin);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_origin_gets_its_share_strangers_theirs_and_who_is_known_the_rest() {
        let mut places: Vec<_> =
            (0..MOST_FROM_ONE).map(|_| QueueSlot::take("flood", false).expect("a place")).collect();
        let refused = QueueSlot::take("flood", false).expect_err("it has its share");
        assert_eq!(refused, ApiError::TooMany { retry_after: AGAIN });
        let others = MOST_FROM_ONE..MOST_STRANGERS;
        places.extend(others.map(|number| QueueSlot::take(&format!("{number}"), false).expect("a place")));
        assert_eq!(QueueSlot::take("late", false).expect_err("it is full"), ApiError::Unavailable);
        let known = MOST_STRANGERS..MOST;
        places.extend(known.map(|number| QueueSlot::take(&format!("{number}"), true).expect("a place")));
        assert_eq!(QueueSlot::take("known", true).expect_err("it is full"), ApiError::Unavailable);
        places.clear();
        drop(QueueSlot::take("flood", false).expect("all places are given up"));
        assert!(QUEUE.lock().by_origin.is_empty());
    }
}
