//! Growth: the same pages with the 147 municipalities of the Province of Como, and with all of the country's, 100,000
//! requests and 1,000,000 entries. Each municipality has the same behind it in both.

use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, Database, Executor, FromRow};

use crate::figures::{Compared, ROUNDS};
use crate::web::{Web, listen};
use crate::world::World;

/// The small world has no others than those of the Province.
const FEW: &str = "DELETE FROM body WHERE province <> 'CO';";

/// Written past the store: how a page is read does not depend on how its rows came to be.
const MORE: &str = "
INSERT INTO call (aggregator, title, status, opens, closes, terms)
    SELECT aggregator, 'Avviso di una volta', 'archived', opens - 40000000000, closes - 40000000000, terms
    FROM call WHERE status = 'open';
INSERT INTO account (aggregator, call, body, granted, sequence)
    SELECT b.aggregator, (SELECT MAX(id) FROM call), b.id, 100, 127 FROM body b;
INSERT INTO submission (aggregator, call, body, year, number, protocol, state, reason, contact, submitted_at)
    SELECT b.aggregator, (SELECT MAX(id) FROM call), b.id, 2020, b.id, '', 'authorised', '', '', 1600000000000 FROM body b;
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 127)
INSERT INTO entry (aggregator, account, sequence, kind, amount, at, reason, hash)
    SELECT a.aggregator, a.id, n.i, CASE WHEN n.i % 2 = 1 THEN 'grant' ELSE 'reduce' END, 1, 1600000000000, 'Crescita', 'x'
    FROM account a, n WHERE a.call = (SELECT MAX(id) FROM call);
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 13)
INSERT INTO request (aggregator, call, body, submission, service, origin, price, state, version, arrived_at, changed_at, due)
    SELECT s.aggregator, s.call, s.body, s.id, 'supporto-spid', 'added', 1,
        CASE n.i WHEN 1 THEN 'in_review' WHEN 2 THEN 'live' ELSE 'ended' END, 1, 1600000000000, 1600000000000, 18600 + s.body % 3000
    FROM submission s, n WHERE s.call = (SELECT MAX(id) FROM call);
";

/// Where a world is kept.
pub enum Ground {
    File(SqliteConnectOptions),
    /// As a superuser, whom no row-level security binds.
    Database(PgConnectOptions),
}

impl Ground {
    /// Gives every municipality what happened once, and tells how much there is.
    async fn grow(&self, before: &'static str) {
        match self {
            Self::File(options) => grow(options, [before, MORE, "ANALYZE"]).await,
            // As PostgreSQL does by itself in time.
            Self::Database(options) => grow(options, [before, MORE, "VACUUM ANALYZE"]).await,
        }
    }
}

async fn grow<O>(options: &O, texts: [&'static str; 3])
where
    O: ConnectOptions,
    O::Connection: Sized,
    for<'c> &'c mut O::Connection: Executor<'c, Database = <O::Connection as Connection>::Database>,
    for<'r> (i64, i64, i64): FromRow<'r, <<O::Connection as Connection>::Database as Database>::Row>,
{
    let mut raw = options.connect().await.unwrap();
    for text in texts {
        sqlx::raw_sql(text).execute(&mut raw).await.unwrap();
    }
    let counted =
        "SELECT (SELECT COUNT(*) FROM body), (SELECT COUNT(*) FROM request), (SELECT COUNT(*) FROM entry)";
    let counted = raw.fetch_one(counted).await.unwrap();
    let (bodies, requests, entries) = <(i64, i64, i64)>::from_row(&counted).unwrap();
    raw.close().await.unwrap();
    println!("{bodies} municipalities, {requests} requests, {entries} entries");
}

/// Both worlds, which the demonstration has begun alike.
pub async fn run((small, few): (&World, Ground), (grown, all): (&World, Ground)) {
    few.grow(FEW).await;
    all.grow("").await;
    let (web, one, other) = (Web::new(), listen(grown.router()).await, listen(small.router()).await);
    let body = |world: &World| format!("/comuni/{}", world.officers[0].body);
    for (name, end) in
        [("area", ""), ("composition", "/pacchetto"), ("movements", "/movimenti"), ("requests", "/richieste")]
    {
        let paths = [body(grown) + end, body(small) + end];
        let cookies = [&grown.officers[0].cookie, &small.officers[0].cookie];
        compare(
            &web,
            name,
            [format!("http://{one}{}", paths[0]), format!("http://{other}{}", paths[1])],
            cookies,
        )
        .await;
    }
    for path in [
        "/",
        "/servizi",
        "/servizi/supporto-spid",
        "/richieste",
        // In the midst of the list.
        "/richieste?pagina=after.0.2025-01-01.1",
        "/avviso",
        "/avviso/progetto",
        "/registro",
    ] {
        let cookies = [&grown.ctx, &small.ctx];
        compare(&web, path, [format!("http://{one}{path}"), format!("http://{other}{path}")], cookies).await;
    }
}

async fn compare(web: &Web, name: &str, urls: [String; 2], cookies: [&String; 2]) {
    let mut compared = Compared::default();
    for _ in 0..ROUNDS {
        let grown = web.rate(&urls[0], cookies[0], 4).await;
        compared.turn(grown, web.rate(&urls[1], cookies[1], 4).await);
    }
    compared.print(&format!("grown: {name}"), "small");
}
