//! A whole installation is copied: into another database of either kind, or into a file and back, while it is in use.
//! Told between two SQLite files, and across the two kinds where the stories run on PostgreSQL.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use handlers::context::Identity;
use model::api::calls::GrantExtra;
use model::basket::Change;
use model::people::Role;
use model::requests::State;
use tokio::task::JoinHandle;

use crate::test_app::{OURS, TestApp, TestDatabase, assert_same};

/// What the program said, and whether it did it.
#[derive(Debug)]
struct Output {
    done: bool,
    text: String,
    complaint: String,
}

fn run_command(database: &str, arguments: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_server"));
    let output = program.args(arguments).env("DATABASE_URL", database).output().expect("the program runs");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    Output { done: output.status.success(), text: text(&output.stdout), complaint: text(&output.stderr) }
}

fn copy(from: &TestDatabase, to: &TestDatabase) -> Output {
    run_command("sqlite::memory:", &["copy", "--from", &from.url, "--to", &to.url])
}

/// What it says of a copy that it made; the last word is the hash of both.
#[track_caller]
fn copied(from: &TestDatabase, to: &TestDatabase) -> String {
    let said = copy(from, to);
    assert!(said.done, "{said:?}");
    assert!(said.text.contains("The ledger of the copy is sound: "), "{said:?}");
    assert!(said.complaint.contains("\nentry: ") && said.complaint.contains("\nnumbering: "), "{said:?}");
    let hash = said.text.lines().find_map(|line| line.strip_prefix("SHA-256 of both: "));
    hash.expect("a hash").to_owned()
}

#[track_caller]
fn refused(from: &TestDatabase, to: &TestDatabase) -> String {
    let said = copy(from, to);
    assert!(!said.done && said.text.is_empty(), "{said:?}");
    assert!(said.complaint.ends_with("Nothing was copied.\n"), "{said:?}");
    said.complaint
}

#[track_caller]
fn has(text: &str, part: &str) {
    assert!(text.contains(part), "“{part}” is not in:\n{text}");
}

/// An app in which something happened, and with texts that are easily garbled.
async fn eventful() -> TestApp {
    let app = TestApp::new().await;
    app.authorised("Bellagio", &["tributi", "formazione"], &["scuola"]).await;
    let awkward =
        "UPDATE body SET joined_act = 'L''«atto» \"n. 1\" \\ \u{1f3db} e\u{300}\n\u{1}', population = NULL
         WHERE istat = '013075'";
    app.raw_sql(awkward.to_owned()).await;
    app
}

/// An empty place of each kind that there is.
async fn elsewhere(app: &TestApp) -> Vec<TestDatabase> {
    let mut grounds = vec![TestDatabase::new_file()];
    if app.database.is_postgres() {
        grounds.push(TestDatabase::break_new().await);
    }
    grounds
}

async fn hashes(app: &TestApp, body: &str) -> Vec<String> {
    app.entries(body).await.into_iter().map(|entry| entry.hash).collect()
}

async fn rows(database: &TestDatabase) -> i64 {
    database.raw().await.rows().await
}

