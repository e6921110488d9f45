//! What the owner of the machine does from the command line: the program itself is run, each time on a database of
//! its own. Every command says what it did; what is refused says why and changes nothing.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use handlers::clock::Clock;

mod copies;
mod outbox;
mod people;

struct Machine {
    folder: tempfile::TempDir,
    /// Settings beside the database.
    settings: Vec<(&'static str, String)>,
}

/// What a command said, and whether it did it.
#[derive(Debug)]
struct Said {
    done: bool,
    text: String,
    complaint: String,
}

/// So many days from today: the program goes by the machine's own clock.
fn in_days(days: i32) -> String {
    Clock::Real.now().day_in_rome().plus(days).to_string()
}

fn demo(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("demo").join(path)
}

impl Machine {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), settings: Vec::new() }
    }

    /// With an aggregator, its municipalities, its catalogue and who joined.
    fn furnished() -> Self {
        let machine = Self::new();
        let host = "servizi.example.org";
        machine.does(&[
            "--host",
            host,
            "create-aggregator",
            "--from",
            &demo("help.toml").display().to_string(),
        ]);
        machine.does(&["import", "comuni", &demo("comuni.csv").display().to_string()]);
        machine.does(&["import", "catalogue", &demo("catalogue").display().to_string()]);
        machine.does(&["import", "joined", &demo("joined.csv").display().to_string()]);
        machine
    }

    /// With a call in preparation.
    fn with_call() -> Self {
        let machine = Self::furnished();
        let terms = demo("call.toml").display().to_string();
        let said =
            machine.does(&["call", "create", &terms, "--opens", "2026-01-01", "--closes", &in_days(600)]);
        let closes = in_days(600);
        assert!(
            said.contains(&format!("is in preparation: from 2026-01-01 00:00:00 to {closes} 23:59:59")),
            "{said}"
        );
        machine
    }

    fn run(&self, arguments: &[&str], input: &str) -> Said {
        let mut child = Command::new(env!("CARGO_BIN_EXE_server"))
            .args(arguments)
            .env("DATABASE_URL", format!("sqlite:{}", self.folder.path().join("office.db").display()))
            .envs(self.settings.iter().cloned())
            .current_dir(self.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        // A command that refuses before it reads has closed its end already.
        let _ = child.stdin.take().expect("an input").write_all(input.as_bytes());
        let output = child.wait_with_output().expect("the program ends");
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
        Said { done: output.status.success(), text: text(&output.stdout), complaint: text(&output.stderr) }
    }

    #[track_caller]
    fn does(&self, arguments: &[&str]) -> String {
        let said = self.run(arguments, "");
        assert!(said.done, "{arguments:?}: {said:?}");
        said.text
    }

    #[track_caller]
    fn refuses(&self, arguments: &[&str]) -> String {
        let said = self.run(arguments, "");
        assert!(!said.done && said.text.is_empty(), "{arguments:?}: {said:?}");
        said.complaint
    }

    fn file(&self, name: &str, text: &[u8]) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).expect("it can be written");
        path.display().to_string()
    }
}

#[track_caller]
fn has(text: &str, part: &str) {
    assert!(text.contains(part), "“{part}” is not in:\n{text}");
}

#[test]
fn before_there_is_an_aggregator_each_command_says_how_to_add_one() {
    let machine = Machine::new();
    machine.does(&["migrate"]);
    let said = machine.refuses(&["assign", "--dry-run"]);
    has(&said, "There is no aggregator yet: `server create-aggregator --help` says how to add one.");
    has(&machine.refuses(&["create-aggregator"]), "Name the aggregator's host with --host");
    has(&machine.refuses(&["--host", "Due Parole", "create-aggregator", "--name", "X"]), "is no host name");
}

