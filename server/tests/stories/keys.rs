//! Idempotency keys are chosen by clients: they are each person's own, tell nothing to who may not know it any more,
//! and decide nothing about the installation.

use std::path::Path;

use model::api::baskets::{ChangeBasket, ReadBasket};
use model::basket::Change;
use model::ids::BodyId;
use server::demo::refuse_unfit;
use server::settings::Settings;
use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;

use crate::test_app::{Raw, TestApp, TestDatabase, refused};

fn add(body: BodyId) -> ChangeBasket {
    ChangeBasket { body, change: Change::Add, service: "formazione".into() }
}

fn settings(app: &TestApp, demo: &str) -> Settings {
    let get = |name: &str| match name {
        "DATABASE_URL" => Some(app.database.url.clone()),
        "DEMO" => Some(demo.to_owned()),
        _ => None,
    };
    Settings::read(get).expect("good settings")
}

#[tokio::test]
async fn no_key_of_a_client_keeps_the_server_from_starting() {
    let app = TestApp::new().await;
    let body = app.body("Bellagio");
    for key in ["demonstration-begun", "demonstration-made", "demonstration"] {
        app.officer("Bellagio").with_key(key).call(add(body)).await.expect("a key like any other");
        refuse_unfit(&settings(&app, "0"), &app.marketplace).await.expect("it starts again");
    }
}

#[tokio::test]
async fn an_interrupted_demonstration_advises_to_delete_nothing() {
    let app = TestApp::new().await;
    app.raw_sql("INSERT INTO installation (key, value) VALUES ('demonstration', 'begun')".to_owned()).await;
    let told =
        refuse_unfit(&settings(&app, "1"), &app.marketplace).await.expect_err("it is half").to_string();
    assert!(told.contains("name another database in DATABASE_URL, or move this one away"), "{told}");
    assert!(!told.contains("remove") && !told.contains("delete"), "{told}");
    app.raw_sql("UPDATE installation SET value = 'made'".to_owned()).await;
    refuse_unfit(&settings(&app, "1"), &app.marketplace).await.expect("whole");
    let told =
        refuse_unfit(&settings(&app, "0"), &app.marketplace).await.expect_err("in earnest").to_string();
    assert!(told.contains("start it with DEMO=1"), "{told}");
}

#[tokio::test]
async fn who_lost_the_role_hears_the_refusal_and_not_the_stored_answer() {
    let app = TestApp::new().await;
    let (officer, body) = (app.officer("Bellagio").with_key("before-the-role-ended"), app.body("Bellagio"));
    let first = officer.call(add(body)).await.expect("added");
    let person = officer.person.expect("somebody").0;
    let held = |until: &str| format!("UPDATE role_held SET held_until = {until} WHERE person = {person}");
    app.raw_sql(held(&app.now().0.to_string())).await;
    assert_eq!(refused(officer.call(add(body)).await), "not_found", "nothing of a body they left");
    app.raw_sql(held("NULL")).await;
    assert_eq!(officer.call(add(body)).await, Ok(first), "what was answered, once");
}

#[tokio::test]
async fn a_record_of_an_earlier_version_is_answered_to_nobody() {
    let app = TestApp::new().await;
    let body = app.body("Bellagio");
    let officer = app.officer("Bellagio").with_key("before-the-upgrade");
    officer.call(add(body)).await.expect("added");
    // It does not say for which body the policy was asked.
    app.raw_sql("UPDATE idempotency_record SET body = NULL WHERE key = 'before-the-upgrade'".to_owned())
        .await;
    assert_eq!(refused(officer.call(add(body)).await), "key_reused");
    let basket = officer.call(ReadBasket { body }).await.expect("read");
    assert_eq!(basket.added[0].count, 1, "nor is it done again");
}

