//! *Registro dei crediti*: the entries of an account as they are chained, and the check that finds what was altered.
//!
//! The check needs nothing but the ledger itself, so that a body can do it with its own copy. The hash is given to
//! it: this crate computes none.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::api::from_value;
use crate::calendar::{Day, Instant};
use crate::credits::{Account, Credits, EntryKind};
use crate::ids::{AccountId, BodyId, CallId, EntryId, PersonId, RequestId, ServiceCode, SubmissionId};

/// *Movimento*, with all that its hash covers but its place in the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Entry {
    pub account: AccountId,
    pub kind: EntryKind,
    /// As the kind says; negative only for a correction.
    pub amount: Credits,
    pub at: Instant,
    /// Who: a number that stands for a person. None for the system.
    pub actor: Option<PersonId>,
    /// ` rule:` and a version where an assignment rule made the entry; where a person wrote it, the hash of the note that
    /// stands beside the entry (in entries of an earlier version the text itself).
    pub reason: String,
    pub service: Option<ServiceCode>,
    pub request: Option<RequestId>,
    pub submission: Option<SubmissionId>,
    /// The entry that this one resolves.
    pub settles: Option<EntryId>,
}

/// Begins the reason of an entry whose note stands beside it: then follows a hash, in hexadecimal.
pub const SEALED: &str = "sha256:";

/// Whether the reason of an entry is the hash of a note: a person wrote it.
pub fn is_sealed(reason: &str) -> bool {
    let hash = reason.strip_prefix(SEALED);
    hash.is_some_and(|hash| hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// What a person wrote as the reason of an entry, kept beside it, so that it can be taken out without breaking the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Note {
    /// Made at random: without it nobody can find the text by trying.
    pub salt: String,
    pub text: String,
}

/// An entry in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Recorded {
    pub id: EntryId,
    /// 1 and up, without gaps, within the account.
    pub sequence: i64,
    #[serde(flatten)]
    pub entry: Entry,
    /// Who proposed it, where another person, the entry's actor, confirmed it. Not covered by the hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposer: Option<PersonId>,
    /// What the reason is the hash of: `sha256:` and, in hexadecimal, the SHA-256 over the JSON array of salt and text.
    /// None where the reason stands in the entry itself, where there is none, and where it was taken out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Note>,
    /// SHA-256 in hexadecimal over the JSON array of: the hash before (empty for the first), account, sequence,
    /// kind, amount, instant in milliseconds since 1970 (UTC), actor, reason, service, request, submission and the
    /// entry that it resolves; null for what is none.
    pub hash: String,
}

/// *Conto* of a body in a call, with its entries from the first to the last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Book {
    pub account: AccountId,
    pub body: BodyId,
    pub call: CallId,
    /// What the account says of itself: it must be what its entries add up to.
    pub numbers: Account,
    /// Sequence and hash of the last entry; 0 and empty before the first.
    pub sequence: i64,
    pub last_hash: String,
    pub entries: Vec<Recorded>,
}

/// What is wrong with a ledger, at the first entry that shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LedgerFault {
    pub account: AccountId,
    /// None where it concerns the whole account.
    pub sequence: Option<i64>,
    #[serde(flatten)]
    pub what: Wrong,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[cfg_attr(not(target_arch = "wasm32"), serde(tag = "wrong"))]
#[cfg_attr(target_arch = "wasm32", serde(rename = "tag:wrong"))]
pub enum Wrong {
    /// Another sequence stands where this one is due.
    Missing,
    /// The hash does not follow from the entry and the one before it.
    Altered,
    /// The account knows a later, or another, last entry.
    Cut { last: i64 },
    /// A number of the account would be below zero.
    Overdrawn,
    /// What it resolves is not there, of another kind, request or amount, or was resolved already.
    Settlement,
    /// The account's numbers are not the sums of its entries.
    Sums { counted: Account },
    /// What the account pledges is not what the submission that waits renounced.
    Pledged { counted: Credits },
    /// It is of a kind that there is none of.
    Unreadable,
    /// The state of a request asks for another last entry.
    Request { request: RequestId },
    /// It is not what was published as the account's last entry on that day.
    Anchored { day: Day },
}

