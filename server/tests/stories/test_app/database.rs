//! The database that an app stands on: a file of its own, or a database of its own in the PostgreSQL that
//! `STORIES_DATABASE_URL` names (see `.make/postgres`). Behind the store's back it is reached with every guard down.

use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, FromRow};

pub struct TestDatabase {
    /// As `DATABASE_URL` says it.
    pub url: String,
    postgres: Option<Owned>,
    // Removed with everything in it when the story is over.
    _folder: tempfile::TempDir,
}

/// A database that was made for one story.
struct Owned {
    server: PgConnectOptions,
    name: String,
}

/// A connection behind the store's back.
pub enum Raw {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

#[expect(clippy::disallowed_methods, reason = "the stories are told where their database is")]
fn server() -> Option<PgConnectOptions> {
    let url = std::env::var("STORIES_DATABASE_URL").ok()?;
    Some(url.parse().expect("STORIES_DATABASE_URL is an address"))
}

impl TestDatabase {
    pub async fn break_new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        match server() {
            Some(server) => Self::on(server, folder).await,
            None => Self::within(folder),
        }
    }

    /// A new file in a folder.
    pub fn within(folder: tempfile::TempDir) -> Self {
        let url = format!("sqlite:{}", folder.path().join("deep/town.db").display());
        Self { url, postgres: None, _folder: folder }
    }

    /// A new database of a PostgreSQL.
    pub async fn on(server: PgConnectOptions, folder: tempfile::TempDir) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        let name = format!("town_{}_{number}", std::process::id());
        let mut connection = server.connect().await.expect("the server of the stories answers");
        // From a bare template, in C: names are sorted alike everywhere.
        let made = format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'");
        sqlx::raw_sql(AssertSqlSafe(made)).execute(&mut connection).await.expect("a database is made");
        let url = server.clone().database(&name).to_url_lossy().to_string();
        Self { url, postgres: Some(Owned { server, name }), _folder: folder }
    }

    /// A file that is not there yet, whatever the stories run on.
    pub fn new_file() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self::at(format!("sqlite:{}", folder.path().join("deep/copy.db").display()), folder)
    }

    /// A file that is there already, in its folder.
    pub fn at(url: String, folder: tempfile::TempDir) -> Self {
        Self { url, postgres: None, _folder: folder }
    }

    pub fn is_postgres(&self) -> bool {
        self.postgres.is_some()
    }

    /// Waits until no server is in the middle of a transaction: who went away may have left one that goes on.
    pub async fn settled(&self) {
        if !self.is_postgres() {
            return;
        }
        let mut raw = self.raw().await;
        let mut quiet = 0;
        while quiet < 3 {
            let busy: Vec<(i64,)> = raw
                .all(
                    "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database()
                       AND application_name = 'comunanza' AND state <> 'idle'",
                )
                .await;
            quiet = if busy == [(0,)] { quiet + 1 } else { 0 };
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    }

    /// A connection that no trigger, foreign key or row-level security binds.
    pub async fn raw(&self) -> Raw {
        match &self.postgres {
            None => {
                let options: SqliteConnectOptions = self.url.parse().expect("an address");
                let options = options.foreign_keys(false).pragma("ignore_check_constraints", "1");
                Raw::Sqlite(options.connect().await.expect("the file opens a second time"))
            }
            Some(owned) => {
                // The owner of the throw-away server, where everybody is trusted.
                let options = owned.server.clone().database(&owned.name).username("postgres");
                let mut connection = options.connect().await.expect("the database opens a second time");
                let bare = "SET session_replication_role = replica";
                sqlx::raw_sql(bare).execute(&mut connection).await.expect("guards are taken down");
                Raw::Postgres(connection)
            }
        }
    }
}

impl Raw {
    pub async fn all<R>(&mut self, text: &str) -> Vec<R>
    where
        R: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let text = AssertSqlSafe(text.to_owned());
        let rows = match self {
            Self::Sqlite(connection) => sqlx::query_as(text).fetch_all(connection).await,
            Self::Postgres(connection) => sqlx::query_as(text).fetch_all(connection).await,
        };
        rows.expect("it is read")
    }

    pub async fn execute(&mut self, text: &str) {
        let text = sqlx::raw_sql(AssertSqlSafe(text.to_owned()));
        let said = match self {
            Self::Sqlite(connection) => text.execute(connection).await.map(drop),
            Self::Postgres(connection) => text.execute(connection).await.map(drop),
        };
        said.expect("it is said");
    }

    /// Whether the triggers of the tables refuse a statement.
    pub async fn is_refused(&mut self, text: &str) -> bool {
        let text = AssertSqlSafe(text.to_owned());
        match self {
            Self::Sqlite(connection) => sqlx::raw_sql(text).execute(connection).await.is_err(),
            Self::Postgres(connection) => {
                let guarded = sqlx::raw_sql("SET session_replication_role = origin");
                guarded.execute(&mut *connection).await.expect("guards are put up");
                sqlx::raw_sql(text).execute(connection).await.is_err()
            }
        }
    }

    /// The tables, but for what the migrations and the stories keep for themselves.
    pub async fn tables(&mut self) -> Vec<String> {
        let text = match self {
            Self::Sqlite(_) => "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
            Self::Postgres(_) => {
                "SELECT CAST(table_name AS TEXT) FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1"
            }
        };
        let names: Vec<(String,)> = self.all(text).await;
        let ours = |name: &String| {
            !name.starts_with("_sqlx") && !name.starts_with("kept_") && !name.starts_with("sqlite_")
        };
        names.into_iter().map(|(name,)| name).filter(ours).collect()
    }

    /// How many rows there are, in all tables together.
    pub async fn rows(&mut self) -> i64 {
        let mut sum = 0;
        for table in self.tables().await {
            let counted: Vec<(i64,)> = self.all(&format!("SELECT COUNT(*) FROM \"{table}\"")).await;
            sum += counted[0].0;
        }
        sum
    }

    /// Name of each column of a table, and whether it may be empty.
    pub async fn columns(&mut self, table: &str) -> Vec<(String, bool)> {
        let text = match self {
            Self::Sqlite(_) => format!(
                "SELECT name, \"notnull\" = 0 AND pk = 0 FROM pragma_table_info('{table}') ORDER BY cid"
            ),
            Self::Postgres(_) => format!(
                "SELECT CAST(column_name AS TEXT), is_nullable = 'YES' FROM information_schema.columns
                 WHERE table_schema = 'public' AND table_name = '{table}' ORDER BY ordinal_position"
            ),
        };
        self.all(&text).await
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        // The story's own runtime may be ending.
        let dropping = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                if let Ok(mut connection) = server.connect().await {
                    let text = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                    let _ = sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut connection).await;
                    let _ = connection.close().await;
                }
            });
        });
        let _ = dropping.join();
    }
}
