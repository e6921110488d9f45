//! The outbox: a letter goes out when what it tells is stored, once, in order, and again after a failure.

use std::path::{Path, PathBuf};

use model::api::submissions::{SendBack, WithdrawSubmission};
use model::ids::SubmissionId;
use model::people::Role;
use server::jobs::{outbox, sweep};
use server::mail::Mail;
use server::settings::Settings;
use store::hashing::token;
use store::{Effect, LeasedEffect, OutboxRow, Transaction, UnitOfWork};

use crate::test_app::{OURS, TestApp, address, refused};

/// An app whose letters go to a folder.
struct Letters {
    app: TestApp,
    mail: Mail,
    // Removed when the story is over.
    _folder: tempfile::TempDir,
}

impl Letters {
    async fn begin() -> Self {
        let mut app = TestApp::new().await;
        app.deliver();
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("letters");
        std::fs::create_dir(&path).expect("the folder of the letters");
        Self { app, mail: mail_into(&path), _folder: folder }
    }

    async fn deliver(&self) {
        outbox::run(&self.app.marketplace, &self.mail).await;
    }

    /// The letters that went out, in the order of their names.
    fn sent(&self) -> Vec<String> {
        let Ok(files) = std::fs::read_dir(self.mail.folder()) else { return Vec::new() };
        let mut files: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
        files.sort();
        files.iter().map(|file| std::fs::read_to_string(file).expect("a letter")).collect()
    }

    async fn waiting(&self) -> Vec<OutboxRow> {
        let marketplace = &self.app.marketplace;
        let mut tx = marketplace.store.read(self.app.tenant(OURS).id).await.expect("it answers");
        tx.outbox(100).await.expect("the outbox is read")
    }

    /// Takes the folder away, so that nothing can be written.
    fn break_down(&self) {
        std::fs::remove_dir_all(self.mail.folder()).expect("the folder goes");
    }

    fn mend(&self) {
        std::fs::create_dir(self.mail.folder()).expect("the folder is back");
    }
}

pub fn mail_into(folder: &Path) -> Mail {
    let mail = format!("file:{}", folder.display());
    let settings = Settings::read(|name| match name {
        "MAIL" => Some(mail.clone()),
        "PUBLIC_URL" => Some("https://servizi.example.org".to_owned()),
        _ => None,
    });
    Mail::of(&settings.expect("good settings")).expect("letters go out")
}

fn header<'l>(letter: &'l str, name: &str) -> &'l str {
    let line = letter.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    line.unwrap_or_else(|| panic!("{name} in {letter}"))
}

#[tokio::test]
async fn the_mayor_gets_a_letter_when_a_submission_waits() {
    let letters = Letters::begin().await;
    let sent = letters.app.sent("Bellagio", &["tributi"], &[]).await;
    letters.deliver().await;
    let [letter] = &letters.sent()[..] else { panic!("one letter") };
    assert!(header(letter, "To").contains(&address(Role::Mayor, "Bellagio")), "{letter}");
    assert!(header(letter, "From").contains("noreply@"), "{letter}");
    assert!(header(letter, "Message-ID").starts_with("<outbox-"), "{letter}");
    let mut text = letter.replace("=\r\n", "");
    text = text.replace("\r\n", "\n");
    assert!(text.contains(&format!("https://servizi.example.org/pratiche/{}", sent.id)), "{text}");
    assert!(text.contains(&sent.number), "{text}");
    assert!(letters.waiting().await.is_empty());
    letters.deliver().await;
    assert_eq!(letters.sent().len(), 1, "once");
}

#[tokio::test]
async fn what_is_refused_leaves_no_letter() {
    let letters = Letters::begin().await;
    let (officer, body) = (letters.app.officer("Bellagio"), letters.app.body("Bellagio"));
    letters.app.sent("Bellagio", &["tributi"], &[]).await;
    assert_eq!(letters.waiting().await.len(), 1);
    assert_eq!(refused(officer.submit(body).await), "submission_waiting");
    assert_eq!(letters.waiting().await.len(), 1);
}

#[tokio::test]
async fn without_mail_nothing_is_kept_for_later() {
    let app = TestApp::new().await;
    app.sent("Bellagio", &["tributi"], &[]).await;
    let mut tx = app.marketplace.store.read(app.tenant(OURS).id).await.expect("it answers");
    assert!(tx.outbox(100).await.expect("read").is_empty());
}

#[tokio::test]
async fn nothing_is_written_about_what_was_authorised_meanwhile() {
    let letters = Letters::begin().await;
    letters.app.authorised("Bellagio", &["tributi"], &[]).await;
    assert_eq!(letters.waiting().await.len(), 1);
    letters.deliver().await;
    assert!(letters.sent().is_empty() && letters.waiting().await.is_empty());
}

