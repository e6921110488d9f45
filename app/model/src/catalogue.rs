//! What can be chosen: areas, services with their national sheet, standard packages.
//!
//! Also the check that a package stands alone, used when one is imported.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::credits::Credits;
use crate::ids::{AreaCode, PackageCode, ServiceCode};

/// *Area tematica*.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Area {
    pub code: AreaCode,
    pub name: String,
    pub summary: String,
}

/// A service by its name, for sentences and links.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ServiceRef {
    pub code: ServiceCode,
    pub name: String,
}

/// *Livello di interattività*, 1 to 4 of the national scale; 3 and 4 are *alta interattività*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "u8", into = "u8")]
#[cfg_attr(feature = "schema", schemars(with = "u8"))]
pub enum InteractionLevel {
    Information = 1,
    Forms = 2,
    OnlineSubmission = 3,
    FullTransaction = 4,
}

impl InteractionLevel {
    pub const ALL: [Self; 4] =
        [Self::Information, Self::Forms, Self::OnlineSubmission, Self::FullTransaction];

    pub fn is_high(self) -> bool {
        self >= Self::OnlineSubmission
    }
}

impl From<InteractionLevel> for u8 {
    fn from(level: InteractionLevel) -> Self {
        level as Self
    }
}

impl TryFrom<u8> for InteractionLevel {
    type Error = String;
    fn try_from(number: u8) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|level| *level as u8 == number)
            .ok_or_else(|| format!("the interaction level is 1, 2, 3 or 4, not {number}"))
    }
}

/// *Modalità di accesso*: how a citizen reaches the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AccessMode {
    Counter,
    Web,
    Spid,
    Cie,
    Cns,
}

/// *Modalità di erogazione*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeliveryMode {
    CentralPlatform,
    LocalInstallation,
    People,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ServiceStatus {
    /// *In preparazione*: only administrators see it.
    Draft,
    /// *Disponibile*.
    #[default]
    Published,
    /// *Sospeso*, always with a reason.
    Paused,
    /// *Ritirato*.
    Withdrawn,
}

impl ServiceStatus {
    pub const ALL: [Self; 4] = [Self::Draft, Self::Published, Self::Paused, Self::Withdrawn];

    /// The name used in files and forms.
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
            Self::Paused => "paused",
            Self::Withdrawn => "withdrawn",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

/// Whose work a milestone is; while it is the body's, the activation clock stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MilestoneBy {
    Aggregator,
    Body,
}

/// *Tappa* of an activation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Milestone {
    pub title: String,
    pub by: MilestoneBy,
}

/// *Scheda del servizio*, in the order of the national model; plain text, paragraphs split by a blank line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Sheet {
    /// *A chi è rivolto*
    pub addressed: String,
    /// *Come fare*
    pub how: String,
    /// *Cosa serve*
    pub needed: String,
    /// *Cosa si ottiene*
    pub obtained: String,
    /// *Tempi e scadenze*
    pub times: String,
    /// *Costi*
    pub costs: String,
    /// *Accedi al servizio*
    pub access: String,
    /// *Condizioni di servizio*
    pub conditions: String,
    /// *Contatti*
    pub contacts: String,
    /// *Argomenti*
    pub topics: Vec<String>,
}

/// *Servizio*: one line of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// In a file of the catalogue the code is the file's name.
    #[serde(default)]
    pub code: ServiceCode,
    pub name: String,
    pub area: AreaCode,
    /// One sentence, at most 200 characters.
    pub summary: String,
    /// *Parole chiave*: what people call it.
    pub keywords: Vec<String>,
    pub interaction_level: InteractionLevel,
    pub access: Vec<AccessMode>,
    pub delivery: DeliveryMode,
    /// *Universale*: every body has it and it can't be dropped; otherwise *a valore aggiunto*.
    pub universal: bool,
    /// Credits, 0 or more.
    pub price: Credits,
    /// *Prerequisiti*
    #[serde(default)]
    pub requires: Vec<ServiceCode>,
    /// *Incompatibilità*, which hold both ways.
    #[serde(default)]
    pub excludes: Vec<ServiceCode>,
    /// Working days, 1 to 365.
    pub review_days: u32,
    /// Working days, 1 to 365.
    pub activation_days: u32,
    /// *Ente titolare*
    pub owner: String,
    /// *Provenienza del riuso*
    pub reuse_source: String,
    #[serde(default)]
    pub status: ServiceStatus,
    /// Why it is paused or withdrawn.
    #[serde(default)]
    pub status_reason: String,
    /// Sold as fixed blocks (*10 ore di formazione*): may be asked more than once.
    #[serde(default)]
    pub repeatable: bool,
    pub milestones: Vec<Milestone>,
    pub sheet: Sheet,
}

impl Service {
    pub fn is_high(&self) -> bool {
        self.interaction_level.is_high()
    }

    pub fn reference(&self) -> ServiceRef {
        ServiceRef { code: self.code.clone(), name: self.name.clone() }
    }

