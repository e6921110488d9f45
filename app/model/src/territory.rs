//! *Territorio*: the aggregator and the bodies it serves.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::assignment::{Context, Known, Variable};
use crate::calendar::Day;
use crate::ids::BodyId;

/// *Ente aggregatore*, as its public pages show it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Aggregator {
    /// "Provincia di Como"
    pub name: String,
    /// "Clicc@Servizi"
    pub brand: String,
    /// The province whose municipalities it serves, by its two letters.
    pub province: String,
    pub phone: String,
    pub email: String,
    /// *PEC*: certified mail.
    pub certified_email: String,
    /// *Orari*
    pub hours: String,
    /// *Ufficio*
    pub office: String,
}

/// *Comune* or *Unione di Comuni*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BodyKind {
    Municipality,
    Union,
}

impl BodyKind {
    /// "Comune di Bellagio"; a Union's name says what it is.
    pub fn title(self, name: &str) -> String {
        match self {
            Self::Municipality => format!("Comune di {name}"),
            Self::Union => name.to_owned(),
        }
    }
}

/// *Adesione*: the body signed the agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Joined {
    pub on: Day,
    /// The act of the *Accordo di programma*.
    pub act: String,
}

/// *Ente*.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Body {
    pub id: BodyId,
    pub kind: BodyKind,
    /// Six digits, as text; empty for a Union.
    pub istat: String,
    pub name: String,
    /// The name in German, French or Slovene, where there is one.
    pub other_name: String,
    pub cadastral: String,
    pub province: String,
    pub region: String,
    /// *Codice IPA*: data, since no rule gives it for all; empty where it is unknown.
    pub ipa: String,
    pub population: Option<u32>,
    pub population_year: Option<u16>,
    pub population_source: String,
    pub joined: Option<Joined>,
    pub variables: BTreeMap<Variable, Known>,
}

impl Body {
    /// "Comune di Bellagio": how the body is called in a sentence.
    pub fn title(&self) -> String {
        self.kind.title(&self.name)
    }

    pub fn context(&self) -> Context {
        Context {
            population: self.population,
            population_year: self.population_year,
            population_source: self.population_source.clone(),
            variables: self.variables.clone(),
        }
    }
}
