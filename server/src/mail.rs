//! Letters: how one is made and sent. So far each is written into a folder; other ways come here.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use app::{Lang, link_to_submission};
use handlers::marketplace::Tenant;
use handlers::submissions::letter::AuthorisationLetter;
use lettre::Message;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use model::calendar::Instant;
use model::ids::SubmissionId;

use crate::settings::Settings;

/// Why a letter could not be sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    #[error("the address is none: {0}")]
    Address(#[from] lettre::address::AddressError),
    #[error("the letter can't be made: {0}")]
    Message(#[from] lettre::error::Error),
    #[error("the letter can't be written: {0}")]
    File(#[from] io::Error),
    #[error("The folder of the letters, {}, can't be used: {error}. MAIL names another.", folder.display())]
    NoFolder {
        folder: PathBuf,
        #[source]
        error: io::Error,
    },
    #[error("sending was interrupted")]
    Interrupted,
}

/// How this server sends letters, and where their links lead.
#[derive(Clone, Debug)]
pub struct Mail {
    folder: PathBuf,
    public_url: String,
    secure: bool,
}

/// A letter that is ready to be sent.
pub struct Letter {
    pub name: String,
    pub address: String,
    pub subject: String,
    pub text: String,
}

impl Mail {
    /// None where letters do not go out.
    pub fn of(settings: &Settings) -> Option<Self> {
        Some(Self {
            folder: settings.mail.clone()?,
            public_url: settings.public_url.trim_end_matches('/').to_owned(),
            secure: settings.secure(),
        })
    }

    /// Makes the folder where it is missing, and tries to write into it.
    ///
    /// # Errors
    /// When that can't be done.
    pub fn prepare(&self) -> Result<(), MailError> {
        let trial = self.folder.join(format!(".trial-{}", std::process::id()));
        let tried = fs::create_dir_all(&self.folder).and_then(|()| fs::write(&trial, ""));
        tried.map_err(|error| MailError::NoFolder { folder: self.folder.clone(), error })?;
        // Another server that uses this folder may have the same number on its machine, and be faster.
        let _ = fs::remove_file(&trial);
        Ok(())
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where people reach an aggregator. The first one is reached at `PUBLIC_URL`, the others by their own names.
    fn origin(&self, tenant: &Tenant, is_first: bool) -> String {
        if is_first {
            return self.public_url.clone();
        }
        format!("{}://{}", if self.secure { "https" } else { "http" }, tenant.host)
    }

    /// The letter by which a mayor hears that a submission waits, in Italian: nobody has chosen a language yet.
    pub fn authorisation(
        &self,
        (tenant, is_first): (&Tenant, bool),
        submission: SubmissionId,
        letter: AuthorisationLetter,
    ) -> Letter {
        let lang = Lang::It;
        let link = self.origin(tenant, is_first) + &link_to_submission(submission);
        let (number, body) = (&letter.number, &letter.body);
        let until = lang.until_instant(letter.until);
        let text = [
            lang.letters_greeting().to_owned(),
            lang.letters_authorise_waits(number, body, &letter.prepared_by),
            lang.letters_authorise_holds(letter.services.into(), lang.credits_count(letter.credits), until),
            [lang.letters_authorise_link(), &link].join("\n"),
            tenant.profile.brand.clone(),
            lang.letters_automatic().to_owned(),
        ];
        let text = text.join("\n\n") + "\n";
        let subject = lang.letters_subject_authorise(number, body);
        Letter { name: letter.name, address: letter.address, subject, text }
    }

    /// Sends a letter. Sent twice for the same effect it has the same Message-ID, by which the second one is known, and
    /// the same file. The instant is part of both: SQLite gives the number of a row that was removed again.
    ///
    /// # Errors
    /// Why it can't be sent now.
    pub async fn send(
        &self,
        letter: Letter,
        tenant: &Tenant,
        effect: i64,
        created_at: Instant,
    ) -> Result<(), MailError> {
        let name = format!("outbox-{effect}-{}", created_at.0);
        let (folder, tenant) = (self.folder.clone(), tenant.clone());
        // Should making it panic, then this letter fails and not the job.
        let sent = tokio::task::spawn_blocking(move || {
            let message = message(letter, &tenant, &name, created_at)?;
            write(&folder, &name, &message.formatted()).map_err(MailError::from)
        });
        sent.await.map_err(|_| MailError::Interrupted)?
    }
}

fn message(letter: Letter, tenant: &Tenant, name: &str, created_at: Instant) -> Result<Message, MailError> {
    let host = host_name(&tenant.host);
    let at = SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(created_at.0).unwrap_or_default());
    let message = Message::builder()
        .from(Mailbox::new(Some(one_line(&tenant.profile.brand)), format!("noreply@{host}").parse()?))
        .to(Mailbox::new(Some(one_line(&letter.name)), letter.address.parse()?))
        .subject(one_line(&letter.subject))
        .message_id(Some(format!("<{name}@{host}>")))
        .date(at)
        .header(ContentType::TEXT_PLAIN)
        .body(letter.text)?;
    Ok(message)
}

/// What goes into a header: `lettre` panics where a name has a line break.
fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

/// Writes a letter so that whoever reads the folder never sees half of one. It replaces the file that a server wrote
/// before it died. `lettre`'s own file transport gives each file a random name, and there would be two.
fn write(folder: &Path, name: &str, letter: &[u8]) -> io::Result<()> {
    let unfinished = folder.join(format!(".{name}.part"));
    let mut file = File::create(&unfinished)?;
    file.write_all(letter)?;
    file.sync_all()?;
    fs::rename(&unfinished, folder.join(format!("{name}.eml")))?;
    // The new name is on the disk before the database says that the letter went out.
    File::open(folder)?.sync_all()
}

/// The name without a port.
fn host_name(host: &str) -> &str {
    host.split_once(':').map_or(host, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use model::ids::AggregatorId;
    use model::territory::Aggregator;

    use super::*;

    fn mail_into(folder: &Path) -> Mail {
        Mail { folder: folder.to_owned(), public_url: "https://servizi.example.org".to_owned(), secure: true }
    }

    #[test]
    fn a_folder_that_cannot_be_written_into_is_refused_by_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let mail = mail_into(&folder.path().join("deep/letters"));
        mail.prepare().expect("it is made");
        assert_eq!(std::fs::read_dir(mail.folder()).expect("a folder").count(), 0, "nothing is left in it");
        let file = folder.path().join("file");
        std::fs::write(&file, "").expect("a file");
        let refused = mail_into(&file).prepare().expect_err("it is a file");
        assert!(refused.to_string().contains("MAIL"), "{refused}");
        // Where everybody may look and nobody may write, not even the superuser.
        let refused = mail_into(Path::new("/proc/self")).prepare().expect_err("nothing can be written there");
        assert!(refused.to_string().contains("MAIL"), "{refused}");
    }

    #[tokio::test]
    async fn a_name_with_line_breaks_adds_no_header() {
        let folder = tempfile::tempdir().expect("a folder");
        let injected = "Anna\r\nBcc: altri@example.org\r\n\r\nCiao";
        let profile = Aggregator { brand: injected.to_owned(), ..Aggregator::default() };
        let tenant = Tenant { id: AggregatorId(1), host: "servizi.example.org".to_owned(), profile };
        let letter = Letter {
            name: injected.to_owned(),
            address: "sindaco@example.org".to_owned(),
            subject: injected.to_owned(),
            text: "Buongiorno\n".to_owned(),
        };
        let sent = mail_into(folder.path()).send(letter, &tenant, 1, Instant(0)).await;
        sent.expect("it is written");
        let file = std::fs::read_dir(folder.path()).expect("a folder").next().expect("one").expect("a file");
        let text = std::fs::read_to_string(file.path()).expect("a letter");
        let (head, body) = text.split_once("\r\n\r\n").expect("head and body");
        assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{text}");
        assert_eq!(body.trim_end(), "Buongiorno", "{text}");
    }
}
