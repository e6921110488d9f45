//! A full disk, a real one: while there is no room writes are refused in plain words and reads go on; when there is,
//! everything goes on, without a restart.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use model::api::bodies::ReadBody;

use super::child::{Caller, Server};
use super::cluster::Cluster;
use super::kill::{left_alone, reopened};
use super::{Line, now, setting};
use crate::test_app::{TestDatabase, assert_sound};

/// A file system of a few megabytes, in memory.
struct SmallDisk {
    folder: tempfile::TempDir,
}

impl SmallDisk {
    /// None where this machine does not let us have one.
    fn mounted() -> Result<Self, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=24m,mode=0755", "comunanza"])
            .arg(folder.path())
            .output()
            .map_err(|error| error.to_string())?;
        if mounted.status.success() {
            Ok(Self { folder })
        } else {
            Err(String::from_utf8_lossy(&mounted.stderr).trim().to_owned())
        }
    }

    /// Leaves no room at all; what it answers is removed to make room again.
    fn fill(&self) -> PathBuf {
        let path = self.folder.path().join("full");
        let mut file = File::create(&path).expect("there is room for a name");
        // In ever smaller pieces, until not a byte fits.
        for piece in [64 * 1_024, 4 * 1_024, 1] {
            while file.write_all(&vec![0; piece]).is_ok() {}
        }
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.folder.path()).output();
    }
}

/// An app's database on this disk: a file, or the tables of a PostgreSQL. What that writes first lies elsewhere, as it
/// should: without room for its log it stops by itself.
async fn ground_on(disk: &Path) -> (TestDatabase, Option<Cluster>) {
    let folder = tempfile::tempdir_in(disk).expect("a folder");
    let Some(cluster) = Cluster::found() else {
        return (TestDatabase::within(folder), None);
    };
    cluster.is_given(folder.path());
    for text in [
        "CREATE ROLE comunanza LOGIN CREATEDB",
        &format!("CREATE TABLESPACE small LOCATION '{}'", folder.path().display()),
        "GRANT CREATE ON TABLESPACE small TO comunanza",
        "ALTER ROLE comunanza SET default_tablespace = 'small'",
    ] {
        cluster.says(text).await;
    }
    (TestDatabase::on(cluster.options().username("comunanza"), folder).await, Some(cluster))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_writes_in_plain_words_and_goes_on_when_there_is_room() {
    let mut line = Line::of("disk full", setting("STORIES_DATABASE_URL").is_some());
    let disk = match SmallDisk::mounted() {
        Ok(disk) => disk,
        Err(reason) => {
            line.skipped = Some(reason);
            return line.report();
        }
    };
    let (database, _cluster) = ground_on(disk.folder.path()).await;
    let (database, purse) = left_alone(Some(database)).await;
    let mut server = Server::start(&database.url);
    server.answers().await;
    let caller = Caller::new(server.address, &purse.host, &purse.cookie);
    let load = server.load(&purse);
    load.more(50).await;
    let full = disk.fill();
    line.injected += 1;
    // What the database has room for already is still written; then it says so, and each time.
    let (mut refusals, mut stored) = (0, Vec::new());
    for number in 0.. {
        assert!(number < 50_000, "the disk is full, and every write is stored");
        let key = format!("spend-probe-{number:06}");
        let (status, text) =
            caller.ask(Some(&key), &purse.spend(0, &key)).await.expect("the server is there");
        if status == 200 {
            stored.push(key);
        } else {
            assert_eq!(status, 503, "{text}");
            assert!(text.contains("\"unavailable\""), "{text}");
            let body = purse.little.0;
            let (status, text) = caller.ask(None, &ReadBody { body }).await.expect("the server is there");
            assert_eq!(status, 200, "reads go on: {text}");
            refusals += 1;
        }
        if refusals == 20 {
            break;
        }
    }
    std::fs::remove_file(full).expect("there is room again");
    let roomy = now();
    load.recovered(roomy).await;
    line.recovery.push(roomy.elapsed().as_secs_f64());
    load.more(50).await;
    let mut heard = load.end().await;
    heard.keys.extend(stored);
    drop(server);
    line.count(&database, &heard).await;
    assert_sound(&reopened(&database).await, &database).await;
    line.report();
}
