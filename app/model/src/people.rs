//! Who acts: persons, the roles they hold, and the caller of an operation.

use serde::{Deserialize, Serialize};

use crate::calendar::Instant;
use crate::ids::{BodyId, PersonId};

/// *Ruolo*. The first two are held on a body, the others on the aggregator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// *Referente*
    Officer,
    /// *Sindaco*; commissioner, delegate and president of a Union hold the same.
    Mayor,
    /// *Operatore*
    Operator,
    /// *Facilitatore*, held on each body that is assigned to the person.
    Facilitator,
    /// *Amministratore*
    Administrator,
    /// *Osservatore*: reads all that is not personal.
    Observer,
}

impl Role {
    pub const ALL: [Self; 6] =
        [Self::Officer, Self::Mayor, Self::Operator, Self::Facilitator, Self::Administrator, Self::Observer];

    /// The name used in the database and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Officer => "officer",
            Self::Mayor => "mayor",
            Self::Operator => "operator",
            Self::Facilitator => "facilitator",
            Self::Administrator => "administrator",
            Self::Observer => "observer",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// Held on one body, and nothing outside it.
    pub fn is_of_body(self) -> bool {
        matches!(self, Self::Officer | Self::Mayor | Self::Facilitator)
    }
}

/// A role that is held now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RoleHeld {
    pub role: Role,
    /// The body it is held on; none for the roles on the aggregator.
    pub body: Option<BodyId>,
}

/// From when until when a role is held. The last instant is not part of it; without one the role does not end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    pub from: Instant,
    pub until: Option<Instant>,
}

impl Period {
    pub fn beginning(from: Instant) -> Self {
        Self { from, until: None }
    }

    fn end(self) -> i64 {
        self.until.map_or(i64::MAX, |until| until.0)
    }

    pub fn is_empty(self) -> bool {
        self.end() <= self.from.0
    }

    pub fn covers(self, other: Self) -> bool {
        self.from <= other.from && other.end() <= self.end()
    }

    /// The two overlap, or one begins where the other ends.
    pub fn meets(self, other: Self) -> bool {
        self.from.0 <= other.end() && other.from.0 <= self.end()
    }

    /// From the earlier beginning to the later end.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        let until = self.until.zip(other.until).map(|(one, two)| one.max(two));
        Self { from: self.from.min(other.from), until }
    }

    /// The same, but over at this instant. What has not begun by then never begins.
    #[must_use]
    pub fn ended(self, at: Instant) -> Self {
        let at = at.max(self.from);
        Self { from: self.from, until: Some(self.until.map_or(at, |until| until.min(at))) }
    }
}

/// Who calls an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Nobody is signed in.
    Nobody,
    Person {
        id: PersonId,
        roles: Vec<RoleHeld>,
    },
    /// The clock, and the command line of the machine's owner.
    System,
}

impl Caller {
    pub fn person(&self) -> Option<PersonId> {
        match self {
            Self::Person { id, .. } => Some(*id),
            Self::Nobody | Self::System => None,
        }
    }

    /// Holds this role: on `body` for the roles of a body, on the aggregator for the others.
    pub fn holds(&self, role: Role, body: Option<BodyId>) -> bool {
        match self {
            Self::Person { roles, .. } => roles.iter().any(|held| {
                held.role == role && (!role.is_of_body() || (held.body.is_some() && held.body == body))
            }),
            Self::Nobody | Self::System => false,
        }
    }

    /// Holds this role somewhere.
    pub fn holds_anywhere(&self, role: Role) -> bool {
        match self {
            Self::Person { roles, .. } => roles.iter().any(|held| held.role == role),
            Self::Nobody | Self::System => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(from: i64, until: impl Into<Option<i64>>) -> Period {
        Period { from: Instant(from), until: until.into().map(Instant) }
    }

    #[test]
    fn periods_that_meet_become_one_and_others_stay_apart() {
        let year = period(10, 20);
        assert!(year.covers(period(10, 20)) && year.covers(period(12, 15)) && period(0, None).covers(year));
        assert!(
            !year.covers(period(9, 20)) && !year.covers(period(10, 21)) && !year.covers(period(10, None))
        );
        for meeting in [period(15, 30), period(20, 30), period(0, 10), period(0, None)] {
            assert!(year.meets(meeting) && meeting.meets(year), "{meeting:?}");
        }
        assert!(!year.meets(period(21, 30)) && !year.meets(period(0, 9)));
        assert_eq!(year.with(period(15, 30)), period(10, 30));
        assert_eq!(year.with(period(0, 10)), period(0, 20));
        assert_eq!(year.with(period(15, None)), period(10, None));
    }

    #[test]
    fn a_period_that_is_ended_is_never_longer_than_it_was() {
        assert_eq!(period(10, None).ended(Instant(15)), period(10, 15));
        assert_eq!(period(10, 20).ended(Instant(15)), period(10, 15));
        assert_eq!(period(10, 20).ended(Instant(25)), period(10, 20));
        assert!(period(10, 20).ended(Instant(5)).is_empty(), "it never begins");
        assert!(!period(10, 20).is_empty() && !period(10, None).is_empty());
    }
}
