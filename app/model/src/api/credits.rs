//! *Registro dei crediti*: the copy that a body keeps, the anchors that anybody may keep, and the check.

use serde::{Deserialize, Serialize};

use super::operation;
use super::people::BodyRef;
use crate::calendar::{Day, Instant};
use crate::ids::BodyId;
use crate::ledger::{Anchor, Book, LedgerFault};

pub mod proposals;

/// The ledger of a body: with it, `server verify-ledger` can tell on any machine whether it was altered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Ledger {
    /// Name of the aggregator.
    pub aggregator: String,
    pub body: BodyRef,
    pub at: Instant,
    /// One for each call that the body took part in, oldest first.
    pub books: Vec<Book>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReadLedger {
    pub body: BodyId,
}
operation!(ReadLedger, Get "/bodies/{body}/ledger", ListEntries of body -> Ledger);

/// An anchor in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AnchorRef {
    pub day: Day,
    pub accounts: u32,
    /// SHA-256 of the anchor's document, in hexadecimal.
    pub hash: String,
}

/// What the last check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LedgerCheck {
    pub at: Instant,
    pub accounts: u32,
    pub entries: i64,
    /// None where everything agrees.
    pub fault: Option<LedgerFault>,
}

/// Why nothing is decided by time: the server's clock is too far from when it was last found right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClockDoubt {
    pub now: Instant,
    /// When it was last found right.
    pub last: Instant,
}

/// *Registro dei crediti*, for anybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LedgerProof {
    /// Newest first, at most a month of them.
    pub anchors: Vec<AnchorRef>,
    /// For who may check.
    pub check: Option<LedgerCheck>,
    /// The server's time, for who may check, where it is earlier than that of the last check.
    pub clock_behind: Option<Instant>,
    /// For who may check: what is decided by time waits for an operator.
    pub clock_doubt: Option<ClockDoubt>,
    pub may_check: bool,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReadLedgerProof {}
operation!(ReadLedgerProof, Get "/ledger", ReadLedgerProof -> LedgerProof);

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReadAnchor {
    pub day: Day,
}
operation!(ReadAnchor, Get "/ledger/anchors/{day}", ReadLedgerProof -> Anchor);

/// *Verifica il registro* now: every account, from its first entry to its last.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CheckLedger {}
operation!(CheckLedger, Post "/ledger/check", CheckLedger -> LedgerCheck);
