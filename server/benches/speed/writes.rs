//! Durable submissions: officers send their package and take it back, beside what the database does at most when each
//! write has a commit of its own, and beside bare transactions of as many statements as a submission says.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use model::api::submissions::{Submit, WithdrawSubmission};
use model::ids::SubmissionId;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, SqlSafeStr as _};

use crate::figures::{Compared, ROUNDS, TURN, per_second};
use crate::world::{Composed, Officer, World, some_at_once};

/// What is sent, and by how many clients.
const SENT: [(Sent, usize); 4] =
    [(Sent::Package, 1), (Sent::Package, 8), (Sent::Package, 32), (Sent::Service, 32)];

/// What a submission says to the database, its BEGIN and COMMIT among them: see `counts`.
const STATEMENTS: usize = 22;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sent {
    /// All of a package and a service: how each municipality begins.
    Package,
    /// One service more, once the package is authorised.
    Service,
}

impl Sent {
    fn name(self) -> &'static str {
        match self {
            Self::Package => "packages",
            Self::Service => "one service",
        }
    }
}

/// On SQLite, beside one commit a write.
pub async fn sqlite(world: &Arc<World>, folder: &std::path::Path) {
    let mut raw = raw(&folder.join("raw.db")).await;
    for ((sent, clients), officers) in SENT.into_iter().zip(shares(world)) {
        let ready = ready(world, officers, sent).await;
        let (mut to_commits, mut to_bare) = (Compared::default(), Compared::default());
        for ready in turns(&ready) {
            let ours = writes(world, ready, clients).await;
            to_commits.turn(ours, commits(&mut raw, 1).await);
            to_bare.turn(ours, commits(&mut raw, STATEMENTS).await);
        }
        let name = format!("SQLite, {}, {clients} clients", sent.name());
        to_commits.print(&name, "one commit a write");
        to_bare.print(&name, "as many statements");
    }
}

/// On PostgreSQL, beside pgbench's simple update.
pub async fn postgres(world: &Arc<World>, bench: &PgBench) {
    for ((sent, clients), officers) in SENT.into_iter().zip(shares(world)) {
        let ready = ready(world, officers, sent).await;
        let (mut to_updates, mut to_bare) = (Compared::default(), Compared::default());
        for ready in turns(&ready) {
            let ours = writes(world, ready, clients).await;
            to_updates.turn(ours, bench.rate(clients, &["-N"]));
            to_bare.turn(ours, bench.rate(clients, &["-M", "prepared", "-f", &bench.script]));
        }
        let name = format!("PostgreSQL, {}, {clients} clients", sent.name());
        to_updates.print(&name, "pgbench -N");
        to_bare.print(&name, "as many statements");
    }
}

/// Other municipalities each time.
fn shares(world: &World) -> impl Iterator<Item = &[Officer]> {
    world.officers.chunks(world.officers.len() / SENT.len())
}

/// Officers with a basket to be sent, as they saw it.
async fn ready(world: &World, officers: &[Officer], sent: Sent) -> Vec<(Officer, Composed)> {
    let composed = officers.iter().map(async |officer| {
        let mut composed = world.compose(officer, "supporto-spid").await;
        if sent == Sent::Service {
            let package = submit(world, officer, &composed).await;
            world.authorise(officer, package).await;
            composed = world.compose(officer, "supporto-rtd").await;
        }
        (officer.clone(), composed)
    });
    some_at_once(composed).await
}

/// Other municipalities in each turn: one of them sends once or twice, here as in a call.
fn turns(ready: &[(Officer, Composed)]) -> impl Iterator<Item = &[(Officer, Composed)]> {
    ready.chunks(ready.len() / ROUNDS).take(ROUNDS)
}