#[test]
fn a_command_that_needs_what_is_there_makes_no_database() {
    let machine = Machine::new();
    let person = ["--role", "operator", "--email", "persona@example.org"];
    let with_person = |command: &'static str| [&[command][..], &person].concat();
    for command in [
        vec!["verify"],
        vec!["backup", "copia.db"],
        vec!["security-log", "export"],
        vec!["clock", "confirm"],
        vec!["assign", "--dry-run"],
        vec!["call", "list"],
        vec!["create-admin", "--email", "persona@example.org"],
        with_person("create-person"),
        with_person("end-role"),
        vec!["reset-password", "--email", "persona@example.org"],
    ] {
        has(&machine.refuses(&command), "office.db: see that DATABASE_URL is right.");
    }
    assert_eq!(std::fs::read_dir(machine.folder.path()).expect("read").count(), 0, "nothing was made");
}

#[test]
fn what_is_imported_is_counted_and_comes_in_once() {
    let machine = Machine::furnished();
    let comuni = demo("comuni.csv").display().to_string();
    has(&machine.does(&["import", "comuni", &comuni]), "7896 unchanged");
    let catalogue = demo("catalogue").display().to_string();
    has(&machine.does(&["import", "catalogue", &catalogue]), "33 unchanged");
    let said = machine.refuses(&["--host", "altrove.example.org", "import", "comuni", &comuni]);
    has(&said, "No aggregator has the host name altrove.example.org; there are: servizi.example.org.");
}

#[test]
fn every_fault_of_a_list_is_named_by_line_and_column_and_nothing_comes_in() {
    let machine = Machine::furnished();
    let head = "codice_istat,nome,nome_altra_lingua,codice_catastale,sigla_provincia,provincia,regione,capoluogo,\
                popolazione_2023\n";
    let rows = "99999,Corto,,A001,CO,Como,Lombardia,0,10\n\
                999991,Negativo,,A002,CO,Como,Lombardia,0,-5\n\
                999992,Doppio,,A003,CO,Como,Lombardia,0,5\n\
                999992,Doppio,,A004,CO,Como,Lombardia,0,6\n";
    let said =
        machine.refuses(&["import", "comuni", &machine.file("bad.csv", [head, rows].concat().as_bytes())]);
    has(&said, "bad.csv, line 2, codice_istat");
    has(&said, "bad.csv, line 3, popolazione_2023");
    has(&said, "bad.csv, line 5, codice_istat: 999992 stands already on line 4");
    has(&said, "Nothing was changed, because of these 3 faults.");
    let latin = [head.as_bytes(), b"999993,Cant\xf9,,A005,CO,Como,Lombardia,0,5\n"].concat();
    has(&machine.refuses(&["import", "comuni", &machine.file("latin.csv", &latin)]), "line 2");
    let without = head.replace("capoluogo,", "");
    has(&machine.refuses(&["import", "comuni", &machine.file("short.csv", without.as_bytes())]), "capoluogo");
    has(&machine.refuses(&["import", "comuni", "nowhere.csv"]), "The file nowhere.csv can't be read");
    let all = demo("comuni.csv").display().to_string();
    has(&machine.does(&["import", "comuni", &all]), "0 added, 0 changed, 7896 unchanged");
}

#[test]
fn a_call_goes_from_its_document_to_the_archive() {
    let machine = Machine::with_call();
    has(&machine.refuses(&["call", "close"]), "No call fits: none is open.");
    let open = format!("is open: from 2026-01-01 00:00:00 to {} 23:59:59.", in_days(600));
    has(&machine.does(&["call", "open"]), &open);
    has(&machine.refuses(&["call", "open", "--call", "1"]), "The call is not in preparation");
    has(
        &machine.refuses(&["call", "extend", "--until", &in_days(500)]),
        "must come after now and after the present one",
    );
    has(&machine.refuses(&["call", "extend", "--until", "domani"]), "a day such as 2026-11-30");
    has(&machine.refuses(&["call", "extend", "--until", &in_days(800)]), "until: two years from today, ");
    let longer = format!("to {} 23:59:59.", in_days(700));
    has(&machine.does(&["call", "extend", "--until", &in_days(700)]), &longer);
    has(
        &machine.refuses(&["call", "reopen", "--call", "1", "--until", &in_days(720), "--reason", "x"]),
        "not closed",
    );
    has(&machine.does(&["call", "close"]), "is closed");
    has(&machine.refuses(&["call", "extend", "--call", "1", "--until", &in_days(720)]), "“call reopen”");
    has(&machine.refuses(&["call", "reopen", "--until", &in_days(720)]), "--reason");
    let until = in_days(720);
    let said = machine.does(&["call", "reopen", "--until", &until, "--reason", "Rinvio della Conferenza"]);
    has(&said, "is open again: from ");
    has(&said, &format!(" to {until} 23:59:59."));
    has(&said, "The package of 0 bodies was kept by silence at the closing");
    machine.does(&["call", "close"]);
    has(&machine.does(&["call", "archive"]), "is in the archive");
    has(&machine.does(&["call", "list"]), "archived");
    has(&machine.refuses(&["call", "open", "--call", "99"]), "There is no such thing here.");
}

