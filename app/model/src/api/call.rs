//! *Quadro dell'avviso*: the call and its bodies, and what an administrator does with them.

use serde::{Deserialize, Serialize};

use super::body::CallWindow;
use super::ledger::ClockDoubt;
use super::people::BodyRef;
use super::{Fault, FaultKind, MOST_LINE, MOST_TEXT, in_range, needed_text, operation};
use crate::assignment::{Assignment, Band, Modifier};
use crate::calendar::{Day, Instant};
use crate::calls::{Authorisation, CallStatus, Leftovers};
use crate::catalogue::{HighRange, ServiceRef};
use crate::credits::{Account, Credits, MOST_CREDITS};
use crate::ids::{BodyId, CallId, CorrectionId, PackageCode};
use crate::requests::State;

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
    pub istat: String,
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

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
operation!(ExtendBody, Post "/bodies/{body}/extension", ExtendBody -> CallWindow, |o| {
    [
        o.until.is_none().then(|| Fault::new("until", FaultKind::Missing)),
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
    #[serde(default)]
    pub reason: String,
}
operation!(AssignByHand, Post "/bodies/{body}/assignment", AssignByHand -> Assignment, |o| {
    [
        needed_text("package", &o.package.0, 80),
        in_range("credits", o.credits, 0, MOST_CREDITS),
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
    #[serde(default)]
    pub reason: String,
}
operation!(GrantExtra, Post "/bodies/{body}/grants", GrantExtra -> Account, |o| {
    [in_range("credits", o.credits, 1, MOST_CREDITS), needed_text("reason", &o.reason, MOST_TEXT)]
        .into_iter().flatten().collect()
});

/// *Proposta di rettifica*
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Correction {
    pub id: CorrectionId,
    pub body: BodyId,
    pub credits: Credits,
    pub reason: String,
    /// Done, or waiting for a second person.
    pub confirmed: bool,
}

/// *Rettifica*: up to the call's threshold done at once, above it only proposed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProposeCorrection {
    pub body: BodyId,
    /// −10,000 to 10,000, not 0.
    #[serde(default)]
    pub credits: Credits,
    #[serde(default)]
    pub reason: String,
}
operation!(ProposeCorrection, Post "/bodies/{body}/corrections", ProposeCorrection -> Correction, |o| {
    [
        (o.credits == 0).then(|| Fault::new("credits", FaultKind::Missing)),
        in_range("credits", o.credits, -MOST_CREDITS, MOST_CREDITS),
        needed_text("reason", &o.reason, MOST_TEXT),
    ].into_iter().flatten().collect()
});

/// *Conferma della rettifica*, by another person.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ConfirmCorrection {
    pub correction: CorrectionId,
}
operation!(
    ConfirmCorrection,
    Post "/corrections/{correction}/confirm",
    ConfirmCorrection -> Correction
);

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
        Fault::new("closes", FaultKind::NotAfter { day: o.opens.day_in_rome() })
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
    /// Corrections above it need two people. 0 to 10,000.
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
    fn faults(&self) -> Vec<Fault> {
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
    pub terms: CallTerms,
    /// Of the assignment rule.
    pub rule_version: u32,
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
    /// *Proroga l'avviso* for every body.
    ExtendCall, "/calls/{call}/extend" -> Call { until: Instant };
    /// *Chiudi l'avviso* now.
    CloseCall, "/calls/{call}/close" -> Call {};
    /// *Archivia*: leftovers expire; refused while anything is held.
    ArchiveCall, "/calls/{call}/archive" -> Call {};
    /// A new version of the assignment rule, for bodies that made no choice yet.
    ReviseRule, "/calls/{call}/rule" -> Call { bands: Vec<Band>, modifiers: Vec<Modifier> };
    /// *Assegna* by the rule.
    Assign, "/calls/{call}/assign" -> AssignmentReport {
        /// Say what would happen, and change nothing.
        dry_run: bool
    };
}

/// What an assignment did to one body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AssignmentOutcome {
    Assigned,
    Unchanged,
    /// A new version of the rule: the difference was written.
    Changed,
    /// Somebody chose: not touched.
    Kept,
    /// Left for a manual decision.
    PopulationUnknown,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AssignmentLine {
    pub body: BodyRef,
    pub outcome: AssignmentOutcome,
    pub package: Option<PackageCode>,
    /// What the rule gives.
    pub credits: Option<Credits>,
    /// What it gives less what the body has by assignment.
    pub difference: Credits,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AssignmentReport {
    pub dry_run: bool,
    pub lines: Vec<AssignmentLine>,
}
