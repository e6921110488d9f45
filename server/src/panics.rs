//! Panics: each is a mistake of ours. It is logged with its place and counted, so that none passes unseen.

use std::panic::PanicHookInfo;

use metrics::PANICS;

/// From here on panics are logged and counted. To be called once the log has begun.
pub fn watch() {
    std::panic::set_hook(Box::new(log_panic));
}

/// Only words that stand in the program are told: others may hold what a person wrote.
fn log_panic(panic: &PanicHookInfo<'_>) {
    PANICS.inc();
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let why = panic.payload().downcast_ref::<&'static str>().copied().unwrap_or_default();
    tracing::error!(place, why, "panicked");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_counted() {
        let before = PANICS.get();
        let hook = std::panic::take_hook();
        watch();
        let panicked = std::thread::spawn(|| panic!("on purpose")).join();
        std::panic::set_hook(hook);
        assert!(panicked.is_err());
        assert_eq!(PANICS.get(), before + 1);
    }
}