#[test]
fn the_terms_of_a_call_are_checked_together() {
    let machine = Machine::furnished();
    let terms = std::fs::read_to_string(demo("call.toml")).expect("it is there");
    let create = |text: &str| {
        let file = machine.file("call.toml", text.as_bytes());
        machine.refuses(&["call", "create", &file, "--opens", "2026-01-01", "--closes", "2026-02-01"])
    };
    has(&create(&terms.replace("minimum = 2", "minimum = 9")), "minimum");
    has(&create(&terms.replace("from = 1001", "from = 1005")), "band");
    has(&create(&terms.replace("\"essenziale\"", "\"minimo\"")), "minimo");
    has(&create(&terms.replace("title", "titolo")), "titolo");
    let file = machine.file("good.toml", terms.as_bytes());
    let backwards =
        machine.refuses(&["call", "create", &file, "--opens", "2026-02-01", "--closes", "2026-01-01"]);
    has(&backwards, "closes");
    has(&machine.does(&["call", "list"]), "There is no call yet.");
}

#[test]
fn a_dry_run_says_who_would_get_what_and_changes_nothing() {
    let machine = Machine::with_call();
    machine.does(&["call", "open"]);
    let dry = machine.does(&["assign", "--dry-run"]);
    has(&dry, "Comune di Bellagio: base, ");
    has(&dry, "82 joined bodies: 82 assigned, 0 changed");
    has(&dry, "Nothing was changed.");
    let said = machine.does(&["assign"]);
    has(&said, "82 joined bodies: 82 assigned");
    has(&machine.does(&["assign"]), "82 joined bodies: 0 assigned, 0 changed, 82 unchanged");
}

#[test]
fn people_are_made_with_their_role_and_a_password_that_is_told_once() {
    let machine = Machine::furnished();
    let officer = ["create-person", "--role", "officer", "--email", "referente@example.org"];
    has(
        &machine.refuses(&officer),
        "The role officer is held on a body: name it with --body and its ISTAT code.",
    );
    let on = |istat| [&officer[..], &["--body", istat]].concat();
    has(&machine.refuses(&on("000000")), "No body has the ISTAT code 000000.");
    let said = machine.does(&on("013250"));
    has(&said, "referente@example.org can sign in now, with the role “Referente, Comune di Bellagio”.");
    has(&said, "The password, told only this once: ");
    has(&machine.does(&on("013250")), "already: nothing was changed");
    has(&machine.does(&on("013041")), "“Referente, Comune di Cantù” now too; the password stays.");
    let admin = ["create-admin", "--email", "capo@example.org", "--password-stdin"];
    let short = machine.run(&admin, "corta\n");
    assert!(!short.done);
    has(&short.complaint, "password: at least 12 characters are expected.\nNothing was changed.");
    has(&machine.run(&admin, "Password2026!\n").complaint, "password: it is very common, or easy to guess.");
    let own = [&on("013250")[..], &["--password-stdin"]].concat();
    let own: Vec<_> = own
        .iter()
        .map(|word| if *word == "referente@example.org" { "altra@example.org" } else { *word })
        .collect();
    has(&machine.run(&own, "Bellagio sul lago\n").complaint, "own body, Bellagio, must not be in it.");
    assert!(machine.run(&admin, "una frase lunga di prova\n").done);
    has(&machine.refuses(&["create-person", "--role", "re", "--email", "re@example.org"]), "officer");
    has(&machine.refuses(&["create-admin", "--email", "nessuno"]), "“nessuno” is no e-mail address.");
    has(&machine.refuses(&["reset-password", "--email", "ignoto@example.org"]), "Nobody signs in as");
    has(&machine.does(&["reset-password", "--email", "capo@example.org"]), "must sign in again everywhere");
    let reset = ["reset-password", "--email", "referente@example.org", "--password-stdin"];
    has(&machine.run(&reset, "io-referente-di-qui\n").complaint, "own e-mail address must not be in it.");
    has(&machine.run(&reset, "tra Cantù e il lago\n").complaint, "own body, Cantù, must not be in it.");
}

