//! Who is signed in, signing in and out, one's own profile.

use serde::{Deserialize, Serialize};

use super::{FieldError, FieldErrorKind, MOST_LINE, needed_text, operation};
use crate::calendar::Instant;
use crate::ids::{BodyId, PersonId};
use crate::people::Role;
use crate::territory::Aggregator;

/// A person as others see them: a role's name, never an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PersonRef {
    pub id: PersonId,
    /// "Referente, Comune di Bellagio"
    pub name: String,
}

/// A body by its name, for sentences and links.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BodyRef {
    pub id: BodyId,
    /// "Bellagio"
    pub name: String,
    /// "Comune di Bellagio"
    pub title: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RoleOn {
    pub role: Role,
    pub body: Option<BodyRef>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SignedIn {
    pub person: PersonRef,
    pub email: String,
    pub roles: Vec<RoleOn>,
    /// Tries with a wrong password between the sign-in before and the last one.
    pub failed_tries: u32,
    /// When the person had signed in before.
    pub signed_in_before: Option<Instant>,
}

impl SignedIn {
    pub fn holds(&self, role: Role) -> bool {
        self.roles.iter().any(|on| on.role == role)
    }

    pub fn holds_on(&self, role: Role, body: BodyId) -> bool {
        self.roles.iter().any(|on| on.role == role && on.body.as_ref().is_some_and(|on| on.id == body))
    }

    /// The bodies on which the person is officer or mayor, each once.
    pub fn bodies(&self) -> Vec<&BodyRef> {
        let mut bodies: Vec<&BodyRef> = Vec::new();
        for on in self.roles.iter().filter(|on| matches!(on.role, Role::Officer | Role::Mayor)) {
            if let Some(body) = on.body.as_ref().filter(|body| bodies.iter().all(|other| other.id != body.id))
            {
                bodies.push(body);
            }
        }
        bodies
    }
}

/// A role that a visitor of the demonstration can take with one click.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Persona {
    pub person: PersonId,
    pub name: String,
    pub role: Role,
    pub body: Option<BodyRef>,
}

/// Who looks, and at whose marketplace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Session {
    pub aggregator: Aggregator,
    pub signed_in: Option<SignedIn>,
    /// The person has just signed in: what is to be told of the tries before is told now.
    pub just_signed_in: bool,
    /// A demonstration, with its personas; empty in earnest.
    pub personas: Vec<Persona>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReadSession {}
operation!(ReadSession, Get "/session", ReadSession -> Session);

/// *Accedi*
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    #[serde(default)]
    pub email: String,
    #[serde(default)]
    pub password: String,
}
operation!(SignIn, Post "/session", SignIn -> SignedIn, |o| {
    [needed_text("email", &o.email, MOST_LINE), needed_text("password", &o.password, MOST_LINE)]
        .into_iter().flatten().collect()
});

/// *Entra come…*, in a demonstration only.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignInAsPersona {
    pub person: PersonId,
}
operation!(SignInAsPersona, Post "/session/persona", SignInAsPersona -> SignedIn);

/// *Esci*
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignOut {}
operation!(SignOut, Post "/session/end", SignOut -> Done);

/// The answer of what has nothing more to say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Done {}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReadProfile {}
operation!(ReadProfile, Get "/profile", ReadProfile -> SignedIn);

/// Shortest password, in characters.
pub const LEAST_PASSWORD: u32 = 12;

/// *Cambia password*; ends the person's other sessions.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    #[serde(default)]
    pub current_password: String,
    #[serde(default)]
    pub new_password: String,
}
operation!(ChangePassword, Post "/profile/password", ChangePassword -> Done, |o| {
    [
        needed_text("current_password", &o.current_password, MOST_LINE),
        needed_text("new_password", &o.new_password, MOST_LINE)
            .or_else(|| Some(FieldError::new("new_password", password_length(&o.new_password)?))),
    ].into_iter().flatten().collect()
});

/// What is wrong with the length of a password, if anything is. What else it must be, the server knows.
pub fn password_length(password: &str) -> Option<FieldErrorKind> {
    let length = password.chars().count();
    if length < LEAST_PASSWORD as usize {
        return Some(FieldErrorKind::TooShort { least: LEAST_PASSWORD });
    }
    (length > MOST_LINE as usize).then_some(FieldErrorKind::TooLong { most: MOST_LINE })
}
