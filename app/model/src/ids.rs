//! Typed identifiers: one macro, one list.
//!
//! Numbers are given by the database and mean nothing outside their aggregator. Codes are chosen by the
//! administrator who writes the catalogue, stand in addresses and exports, and never change.

use serde::{Deserialize, Serialize};

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+ };
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => { $(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Lower-case letters, digits and single hyphens, beginning with a letter; at most 80 characters.
            pub fn is_well_formed(&self) -> bool {
                is_code(&self.0)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
    )+ };
}

fn is_code(text: &str) -> bool {
    text.len() <= 80
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('-')
        && !text.contains("--")
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

numbers! {
    /// *Ente aggregatore*: the tenant that every record belongs to.
    AggregatorId,
    /// *Ente*: a municipality or a Union.
    BodyId,
    PersonId,
    /// *Avviso*.
    CallId,
    /// *Conto crediti* of a body in a call.
    AccountId,
    /// *Movimento* of an account.
    EntryId,
    /// *Pratica*.
    SubmissionId,
    /// *Richiesta*.
    RequestId,
    /// *Proposta*: what waits for a second administrator.
    ProposalId,
}

codes! {
    /// Names a service in addresses, files and exports.
    ServiceCode,
    /// Names a thematic area.
    AreaCode,
    /// Names a standard package.
    PackageCode,
}

#[cfg(test)]
mod tests {
    use super::ServiceCode;

    #[test]
    fn a_code_is_a_tidy_slug() {
        for good in ["a", "pagamento-ici", "formazione-10-ore"] {
            assert!(ServiceCode::from(good).is_well_formed(), "{good}");
        }
        for bad in ["", "1a", "-a", "a-", "a--b", "A", "à", "a b", "a/b", &"a".repeat(81)] {
            assert!(!ServiceCode::from(bad).is_well_formed(), "{bad}");
        }
    }
}