#[tokio::test]
async fn nothing_is_written_about_what_was_sent_back_meanwhile() {
    let letters = Letters::begin().await;
    let sent = letters.app.sent("Bellagio", &["tributi"], &[]).await;
    let reason = "Prima la scuola".to_owned();
    letters.app.mayor("Bellagio").call(SendBack { submission: sent.id, reason }).await.expect("sent back");
    letters.deliver().await;
    assert!(letters.sent().is_empty() && letters.waiting().await.is_empty());
}

#[tokio::test]
async fn two_servers_deliver_it_once() {
    let letters = Letters::begin().await;
    for body in ["Bellagio", "Como"] {
        letters.app.sent(body, &["occupazione"], &[]).await;
    }
    let (one, other) = (letters.deliver(), letters.deliver());
    futures::join!(one, other, letters.deliver());
    assert_eq!(letters.sent().len(), 2);
    assert!(letters.waiting().await.is_empty());
}

#[tokio::test]
async fn a_letter_that_failed_is_tried_again_later_and_given_up_after_three_days() {
    let letters = Letters::begin().await;
    letters.app.sent("Bellagio", &["tributi"], &[]).await;
    letters.break_down();
    letters.deliver().await;
    let [waits] = &letters.waiting().await[..] else { panic!("it waits") };
    assert_eq!((waits.attempts, waits.given_up), (1, false));
    assert!(waits.error.starts_with("the letter can't be written"), "{}", waits.error);
    letters.deliver().await;
    assert_eq!(letters.waiting().await[0].attempts, 1, "not at once");
    letters.app.move_to("2026-03-02 10:00:13");
    letters.deliver().await;
    assert_eq!(letters.waiting().await[0].attempts, 2);
    letters.mend();
    letters.app.move_to("2026-03-02 10:01:00");
    letters.deliver().await;
    assert_eq!(letters.sent().len(), 1, "it is there when it can be");

    letters.app.sent("Como", &["occupazione"], &[]).await;
    letters.break_down();
    letters.deliver().await;
    letters.app.move_to("2026-03-05 10:02:00");
    letters.deliver().await;
    let [given_up] = &letters.waiting().await[..] else { panic!("one") };
    assert!(given_up.given_up && given_up.attempts == 2);
    let text = crate::metrics::metrics_text(&letters.app).await;
    assert!(text.contains("state=\"given_up\"} 1"), "{text}");
}

#[tokio::test]
async fn for_one_recipient_letters_go_in_order() {
    let letters = Letters::begin().await;
    let first = letters.app.sent("Bellagio", &["tributi"], &[]).await;
    letters.break_down();
    letters.deliver().await;
    let officer = letters.app.officer("Bellagio");
    officer.call(WithdrawSubmission { submission: first.id }).await.expect("withdrawn");
    officer.submit(letters.app.body("Bellagio")).await.expect("sent again");
    letters.mend();
    letters.deliver().await;
    assert!(letters.sent().is_empty(), "the second waits for the first, which waits to be tried again");
    letters.app.move_to("2026-03-02 10:00:13");
    letters.deliver().await;
    // The first is out of date by now.
    assert_eq!(letters.sent().len(), 1);
    assert!(letters.waiting().await.is_empty());
}

/// Takes what is due, and dies before it says how it ended.
#[derive(Clone)]
struct LeaseAndDie(model::calendar::Instant);

impl UnitOfWork for LeaseAndDie {
    type Answer = Vec<LeasedEffect>;

    async fn run(self, tx: &mut Transaction) -> Result<Self::Answer, model::api::Problem> {
        Ok(tx.lease_effects(&token(), self.0, self.0.plus_seconds(60)).await?)
    }
}

#[tokio::test]
async fn what_a_server_had_when_it_died_another_one_delivers_under_the_same_name() {
    let letters = Letters::begin().await;
    letters.app.sent("Bellagio", &["tributi"], &[]).await;
    let lease = LeaseAndDie(letters.app.now());
    let tenant = letters.app.tenant(OURS).id;
    let leased = letters.app.marketplace.write(tenant, lease).await.expect("leased");
    assert_eq!(leased.len(), 1);
    letters.deliver().await;
    assert!(letters.sent().is_empty(), "it is another one's");
    letters.app.move_to("2026-03-02 10:01:01");
    letters.deliver().await;
    let [letter] = &letters.sent()[..] else { panic!("one letter") };
    let name = format!("<outbox-{}-{}@", leased[0].id, leased[0].created_at.0);
    assert!(header(letter, "Message-ID").starts_with(&name), "{letter}");
}

#[tokio::test]
async fn a_letter_that_goes_out_again_after_a_crash_replaces_its_own_file() {
    let letters = Letters::begin().await;
    letters.app.sent("Bellagio", &["tributi"], &[]).await;
    letters.deliver().await;
    let first = letters.sent();
    // As a server leaves it that dies when the letter is written and its end is not noted.
    let leased_until = letters.app.now().plus_seconds(60).0;
    let died = format!(
        "UPDATE outbox SET settled_at = NULL, outcome = NULL, lease = 'died', leased_until = {leased_until}"
    );
    letters.app.database.raw().await.execute(&died).await;
    letters.app.move_to("2026-03-02 10:01:01");
    letters.deliver().await;
    assert!(letters.waiting().await.is_empty(), "it was delivered a second time");
    assert_eq!(letters.sent(), first, "one file, with the same Message-ID");
}

