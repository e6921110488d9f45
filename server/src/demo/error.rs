//! Why a demonstration can't be made, or not be served.

use model::api::{ApiError, Problem};
use model::ids::ServiceCode;
use model::requests::Event;
use store::StoreError;

use crate::imports::ImportError;
use crate::passwords::HashError;

#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error("The database can't be read: {0}.")]
    Unreadable(#[from] StoreError),
    #[error("The database did not take the demonstration.")]
    Unavailable,
    #[error("The demonstration can't be made: {0:?}.")]
    Refused(Problem),
    #[error("{error} ({path})")]
    Operation {
        path: &'static str,
        #[source]
        error: Box<DemoError>,
    },
    #[error("{}", listed(.0))]
    Files(Vec<ImportError>),
    #[error(transparent)]
    Password(#[from] HashError),
    /// A step of the history.
    #[error("{body}, day {day}: {error}")]
    Step {
        body: String,
        day: i32,
        #[source]
        error: Box<DemoError>,
    },
    #[error("{file}: “{found}” is no hour.")]
    Hour { file: &'static str, found: String },
    #[error("The demonstration names {0}, which is no body.")]
    NoBody(String),
    #[error("The demonstration names {0}, who is nobody.")]
    Nobody(String),
    #[error("nothing waits for its authorisation")]
    NothingWaits,
    #[error("no request of {service} is ready for {event:?}")]
    NotReady { service: ServiceCode, event: Event },
    #[error("{0:?} is not told of one request")]
    NoSingleEvent(Event),
    #[error(
        "The demonstration in {0} was interrupted while it was made: name another database in DATABASE_URL, or move \
         this one away."
    )]
    Interrupted(String),
    #[error(
        "{0} holds the demonstration, whose passwords everybody knows: start it with DEMO=1, or name another database \
         in DATABASE_URL."
    )]
    InEarnest(String),
}

impl From<Problem> for DemoError {
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::ApiError(ApiError::Unavailable) => Self::Unavailable,
            problem => Self::Refused(problem),
        }
    }
}

impl From<ImportError> for DemoError {
    fn from(error: ImportError) -> Self {
        Self::Files(vec![error])
    }
}

impl From<Vec<ImportError>> for DemoError {
    fn from(errors: Vec<ImportError>) -> Self {
        Self::Files(errors)
    }
}

fn listed(errors: &[ImportError]) -> String {
    let lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
