//! Waiting for another thread that answers soon.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{Thread, current, park, yield_now};

/// How often the thread checks, letting other threads run in between, before it sleeps.
const LOOKS: u32 = 100;

/// Runs a future to its end on this thread, which lets others work a while before it sleeps: SQLite mostly answers in
/// less time than it takes to be woken.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let bell = Arc::new(Bell { rung: AtomicBool::new(false), thread: current() });
    let waker = Waker::from(Arc::clone(&bell));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => return value,
            Poll::Pending => bell.wait(),
        }
    }
}

struct Bell {
    rung: AtomicBool,
    thread: Thread,
}

impl Bell {
    fn wait(&self) {
        for _ in 0..LOOKS {
            if self.was_rung() {
                return;
            }
            yield_now();
        }
        while !self.was_rung() {
            park();
        }
    }

    fn was_rung(&self) -> bool {
        self.rung.swap(false, Ordering::Acquire)
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.rung.store(true, Ordering::Release);
        // Costs next to nothing while it is awake.
        self.thread.unpark();
    }
}