    /// What is wrong with this service by itself, as `(field, what)`.
    pub fn faults(&self) -> Vec<(&'static str, String)> {
        let mut faults = Vec::new();
        let mut expect = |good: bool, field, what: &str| {
            if !good {
                faults.push((field, what.to_owned()));
            }
        };
        expect(self.code.is_well_formed(), "code", "lower-case letters, digits and single hyphens");
        expect(!self.name.trim().is_empty(), "name", "is empty");
        expect((1..=200).contains(&self.summary.chars().count()), "summary", "1 to 200 characters");
        expect(self.price >= 0, "price", "0 or more");
        expect(!self.universal || self.price == 0, "price", "a universal service costs nothing");
        expect((1..=365).contains(&self.review_days), "review_days", "1 to 365 working days");
        expect((1..=365).contains(&self.activation_days), "activation_days", "1 to 365 working days");
        expect(!self.access.is_empty(), "access", "at least one way in");
        expect(!self.milestones.is_empty(), "milestones", "at least one");
        let needs_reason = self.status == ServiceStatus::Paused;
        expect(
            !needs_reason || !self.status_reason.trim().is_empty(),
            "status_reason",
            "a paused service says why",
        );
        expect(!self.requires.contains(&self.code), "requires", "a service can't require itself");
        expect(!self.excludes.contains(&self.code), "excludes", "a service can't exclude itself");
        faults
    }
}

/// A service in a package, with the value that comes back when it is dropped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PackageItem {
    pub service: ServiceCode,
    /// Credits, 0 ≤ value ≤ price.
    pub value: Credits,
}

/// *Pacchetto standard*.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Package {
    pub code: PackageCode,
    pub name: String,
    pub summary: String,
    pub items: Vec<PackageItem>,
}

/// *Servizi ad alta interattività*: how many a municipality keeps (2 to 8 by the rule of the project).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HighRange {
    pub minimum: u32,
    pub maximum: u32,
}

impl Default for HighRange {
    fn default() -> Self {
        Self { minimum: 2, maximum: 8 }
    }
}

/// Why a package cannot stand alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PackageFault {
    UnknownService(ServiceCode),
    Twice(ServiceCode),
    ValueOutOfRange { service: ServiceCode, price: Credits },
    PrerequisiteMissing { service: ServiceCode, requires: ServiceCode },
    Excluded { service: ServiceCode, by: ServiceCode },
    High { count: u32, range: HighRange },
}

/// As a clause, for whoever writes the catalogue.
impl fmt::Display for PackageFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownService(code) => write!(f, "no service is called {code}"),
            Self::Twice(code) => write!(f, "{code} stands in it twice"),
            Self::ValueOutOfRange { service, price } => {
                write!(f, "the value of {service} must be from 0 to its price, {price}")
            }
            Self::PrerequisiteMissing { service, requires } => {
                write!(f, "{service} needs {requires}, which is not in it")
            }
            Self::Excluded { service, by } => write!(f, "{service} and {by} exclude each other"),
            Self::High { count, range: HighRange { minimum, maximum } } => {
                write!(f, "{count} high-interactivity services; from {minimum} to {maximum} are expected")
            }
        }
    }
}

/// What comes back when all of these are dropped.
pub fn value_of(items: &[PackageItem]) -> Credits {
    items.iter().map(|item| item.value).sum()
}

impl Package {
    /// What a body gets with this package: its items, then what modifiers add and every body has, with no value to come
    /// back.
    pub fn given(&self, adds: &[ServiceCode], services: &BTreeMap<ServiceCode, Service>) -> Vec<PackageItem> {
        let mut items = self.items.clone();
        let universal = services.values().filter(|service| service.universal).map(|service| &service.code);
        for code in adds.iter().chain(universal) {
            if items.iter().all(|item| item.service != *code) && services.contains_key(code) {
                items.push(PackageItem { service: code.clone(), value: 0 });
            }
        }
        items
    }

    /// Every fault that keeps this package from standing alone in this catalogue, as a body gets it: with what modifiers
    /// add and what every body has. `range` is the call's own; none where no call is known.
    pub fn faults(
        &self,
        adds: &[ServiceCode],
        services: &BTreeMap<ServiceCode, Service>,
        range: Option<HighRange>,
    ) -> Vec<PackageFault> {
        let items = self.given(adds, services);
        let mut faults = Vec::new();
        let mut held = BTreeSet::new();
        for item in &items {
            if !held.insert(&item.service) {
                faults.push(PackageFault::Twice(item.service.clone()));
            }
        }
        let mut high = 0;
        for item in &items {
            let Some(service) = services.get(&item.service) else {
                faults.push(PackageFault::UnknownService(item.service.clone()));
                continue;
            };
            if !(0..=service.price).contains(&item.value) {
                faults.push(PackageFault::ValueOutOfRange {
                    service: item.service.clone(),
                    price: service.price,
                });
            }
            for requires in service.requires.iter().filter(|code| !held.contains(code)) {
                faults.push(PackageFault::PrerequisiteMissing {
                    service: item.service.clone(),
                    requires: requires.clone(),
                });
            }
            for by in service.excludes.iter().filter(|code| held.contains(code)) {
                faults.push(PackageFault::Excluded { service: item.service.clone(), by: by.clone() });
            }
            high += u32::from(service.is_high());
        }
        faults.extend(
            range
                .filter(|range| !(range.minimum..=range.maximum).contains(&high))
                .map(|range| PackageFault::High { count: high, range }),
        );
        faults
    }
}
