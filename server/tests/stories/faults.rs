//! Faults: servers killed, disks full, clocks gone wrong, databases that fall and come back. Whatever happens, what
//! was acknowledged is there, once.
//!
//! Told small with the other stories, and at length by `make torture`: `FAULTS` multiplies the counts of those that
//! are cheap, and each story leaves a line of the final table in `FAULTS_FOLDER`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use serde::Serialize;

mod chain;
mod child;
mod clock;
mod cluster;
mod crowd;
mod disk;
mod failover;
mod gone;
mod kill;
mod load;
mod plain;
mod proxy;
mod unreachable;

/// A setting of these stories.
#[expect(clippy::disallowed_methods, reason = "the stories are told as long as they are asked to")]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// So many for each push, several times as many at a release.
fn times(per_push: u32) -> u32 {
    let factor = setting("FAULTS").map_or(1, |factor| factor.parse().expect("FAULTS is a number"));
    per_push * factor
}

/// The machine's own time: how long something takes, and nothing else.
#[expect(clippy::disallowed_methods, reason = "how long a recovery takes is what is measured")]
fn now() -> Instant {
    Instant::now()
}

/// What a fault did: a line of the table.
#[derive(Debug, Default, Serialize)]
struct Line {
    fault: &'static str,
    database: &'static str,
    injected: u32,
    acknowledged: usize,
    lost: usize,
    doubled: usize,
    /// Answers that were an error, where a caller could see them.
    errors: usize,
    /// To the first answer, for each fault.
    recovery: Vec<f64>,
    /// Why it was not done here.
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<String>,
}

impl Line {
    fn of(fault: &'static str, on_postgres: bool) -> Self {
        let database = if on_postgres { "PostgreSQL" } else { "SQLite" };
        Self { fault, database, ..Self::default() }
    }

    fn recovered(&mut self, since: Instant) {
        self.injected += 1;
        self.recovery.push(since.elapsed().as_secs_f64());
    }

    /// The longest recovery, in seconds.
    fn slowest(&self) -> f64 {
        self.recovery.iter().copied().fold(0.0, f64::max)
    }

    /// Notes the line, and fails if anything was lost or done twice.
    #[track_caller]
    fn report(self) {
        let text = serde_json::to_string(&self).expect("a line has a document");
        println!("{text}");
        if let Some(folder) = setting("FAULTS_FOLDER") {
            let mut name = self.fault.replace(' ', "-");
            let _ = write!(name, "-{}.jsonl", self.database);
            let file = PathBuf::from(folder).join(name);
            let file = std::fs::OpenOptions::new().create(true).append(true).open(file);
            writeln!(file.expect("FAULTS_FOLDER is there"), "{text}").expect("it is written");
        }
        assert_eq!((self.lost, self.doubled), (0, 0), "{text}");
    }
}

/// What callers heard: the keys that were acknowledged, and how many answers were an error.
#[derive(Debug, Default)]
struct Heard {
    keys: BTreeSet<String>,
    errors: usize,
}
