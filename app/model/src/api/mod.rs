//! The API as types: an operation is a struct that knows its method, its path and its answer.
//!
//! The browser can't misroute it, the server can't answer it wrongly, and the tests, the access matrix and the
//! OpenAPI document walk the same list. Fields named in the path travel there, the others in the query or the body.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::access::Permission;
use crate::ids::{BodyId, ProposalId, RequestId, SubmissionId};
use crate::refusals::Refusal;
use crate::requests::State;
use crate::seen::Difference;

pub use decode::decode;
pub(crate) use decode::from_value;

pub mod baskets;
pub mod bodies;
pub mod calls;
pub mod catalogue;
pub mod credits;
mod decode;
pub mod people;
pub mod requests;
pub mod security;
pub mod submissions;

/// Read or change; the `http` crate would cost the browser six kilobytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
}

/// What an operation concerns. A permission is held on the body of that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// No body: everybody, or the aggregator itself.
    Nothing,
    Body(BodyId),
    Submission(SubmissionId),
    Request(RequestId),
    Proposal(ProposalId),
}

macro_rules! subjects {
    ($($kind:ident: $id:ty),+) => {
        $(impl From<$id> for Subject {
            fn from(id: $id) -> Self {
                Self::$kind(id)
            }
        })+
    };
}

subjects!(Body: BodyId, Submission: SubmissionId, Request: RequestId, Proposal: ProposalId);

impl From<Option<BodyId>> for Subject {
    fn from(body: Option<BodyId>) -> Self {
        body.map_or(Self::Nothing, Self::Body)
    }
}

/// One operation of the API.
pub trait Operation: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    const METHOD: Method;
    /// `/api/v1/…`, with `{field}` where a field travels in the path.
    const PATH: &'static str;
    const PERMISSION: Permission;
    type Answer: Clone + Serialize + DeserializeOwned + Send + Sync + 'static;

    /// The field that names what it concerns: a body, or something of a body; none where it concerns no body.
    const CONCERNS: Option<&'static str>;

    /// What it concerns: for the body of that the caller must hold the permission.
    fn subject(&self) -> Subject;

    /// Every fault of what was entered, all at once.
    fn faults(&self) -> Vec<FieldError> {
        Vec::new()
    }
}

/// States an operation in one line: its method and path, its permission, `of` the field that names what it concerns, its
/// answer, and what is wrong with its fields.
macro_rules! operation {
    ($name:ty, $method:ident $path:literal, $permission:ident $(of $field:ident)? -> $answer:ty) => {
        operation!($name, $method $path, $permission $(of $field)? -> $answer, |_operation| Vec::new());
    };
    (
        $name:ty, $method:ident $path:literal, $permission:ident $(of $field:ident)? -> $answer:ty,
        |$operation:ident| $faults:expr
    ) => {
        impl $crate::api::Operation for $name {
            const METHOD: $crate::api::Method = $crate::api::Method::$method;
            const PATH: &'static str = concat!("/api/v1", $path);
            const PERMISSION: $crate::access::Permission = $crate::access::Permission::$permission;
            type Answer = $answer;
            const CONCERNS: Option<&'static str> = [$(Some(stringify!($field)),)? None][0];
            fn subject(&self) -> $crate::api::Subject {
                // The last one that is named.
                #[allow(unused_mut, unused_assignments)]
                let mut subject = $crate::api::Subject::Nothing;
                $(subject = self.$field.into();)?
                subject
            }
            fn faults(&self) -> Vec<$crate::api::FieldError> {
                let $operation = self;
                $faults
            }
        }
    };
}
pub(crate) use operation;

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FieldError {
    pub field: String,
    #[serde(flatten)]
    pub what: FieldErrorKind,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[cfg_attr(not(target_arch = "wasm32"), serde(tag = "fault"))]
#[cfg_attr(target_arch = "wasm32", serde(rename = "tag:fault"))]
pub enum FieldErrorKind {
    Missing,
    TooShort {
        least: u32,
    },
    TooLong {
        most: u32,
    },
    OutOfRange {
        least: i64,
        most: i64,
    },
    NotEmail,
    /// Not of the expected form; `detail` is for programmers.
    Unreadable {
        detail: String,
    },
    Unknown,
    NotAfter {
        day: crate::calendar::Day,
    },
    /// Later than the last day that may be given.
    NotBeyond {
        day: crate::calendar::Day,
    },
    /// A control character; in a text of several lines line breaks and tabs are none.
    ControlCharacter,
    /// A character that changes the direction in which the text around it is read.
    ReversedText,
    /// A password that many have, or that follows a simple pattern.
    Common,
    /// A password with the person's own address in it.
    OwnAddress,
    /// A password with the name of a body of the person's in it.
    OwnBody {
        name: String,
    },
}

impl FieldError {
    pub fn new(field: &str, what: FieldErrorKind) -> Self {
        Self { field: field.to_owned(), what }
    }
}

/// Longest reason, message or note, in characters.
pub const MOST_TEXT: u32 = 2_000;
/// Longest single line, in characters.
pub const MOST_LINE: u32 = 200;

/// A text that must be there, of at most `most` characters.
pub fn needed_text(field: &str, text: &str, most: u32) -> Option<FieldError> {
    if text.trim().is_empty() {
        Some(FieldError::new(field, FieldErrorKind::Missing))
    } else {
        short_text(field, text, most)
    }
}

/// A text that may be empty, of at most `most` characters; of one line, where it may be no longer than one.
pub fn short_text(field: &str, text: &str, most: u32) -> Option<FieldError> {
    if most <= MOST_LINE && text.contains(char::is_control) {
        return Some(FieldError::new(field, FieldErrorKind::ControlCharacter));
    }
    let fits = text.chars().count() <= most as usize;
    (!fits).then(|| FieldError::new(field, FieldErrorKind::TooLong { most }))
}

/// The character that no text may hold, whatever the field: control characters but for line breaks and tabs, and
/// those by which a text could be shown in another order than it is stored.
pub fn unfit_character(text: &str) -> Option<FieldErrorKind> {
    text.chars().find_map(|character| match character {
        '\n' | '\t' => None,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => Some(FieldErrorKind::ReversedText),
        '\u{2028}' | '\u{2029}' => Some(FieldErrorKind::ControlCharacter),
        other => other.is_control().then_some(FieldErrorKind::ControlCharacter),
    })
}

/// A whole number within a range, ends included.
pub fn in_range(field: &str, number: i64, least: i64, most: i64) -> Option<FieldError> {
    let fits = (least..=most).contains(&number);
    (!fits).then(|| FieldError::new(field, FieldErrorKind::OutOfRange { least, most }))
}

/// Everything that may come back instead of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Problem {
    /// A rule of the marketplace says no.
    Refused(Refusal),
    ApiError(ApiError),
}