#[tokio::test]
async fn an_effect_that_this_version_cannot_read_holds_up_no_other_recipient() {
    let letters = Letters::begin().await;
    letters.app.sent("Bellagio", &["tributi"], &[]).await;
    letters.app.sent("Como", &["occupazione"], &[]).await;
    let of_newer_server = r#"{"kind":"of_a_newer_server","request":1}"#;
    for effect in [of_newer_server, r#"{"kind":"authorisation_needed"}"#, "cut off"] {
        let first =
            format!("UPDATE outbox SET effect = '{effect}', attempts = 0, due_at = created_at WHERE id = 1");
        letters.app.database.raw().await.execute(&first).await;
        letters.deliver().await;
        assert_eq!(letters.sent().len(), 1, "the letter to Como");
        let [waits] = &letters.waiting().await[..] else { panic!("one waits") };
        assert_eq!((waits.attempts, waits.given_up), (1, false), "{effect}: another server may deliver it");
    }
}

#[tokio::test]
async fn an_effect_whose_letter_cannot_be_read_holds_up_no_other_recipient() {
    let letters = Letters::begin().await;
    letters.app.sent("Bellagio", &["tributi"], &[]).await;
    letters.app.database.raw().await.execute("UPDATE submission SET body = 999999").await;
    letters.app.sent("Como", &["occupazione"], &[]).await;
    letters.deliver().await;
    assert_eq!(letters.sent().len(), 1, "the letter to Como");
    let [waits] = &letters.waiting().await[..] else { panic!("one waits") };
    assert!(waits.attempts == 1 && !waits.error.is_empty(), "{waits:?}");
    letters.app.move_to("2026-03-05 10:02:00");
    letters.deliver().await;
    assert!(letters.waiting().await[0].given_up);
}

#[tokio::test]
async fn a_message_id_is_not_used_again_when_old_letters_were_forgotten() {
    let letters = Letters::begin().await;
    letters.app.sent("Bellagio", &["tributi"], &[]).await;
    letters.deliver().await;
    let first = header(&letters.sent()[0], "Message-ID").to_owned();
    letters.app.move_to("2026-04-01 12:00:00");
    sweep::run(&letters.app.marketplace, 730).await;
    letters.app.sent("Como", &["occupazione"], &[]).await;
    letters.deliver().await;
    let sent = letters.sent();
    assert_eq!(sent.len(), 2);
    let same = sent.iter().filter(|letter| header(letter, "Message-ID") == first).count();
    assert_eq!(same, 1, "{sent:?}");
}

#[tokio::test]
async fn what_was_given_up_stays_until_an_operator_tries_it_again() {
    let letters = Letters::begin().await;
    letters.app.sent("Bellagio", &["tributi"], &[]).await;
    letters.break_down();
    letters.app.move_to("2026-03-05 10:02:00");
    letters.deliver().await;
    letters.app.move_to("2026-06-01 12:00:00");
    sweep::run(&letters.app.marketplace, 730).await;
    let [given_up] = &letters.waiting().await[..] else { panic!("it is there") };
    assert!(given_up.given_up);
}

#[tokio::test]
async fn what_went_out_is_forgotten_after_a_month() {
    let letters = Letters::begin().await;
    letters.app.sent("Bellagio", &["tributi"], &[]).await;
    letters.deliver().await;
    for (day, left) in [("2026-03-31 10:00:00", 1), ("2026-04-01 12:00:00", 0)] {
        letters.app.move_to(day);
        sweep::run(&letters.app.marketplace, 730).await;
        let rows = letters.app.database.raw().await.all::<(i64,)>("SELECT id FROM outbox").await;
        assert_eq!(rows.len(), left, "{day}");
    }
}

#[tokio::test]
async fn what_was_given_up_can_be_tried_again() {
    let letters = Letters::begin().await;
    let sent = letters.app.sent("Bellagio", &["tributi"], &[]).await;
    letters.break_down();
    letters.deliver().await;
    letters.app.move_to("2026-03-05 10:02:00");
    letters.deliver().await;
    let [row] = &letters.waiting().await[..] else { panic!("one") };
    assert_eq!(row.effect(), Effect::AuthorisationNeeded { submission: SubmissionId(sent.id.0) });
    letters.mend();
    let retry = Retry(row.id, letters.app.now());
    assert!(letters.app.marketplace.write(letters.app.tenant(OURS).id, retry).await.expect("written"));
    letters.deliver().await;
    assert_eq!(letters.sent().len(), 1);
}

#[derive(Clone)]
struct Retry(i64, model::calendar::Instant);

impl UnitOfWork for Retry {
    type Answer = bool;

    async fn run(self, tx: &mut Transaction) -> Result<bool, model::api::Problem> {
        Ok(tx.retry_effect(self.0, self.1).await?)
    }
}