#[test]
fn the_database_is_copied_and_put_back_only_when_it_is_sound() {
    let machine = Machine::with_call();
    machine.does(&["call", "open"]);
    machine.does(&["assign"]);
    let copy = machine.folder.path().join("copia.db").display().to_string();
    has(&machine.does(&["backup", &copy]), "The database was copied to ");
    has(&machine.refuses(&["backup", &copy]), "is there already");
    let logged = |command: &str| {
        let log = machine.does(&["security-log", "export"]);
        log.matches(&format!(",done,,,command,{command},")).count()
    };
    assert_eq!(logged("backup"), 1);
    // What comes later is not in the copy.
    machine.does(&["call", "close"]);
    has(&machine.refuses(&["restore", &copy]), "--replace puts it aside. Nothing was changed.");
    has(&machine.does(&["call", "list"]), "closed");
    let said = machine.does(&["restore", &copy, "--replace"]);
    has(&said, "82 accounts, 82 entries: the ledger is sound.");
    has(&said, "The database was restored from ");
    assert_eq!((logged("restore"), logged("backup")), (1, 0), "in the database that was put back");
    has(&machine.does(&["call", "list"]), "open");
    has(&machine.does(&["verify"]), "the ledger is sound");
    has(&said, "office.db.before-restore now.");
    // Who restores twice still has what was there at first.
    has(&machine.does(&["restore", &copy, "--replace"]), "office.db.before-restore-2 now.");
    let mut names: Vec<_> = std::fs::read_dir(machine.folder.path()).expect("read").flatten().collect();
    names.sort_by_key(std::fs::DirEntry::file_name);
    let names: Vec<_> = names.iter().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(
        names,
        ["copia.db", "office.db", "office.db.before-restore", "office.db.before-restore-2", "office.db.lock"]
    );
    let mut bytes = std::fs::read(&copy).expect("read");
    let from = bytes.len() / 2;
    bytes[from..from + 4_096].fill(7);
    let damaged = machine.file("damaged.db", &bytes);
    has(&machine.refuses(&["restore", &damaged, "--replace"]), "Nothing was changed.");
    let junk = machine.file("junk.db", b"this is no database, whatever its name says");
    has(&machine.refuses(&["restore", &junk, "--replace"]), "is no SQLite database. Nothing was changed.");
    has(&machine.refuses(&["restore", "nowhere.db", "--replace"]), "can't be read");
    has(&machine.does(&["verify"]), "the ledger is sound");
}

#[test]
fn a_copy_is_older_than_the_last_anchor_and_what_was_lost_is_said() {
    let mut machine = Machine::with_call();
    machine.does(&["call", "open"]);
    machine.does(&["assign"]);
    let copy = machine.folder.path().join("copia.db").display().to_string();
    machine.does(&["backup", &copy]);
    let anchors = machine.folder.path().join("altrove");
    std::fs::create_dir(&anchors).expect("a folder");
    let later = r#"{"aggregator":"Provincia di Como","day":"2026-11-20","at":"2026-11-20T08:00:00Z",
        "tips":[{"account":1,"sequence":2,"hash":"of an entry that came later"}]}"#;
    std::fs::write(anchors.join("servizi.example.org-2026-11-20.json"), later).expect("written");
    machine.settings.push(("ANCHOR_FOLDER", anchors.display().to_string()));
    let said = machine.does(&["restore", &copy, "--replace"]);
    has(&said, "the second place has anchors up to 2026-11-20. What was written after this copy is lost");
    let said = machine.refuses(&["verify"]);
    has(&said, "NOT sound. First fault: account 1, entry 2: it is not there, or not what was published");
}

