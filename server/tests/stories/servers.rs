//! PostgreSQL alone: several servers on one database, backends that are killed, tenants that the database keeps
//! apart. Told when the stories run on PostgreSQL; on SQLite there is one server and one writer.

use std::collections::BTreeSet;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures::future::join_all;
use handlers::context::Identity;
use handlers::marketplace::Marketplace;
use model::api::baskets::ChangeBasket;
use model::api::calls::{CloseCall, GrantExtra, ProposeCorrection};
use model::api::people::SignIn;
use model::basket::Change;
use model::credits::Account;
use model::ids::PersonId;
use model::people::Role;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _};
use store::Store;
use tokio::time::timeout;

use crate::test_app::{OURS, Raw, TestApp, TestDatabase, address, done, heard, refused};

/// The app, where it stands on PostgreSQL.
async fn on_postgres() -> Option<TestApp> {
    let app = TestApp::new().await;
    app.database.is_postgres().then_some(app)
}

/// Another server on the same database.
async fn second_server(app: &TestApp) -> Marketplace {
    let store = Store::open(&app.database.url).await.expect("the database opens for another server");
    Marketplace::open(store, app.marketplace.clock.clone(), false).await.expect("the marketplace opens")
}

fn person(app: &TestApp, role: Role, on: &str) -> Identity {
    Identity::Person(app.holder(OURS, role, on).person.expect("somebody"))
}

#[tokio::test]
async fn both_databases_have_the_same_tables() {
    let Some(app) = on_postgres().await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("beside.db").display());
    drop(Store::open(&url).await.expect("the file opens"));
    let beside = TestDatabase::at(url, folder);
    let (mut ours, mut theirs) = (beside.raw().await, app.database.raw().await);
    let tables = ours.tables().await;
    assert_eq!(tables, theirs.tables().await);
    assert!(tables.len() > 25, "{tables:?}");
    for table in tables {
        assert_eq!(ours.columns(&table).await, theirs.columns(&table).await, "{table}");
    }
}

#[tokio::test]
async fn the_database_itself_keeps_the_tenants_apart() {
    let Some(app) = on_postgres().await else { return };
    let options: PgConnectOptions = app.database.url.parse().expect("an address");
    let mut connection = options.connect().await.expect("it opens");
    let mut raw = app.database.raw().await;
    let mut guarded = 0;
    for table in raw.tables().await {
        if !raw.columns(&table).await.iter().any(|(name, _)| name == "aggregator") {
            continue;
        }
        guarded += 1;
        let count = format!("SELECT COUNT(*) FROM {table}");
        let nobody = sqlx::raw_sql(AssertSqlSafe(count.clone())).execute(&mut connection).await;
        assert!(nobody.is_err(), "{table} answers whoever names no tenant");
        let of_nobody = format!("SELECT set_config('comunanza.aggregator', '999', false); {count}");
        sqlx::raw_sql(AssertSqlSafe(of_nobody)).execute(&mut connection).await.expect("it answers");
        let rows: i64 =
            sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(&mut connection).await.expect("a count");
        assert_eq!(rows, 0, "{table} shows another tenant's rows");
        sqlx::raw_sql("RESET comunanza.aggregator").execute(&mut connection).await.expect("it is reset");
    }
    assert!(guarded > 25, "{guarded} tables are guarded");
    let foreign = "SELECT set_config('comunanza.aggregator', '999', false);
                   INSERT INTO sign_in_try (aggregator, account_hash, at) VALUES (1, 'x', 1)";
    assert!(sqlx::raw_sql(foreign).execute(&mut connection).await.is_err(), "a row for another tenant");
}