/// What goes wrong outside the rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[cfg_attr(not(target_arch = "wasm32"), serde(tag = "code"))]
#[cfg_attr(target_arch = "wasm32", serde(rename = "tag:code"))]
pub enum ApiError {
    Faulty {
        faults: Vec<FieldError>,
    },
    SignInNeeded,
    WrongCredentials,
    Forbidden,
    NotFound,
    /// Something changed since it was read: what, so that one can look again. Nothing was done.
    Conflict {
        // In the browser, what has changed is never put into words: the server brings the sentence with the page.
        #[cfg_attr(target_arch = "wasm32", serde(skip_deserializing))]
        changes: Vec<Difference>,
        state: Option<State>,
    },
    /// Each write carries an idempotency key of 8 to 80 characters.
    KeyMissing,
    /// The same key came with another content.
    KeyReused,
    /// Seconds to wait.
    TooMany {
        retry_after: u32,
    },
    CrossSite,
    TooLarge,
    /// Address, cookies and other headers together.
    HeadTooLarge,
    /// No marketplace has the host name that was asked for.
    HostUnknown,
    UnsupportedMedia,
    MethodNotAllowed,
    Unavailable,
    Internal,
    /// Said by the browser: the server did not answer.
    Unreachable,
}

impl<'de> Deserialize<'de> for FieldError {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let field = value.get("field").and_then(Value::as_str).map(str::to_owned);
        field
            .zip(from_value(value))
            .map(|(field, what)| Self { field, what })
            .ok_or_else(|| D::Error::custom("field"))
    }
}

impl<'de> Deserialize<'de> for Problem {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let refused = from_value(value.clone()).map(Self::Refused);
        refused
            .or_else(|| from_value(value).map(Self::ApiError))
            .ok_or_else(|| D::Error::custom("no known problem"))
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<ApiError> for Problem {
    fn from(trouble: ApiError) -> Self {
        Self::ApiError(trouble)
    }
}

impl Problem {
    /// Something has changed since it was read.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::ApiError(ApiError::Conflict { .. }))
    }

    pub fn faulty(fault: FieldError) -> Self {
        ApiError::Faulty { faults: vec![fault] }.into()
    }
}

/// An operation on its way: path and query, and the body as JSON.
pub struct Sent {
    pub method: Method,
    pub path: String,
    pub body: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Got {
    pub status: u16,
    pub body: String,
}

impl Got {
    /// The answer, or what came instead of it.
    ///
    /// # Errors
    /// The problem that the server told; `unreachable` where what came is neither.
    pub fn answer<A: DeserializeOwned>(&self) -> Result<A, Problem> {
        if self.is_answer() {
            decode(&self.body).ok_or_else(|| ApiError::Unreachable.into())
        } else {
            Err(self.problem())
        }
    }

    /// The fields of the answer by name; none where it is no object.
    pub fn fields(&self) -> Fields {
        match serde_json::from_str(&self.body) {
            Ok(Value::Object(fields)) => fields,
            _ => Fields::new(),
        }
    }

    /// What was asked for came.
    pub fn is_answer(&self) -> bool {
        (200..300).contains(&self.status)
    }

