//! Work on many files at once.

use std::sync::Mutex;
use std::thread::{available_parallelism, scope};

use anyhow::Result;

/// Does the work for each of the items, as many at a time as there are processors; ends with the first failure.
pub fn each<T: Send>(items: Vec<T>, work: impl Fn(T) -> Result<()> + Sync) -> Result<()> {
    let (items, failure) = (Mutex::new(items), Mutex::new(None));
    let next = || {
        let failed = failure.lock().is_ok_and(|failure| failure.is_some());
        if failed { None } else { items.lock().ok()?.pop() }
    };
    let one_by_one = || {
        while let Some(item) = next() {
            if let (Err(error), Ok(mut failure)) = (work(item), failure.lock()) {
                *failure = Some(error);
            }
        }
    };
    scope(|threads| {
        for _ in 0..available_parallelism().map_or(1, usize::from) {
            threads.spawn(one_by_one);
        }
    });
    match failure.into_inner() {
        Ok(Some(error)) => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    use anyhow::bail;

    use super::*;

    #[test]
    fn each_item_is_worked_on_once() {
        let sum = AtomicUsize::new(0);
        let work = |item| {
            sum.fetch_add(item, SeqCst);
            Ok(())
        };
        each((1..=100).collect(), work).expect("no failure");
        assert_eq!(sum.into_inner(), 5050);
    }

    #[test]
    fn a_failure_is_told() {
        assert!(each(vec![1, 2, 3], |item| if item == 2 { bail!("two") } else { Ok(()) }).is_err());
    }
}