/// The database as the version before these tables left it, as its own role.
async fn before_0011(database: &TestDatabase) -> Raw {
    let folder = if database.is_postgres() { "postgres" } else { "sqlite" };
    let mut raw = if database.is_postgres() {
        let options: PgConnectOptions = database.url.parse().expect("an address");
        Raw::Postgres(options.connect().await.expect("it opens"))
    } else {
        let options: SqliteConnectOptions = database.url.parse().expect("an address");
        std::fs::create_dir_all(options.get_filename().parent().expect("a folder")).expect("it is made");
        Raw::Sqlite(options.create_if_missing(true).connect().await.expect("it opens"))
    };
    for text in migrations(folder, |number| number < "0011") {
        raw.execute(&text).await;
    }
    raw
}

/// The texts of these changes, in their order.
fn migrations(folder: &str, which: impl Fn(&str) -> bool) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(folder);
    let files = std::fs::read_dir(folder).expect("the migrations").map(|file| file.expect("a file"));
    let mut names: Vec<_> = files
        .map(|file| (file.file_name().to_string_lossy().into_owned(), file.path()))
        .filter(|(name, _)| which(&name[..4]))
        .collect();
    names.sort();
    names.iter().map(|(_, path)| std::fs::read_to_string(path).expect("a text")).collect()
}

/// What an older database holds: a record of the program itself, and those of two persons under its very keys.
fn old_records(by_the_program: &[&str]) -> String {
    let mut rows = vec![
        "(1, 'demonstration-begun', 7, 'abc', '{}', 1)".to_owned(),
        "(1, 'of-the-command-line', NULL, 'def', '{\"a\":1}', 2)".to_owned(),
    ];
    rows.extend(by_the_program.iter().map(|key| format!("(1, '{key}', NULL, '', '{{}}', 3)")));
    format!("INSERT INTO deed (aggregator, key, person, asked_hash, answer, at) VALUES {}", rows.join(", "))
}

async fn brought_up_to_date(by_the_program: &[&str]) -> (Vec<(String,)>, Vec<(i64, String, String)>) {
    let database = TestDatabase::break_new().await;
    let mut raw = before_0011(&database).await;
    let records = if by_the_program.contains(&"demonstration-begun") {
        // The key was the aggregator's, whoever chose it.
        old_records(by_the_program)
            .replace("(1, 'demonstration-begun', 7,", "(1, 'demonstration-begun-2', 7,")
    } else {
        old_records(by_the_program)
    };
    let tenant = "INSERT INTO aggregator (id, host, profile) VALUES (1, 'host', '{}')";
    raw.execute(tenant).await;
    if database.is_postgres() {
        raw.execute(&format!(
            "BEGIN; SELECT set_config('comunanza.aggregator', '1', true); {records}; COMMIT"
        ))
        .await;
    } else {
        raw.execute(&records).await;
    }
    let folder = if database.is_postgres() { "postgres" } else { "sqlite" };
    for text in migrations(folder, |number| number == "0011") {
        raw.execute(&text).await;
    }
    drop(raw);
    let mut raw = database.raw().await;
    let marks = raw.all("SELECT value FROM installation WHERE key = 'demonstration'").await;
    (marks, raw.all("SELECT person, key, answer FROM deed ORDER BY person, key").await)
}

#[tokio::test]
async fn only_marks_of_the_program_itself_are_moved_and_records_stay() {
    let text = |text: &str| text.to_owned();
    let command_line = (0, text("of-the-command-line"), text("{\"a\":1}"));
    let (marks, records) = brought_up_to_date(&[]).await;
    assert_eq!(marks, [], "a client's key is no mark");
    assert_eq!(records, [command_line.clone(), (7, text("demonstration-begun"), text("{}"))]);
    for (keys, mark) in
        [(&["demonstration-begun"][..], "begun"), (&["demonstration-begun", "demonstration-made"], "made")]
    {
        let (marks, records) = brought_up_to_date(keys).await;
        assert_eq!(marks, [(text(mark),)]);
        assert_eq!(records, [command_line.clone(), (7, text("demonstration-begun-2"), text("{}"))]);
    }
}
