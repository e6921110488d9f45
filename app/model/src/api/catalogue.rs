//! Home, catalogue, service sheet: what anybody may read.

use serde::{Deserialize, Serialize};

use super::people::BodyRef;
use super::{MOST_LINE, operation, short_text};
use crate::basket::Offer;
use crate::calendar::{Day, Instant};
use crate::calls::CallStatus;
use crate::catalogue::{
    AccessMode, Area, DeliveryMode, InteractionLevel, Service, ServiceRef, ServiceStatus,
};
use crate::credits::Credits;
use crate::ids::{AreaCode, BodyId, ServiceCode};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AreaCount {
    pub area: Area,
    pub services: u32,
}

/// The call as the public pages show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CallCard {
    pub title: String,
    pub status: CallStatus,
    pub opens: Instant,
    pub closes: Instant,
    /// Days from today to the closing day; 0 on the day itself.
    pub days_left: i32,
}

/// A service that went live for a body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Activation {
    pub service: ServiceRef,
    pub body_title: String,
    pub on: Day,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Home {
    pub call: Option<CallCard>,
    pub areas: Vec<AreaCount>,
    pub services: u32,
    pub latest: Vec<Activation>,
    /// Municipalities that joined, of those in the territory.
    pub joined: u32,
    pub municipalities: u32,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReadHome {}
operation!(ReadHome, Get "/home", ReadHome -> Home);

/// *Scheda breve* of a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ServiceCard {
    pub code: ServiceCode,
    pub name: String,
    pub summary: String,
    pub area: AreaCode,
    pub area_name: String,
    pub level: InteractionLevel,
    pub price: Credits,
    pub universal: bool,
    pub repeatable: bool,
    pub status: ServiceStatus,
    pub status_reason: String,
    /// What the body at hand may do with it; none for who composes for no body.
    pub offer: Option<Offer>,
}

/// How many services a filter would leave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LevelCount {
    pub level: InteractionLevel,
    pub services: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeliveryCount {
    pub delivery: DeliveryMode,
    pub services: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AccessCount {
    pub access: AccessMode,
    pub services: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ServiceList {
    /// Best match first when there is a query; else by area and name.
    pub services: Vec<ServiceCard>,
    /// Counts with all the other filters applied, so that each says what choosing it would give.
    pub areas: Vec<AreaCount>,
    pub levels: Vec<LevelCount>,
    pub deliveries: Vec<DeliveryCount>,
    pub accesses: Vec<AccessCount>,
    /// Services in the catalogue, whatever the filters.
    pub total: u32,
    /// The body whose basket the offers speak of.
    pub body: Option<BodyRef>,
    /// What its basket leaves it; negative where it is short.
    pub left: Option<Credits>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ListServices {
    /// Words to look for, in any form: 200 characters at most.
    #[serde(default)]
    pub q: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<AreaCode>,
    /// 1 to 4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<InteractionLevel>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<DeliveryMode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<AccessMode>,
    /// Offers for this body; without it, for the caller's own body when the caller is officer of exactly one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<BodyId>,
}
operation!(ListServices, Get "/services", ListServices -> ServiceList, |list| {
    short_text("q", &list.q, MOST_LINE).into_iter().collect()
});

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ServicePage {
    pub service: Service,
    pub area: Area,
    pub requires: Vec<ServiceRef>,
    pub excludes: Vec<ServiceRef>,
    /// Bodies for which it is live.
    pub live: u32,
    pub body: Option<BodyRef>,
    /// What the body's basket leaves it; negative where it is short.
    pub left: Option<Credits>,
    pub offer: Option<Offer>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReadService {
    pub code: ServiceCode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<BodyId>,
}
operation!(ReadService, Get "/services/{code}", ReadService -> ServicePage);

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReadStatus {}

/// Whether the service answers, and of which version it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Status {
    pub status: String,
    pub version: String,
}
operation!(ReadStatus, Get "/status", ReadStatus -> Status);
