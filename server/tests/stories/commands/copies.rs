//! Copies that are encrypted: told where the program `age` is installed.

use std::path::Path;
use std::process::Command;

use server::jobs::backup::Backups;
use server::settings::Settings;

use super::{Machine, has};
use crate::test_app::TestApp;

/// Makes a key in a file, and answers with its public half; none where `age` is not installed.
fn key(file: &Path) -> Option<String> {
    let made = Command::new("age-keygen").arg("--output").arg(file).output().ok()?;
    assert!(made.status.success(), "{made:?}");
    let text = std::fs::read_to_string(file).expect("the key is read");
    let line = text.lines().find_map(|line| line.strip_prefix("# public key: "));
    Some(line.expect("a public key").to_owned())
}

#[test]
fn an_encrypted_copy_is_put_back_by_who_has_the_key_and_by_nobody_else() {
    let mut machine = Machine::furnished();
    let (mine, other) = (machine.folder.path().join("mine.txt"), machine.folder.path().join("other.txt"));
    let (Some(public), Some(_)) = (key(&mine), key(&other)) else { return };
    machine.settings.push(("BACKUP_RECIPIENT", public));
    let copy = machine.folder.path().join("copia.db").display().to_string();
    has(&machine.does(&["backup", &copy]), "The database was copied, encrypted, to ");
    let copy = format!("{copy}.age");
    has(&machine.refuses(&["backup", &copy]), "is there already");
    let bytes = std::fs::read(&copy).expect("read");
    assert!(bytes.starts_with(b"age-encryption.org/v1\n"));
    assert!(!bytes.windows(8).any(|part| part == b"Bellagio"), "nothing is read without the key");
    let names = || -> Vec<_> {
        let entries = std::fs::read_dir(machine.folder.path()).expect("read").flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        names.filter(|name| name.contains("copying") || name.contains("unfinished")).collect()
    };
    assert_eq!(names(), Vec::<String>::new(), "no plain copy is left");
    let restore = |identity: &Path| {
        let identity = identity.display().to_string();
        machine.run(&["restore", &copy, "--replace", "--identity", &identity], "")
    };
    has(&machine.refuses(&["restore", &copy, "--replace"]), "is encrypted: --identity names the file");
    let wrong = restore(&other);
    assert!(!wrong.done, "{wrong:?}");
    has(&wrong.complaint, "can't be decrypted: ");
    has(&wrong.complaint, "Nothing was changed.");
    machine.does(&["create-admin", "--email", "dopo@example.org"]);
    let right = restore(&mine);
    assert!(right.done && right.text.contains("The database was restored from "), "{right:?}");
    has(&machine.refuses(&["reset-password", "--email", "dopo@example.org"]), "Nobody signs in as");
}

#[tokio::test]
async fn the_copy_of_the_night_is_encrypted_and_the_oldest_go_whatever_their_kind() {
    let app = TestApp::new().await;
    let folder = tempfile::tempdir().expect("a folder");
    let Some(public) = key(&folder.path().join("key.txt")) else { return };
    if app.database.is_postgres() {
        return;
    }
    let copies = folder.path().join("copie");
    let settings = |recipient: Option<&str>| {
        Settings::read(|name| match name {
            "DATABASE_URL" => Some(app.database.url.clone()),
            "BACKUP_FOLDER" => Some(copies.display().to_string()),
            "BACKUP_KEEP" => Some("2".to_owned()),
            "BACKUP_RECIPIENT" => recipient.map(str::to_owned),
            _ => None,
        })
        .expect("the settings are good")
    };
    let mut expected = Vec::new();
    for (recipient, end) in [(None, ""), (None, ""), (Some(public.as_str()), ".age")] {
        app.pass(1);
        expected.push(format!("comunanza-{}.db{end}", app.today()));
        Backups::with(&settings(recipient), &app.marketplace.store).run(&app.marketplace, true).await;
    }
    let mut names: Vec<_> = std::fs::read_dir(&copies).expect("read").flatten().collect();
    names.sort_by_key(std::fs::DirEntry::file_name);
    let names: Vec<_> = names.iter().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(names, expected[1..]);
}
