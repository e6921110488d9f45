//! How quick it is, beside what the same machine can do at most in the same run: an axum "hello" for pages, a bare
//! commit for writes. Absolute times mean little on shared machines; the ratios do. Run with `make bench`.
//!
//! An argument names the part: pages, writes, postgres, counts, growth, postgres-growth, process.

#![expect(clippy::disallowed_methods, reason = "a bench measures time")]
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]
#![expect(clippy::unwrap_used, reason = "a bench that can't go on stops")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, SqlSafeStr as _};

use growth::Ground;
use world::World;
use writes::PgBench;

mod counts;
mod figures;
mod growth;
mod pages;
mod process;
mod web;
mod world;
mod writes;

/// Municipalities that send their packages.
const MANY: usize = 6_000;

#[tokio::main]
async fn main() {
    // Cargo starts a bench in the folder of its package; the site's files are told from the workspace.
    std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let file = |name: &str| (folder.join(name), format!("sqlite:{}", folder.join(name).display()));
    let part = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).unwrap_or_default();
    let (path, url) = file("bench.db");
    match part.as_str() {
        "" | "pages" => pages::run(&World::at(&url).await).await,
        "writes" => writes::sqlite(&Arc::new(World::at(&url).await.joined_by(MANY).await), folder).await,
        "postgres" => on_postgres(folder).await,
        "counts" => {
            let world = World::at(&url).await;
            counts::begin();
            counts::run(&world).await;
        }
        "growth" => {
            let (small_path, small_url) = file("small.db");
            let (small, grown) = (World::at(&small_url).await, World::at(&url).await);
            let ground = |path: &PathBuf| Ground::File(SqliteConnectOptions::new().filename(path));
            growth::run((&small, ground(&small_path)), (&grown, ground(&path))).await;
        }
        "postgres-growth" => {
            let (small, grown) = (database("small").await, database("grown").await);
            let ground = |options: &PgConnectOptions| Ground::Database(options.clone().username("postgres"));
            let worlds = (World::at(&address_of(&small)).await, World::at(&address_of(&grown)).await);
            growth::run((&worlds.0, ground(&small)), (&worlds.1, ground(&grown))).await;
        }
        "process" => {
            World::at(&url).await.marketplace.store.close().await;
            process::run(&url, Path::new(folder)).await;
        }
        other => panic!("there is no part {other}"),
    }
}

/// A new database in the PostgreSQL that `.make/postgres` has started.
async fn database(name: &str) -> PgConnectOptions {
    let server: PgConnectOptions = std::env::var("STORIES_DATABASE_URL").unwrap().parse().unwrap();
    let mut connection = server.connect().await.unwrap();
    let made = AssertSqlSafe(format!("CREATE DATABASE {name}"));
    sqlx::raw_sql(made).execute(&mut connection).await.unwrap();
    server.database(name)
}

fn address_of(options: &PgConnectOptions) -> String {
    options.to_url_lossy().to_string()
}

async fn on_postgres(folder: &Path) {
    let (options, own) = (database("bench").await, database("pgbench").await);
    let world = World::at(&address_of(&options)).await;
    let at = vec![
        format!("--host={}", options.get_host()),
        format!("--port={}", options.get_port()),
        format!("--username={}", options.get_username()),
        own.get_database().unwrap_or_default().to_owned(),
    ];
    let bench = PgBench::prepare(std::env::var("PGBENCH").unwrap(), at, folder);
    let world = world.joined_by(MANY).await;
    // As pgbench does with what it has prepared: tables that were just filled are not yet known to the planner.
    let mut raw = options.connect().await.unwrap();
    sqlx::raw_sql("ANALYZE".into_sql_str()).execute(&mut raw).await.unwrap();
    writes::postgres(&Arc::new(world), &bench).await;
}
