//! A PostgreSQL of one story's own, which may be killed and have a standby. `.make/postgres` says where its programs
//! are and who may run them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _};

use super::{now, setting};

/// The database of a primary and, for a standby, of its copy.
pub struct Cluster {
    programs: PathBuf,
    /// Who runs it, where PostgreSQL refuses to be run by whoever runs the stories.
    owner: Option<String>,
    /// Owned by them, like all that is in it.
    home: PathBuf,
    pub port: u16,
}

/// The ways in which PostgreSQL is stopped.
#[derive(Clone, Copy, Debug)]
pub enum Stop {
    /// Callers are sent away, what is under way is undone.
    Fast,
    /// As when the machine fails: what was not committed is found by the next start.
    Immediate,
}

impl Cluster {
    /// None where the stories are told on SQLite.
    pub fn found() -> Option<Self> {
        let cluster = Self::bare()?;
        let data = format!("--pgdata={}", cluster.data());
        cluster
            .does("initdb", &[&data, "--username=postgres", "--auth=trust", "--no-sync", "--encoding=UTF8"]);
        cluster.start();
        Some(cluster)
    }

    fn bare() -> Option<Self> {
        setting("STORIES_DATABASE_URL")?;
        let programs =
            PathBuf::from(setting("STORIES_POSTGRES_PROGRAMS").expect(".make/postgres names them"));
        let owner = setting("STORIES_POSTGRES_OWNER");
        let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let port = free.expect("a free port").port();
        let made = run(owner.as_deref(), "mktemp", &["--directory", "--tmpdir", "comunanza-cluster-XXXXXX"]);
        let home = String::from_utf8(made.stdout).expect("a path");
        Some(Self { programs, owner, home: PathBuf::from(home.trim()), port })
    }

    /// A copy that follows this one; each commit then waits for it.
    pub async fn standby(&self) -> Self {
        let standby = Self::bare().expect("it is told on PostgreSQL");
        let from = format!("host=127.0.0.1 port={} user=postgres application_name=standby", self.port);
        let data = format!("--pgdata={}", standby.data());
        let follow = ["--write-recovery-conf", "--checkpoint=fast", "--no-sync"];
        standby.does("pg_basebackup", &[&[&data, "--dbname", &from][..], &follow].concat());
        standby.start();
        let wait = "ALTER SYSTEM SET synchronous_standby_names = 'standby'";
        self.says(wait).await;
        self.says("SELECT pg_reload_conf()").await;
        self.until("SELECT COUNT(*) FROM pg_stat_replication WHERE sync_state = 'sync'").await;
        standby
    }

    /// Waits until a count is not zero.
    async fn until(&self, count: &'static str) {
        let began = now();
        loop {
            let mut connection = self.options().connect().await.expect("it answers");
            let counted: i64 = sqlx::query_scalar(count).fetch_one(&mut connection).await.expect("a count");
            if counted > 0 {
                return;
            }
            assert!(began.elapsed() < Duration::from_secs(30), "{count}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub async fn says(&self, text: &str) {
        let mut connection = self.options().connect().await.expect("it answers");
        let said = sqlx::raw_sql(AssertSqlSafe(text.to_owned())).execute(&mut connection).await;
        said.expect("it is done");
    }

    pub fn options(&self) -> PgConnectOptions {
        PgConnectOptions::new().host("127.0.0.1").port(self.port).username("postgres").database("postgres")
    }

    pub fn start(&self) {
        // It is its processes that are killed, not the machine: what was handed to that is there, synced or not.
        let settings = format!(
            "-c listen_addresses=127.0.0.1 -c port={} -c unix_socket_directories={} -c fsync=off",
            self.port,
            self.home.display()
        );
        let log = format!("--log={}/log", self.home.display());
        self.control(&[&log, "--options", &settings, "--wait", "start"]);
    }

    pub fn stop(&self, how: Stop) {
        let mode = match how {
            Stop::Fast => "--mode=fast",
            Stop::Immediate => "--mode=immediate",
        };
        self.control(&[mode, "--wait", "stop"]);
    }

    /// Makes a standby the primary.
    pub fn promote(&self) {
        self.control(&["--wait", "promote"]);
    }

    /// Gives it a folder of somebody else's.
    pub fn is_given(&self, folder: &Path) {
        if let Some(owner) = &self.owner {
            let given = run(None, "chown", &[owner, &folder.display().to_string()]);
            assert!(given.status.success(), "{given:?}");
        }
    }

    fn control(&self, arguments: &[&str]) {
        let data = format!("--pgdata={}", self.data());
        self.does("pg_ctl", &[&[data.as_str()], arguments].concat());
    }

    fn data(&self) -> String {
        self.home.join("data").display().to_string()
    }

    fn does(&self, program: &str, arguments: &[&str]) {
        let program = self.programs.join(program).display().to_string();
        let output = run(self.owner.as_deref(), &program, arguments);
        let log = std::fs::read_to_string(self.home.join("log")).unwrap_or_default();
        assert!(output.status.success(), "{program} {arguments:?}: {output:?}\n{log}");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let data = format!("--pgdata={}", self.data());
        let program = self.programs.join("pg_ctl").display().to_string();
        run(self.owner.as_deref(), &program, &[&data, "--mode=immediate", "stop"]);
        let _ = std::fs::remove_dir_all(&self.home);
    }
}

/// Runs a program as whoever owns the cluster.
fn run(owner: Option<&str>, program: &str, arguments: &[&str]) -> Output {
    let mut command = match owner {
        Some(owner) => {
            let mut command = Command::new("runuser");
            command.args(["-u", owner, "--", program]);
            command
        }
        None => Command::new(program),
    };
    command.args(arguments).current_dir("/").output().expect("the program runs")
}