/// Submissions and withdrawals a second, each client for municipalities of its own, one after the other.
async fn writes(world: &Arc<World>, ready: &[(Officer, Composed)], clients: usize) -> f64 {
    let done = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let tasks = (0..clients).map(|client| {
        let (world, done) = (Arc::clone(world), Arc::clone(&done));
        let mine: Vec<_> = ready.iter().skip(client).step_by(clients).cloned().collect();
        tokio::spawn(async move {
            for (officer, composed) in mine.iter().cycle() {
                if begun.elapsed() >= TURN {
                    return;
                }
                cycle(&world, officer, composed).await;
                done.fetch_add(2, Ordering::Relaxed);
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    per_second(done.load(Ordering::Relaxed), begun.elapsed())
}

/// Sends a package and takes it back: two writes, each durable before it is answered.
async fn cycle(world: &World, officer: &Officer, composed: &Composed) {
    let sent = submit(world, officer, composed).await;
    world.execute(officer, WithdrawSubmission { submission: sent }).await.unwrap();
}

pub async fn submit(world: &World, officer: &Officer, composed: &Composed) -> SubmissionId {
    let submit = Submit {
        body: officer.body,
        version: composed.version,
        seen: composed.seen.clone(),
        reason: "Aiutare chi non ha lo SPID.".to_owned(),
        contact: "Anagrafe".to_owned(),
        protocol: String::new(),
    };
    world.execute(officer, submit).await.unwrap().id
}

async fn raw(path: &std::path::Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let mut connection = options.connect().await.unwrap();
    let table = "CREATE TABLE raw (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT";
    sqlx::raw_sql(table).execute(&mut connection).await.unwrap();
    connection
}

/// Transactions a second: one INSERT, and readings until there are so many statements.
async fn commits(raw: &mut SqliteConnection, statements: usize) -> f64 {
    let begun = Instant::now();
    let mut count = 0;
    while begun.elapsed() < TURN {
        let insert = sqlx::query("INSERT INTO raw (text) VALUES ('una prenotazione')".into_sql_str());
        if statements == 1 {
            insert.execute(&mut *raw).await.unwrap();
        } else {
            let mut transaction = raw.begin().await.unwrap();
            let inserted = insert.execute(&mut *transaction).await.unwrap().last_insert_rowid();
            for _ in 3..statements {
                let read = sqlx::query("SELECT text FROM raw WHERE id = $1".into_sql_str()).bind(inserted);
                read.fetch_one(&mut *transaction).await.unwrap();
            }
            transaction.commit().await.unwrap();
        }
        count += 1;
    }
    per_second(count, begun.elapsed())
}

/// PostgreSQL's own bench, on a database of its own.
pub struct PgBench {
    program: String,
    /// Host, port, user and database, as the program takes them.
    at: Vec<String>,
    /// A file with a transaction of as many statements as a submission says: one UPDATE, one INSERT, readings.
    script: String,
}

impl PgBench {
    pub fn prepare(program: String, at: Vec<String>, folder: &std::path::Path) -> Self {
        let script = folder.join("as_many.sql");
        let readings = "SELECT abalance FROM pgbench_accounts WHERE aid = :aid;\n".repeat(STATEMENTS - 4);
        let text = format!(
            "\\set aid random(1, 100000 * :scale)
             BEGIN;
             UPDATE pgbench_accounts SET abalance = abalance + 1 WHERE aid = :aid;
             INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES (1, 1, :aid, 1, CURRENT_TIMESTAMP);
             {readings}END;\n"
        );
        std::fs::write(&script, text).unwrap();
        let bench = Self { program, at, script: script.display().to_string() };
        bench.run(&["-i", "-q", "-s", "10"]);
        bench
    }

    fn rate(&self, clients: usize, what: &[&str]) -> f64 {
        let clients = clients.to_string();
        let said = self.run(&[what, &["-c", &clients, "-j", "2", "-T", "2"]].concat());
        let tps = said.lines().find_map(|line| line.strip_prefix("tps = ")).unwrap();
        tps.split(' ').next().unwrap().parse().unwrap()
    }

    fn run(&self, arguments: &[&str]) -> String {
        let output =
            Command::new(&self.program).args(&self.at[..3]).args(arguments).arg(&self.at[3]).output();
        let output = output.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}