#[tokio::test]
async fn a_role_that_sees_every_tenant_is_refused() {
    let Some(app) = on_postgres().await else { return };
    let options: PgConnectOptions = app.database.url.parse().expect("an address");
    let owner = options.username("postgres").to_url_lossy().to_string();
    let refused = Store::open(&owner).await.err().expect("it is refused").to_string();
    assert!(refused.contains("give the server a plain role of its own"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_never_spend_a_credit_twice() {
    let Some(app) = on_postgres().await else { return };
    let offices = [app.marketplace.clone(), second_server(&app).await];
    let (body, tenant) = (app.body("Bellagio"), app.tenant(OURS).id);
    let reason = "Fondo".to_owned();
    app.trust_one_person().await;
    let grant = GrantExtra { body, credits: 80, seen: None, reason: reason.clone() };
    app.administrator().call(grant).await.expect("100 are there");
    let administrator = person(&app, Role::Administrator, "");
    let tasks = (0..64).map(|task: usize| {
        let (marketplace, who) = (offices[task % 2].clone(), administrator.clone());
        let take = ProposeCorrection::by(body, -7, reason.clone());
        // Two by two, one on each server, with the same keys.
        let sender = task / 2;
        tokio::spawn(async move {
            let mut spent = Vec::new();
            for attempt in 0..10 {
                let key = format!("two-servers-{sender}-{attempt}");
                let asking = || marketplace.execute(tenant, who.clone(), Some(key.clone()), take.clone());
                match heard(asking).await {
                    Ok(outcome) => spent.push(done(outcome).granted),
                    Err(problem) => assert_eq!(server::http::problem::code(&problem), "credits_short"),
                }
            }
            spent
        })
    });
    let mut accepted = BTreeSet::new();
    for spent in join_all(tasks).await {
        accepted.extend(spent.expect("no task panics"));
    }
    assert_eq!(accepted.len(), 14, "100 / 7");
    assert_eq!(app.account("Bellagio").await, Account { granted: 2, ..Account::default() });
    app.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_number_submissions_without_gaps() {
    let Some(app) = on_postgres().await else { return };
    let offices = [app.marketplace.clone(), second_server(&app).await];
    let tenant = app.tenant(OURS).id;
    let names = ["Bellagio", "Brunate", "Como", "Cernobbio"];
    for round in 0..3 {
        let sending = names.iter().enumerate().map(|(at, name)| {
            let (marketplace, who) = (offices[(at + round) % 2].clone(), person(&app, Role::Officer, name));
            let body = app.body(name);
            async move {
                let key = |what: &str| Some(format!("{what}-of-{}-{round}", body.0));
                let add = ChangeBasket { body, change: Change::Add, service: "formazione".into() };
                let basket = marketplace.execute(tenant, who.clone(), key("add"), add).await.expect("added");
                let text = || "Per prova".to_owned();
                let submit = model::api::submissions::Submit {
                    body,
                    version: basket.version,
                    seen: basket.seen(),
                    reason: text(),
                    contact: text(),
                    protocol: String::new(),
                };
                marketplace.execute(tenant, who, key("send"), submit).await.expect("sent").id
            }
        });
        let sent = join_all(sending).await;
        for (name, submission) in names.iter().zip(sent) {
            app.mayor(name).authorise(submission).await.expect("authorised");
        }
    }
    // That there are no gaps is among what is counted again.
    app.assert_sound().await;
    let submissions = app.read().await.submissions(app.body("Como")).await.expect("read");
    assert_eq!(submissions.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn throttling_holds_across_servers() {
    let Some(app) = on_postgres().await else { return };
    let second = second_server(&app).await;
    let sites = [app.site.clone(), server::http::Site { marketplace: second, ..app.site.clone() }];
    let tries = (0..40).map(|at: usize| {
        let client = app.stranger_at(&sites[at % 2]);
        let wrong =
            SignIn { email: address(Role::Officer, "Como"), password: "sbagliata-ma-lunga".to_owned() };
        async move { refused(client.call(wrong).await) }
    });
    let answers = join_all(tries).await;
    let checked = answers.iter().filter(|code| *code == "wrong_credentials").count();
    assert_eq!((checked, answers.len() - checked), (5, 35), "{answers:?}");
}

#[tokio::test]
async fn who_may_not_run_a_call_stops_nobody_and_waits_for_nobody() {
    let Some(app) = on_postgres().await else { return };
    let mut raw = app.database.raw().await;
    // Somebody writes in this aggregator, and takes long.
    let key = app.tenant(OURS).id.0 << 32;
    raw.execute(&format!("BEGIN; SELECT pg_advisory_xact_lock_shared({key})")).await;
    let close = CloseCall { call: app.call };
    for (who, code) in [(app.stranger(), "sign_in_needed"), (app.officer("Como"), "forbidden")] {
        let heard = timeout(Duration::from_secs(2), who.call(close.clone())).await;
        assert_eq!(refused(heard.expect("at once")), code);
    }
    raw.execute("ROLLBACK").await;
}

/// Ends every connection of the servers to this database, whatever they are doing.
async fn cut_connections(raw: &mut Raw) {
    let _: Vec<(bool,)> = raw
        .all(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND application_name = 'comunanza'",
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_survive_connections_that_are_cut_and_none_is_doubled() {
    let Some(app) = on_postgres().await else { return };
    app.trust_one_person().await;
    let (marketplace, tenant, body) = (app.marketplace.clone(), app.tenant(OURS).id, app.body("Bellagio"));
    let administrator = person(&app, Role::Administrator, "");
    let writers = (0..8).map(|writer| {
        let (marketplace, who) = (marketplace.clone(), administrator.clone());
        tokio::spawn(async move {
            let mut acknowledged = 0;
            for attempt in 0..12 {
                let grant = GrantExtra { body, credits: 1, seen: None, reason: "Fondo".to_owned() };
                let key = format!("cut-{writer}-{attempt}");
                // A caller who hears nothing certain asks again with the same key.
                for _ in 0..20 {
                    if marketplace
                        .execute(tenant, who.clone(), Some(key.clone()), grant.clone())
                        .await
                        .is_ok()
                    {
                        acknowledged += 1;
                        break;
                    }
                }
            }
            acknowledged
        })
    });
    let writers: Vec<_> = writers.collect();
    let mut raw = app.database.raw().await;
    for _ in 0..6 {
        tokio::time::sleep(Duration::from_millis(60)).await;
        cut_connections(&mut raw).await;
    }
    let mut acknowledged = 0;
    for writer in writers {
        acknowledged += writer.await.expect("no task panics");
    }
    assert_eq!(acknowledged, 96, "everybody was heard in the end");
    assert_eq!(app.account("Bellagio").await.granted, 20 + 96, "each once");
    app.assert_sound().await;
}

#[tokio::test]
async fn who_goes_away_while_a_transaction_begins_leaves_no_poisoned_connection() {
    let Some(app) = on_postgres().await else { return };
    let (store, tenant) = (app.marketplace.store.clone(), app.tenant(OURS).id);
    for round in 0..200 {
        let mut reading = Box::pin(store.read(tenant));
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..round % 20 {
            if let Poll::Ready(tx) = reading.as_mut().poll(&mut context) {
                drop(tx.expect("it reads"));
                break;
            }
            tokio::task::yield_now().await;
        }
    }
    // What is written now is seen by every connection of the pool.
    let grant = GrantExtra { body: app.body("Bellagio"), credits: 5, seen: None, reason: "Fondo".to_owned() };
    app.administrator().call(grant).await.expect("granted");
    let mut readers = Vec::new();
    for _ in 0..20 {
        let mut tx = store.read(tenant).await.expect("a connection");
        let account = tx.standing(app.call, app.body("Bellagio")).await.expect("read").account;
        assert_eq!(account.expect("an account").account().granted, 25);
        readers.push(tx);
    }
    let nobody = Identity::Person(PersonId(0));
    assert!(app.marketplace.execute(tenant, nobody, None, model::api::people::ReadProfile {}).await.is_err());
}
