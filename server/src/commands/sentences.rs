//! Problems as the sentences of the command line. What people read on the pages stands in the locale files.

use crate::demo::DemoError;
use crate::encryption::EncryptionError;
use crate::mail::MailError;
use crate::passwords::HashError;
use crate::serve::ServeError;
use crate::settings::SettingError;

use model::api::{ApiError, FieldError, FieldErrorKind, Problem};
use model::calendar::Instant;
use model::refusals::Refusal;

/// Why it was not done.
pub fn problem(problem: &Problem) -> String {
    match problem {
        Problem::Refused(refusal) => refused(refusal),
        Problem::ApiError(ApiError::Faulty { faults }) => fields(faults),
        Problem::ApiError(ApiError::NotFound) => "There is no such thing here.".to_owned(),
        Problem::ApiError(ApiError::Conflict { .. }) => {
            "Something has changed in the meantime: nothing was done. Try again.".to_owned()
        }
        Problem::ApiError(ApiError::Unavailable) => {
            "The database did not take it: nothing was changed.".to_owned()
        }
        Problem::ApiError(_) => format!("It could not be done ({}).", code(problem)),
    }
}

/// Only the refusals that a command may meet have a sentence here; the others are told by their code.
fn refused(refusal: &Refusal) -> String {
    match refusal {
        Refusal::CallNotDraft => "The call is not in preparation: only such a call can be opened.".to_owned(),
        Refusal::AnotherCallOpen => "Another call is open: close it first.".to_owned(),
        Refusal::CallClosed => {
            "The call is not open. A closed one is opened again with “call reopen”.".to_owned()
        }
        Refusal::ClockInDoubt => {
            "This machine's clock is far from when it was last found right: see that it is right, then run \
             `server clock confirm`."
                .to_owned()
        }
        Refusal::CallNotClosed => {
            "The call is not closed: only a closed call can be archived or opened again.".to_owned()
        }
        Refusal::NotAnExtension { until } => format!(
            "The new closing instant must come after now and after the present one, {}.",
            instant(*until)
        ),
        Refusal::HoldsOpen { count } => format!(
            "{count} accounts, submissions or extensions of the call are still open: it can't be archived yet."
        ),
        other => format!("It was refused ({}).", code(&Problem::Refused(other.clone()))),
    }
}

/// The problem's code on the wire.
fn code(problem: &Problem) -> String {
    let document = serde_json::to_value(problem).unwrap_or_default();
    document["code"].as_str().unwrap_or("internal").to_owned()
}

/// What is wrong with what was given, one line a field.
pub fn fields(faults: &[FieldError]) -> String {
    let mut output: Vec<String> =
        faults.iter().map(|fault| format!("{}: {}.", fault.field, what(&fault.what))).collect();
    output.push("Nothing was changed.".to_owned());
    output.join("\n")
}

fn what(kind: &FieldErrorKind) -> String {
    match kind {
        FieldErrorKind::Missing => "it is missing".to_owned(),
        FieldErrorKind::TooShort { least } => format!("at least {least} characters are expected"),
        FieldErrorKind::TooLong { most } => format!("at most {most} characters are expected"),
        FieldErrorKind::OutOfRange { least, most } => format!("from {least} to {most} is expected"),
        FieldErrorKind::NotEmail => "an e-mail address is expected".to_owned(),
        FieldErrorKind::Unreadable { detail } => detail.clone(),
        FieldErrorKind::Unknown => "no such thing is known here".to_owned(),
        FieldErrorKind::NotAfter { day } => format!("it must come after {day}"),
        FieldErrorKind::NotBeyond { day } => format!("two years from today, {day}, are the most"),
        FieldErrorKind::ControlCharacter => "it holds a control character".to_owned(),
        FieldErrorKind::ReversedText => "it holds a character that changes the reading direction".to_owned(),
        FieldErrorKind::Common => "it is very common, or easy to guess".to_owned(),
        FieldErrorKind::OwnAddress => "the person's own e-mail address must not be in it".to_owned(),
        FieldErrorKind::OwnBody { name } => {
            format!("the name of the person's own body, {name}, must not be in it")
        }
    }
}

/// Day and hour on the clocks in Rome.
pub fn instant(at: Instant) -> String {
    let civil = at.civil_in_rome();
    format!("{} {:02}:{:02}:{:02}", civil.day, civil.hour, civil.minute, civil.second)
}

/// "1 body", "2 bodies".
pub fn counted(count: usize, one: &str, many: &str) -> String {
    let noun = if count == 1 { one } else { many };
    format!("{count} {noun}")
}

/// Here errors become sentences.
macro_rules! sentence_of {
    ($($error:ty),+ $(,)?) => { $(
        impl From<$error> for String {
            fn from(error: $error) -> Self {
                error.to_string()
            }
        }
    )+ };
}

sentence_of!(DemoError, EncryptionError, HashError, MailError, ServeError, SettingError);
