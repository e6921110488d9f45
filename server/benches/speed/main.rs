//! How quick it is, beside what the same machine can do at most in the same run: an axum "hello" for pages, a bare
//! commit for writes. Absolute times mean little on shared machines; the ratios do. Run with `make bench`.
//!
//! An argument names the part: pages, writes, postgres, counts, growth, process.

#![expect(clippy::disallowed_methods, reason = "a bench measures time")]
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]
#![expect(clippy::unwrap_used, reason = "a bench that can't go on stops")]

use std::path::Path;
use std::sync::Arc;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, SqlSafeStr as _};

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
            growth::run((&small, &small_path), (&grown, &path)).await;
        }
        "process" => {
            World::at(&url).await.office.store.close().await;
            process::run(&url, Path::new(folder)).await;
        }
        other => panic!("there is no part {other}"),
    }
}

/// In the PostgreSQL that `.make/postgres` has started.
async fn on_postgres(folder: &Path) {
    let server = std::env::var("STORIES_DATABASE_URL").unwrap();
    let options: PgConnectOptions = server.parse().unwrap();
    let mut connection = options.connect().await.unwrap();
    for made in ["CREATE DATABASE bench", "CREATE DATABASE pgbench"] {
        sqlx::raw_sql(made.into_sql_str()).execute(&mut connection).await.unwrap();
    }
    let world = World::at(options.clone().database("bench").to_url_lossy().as_str()).await;
    let at = vec![
        format!("--host={}", options.get_host()),
        format!("--port={}", options.get_port()),
        format!("--username={}", options.get_username()),
        "pgbench".to_owned(),
    ];
    let bench = PgBench::prepare(std::env::var("PGBENCH").unwrap(), at, folder);
    let world = world.joined_by(MANY).await;
    // As pgbench does with what it has prepared: tables that were just filled are not yet known to the planner.
    let mut own = options.database("bench").connect().await.unwrap();
    sqlx::raw_sql("ANALYZE".into_sql_str()).execute(&mut own).await.unwrap();
    writes::postgres(&Arc::new(world), &bench).await;
}
