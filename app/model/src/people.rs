//! Who acts: persons, the roles they hold, and the caller of an operation.

use serde::{Deserialize, Serialize};

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
