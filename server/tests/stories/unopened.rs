//! Databases that can't be opened: one plain sentence says why and what to do, to whoever starts the server and to
//! whoever copies, and no password is in it.

use std::path::Path;
use std::process::Command;

use store::Store;

use crate::test_app::{TestApp, TestDatabase};

/// What the store says, which every command repeats.
async fn why(url: &str) -> String {
    let sentence = Store::open(url).await.err().expect("it is refused").to_string();
    assert!(sentence.ends_with('.') && !sentence.contains(['\n', '{']), "{sentence}");
    assert!(!sentence.contains("secret"), "{sentence}");
    sentence
}

/// What the program says when it is to copy from there.
fn why_not_copied(arguments: [&str; 2]) -> String {
    let mut program = Command::new(env!("CARGO_BIN_EXE_server"));
    let output = program
        .args(["copy", "--from", arguments[0], "--to", arguments[1]])
        .output()
        .expect("the program runs");
    assert!(!output.status.success() && output.stdout.is_empty());
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(said.ends_with(".\nNothing was copied.\n") && said.lines().count() == 2, "{said}");
    assert!(!said.contains("secret"), "{said}");
    said
}

#[track_caller]
fn has(text: &str, part: &str) {
    assert!(text.contains(part), "“{part}” is not in:\n{text}");
}

fn url(file: &Path) -> String {
    format!("sqlite:{}", file.display())
}

#[tokio::test]
async fn a_wrong_address_is_named_and_shown_how_to_be_right() {
    has(
        &why("sqlite:x.db?mode=maybe").await,
        "DATABASE_URL is no database address (unknown value \"maybe\" for `mode`): it must be like sqlite:data/",
    );
    has(
        &why("postgres://role:secret@host:many/database").await,
        "DATABASE_URL is no database address: it must be like postgres://role@host/database.",
    );
    let folder = tempfile::tempdir().expect("a folder");
    let new = url(&folder.path().join("new.db"));
    let said = why_not_copied(["mysql://role:secret@host/database", &new]);
    has(&said, "--from must begin with sqlite: or postgres:, not “mysql”.");
    has(&why_not_copied([&new, "postgres://role:secret@host:many/x"]), "There is no database ");
    let app = TestApp::new().await;
    has(&why_not_copied([&app.database.url, "mysql:x"]), "--to must begin with sqlite: or postgres:");
    let said = why_not_copied([&app.database.url, "postgres://role:secret@host:many/x"]);
    has(&said, "--to is no database address: it must be like postgres://role@host/database.");
    assert!(!folder.path().join("new.db").exists(), "a source that is not there is not made");
}