    fn problem(&self) -> Problem {
        decode(&self.body).unwrap_or_else(|| ApiError::Unreachable.into())
    }
}

pub type Sending = Pin<Box<dyn Future<Output = Result<Got, Problem>> + Send>>;

/// How an operation reaches the server: over the network from the browser, in the process when a page is rendered.
pub trait Transport: Send + Sync {
    fn send(&self, sent: Sent) -> Sending;
}

/// The one typed client of the API.
#[derive(Clone)]
pub struct Api(Arc<dyn Transport>);

impl Api {
    pub fn over(transport: impl Transport + 'static) -> Self {
        Self(Arc::new(transport))
    }

    pub async fn call<O: Operation>(&self, operation: O) -> Result<O::Answer, Problem> {
        self.send(encode(&operation)).await?.answer()
    }

    /// Sends what is encoded already, for who keeps the answer as it came.
    pub fn send(&self, sent: Sent) -> Sending {
        self.0.send(sent)
    }
}

pub type Fields = serde_json::Map<String, Value>;

/// The fields of an operation or an answer, by name.
pub fn fields(of: &impl Serialize) -> Fields {
    match serde_json::to_value(of) {
        Ok(Value::Object(fields)) => fields,
        _ => Fields::new(),
    }
}

/// Path, query and body of an operation.
pub fn encode<O: Operation>(operation: &O) -> Sent {
    let mut fields = fields(operation);
    let mut path = fill(O::PATH, &mut fields);
    let mut body = String::new();
    if O::METHOD == Method::Get {
        let query = query(&fields);
        if !query.is_empty() {
            path = format!("{path}?{query}");
        }
    } else {
        body = Value::Object(fields).to_string();
    }
    Sent { method: O::METHOD, path, body }
}

/// `/requests/{request}` with `request` taken out of the fields.
pub fn fill(path: &str, fields: &mut Fields) -> String {
    path.split('/')
        .map(|part| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(name) => fields.remove(name).map(|value| encoded(&plain(&value))).unwrap_or_default(),
            None => part.to_owned(),
        })
        .collect::<Vec<_>>()
        .join("/")
}

/// The path, if it is one of ours: it begins with one slash, and no trick leads elsewhere. A browser takes a backslash for
/// a slash, and reads over tabs and line breaks.
pub fn of_ours(path: &str) -> Option<&str> {
    let ours = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && !path.chars().any(char::is_control);
    ours.then_some(path)
}

/// Where a form leads when it is done: a path of ours, with what its parts in brackets name taken out of the answer. One
/// that names nothing leaves two slashes, which lead elsewhere at the beginning.
pub fn destination(path: &str, fields: &mut Fields) -> Option<String> {
    let path = fill(of_ours(path)?, fields);
    of_ours(&path).is_some().then_some(path)
}

/// Fields as a query: what is null or empty stays out.
pub fn query(fields: &Fields) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields {
        match value {
            Value::Array(values) => {
                query.extend_pairs(values.iter().map(|value| (name, plain(value))));
            }
            value if plain(value).is_empty() => {}
            value => {
                query.append_pair(name, &plain(value));
            }
        }
    }
    query.finish()
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(is) => is.to_string(),
        // Whole numbers only, as everywhere in the API: to write others would bring code and tables to the browser.
        Value::Number(number) => number.as_i64().map(|number| number.to_string()).unwrap_or_default(),
        Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
    }
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// What a page shows once after a form was sent without the browser's program: kept by the server under a cookie.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The page it is for: path without query.
    pub page: String,
    /// `PATH` of the operation that was sent.
    pub operation: String,
    /// The form among several of the same operation on one page: its `_form` field.
    pub form: String,
    /// What went wrong; none when it was done.
    pub problem: Option<Problem>,
    /// What was entered, when something went wrong: never a password.
    pub entered: Vec<(String, String)>,
    /// It was only proposed: another person must confirm it.
    #[serde(default)]
    pub proposed: bool,
}

/// Whether an answer says that something was only proposed, and not done.
pub fn only_proposed(answer: &Fields) -> bool {
    answer.get("outcome").is_some_and(|outcome| outcome == "waiting")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_hold_no_character_that_hides_or_reverses_what_is_written() {
        for good in ["", "Perché no?\n\tDue righe", "עברית e italiano", "a\u{200f}b", "👩\u{200d}💻"]
        {
            assert_eq!(unfit_character(good), None, "{good:?}");
        }
        for bad in ["a\0", "\u{1b}[31m", "a\rb", "\u{7f}", "\u{85}", "a\u{2028}b"] {
            assert_eq!(unfit_character(bad), Some(FieldErrorKind::ControlCharacter), "{bad:?}");
        }
        for bad in ["\u{202e}etnega", "\u{202a}", "\u{2066}x\u{2069}"] {
            assert_eq!(unfit_character(bad), Some(FieldErrorKind::ReversedText), "{bad:?}");
        }
    }

    #[test]
    fn one_line_is_one_line() {
        let told = |text, most| short_text("contact", text, most).map(|fault| fault.what);
        assert_eq!(told("Ufficio\ntributi", MOST_LINE), Some(FieldErrorKind::ControlCharacter));
        assert_eq!(told("Ufficio\ttributi", 60), Some(FieldErrorKind::ControlCharacter));
        assert_eq!(told("Ufficio\ntributi", MOST_TEXT), None);
    }
}
