//! The metrics of one server, in the text format of Prometheus: requests, writes, the database, the ledger, the jobs.
//!
//! Numbers only, by route template and by aggregator: never a person, a body, or what somebody wrote. This crate only
//! collects: it knows neither the store nor the handlers, which count into it.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Instant, SystemTime};

use model::api::security::EventKind;
use model::api::{ApiError, Problem};
use model::calendar::Instant as Moment;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

/// Upper bounds of the durations that are told apart, in seconds.
const BOUNDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// So many writes that fail one after the other, and none between them that changed something, are no accident.
const MOST_UNWRITTEN: u32 = 3;

/// Panics of this process since it began.
pub static PANICS: LazyLock<Counter> = LazyLock::new(Counter::default);

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfRequest {
    method: &'static str,
    route: String,
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfAggregator {
    aggregator: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutboxLabels {
    aggregator: String,
    state: &'static str,
}

/// One label, of a few words that stand in this program.
type Word = [(&'static str, &'static str); 1];

/// One server's numbers; a clone counts into the same ones.
#[derive(Clone, Debug)]
pub struct Metrics {
    requests: Family<OfRequest, Histogram>,
    writes: Family<Word, Histogram>,
    pub retries: Counter,
    pub waiting: Gauge,
    /// Writes in a row that the database did not take.
    unwritten: Arc<AtomicU32>,
    connections: Family<Word, Gauge>,
    database: Gauge,
    writable: Gauge,
    checked: Family<OfAggregator, Gauge>,
    sound: Family<OfAggregator, Gauge>,
    anchored: Family<OfAggregator, Gauge>,
    backed_up: Gauge,
    job_errors: Family<Word, Counter>,
    pub clock_waiting: Gauge,
    pub file_gone: Gauge,
    security_events: Family<Word, Counter>,
    deliveries: Family<Word, Counter>,
    outbox: Family<OutboxLabels, Gauge>,
    most_failures: Family<OfAggregator, Gauge>,
}

impl Default for Metrics {
    fn default() -> Self {
        let durations = || Histogram::new(BOUNDS);
        Self {
            requests: Family::new_with_constructor(durations),
            writes: Family::new_with_constructor(durations),
            retries: Counter::default(),
            waiting: Gauge::default(),
            unwritten: Arc::default(),
            connections: Family::default(),
            database: Gauge::default(),
            writable: Gauge::default(),
            checked: Family::default(),
            sound: Family::default(),
            anchored: Family::default(),
            backed_up: Gauge::default(),
            job_errors: Family::default(),
            clock_waiting: Gauge::default(),
            file_gone: Gauge::default(),
            security_events: Family::default(),
            deliveries: Family::default(),
            outbox: Family::default(),
            most_failures: Family::default(),
        }
    }
}

impl Metrics {
    /// A request that begins to be answered. `route` is the template, never the address that was asked for.
    pub fn request(&self, method: &'static str, route: &str) -> Answering {
        let labels = OfRequest { method, route: route.to_owned(), status: "abandoned" };
        Answering { begun: now(), labels, requests: self.requests.clone() }
    }

    /// A write that begins to wait for the writer.
    pub fn write(&self) -> Write {
        let (writes, unwritten) = (self.writes.clone(), self.unwritten.clone());
        Write { begun: now(), outcome: "abandoned", writes, unwritten }
    }

    /// Notes that the database stored a change. A transaction that changes nothing says nothing of the disk.
    pub fn changed(&self) {
        self.unwritten.store(0, Ordering::Relaxed);
    }

    /// Whether the database takes writes, by how the last ones ended; the clock's beat writes each half minute.
    pub fn is_writable(&self) -> bool {
        self.unwritten.load(Ordering::Relaxed) < MOST_UNWRITTEN
    }

    /// Connections to the database that this server holds open.
    pub fn connected(&self, open: u32, idle: usize) {
        let busy = i64::from(open).saturating_sub(i64::try_from(idle).unwrap_or(i64::MAX)).max(0);
        self.connections.get_or_create(&[("state", "busy")]).set(busy);
        self.connections.get_or_create(&[("state", "idle")]).set(i64::from(open) - busy);
    }

    /// A job that could not do its work, and will try again.
    pub fn job_failed(&self, job: &'static str) {
        self.job_errors.get_or_create(&[("job", job)]).inc();
    }

    /// Events of the security log, those that are told together with others included.
    pub fn security_event(&self, kind: EventKind, times: u64) {
        self.security_events.get_or_create(&[("kind", kind.name())]).inc_by(times);
    }

    /// A try to deliver an effect of the outbox, by how it ended.
    pub fn delivery(&self, outcome: &'static str) {
        self.deliveries.get_or_create(&[("outcome", outcome)]).inc();
    }

    /// A copy of the database that is there, by the time of its file.
    pub fn backed_up(&self, at: SystemTime) {
        let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        self.backed_up.set(i64::try_from(since.as_secs()).unwrap_or(i64::MAX));
    }

    /// All metrics, ready to be written out.
    pub fn registry(&self, started: Moment) -> Registry {
        let mut registry = Registry::with_prefix("comunanza");
        let began = Gauge::<i64>::default();
        began.set(started.0.div_euclid(1_000));
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The version of this server", version);
        registry.register("started_timestamp_seconds", "When this server started", began);
        let told = "Requests by method, route and kind of answer, in seconds";
        registry.register("http_request_seconds", told, self.requests.clone());
        let told = "Writes from waiting for the writer to their answer, by how they ended, in seconds";
        registry.register("write_seconds", told, self.writes.clone());
        let told = "Writes tried once more because PostgreSQL asked for it";
        registry.register("write_retries", told, self.retries.clone());
        registry.register("writes_waiting", "Writes that wait for SQLite's one writer", self.waiting.clone());
        let told = "Connections to the database: SQLite's readers, or all of them on PostgreSQL";
        registry.register("database_connections", told, self.connections.clone());
        registry.register("database_up", "1 when the database answered just now", self.database.clone());
        let told = "1 while the database takes writes, 0 when the last ones failed";
        registry.register("database_writable", told, self.writable.clone());
        registry.register("panics", "Mistakes of the program that stopped a task", PANICS.clone());
        let told = "When the whole ledger was last checked";
        registry.register("ledger_verified_timestamp_seconds", told, self.checked.clone());
        let told = "1 when the last check found every account sound, 0 when it did not";
        registry.register("ledger_sound", told, self.sound.clone());
        let told = "The day of the newest anchor, as its first second in Rome";
        registry.register("ledger_anchor_timestamp_seconds", told, self.anchored.clone());
        let told = "When the newest nightly copy was made; 0 when this server knows of none";
        registry.register("backup_timestamp_seconds", told, self.backed_up.clone());
        let told = "Jobs that could not do their work, by job";
        registry.register("job_errors", told, self.job_errors.clone());
        let told = "1 while the file of the SQLite database is not the one that was opened";
        registry.register("database_file_gone", told, self.file_gone.clone());
        let told = "1 while nothing is decided by time because this server's clock is in doubt";
        registry.register("clock_waiting", told, self.clock_waiting.clone());
        let told = "Events of the security log that this server saw, by kind";
        registry.register("security_events", told, self.security_events.clone());
        let told = "Tries to deliver letters and other effects, by outcome";
        registry.register("outbox_deliveries", told, self.deliveries.clone());
        let told = "Effects that wait to be delivered, and those that were given up";
        registry.register("outbox_effects", told, self.outbox.clone());
        let told = "The most sign-ins from one source that failed in the last quarter of an hour";
        registry.register("sign_in_failures_by_source_max", told, self.most_failures.clone());
        // From zero, so that the first one is seen as one more.
        for job in ["beat", "clock", "proof", "backup", "sweep", "security_log", "outbox"] {
            self.job_errors.get_or_create(&[("job", job)]).inc_by(0);
        }
        for outcome in ["delivered", "dropped", "failed", "given_up"] {
            self.deliveries.get_or_create(&[("outcome", outcome)]).inc_by(0);
        }
        for kind in EventKind::ALL {
            self.security_event(kind, 0);
        }
        registry
    }

    /// Notes whether the database answered just now.
    pub fn database_answered(&self, answered: bool) {
        self.database.set(i64::from(answered));
        self.writable.set(i64::from(answered && self.is_writable()));
    }

    /// Notes the state of one aggregator's sign-ins and ledger; what is not known yet stays as it was.
    pub fn observe_aggregator(&self, host: &str, observed: &OfOneAggregator) {
        let labels = OfAggregator { aggregator: host.to_owned() };
        self.most_failures.get_or_create(&labels).set(observed.most_failures);
        let (waiting, given_up) = observed.outbox;
        for (state, count) in [("waiting", waiting), ("given_up", given_up)] {
            self.outbox.get_or_create(&OutboxLabels { aggregator: host.to_owned(), state }).set(count);
        }
        if let Some((at, sound)) = observed.checked {
            self.checked.get_or_create(&labels).set(at.0.div_euclid(1_000));
            self.sound.get_or_create(&labels).set(i64::from(sound));
        }
        if let Some(at) = observed.anchored {
            self.anchored.get_or_create(&labels).set(at.0.div_euclid(1_000));
        }
    }
}

/// What is observed of one aggregator each time the metrics are read.
#[derive(Clone, Copy, Debug, Default)]
pub struct OfOneAggregator {
    /// Sign-ins that failed in the last quarter of an hour, from the source that has the most.
    pub most_failures: i64,
    /// Effects of the outbox that wait, and that were given up.
    pub outbox: (i64, i64),
    /// When the whole ledger was last checked, and whether it was sound.
    pub checked: Option<(Moment, bool)>,
    /// The first second, in Rome, of the day of the newest anchor.
    pub anchored: Option<Moment>,
}

/// An answer under way; however it ends, even because its caller went away, it is measured.
pub struct Answering {
    begun: Instant,
    labels: OfRequest,
    requests: Family<OfRequest, Histogram>,
}

impl Answering {
    pub fn ended(mut self, status: u16) {
        self.labels.status = match status {
            ..200 => "1xx",
            200..300 => "2xx",
            300..400 => "3xx",
            400..500 => "4xx",
            500.. => "5xx",
        };
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.requests.get_or_create(&self.labels).observe(self.begun.elapsed().as_secs_f64());
    }
}

/// A write under way, likewise.
pub struct Write {
    begun: Instant,
    outcome: &'static str,
    writes: Family<Word, Histogram>,
    unwritten: Arc<AtomicU32>,
}

impl Write {
    pub fn ended<A>(mut self, outcome: &Result<A, Problem>) {
        if let Err(Problem::ApiError(ApiError::Unavailable)) = outcome {
            // It stays at its end, however long nothing can be written.
            let _ = self
                .unwritten
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| count.checked_add(1));
        }
        self.outcome = match outcome {
            Ok(_) => "stored",
            Err(Problem::ApiError(ApiError::Unavailable)) => "unavailable",
            Err(Problem::ApiError(ApiError::Internal)) => "failed",
            Err(_) => "refused",
        };
    }
}

impl Drop for Write {
    fn drop(&mut self) {
        let took = self.begun.elapsed().as_secs_f64();
        self.writes.get_or_create(&[("outcome", self.outcome)]).observe(took);
    }
}

#[expect(clippy::disallowed_methods, reason = "how long something took changes nothing of what is done")]
fn now() -> Instant {
    Instant::now()
}
