//! *Quadro dell'avviso*: the call and its bodies, and what an administrator does with them.

use serde::{Deserialize, Serialize};

use super::bodies::CallWindow;
use super::credits::ClockDoubt;
use super::credits::proposals::MoveOutcome;
use super::people::BodyRef;
use super::{FieldError, FieldErrorKind, MOST_LINE, MOST_TEXT, in_range, needed_text, operation, short_text};
use crate::assignment::{Band, Modifier, Rule};
use crate::calendar::{Day, Instant};
use crate::calls::{Authorisation, CallStatus, Leftovers, Reopening};
use crate::catalogue::{HighRange, ServiceRef};
use crate::credits::{Account, Credits, MOST_CREDITS};
use crate::ids::{BodyId, CallId, PackageCode};
use crate::requests::State;

mod rule;

pub use rule::{Assign, AssignmentLine, AssignmentOutcome, AssignmentReport, RuleEffect};

/// How far a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// *Da assegnare*: a person must decide.
    Unassigned,
    /// *Non iniziato*
    NotStarted,
    /// *In composizione*
    Composing,
    /// *Da autorizzare*
    AwaitingAuthorisation,
    /// *Inviato*
    Submitted,
}

impl Progress {
    pub const ALL: [Self; 5] =
        [Self::Unassigned, Self::NotStarted, Self::Composing, Self::AwaitingAuthorisation, Self::Submitted];
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BoardRow {
    pub body: BodyRef,
    /// In the other language; empty where there is none.
    pub other_name: String,
    pub istat: String,
    pub cadastral: String,
    pub population: Option<u32>,
    pub band: Option<Band>,
    pub package_name: String,
    pub account: Option<Account>,
    /// High-interactivity services in the result as it stands.
    pub high: u32,
    pub progress: Progress,
    /// The body's closing instant, and whether it was extended.
    pub closes: Instant,
    pub extended: bool,
    /// Requests past their due date.
    pub overdue: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProgressCount {
    pub progress: Progress,
    pub bodies: u32,
}

/// A package by its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PackageRef {
    pub code: PackageCode,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Board {
    pub call: CallWindow,
    pub counts: Vec<ProgressCount>,
    /// Over all the bodies of the call.
    pub totals: Account,
    pub rows: Vec<BoardRow>,
    /// For a manual assignment.
    pub packages: Vec<PackageRef>,
    /// The caller may extend and assign.
    pub may_act: bool,
    /// Proposals of others that wait for the caller; 0 for who may not confirm any.
    pub proposals: u32,
    /// For administrators: what is decided by time waits for an operator.
    pub clock_doubt: Option<ClockDoubt>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BoardOrder {
    #[default]
    Name,
    Population,
    Progress,
    Available,
    Late,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReadBoard {
    #[serde(default)]
    pub order: BoardOrder,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<Progress>,
}
operation!(ReadBoard, Get "/board", ReadBoard -> Board);

/// What a municipality has of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", tag = "cell", content = "state")]
pub enum Cell {
    /// Neither given nor asked.
    Nothing,
    /// *Assegnato*: in its package, not yet sent.
    Assigned,
    /// *Tolto*
    Dropped,
    /// Asked for, or live.
    Request(State),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MatrixRow {
    pub body: BodyRef,
    /// In the order of `services`.
    pub cells: Vec<Cell>,
}

/// The executive project: who gets what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Matrix {
    pub call_title: String,
    pub services: Vec<ServiceRef>,
    pub rows: Vec<MatrixRow>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReadMatrix {}
operation!(ReadMatrix, Get "/board/matrix", ReadMatrix -> Matrix);

/// *Proroga* of one body.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ExtendBody {
    pub body: BodyId,
    /// The last day, to its last second in Italy.
    #[serde(default)]
    pub until: Option<Day>,
    #[serde(default)]
    pub reason: String,
}
operation!(ExtendBody, Post "/bodies/{body}/extension", ExtendBody of body -> CallWindow, |o| {
    [
        o.until.is_none().then(|| FieldError::new("until", FieldErrorKind::Missing)),
        needed_text("reason", &o.reason, MOST_TEXT),
    ].into_iter().flatten().collect()
});

/// *Assegnazione manuale*
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AssignByHand {
    pub body: BodyId,
    #[serde(default)]
    pub package: PackageCode,
    /// 0 to 10,000.
    #[serde(default)]
    pub credits: Credits,
    /// The credits granted that were seen, 0 where the body has no account yet: where they have changed it is a conflict.
    pub seen: Credits,
    /// The code of the package that was seen, empty where the body had none: likewise.
    pub seen_package: PackageCode,
    #[serde(default)]
    pub reason: String,
}
operation!(AssignByHand, Post "/bodies/{body}/assignment", AssignByHand of body -> MoveOutcome, |o| {
    [
        needed_text("package", &o.package.0, 80),
        in_range("credits", o.credits, 0, MOST_CREDITS),
        short_text("seen_package", &o.seen_package.0, 80),
        needed_text("reason", &o.reason, MOST_TEXT),
    ].into_iter().flatten().collect()
});

/// *Assegnazione aggiuntiva*
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GrantExtra {
    pub body: BodyId,
    /// 1 to 10,000.
    #[serde(default)]
    pub credits: Credits,
    /// The credits granted that were seen: where they have changed it is a conflict. Who adds without having looked leaves
    /// it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Credits>,
    #[serde(default)]
    pub reason: String,
}
operation!(GrantExtra, Post "/bodies/{body}/grants", GrantExtra of body -> MoveOutcome, |o| {
    [in_range("credits", o.credits, 1, MOST_CREDITS), needed_text("reason", &o.reason, MOST_TEXT)]
        .into_iter().flatten().collect()
});

/// Which way a correction goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// *Aggiungi*
    Add,
    /// *Togli*
    Remove,
}

/// *Rettifica* of the credits granted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProposeCorrection {
    pub body: BodyId,
    #[serde(default)]
    pub direction: Option<Direction>,
    /// 1 to 10,000.
    #[serde(default)]
    pub credits: Credits,
    /// As in an extra grant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Credits>,
    #[serde(default)]
    pub reason: String,
}
operation!(ProposeCorrection, Post "/bodies/{body}/corrections", ProposeCorrection of body -> MoveOutcome, |o| {
    [
        o.direction.is_none().then(|| FieldError::new("direction", FieldErrorKind::Missing)),
        in_range("credits", o.credits, 1, MOST_CREDITS),
        needed_text("reason", &o.reason, MOST_TEXT),
    ].into_iter().flatten().collect()
});

impl ProposeCorrection {
    /// By the change as a number: negative takes away.
    pub fn by(body: BodyId, change: Credits, reason: impl Into<String>) -> Self {
        let direction = Some(if change < 0 { Direction::Remove } else { Direction::Add });
        Self { body, direction, credits: change.saturating_abs(), seen: None, reason: reason.into() }
    }

    /// The change of the credits granted.
    pub fn change(&self) -> Credits {
        match self.direction {
            Some(Direction::Remove) => self.credits.saturating_neg(),
            Some(Direction::Add) | None => self.credits,
        }
    }
}

/// *Avviso*, as an administrator writes it; also the file of `server call create`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateCall {
    pub title: String,
    pub opens: Instant,
    pub closes: Instant,
    #[serde(flatten)]
    pub terms: CallTerms,
}
operation!(CreateCall, Post "/calls", RunCall -> Call, |o| {
    let mut faults = o.terms.faults();
    faults.extend(needed_text("title", &o.title, MOST_LINE));
    faults.extend((o.closes <= o.opens).then(|| {
        FieldError::new("closes", FieldErrorKind::NotAfter { day: o.opens.day_in_rome() })
    }));
    faults
});

/// What a call lays down, but for its title and time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CallTerms {
    /// High-interactivity services that a body's result has at least.
    pub minimum: u32,
    /// … and at most.
    pub maximum: u32,
    pub authorisation: Authorisation,
    pub leftovers: Leftovers,
    /// What moves credits by hand, or the value of packages, above it, in sum for a body, needs two people. 0 to 10,000; an
    /// administrator may give a new call at most that of the newest call that is not in preparation, or 10 where that is
    /// less. `server call create` gives any.
    pub correction_threshold: Credits,
    #[serde(rename = "band")]
    pub bands: Vec<Band>,
    #[serde(rename = "modifier", default)]
    pub modifiers: Vec<Modifier>,
}

