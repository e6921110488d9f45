//! Letters: how one is made and sent. So far each is written into a folder; other ways come here.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use app::{Lang, link_to_submission};
use handlers::marketplace::Tenant;
use handlers::submissions::letter::AuthorisationLetter;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::{FileTransport, Message, Transport as _};
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
    File(#[from] lettre::transport::file::Error),
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

    /// Makes the folder where it is missing.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn prepare(&self) -> Result<(), String> {
        std::fs::create_dir_all(&self.folder).map_err(|error| {
            let folder = self.folder.display();
            format!("The folder of the letters, {folder}, can't be used: {error}. MAIL names another.")
        })
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

    /// Sends a letter. Sent twice for the same effect it has the same Message-ID, by which the second one is known.
    ///
    /// # Errors
    /// Why it can't be sent now.
    pub async fn send(
        &self,
        letter: Letter,
        tenant: &Tenant,
        effect: i64,
        now: Instant,
    ) -> Result<(), MailError> {
        let host = host_name(&tenant.host);
        let from = Mailbox::new(Some(tenant.profile.brand.clone()), format!("noreply@{host}").parse()?);
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(now.0).unwrap_or_default());
        let message = Message::builder()
            .from(from)
            .to(Mailbox::new(Some(letter.name), letter.address.parse()?))
            .subject(letter.subject)
            .message_id(Some(format!("<outbox-{effect}@{host}>")))
            .date(at)
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text)?;
        let transport = FileTransport::new(&self.folder);
        let sent = tokio::task::spawn_blocking(move || transport.send(&message)).await;
        sent.map_err(|_| MailError::Interrupted)?.map(drop).map_err(MailError::from)
    }
}

/// The name without a port.
fn host_name(host: &str) -> &str {
    host.split_once(':').map_or(host, |(name, _)| name)
}