#[tokio::test]
async fn a_town_that_has_moved_goes_on_where_it_stood() {
    let app = eventful().await;
    let waiting = app.sent("Brunate", &["formazione"], &[]).await.id;
    let grant = GrantExtra { body: app.body("Bellagio"), credits: 5, seen: None, reason: "Fondo".to_owned() };
    let administrator = app.administrator().with_key("granted-before-the-move");
    administrator.call(grant.clone()).await.expect("granted");
    for database in elsewhere(&app).await {
        copied(&app.database, &database);
        let moved = app.moved(database).await;
        assert_eq!(hashes(&moved, "Bellagio").await, hashes(&app, "Bellagio").await);
        // A client that asks again after the move hears what it would have heard before it.
        let again = moved.administrator().with_key("granted-before-the-move");
        again.call(grant.clone()).await.expect("answered as before");
        assert_eq!(moved.account("Bellagio").await, app.account("Bellagio").await);
        // Sessions, the submission that waits, the numbers: nobody notices that it is another database.
        moved.mayor("Brunate").authorise(waiting).await.expect("the mayor authorises");
        let sent = moved.authorised("Cernobbio", &["formazione"], &[]).await;
        assert_eq!(sent.number, "2026/000003");
        let body = moved.body("Bellagio");
        moved.officer("Bellagio").change(body, Change::Add, "formazione").await.expect("added");
        moved.bring("Bellagio", "tributi", State::Live).await;
        moved.assert_sound().await;
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn what_goes_there_and_back_is_the_same_to_the_last_character() {
    let app = eventful().await;
    let before = app.dump().await;
    let (there, back) = (TestDatabase::new_file(), TestDatabase::break_new().await);
    let hash = copied(&app.database, &there);
    forget_the_copy(&there).await;
    assert_eq!(copied(&there, &back), hash, "the same bytes from both databases");
    assert_same(&before, &app.dump().await, "being copied");
    let moved = app.moved(back).await;
    forget_the_copy(&moved.database).await;
    assert_same(&before, &moved.dump().await, "going there and back");
    let body = moved.body("Como");
    let found = moved.read().await.body(body).await.expect("read").expect("it is there");
    assert_eq!(found.joined.expect("it joined").act, "L'«atto» \"n. 1\" \\ \u{1f3db} e\u{300}\n\u{1}");
}

/// Takes out of a copy what the security log of each aggregator tells of it.
async fn forget_the_copy(database: &TestDatabase) {
    let mut raw = database.raw().await;
    let told = "SELECT COUNT(*), COUNT(DISTINCT aggregator) FROM security_event
                WHERE operation = 'copy' AND kind = 'done' AND source = 'command'";
    assert_eq!(raw.all::<(i64, i64)>(told).await, [(2, 2)]);
    if !database.is_postgres() {
        raw.execute("DROP TRIGGER security_event_is_kept").await;
    }
    raw.execute("DELETE FROM security_event WHERE operation = 'copy'").await;
}

#[tokio::test]
async fn only_an_empty_database_is_filled() {
    let app = eventful().await;
    has(&refused(&app.database, &app.database), "--from and --to name the same database.");
    let other = TestApp::new().await;
    let before = other.dump().await;
    has(&refused(&app.database, &other.database), "is not empty: --to must name a new one");
    assert_same(&before, &other.dump().await, "a copy that was refused");
    // Another program's database is not even given our tables.
    for strange in elsewhere(&app).await {
        let file = strange.url.strip_prefix("sqlite:").unwrap_or_default();
        if let Some(folder) = std::path::Path::new(file).parent().filter(|_| !file.is_empty()) {
            std::fs::create_dir_all(folder).expect("a folder");
            std::fs::write(file, "").expect("an empty file");
        }
        strange.raw().await.execute("CREATE TABLE stranger (id BIGINT PRIMARY KEY)").await;
        has(&refused(&app.database, &strange), "is not empty");
        assert_eq!(strange.raw().await.tables().await, ["stranger"]);
    }
    // One that was only made ready is empty.
    for ready in elsewhere(&app).await {
        assert!(run_command(&ready.url, &["migrate"]).done);
        has(&refused(&ready, &TestDatabase::new_file()), "holds no aggregator: there is nothing to copy.");
        copied(&app.database, &ready);
        has(&refused(&app.database, &ready), "is not empty");
    }
}

/// Alters the source with every guard down, and leaves no trace but that.
async fn altered(statement: &str) -> TestApp {
    let app = eventful().await;
    if !app.database.is_postgres() {
        app.raw_sql("DROP TRIGGER entry_is_never_changed".to_owned()).await;
    }
    app.raw_sql(statement.to_owned()).await;
    app
}

#[tokio::test]
async fn a_ledger_that_was_altered_is_not_copied() {
    for statement in [
        "UPDATE entry SET amount = amount + 1 WHERE sequence = 1",
        "UPDATE account SET granted = granted + 5",
        "UPDATE request SET state = 'live' WHERE service = 'tributi'",
    ] {
        let app = altered(statement).await;
        for database in elsewhere(&app).await {
            let said = refused(&app.database, &database);
            has(&said, "The ledger of the source is NOT sound. First fault, at servizi.");
            assert_eq!(rows(&database).await, 0, "{statement}");
        }
    }
}

#[tokio::test]
async fn what_fails_on_the_way_leaves_the_target_empty() {
    // The last tables are on their way when one of them fails.
    let latest = "(SELECT MAX(id) FROM request_step)";
    let app = altered(&format!("UPDATE request_step SET request = 999 WHERE id = {latest}")).await;
    for database in elsewhere(&app).await {
        let said = refused(&app.database, &database);
        if app.database.is_postgres() {
            has(&said, "The table request_step can't be copied: ");
        } else {
            has(&said, "The source is damaged: a row of request_step refers to one that is not there.");
        }
        assert_eq!(rows(&database).await, 0);
    }
    if !app.database.is_postgres() {
        let app = altered("UPDATE service SET interaction_level = 9").await;
        let database = TestDatabase::new_file();
        has(&refused(&app.database, &database), "The table service can't be copied: CHECK constraint failed");
        assert_eq!(rows(&database).await, 0);
    }
}

/// Writers that grant one credit after the other to Bellagio, each with a key of its own, until they are stopped.
struct Load {
    stop: Arc<AtomicBool>,
    acknowledged: Arc<AtomicUsize>,
    writers: Vec<JoinHandle<()>>,
}

impl Load {
    fn on(app: &TestApp) -> Self {
        let (stop, acknowledged) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
        let administrator = app.holder(OURS, Role::Administrator, "").person.expect("somebody");
        let writers = (0..4).map(|writer| {
            let (marketplace, tenant, body) =
                (app.marketplace.clone(), app.tenant(OURS).id, app.body("Bellagio"));
            let (stop, acknowledged) = (stop.clone(), acknowledged.clone());
            tokio::spawn(async move {
                for round in 0.. {
                    if stop.load(Ordering::SeqCst) {
                        break;
                    }
                    let grant = GrantExtra { body, credits: 1, seen: None, reason: "Fondo".to_owned() };
                    let key = Some(format!("under-load-{writer}-{round}"));
                    let granted =
                        marketplace.execute(tenant, Identity::Person(administrator), key, grant).await;
                    granted.expect("granted");
                    acknowledged.fetch_add(1, Ordering::SeqCst);
                }
            })
        });
        Self { writers: writers.collect(), stop, acknowledged }
    }

    fn acknowledged(&self) -> usize {
        self.acknowledged.load(Ordering::SeqCst)
    }

    /// Waits until so many more were acknowledged.
    async fn goes_on(&self, more: usize) {
        let until = self.acknowledged() + more;
        while self.acknowledged() < until {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    async fn ends(self) {
        self.stop.store(true, Ordering::SeqCst);
        for writer in self.writers {
            writer.await.expect("no writer panics");
        }
    }
}

/// A sound ledger, with all that was acknowledged before the copy began, and nothing but the beginning of what stands
/// in the original now.
async fn assert_beginning_of(app: &TestApp, copy: &TestApp, acknowledged: usize) {
    copy.assert_sound().await;
    let (all, there) = (hashes(app, "Bellagio").await, hashes(copy, "Bellagio").await);
    // The first entry is that of the assignment.
    assert!(there.len() > acknowledged && there.len() < all.len(), "{} of {}", there.len(), all.len());
    assert_eq!(there, all[..there.len()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_under_load_is_restored_as_it_was_at_one_instant() {
    let app = TestApp::new().await;
    if app.database.is_postgres() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    app.trust_one_person().await;
    let load = Load::on(&app);
    let mut copies = Vec::new();
    for round in 0..4 {
        load.goes_on(10).await;
        let (before, file) = (load.acknowledged(), folder.path().join(format!("{round}.db")));
        app.marketplace.store.back_up(&file).await.expect("copied");
        copies.push((before, file.display().to_string()));
    }
    load.goes_on(10).await;
    load.ends().await;
    app.assert_sound().await;
    for (before, file) in copies {
        let database = TestDatabase::new_file();
        let said = run_command(&database.url, &["restore", &file]);
        assert!(said.done && said.text.contains("the ledger is sound"), "{said:?}");
        assert_beginning_of(&app, &app.moved(database).await, before).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_living_installation_is_copied_as_it_was_at_one_instant() {
    let app = Arc::new(TestApp::new().await);
    app.trust_one_person().await;
    let load = Load::on(&app);
    load.goes_on(10).await;
    for database in elsewhere(&app).await {
        let (before, from) = (load.acknowledged(), app.clone());
        let copying = move || {
            copied(&from.database, &database);
            database
        };
        let database = tokio::task::spawn_blocking(copying).await.expect("copied");
        load.goes_on(10).await;
        assert_beginning_of(&app, &app.moved(database).await, before).await;
    }
    load.ends().await;
    app.assert_sound().await;
}