impl CallTerms {
    pub fn high(&self) -> HighRange {
        HighRange { minimum: self.minimum, maximum: self.maximum }
    }

    /// What is wrong with the terms by themselves; what they name is judged against the catalogue.
    fn faults(&self) -> Vec<FieldError> {
        let limit = match self.authorisation {
            Authorisation::Above(limit) => limit,
            Authorisation::Always | Authorisation::Never => 0,
        };
        [
            in_range("minimum", self.minimum.into(), 0, self.maximum.into()),
            in_range("correction_threshold", self.correction_threshold, 0, MOST_CREDITS),
            in_range("authorisation", limit, 0, MOST_CREDITS),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Call {
    pub id: CallId,
    pub title: String,
    pub status: CallStatus,
    pub opens: Instant,
    pub closes: Instant,
    /// When it was last opened again after its closing, and why.
    pub reopened: Option<Reopening>,
    pub terms: CallTerms,
    /// Of the assignment rule.
    pub rule_version: u32,
}

impl Call {
    /// The assignment rule in force.
    pub fn rule(&self) -> Rule {
        let CallTerms { bands, modifiers, .. } = self.terms.clone();
        Rule { version: self.rule_version, bands, modifiers }
    }
}

macro_rules! on_call {
    ($($(#[$doc:meta])* $name:ident, $path:literal -> $answer:ty { $($(#[$fdoc:meta])* $field:ident: $kind:ty),* };)+) => { $(
        $(#[$doc])*
        #[derive(Clone, Debug, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            pub call: CallId,
            $($(#[$fdoc])* pub $field: $kind,)*
        }
        operation!($name, Post $path, RunCall -> $answer);
    )+ };
}

on_call! {
    /// *Apri l'avviso*
    OpenCall, "/calls/{call}/open" -> Call {};
    /// *Proroga l'avviso* for every body, while it is neither closed nor past its closing instant.
    ExtendCall, "/calls/{call}/extend" -> Call { until: Instant };
    /// *Chiudi l'avviso* now.
    CloseCall, "/calls/{call}/close" -> Call {};
    /// *Archivia*: leftovers expire, and proposals that wait are withdrawn; refused while anything is held.
    ArchiveCall, "/calls/{call}/archive" -> Call {};
    /// A new version of the assignment rule, for bodies that made no choice yet.
    ReviseRule, "/calls/{call}/rule" -> Call { bands: Vec<Band>, modifiers: Vec<Modifier> };
}

/// *Riapri l'avviso*: a closed call is open again until a later instant, for a reason that every body reads.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReopenCall {
    pub call: CallId,
    pub until: Instant,
    #[serde(default)]
    pub reason: String,
}
operation!(ReopenCall, Post "/calls/{call}/reopen", RunCall -> ReopenedCall, |o| {
    needed_text("reason", &o.reason, MOST_TEXT).into_iter().collect()
});

/// A call that was opened again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReopenedCall {
    pub call: Call,
    /// Bodies whose package was kept by silence when it closed. What was kept stays as it is; they may add services.
    pub kept_by_silence: u32,
}