#[test]
fn a_body_s_copy_of_its_ledger_is_checked_without_a_database() {
    let machine = Machine::new();
    let book = r#"{"aggregator":"Provincia","body":{"id":1,"name":"Bellagio","title":"Comune di Bellagio"},
        "at":"2026-11-23T09:00:00Z","books":[{"account":1,"body":1,"call":1,
        "numbers":{"granted":5,"held":0,"spent":0,"pledged":0},"sequence":1,"last_hash":"HASH","entries":[{"id":1,
        "sequence":1,"account":1,"kind":"grant","amount":5,"at":"2026-11-02T08:00:00Z","actor":null,"reason":"",
        "service":null,"request":null,"submission":null,"settles":null,"hash":"HASH"}]}]}"#;
    let altered = machine.file("altered.json", book.as_bytes());
    let said = machine.refuses(&["verify-ledger", &altered]);
    has(&said, "This copy is NOT sound. First fault: account 1, entry 1: its hash does not follow");
    // As anybody can compute it: sha256 of the array that the documentation names.
    let sound = machine.file("sound.json", book.replace("HASH", &hash_of_the_grant()).as_bytes());
    has(&machine.does(&["verify-ledger", &sound]), "1 account, 1 entry: this copy is sound.");
    let anchor = |tips: &str| {
        format!(
            r#"{{"aggregator":"Provincia","day":"2026-11-03","at":"2026-11-03T08:00:00Z","tips":[{tips}]}}"#
        )
    };
    let tip = format!(r#"{{"account":1,"sequence":1,"hash":"{}"}}"#, hash_of_the_grant());
    for (name, tips, said) in [
        ("knows.json", tip.clone(), "It agrees with the anchor of 2026-11-03, which knows 1 account."),
        (
            "knows-none.json",
            String::new(),
            "The anchor of 2026-11-03 knows none of them: it proves nothing of this copy.",
        ),
    ] {
        let kept = machine.file(name, anchor(&tips).as_bytes());
        has(&machine.does(&["verify-ledger", &sound, "--anchor", &kept]), said);
    }
    let of_another = machine.file(
        "another.json",
        anchor(&tip.replace("\"sequence\"", "\"place\":\"of another body\",\"sequence\"")).as_bytes(),
    );
    let said = machine.refuses(&["verify-ledger", &sound, "--anchor", &of_another]);
    has(&said, "account 1: it is not there, or not what was published as the last entry on 2026-11-03.");
    has(&machine.refuses(&["verify-ledger", "nowhere.json"]), "The file nowhere.json can't be read");
    let junk = machine.file("junk.json", b"{}");
    has(&machine.refuses(&["verify-ledger", &junk]), "is not what the marketplace gives");
}

/// The hash of the one entry above, from the array that its documentation names.
fn hash_of_the_grant() -> String {
    store::hashing::token_hash(r#"["",1,1,"grant",5,1793606400000,null,"",null,null,null,null]"#)
}

#[test]
fn wrong_settings_refuse_to_start_with_a_sentence() {
    let run = |name: &str, value: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_server"))
            .arg("migrate")
            .env("DATABASE_URL", "sqlite::memory:")
            .env(name, value)
            .output()
            .expect("the program starts");
        assert!(!output.status.success(), "{name}={value} is refused");
        String::from_utf8(output.stderr).expect("UTF-8")
    };
    has(&run("DATABASE_URL", "mysql://localhost/db"), "DATABASE_URL");
    has(&run("PORT", "ottanta"), "PORT");
    has(&run("LEPTOS_SITE_ADDR", "qui"), "LEPTOS_SITE_ADDR");
}