#[tokio::test]
async fn a_database_that_is_not_reached_is_named_without_its_password() {
    // Nobody listens there.
    let nobody = "postgres://role:secret@127.0.0.1:1/comune";
    let expected = "The database comune at 127.0.0.1:1 can't be reached (Connection refused (os error 111)): see that \
                    it runs there, and that ";
    has(&why(nobody).await, &format!("{expected}DATABASE_URL is right."));
    let new = TestDatabase::new_file();
    has(&why_not_copied([nobody, &new.url]), &format!("{expected}--from is right."));
    let app = TestApp::new().await;
    has(&why_not_copied([&app.database.url, nobody]), &format!("{expected}--to is right."));
    let server = Command::new(env!("CARGO_BIN_EXE_server"))
        .env("DATABASE_URL", nobody)
        .env("PORT", "0")
        .output()
        .expect("the program runs");
    let said = String::from_utf8(server.stderr).expect("UTF-8");
    assert!(!server.status.success() && said.lines().count() == 1, "{said}");
    has(&said, expected);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_told_from_one_that_can_t_be_opened() {
    let folder = tempfile::tempdir().expect("a folder");
    let junk = folder.path().join("junk.db");
    std::fs::write(&junk, "this is no database, whatever its name says".repeat(20)).expect("written");
    has(
        &why(&url(&junk)).await,
        "junk.db is no SQLite database: see that DATABASE_URL names the right file.",
    );
    let (junk_url, new) = (url(&junk), url(&folder.path().join("new.db")));
    has(&why_not_copied([&junk_url, &new]), "junk.db is no SQLite database: see that --from names");
    has(&why(&url(folder.path())).await, "can't be opened: see that DATABASE_URL names the right file");
    has(&why(&url(&junk.join("below.db"))).await, "of the database can't be made: ");
    let empty = folder.path().join("empty.db");
    std::fs::write(&empty, "").expect("written");
    has(
        &why_not_copied([&url(&empty), &new]),
        "empty.db is none of the marketplace: see that --from is right.",
    );
}

/// The address by which this database is only read.
async fn only_read(app: &TestApp) -> String {
    if !app.database.is_postgres() {
        return format!("{}?mode=ro", app.database.url);
    }
    let name = app.database.url.rsplit_once('/').expect("a name").1;
    let name = name.split('?').next().unwrap_or_default();
    app.raw_sql(format!("ALTER DATABASE {name} SET default_transaction_read_only = on")).await;
    app.database.url.clone()
}

#[tokio::test]
async fn a_database_that_can_only_be_read_is_refused_and_copied_from() {
    let app = TestApp::new().await;
    let url = only_read(&app).await;
    let expected = "can only be read (it is a standby, or was made so): ";
    has(&why(&url).await, &format!("{expected}DATABASE_URL must name one that may be written."));
    let other = TestApp::new().await;
    let said = why_not_copied([&other.database.url, &url]);
    has(&said, &format!("{expected}--to must name one"));
    let new = TestDatabase::new_file();
    let copied = Command::new(env!("CARGO_BIN_EXE_server"))
        .args(["copy", "--from", &url, "--to", &new.url])
        .output()
        .expect("the program runs");
    assert!(copied.status.success(), "{copied:?}");
    app.moved(new).await.assert_sound().await;
}

/// As if a version of the program that is not this one had made it.
async fn of_another_version(change: &str) -> TestApp {
    let app = TestApp::new().await;
    app.raw_sql(change.to_owned()).await;
    app
}

#[tokio::test]
async fn a_database_of_another_version_says_which_program_it_needs() {
    let newer = "INSERT INTO _sqlx_migrations (version, description, installed_on, success, checksum, execution_time)
         SELECT 99, description, installed_on, success, checksum, execution_time FROM _sqlx_migrations WHERE version = 1";
    let app = of_another_version(newer).await;
    let expected = "was made by a newer version of this program (it knows change 99): install that version.";
    has(&why(&app.database.url).await, expected);
    let new = TestDatabase::new_file();
    has(&why_not_copied([&app.database.url, &new.url]), expected);
    let whole = TestApp::new().await;
    has(&why_not_copied([&whole.database.url, &app.database.url]), "is not empty: --to must name a new one");

    let other =
        "UPDATE _sqlx_migrations SET checksum = (SELECT checksum FROM _sqlx_migrations WHERE version = 1)
         WHERE version = 2";
    let app = of_another_version(other).await;
    let expected = "was made by another make of this program (its change 2 is not ours): install that one.";
    has(&why(&app.database.url).await, expected);
    has(&why_not_copied([&app.database.url, &new.url]), expected);

    let app = of_another_version("DELETE FROM _sqlx_migrations WHERE version = 2").await;
    let said = why_not_copied([&app.database.url, &new.url]);
    has(
        &said,
        "was made by an older version of this program: bring it up to date first, with DATABASE_URL set to it",
    );
}

#[tokio::test]
async fn a_database_that_is_not_there_is_told_from_a_server_that_is_not() {
    let app = TestApp::new().await;
    if !app.database.is_postgres() {
        return;
    }
    let (server, _) = app.database.url.rsplit_once('/').expect("a name");
    let said = why(&format!("{server}/no_such_database")).await;
    has(
        &said,
        "does not let us in (database \"no_such_database\" does not exist): see that DATABASE_URL is right.",
    );
}

#[tokio::test]
async fn an_address_that_asks_for_what_is_not_known_is_refused_without_its_value() {
    let said = why("postgres://role@host/database?sslpassword=secret").await;
    has(&said, "DATABASE_URL asks for something that is not known: “sslpassword”.");
    has(
        &why_not_copied(["host=db password=secret", "sqlite:new.db"]),
        "--from must begin with sqlite: or postgres:.",
    );
    let app = TestApp::new().await;
    let said = why_not_copied([&app.database.url, "sqlite::memory:"]);
    has(&said, "--to names a database that is only in memory");
}
