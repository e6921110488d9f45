//! Structured logs on the standard error: what happened to which operation, never who a person is or what they wrote.

use tracing_subscriber::EnvFilter;

/// From here on events are written, as plain lines or as JSON for machines. `level` is the least that is told.
pub fn begin(json: bool, level: &str) {
    // The database tells its statements, never their values; slow ones are worth a line.
    let filter = EnvFilter::new(format!("{level},sqlx=warn"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let begun = if json { lines.json().try_init() } else { lines.try_init() };
    // A second call, in tests, finds the first one's lines in place.
    drop(begun);
}