impl<'de> Deserialize<'de> for LedgerFault {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Place {
            account: AccountId,
            sequence: Option<i64>,
        }
        let value = Value::deserialize(deserializer)?;
        let place: Option<Place> = from_value(value.clone());
        let (place, what) = place.zip(from_value(value)).ok_or_else(|| D::Error::custom("no known fault"))?;
        Ok(Self { account: place.account, sequence: place.sequence, what })
    }
}

impl fmt::Display for LedgerFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "account {}", self.account)?;
        if let Some(sequence) = self.sequence {
            write!(f, ", entry {sequence}")?;
        }
        match &self.what {
            Wrong::Missing => f.write_str(": it is missing"),
            Wrong::Altered => {
                f.write_str(": its hash does not follow from what it says and from the entry before it")
            }
            Wrong::Cut { last } => {
                write!(
                    f,
                    ": it should be the last, and the account knows one with the number {last} and another hash"
                )
            }
            Wrong::Overdrawn => f.write_str(": it takes more than there is"),
            Wrong::Settlement => {
                f.write_str(": what it resolves is not there, does not fit, or was resolved before")
            }
            Wrong::Sums { counted: Account { granted, held, spent, .. } } => write!(
                f,
                ": its entries add up to {granted} granted, {held} held and {spent} spent, and it says otherwise"
            ),
            Wrong::Pledged { counted } => {
                write!(f, ": the submission that waits renounced {counted}, and it pledges otherwise")
            }
            Wrong::Unreadable => f.write_str(": its kind is none that there is"),
            Wrong::Request { request } => {
                write!(f, ": the last entry of request {request} does not fit the state of the request")
            }
            Wrong::Anchored { day } => {
                write!(f, ": it is not there, or not what was published as the last entry on {day}")
            }
        }
    }
}

/// The last entry of an account, as it was published on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Tip {
    pub account: AccountId,
    pub sequence: i64,
    pub hash: String,
    /// SHA-256 in hexadecimal over the JSON array of the first entry's hash, body and call: whose account it is, for who
    /// has its first entry. None in anchors of an earlier version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

/// *Impronta del giorno*: the last entry of each account on a day. Published, it lets anybody find a tail that was
/// cut off later, and a chain that was made anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    /// Name of the aggregator.
    pub aggregator: String,
    pub day: Day,
    pub at: Instant,
    /// By account; those without an entry are left out.
    pub tips: Vec<Tip>,
}

/// The hash of an entry: after the hash before it, at its sequence.
pub type Chain = fn(&str, i64, &Entry) -> String;

/// The reason that an entry has for a note.
pub type Seal = fn(&Note) -> String;

/// The hash of whose account it is: after the hash of its first entry.
pub type Place = fn(&str, BodyId, CallId) -> String;

impl Book {
    /// The first entry that can't be, or what the account says against its entries.
    ///
    /// # Errors
    /// The first fault.
    pub fn check(&self, chain: Chain) -> Result<(), LedgerFault> {
        let mut before = "";
        let mut counted = Account::default();
        let mut open = Open::default();
        for (due, recorded) in (1..).zip(&self.entries) {
            let wrong = |what| Err(LedgerFault { account: self.account, sequence: Some(due), what });
            if recorded.sequence != due {
                return wrong(Wrong::Missing);
            }
            let own = recorded.entry.account == self.account;
            if !own || recorded.hash != chain(before, due, &recorded.entry) {
                return wrong(Wrong::Altered);
            }
            if !open.take(recorded) {
                return wrong(Wrong::Settlement);
            }
            counted = add(counted, &recorded.entry);
            if counted.available().min(counted.granted).min(counted.held).min(counted.spent) < 0 {
                return wrong(Wrong::Overdrawn);
            }
            before = &recorded.hash;
        }
        self.check_end(before, counted)
    }

    /// Whether each note is the one that its entry was made with.
    ///
    /// # Errors
    /// The first that is not.
    pub fn check_notes(&self, seal: Seal) -> Result<(), LedgerFault> {
        let is_own = |recorded: &&Recorded| {
            recorded.note.as_ref().is_none_or(|note| seal(note) == recorded.entry.reason)
        };
        match self.entries.iter().find(|recorded| !is_own(recorded)) {
            None => Ok(()),
            Some(recorded) => Err(LedgerFault {
                account: self.account,
                sequence: Some(recorded.sequence),
                what: Wrong::Altered,
            }),
        }
    }

