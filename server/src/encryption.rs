//! Encrypted copies: by the program `age`, which does one thing, is in every distribution, and opens them also where there
//! is no Comunanza. As a library it would bring sixty crates into the server.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use tokio::process::Command;

use store::Store;
use store::backup::BackupError;

/// What encrypted files begin with.
pub const HEAD: &[u8] = b"age-encryption.o";
/// How the names of encrypted copies end.
pub const END: &str = ".age";

/// An age public key: whoever has it can encrypt, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient(String);

/// Why the program `age` did not do it.
#[derive(Debug, thiserror::Error)]
pub enum AgeError {
    #[error("it can't be started ({0}); on Debian: apt install age.")]
    NotStarted(#[source] io::Error),
    /// What it says itself.
    #[error("{0}.")]
    Failed(String),
}

/// Why there is no encrypted copy, or none that could be opened.
#[derive(Debug, thiserror::Error)]
pub enum EncryptionError {
    #[error("BACKUP_RECIPIENT needs the program age: {0}")]
    NoProgram(#[source] AgeError),
    #[error("The file {} is there already.", .0.display())]
    Exists(PathBuf),
    #[error(transparent)]
    Copy(#[from] BackupError),
    #[error(transparent)]
    Age(#[from] AgeError),
    #[error("The copy {} can't be made: {error}.", to.display())]
    File {
        to: PathBuf,
        #[source]
        error: io::Error,
    },
    #[error("The file {} can't be decrypted: {error}", from.display())]
    Decrypt {
        from: PathBuf,
        #[source]
        error: AgeError,
    },
}

impl Recipient {
    /// `age1` and 58 letters and digits, as `age-keygen` tells it.
    pub fn parse(text: &str) -> Option<Self> {
        let letters = text.strip_prefix("age1")?;
        let good =
            letters.len() == 58 && letters.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        good.then(|| Self(text.to_owned()))
    }
}

/// Tries the program, so that its absence is told when the server starts and not by the first night.
///
/// # Errors
/// Why it could not be done.
pub async fn refuse_without_program() -> Result<(), EncryptionError> {
    run([OsStr::new("--version")]).await.map_err(EncryptionError::NoProgram)
}

/// Copies the database of one file, encrypted. The plain copy that it makes on the way lies beside the database, never
/// where the copies go.
///
/// # Errors
/// Why it could not be done.
pub async fn back_up(
    store: &Store,
    database: &Path,
    recipient: &Recipient,
    to: &Path,
) -> Result<(), EncryptionError> {
    if to.exists() {
        return Err(EncryptionError::Exists(to.to_owned()));
    }
    let (plain, unfinished) = (with_end(database, ".copying"), with_end(to, ".unfinished"));
    let _ = std::fs::remove_file(&plain);
    let made = async {
        store.back_up(&plain).await?;
        let arguments = ["--encrypt", "--recipient", &recipient.0, "--output"].map(OsStr::new);
        run(arguments.into_iter().chain([unfinished.as_os_str(), plain.as_os_str()])).await?;
        let stored = std::fs::File::open(&unfinished).and_then(|file| file.sync_all());
        let named = stored.and_then(|()| std::fs::rename(&unfinished, to));
        named.map_err(|error| EncryptionError::File { to: to.to_owned(), error })
    }
    .await;
    for left in [&plain, &unfinished] {
        let _ = std::fs::remove_file(left);
    }
    made
}

/// Decrypts a copy with the key in a file.
///
/// # Errors
/// Why it could not be done.
pub async fn decrypt(identity: &Path, from: &Path, to: &Path) -> Result<(), EncryptionError> {
    let arguments = [
        OsStr::new("--decrypt"),
        OsStr::new("--identity"),
        identity.as_os_str(),
        OsStr::new("--output"),
        to.as_os_str(),
        from.as_os_str(),
    ];
    let done = run(arguments).await;
    done.map_err(|error| EncryptionError::Decrypt { from: from.to_owned(), error })
}

async fn run<'a>(arguments: impl IntoIterator<Item = &'a OsStr>) -> Result<(), AgeError> {
    // Whoever waits for it may give up: then nobody is left who would use what it writes.
    let done = Command::new("age").args(arguments).kill_on_drop(true).output().await;
    let done = done.map_err(AgeError::NotStarted)?;
    if done.status.success() {
        return Ok(());
    }
    let output = String::from_utf8_lossy(&done.stderr);
    let said = output.lines().next().unwrap_or("age failed").trim().trim_end_matches('.');
    Err(AgeError::Failed(said.to_owned()))
}

fn with_end(file: &Path, end: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(end);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipient_is_a_public_key_and_no_option_or_secret() {
        let key = format!("age1{}", "q2w3e4r5t6".repeat(6).get(..58).expect("long enough"));
        assert!(Recipient::parse(&key).is_some());
        for bad in ["", "age1", "--help", "AGE-SECRET-KEY-1", &key.to_uppercase(), &format!("{key}x")] {
            assert_eq!(Recipient::parse(bad), None, "{bad}");
        }
    }
}