    /// Whether the account still holds what an anchor published of it; false where it published nothing.
    ///
    /// # Errors
    /// The entry that is not there any more, or not as it was; or the account, where it is another body's now.
    pub fn check_anchor(&self, anchor: &Anchor, place: Place) -> Result<bool, LedgerFault> {
        let Some(tip) = anchor.tips.iter().find(|tip| tip.account == self.account) else {
            return Ok(false);
        };
        let what = Wrong::Anchored { day: anchor.day };
        let at = tip.sequence.checked_sub(1).and_then(|at| usize::try_from(at).ok());
        let held = at.and_then(|at| self.entries.get(at)).is_some_and(|recorded| recorded.hash == tip.hash);
        let first = self.entries.first().map_or("", |recorded| &recorded.hash);
        let elsewhere = tip.place.as_ref().is_some_and(|known| *known != place(first, self.body, self.call));
        if held && !elsewhere {
            return Ok(true);
        }
        Err(LedgerFault { account: self.account, sequence: (!held).then_some(tip.sequence), what })
    }

    /// Whether the account pledges what those of its submissions renounced that wait to be authorised.
    ///
    /// # Errors
    /// That it does not.
    pub fn check_pledged(&self, waits: impl Fn(SubmissionId) -> bool) -> Result<(), LedgerFault> {
        let renounced = self
            .entries
            .iter()
            .map(|recorded| &recorded.entry)
            .filter(|entry| entry.kind == EntryKind::Renounce && entry.submission.is_some_and(&waits));
        let counted = renounced.fold(0, |sum: Credits, entry| sum.saturating_add(entry.amount));
        if counted == self.numbers.pledged {
            return Ok(());
        }
        Err(LedgerFault { account: self.account, sequence: None, what: Wrong::Pledged { counted } })
    }

    fn check_end(&self, last_hash: &str, counted: Account) -> Result<(), LedgerFault> {
        let last = i64::try_from(self.entries.len()).unwrap_or(i64::MAX);
        let wrong = |sequence, what| Err(LedgerFault { account: self.account, sequence, what });
        if (last, last_hash) != (self.sequence, &*self.last_hash) {
            return wrong(Some(last), Wrong::Cut { last: self.sequence });
        }
        let same = |a: Account, b: Account| (a.granted, a.held, a.spent) == (b.granted, b.held, b.spent);
        if !same(counted, self.numbers) {
            return wrong(None, Wrong::Sums { counted });
        }
        Ok(())
    }
}

fn add(account: Account, entry: &Entry) -> Account {
    let effect = entry.kind.effect(entry.amount);
    Account {
        granted: account.granted.saturating_add(effect.granted),
        held: account.held.saturating_add(effect.held),
        spent: account.spent.saturating_add(effect.spent),
        pledged: 0,
    }
}

/// The entries that others resolve, and by which kind they were: each at most once, so that what is held is always
/// the sum of the holds that are open.
#[derive(Default)]
struct Open<'b>(BTreeMap<EntryId, (&'b Entry, Option<EntryKind>)>);

impl<'b> Open<'b> {
    /// Notes an entry; false when it resolves what it can't.
    fn take(&mut self, recorded: &'b Recorded) -> bool {
        let entry = &recorded.entry;
        if matches!(entry.kind, EntryKind::Hold | EntryKind::Renounce) {
            let first = self.0.insert(recorded.id, (entry, None)).is_none();
            return first && entry.settles.is_none();
        }
        let (resolves, after) = match entry.kind {
            EntryKind::Spend | EntryKind::Release => (EntryKind::Hold, None),
            EntryKind::Refund => (EntryKind::Hold, Some(EntryKind::Spend)),
            EntryKind::Reinstate => (EntryKind::Renounce, None),
            _ => return entry.settles.is_none(),
        };
        let Some((opened, settled)) = entry.settles.and_then(|id| self.0.get_mut(&id)) else {
            return false;
        };
        let fits = opened.kind == resolves
            && *settled == after
            && (opened.amount, opened.request) == (entry.amount, entry.request);
        *settled = Some(entry.kind);
        fits
    }
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
