//! What the catalogue is narrowed to, as it stands in the address: it can be kept, sent and gone back to.

use leptos_router::params::ParamsMap;
use model::api::catalogue::ListServices;
use model::catalogue::{AccessMode, DeliveryMode, InteractionLevel};
use model::ids::AreaCode;

use crate::links::{self, AREA_FIELD, BODY_FIELD, SEARCH_FIELD};

pub const LEVEL: &str = "livello";
pub const DELIVERY: &str = "erogazione";
pub const ACCESS: &str = "accesso";

/// The ways of delivery, by their names in the address.
const DELIVERIES: [(DeliveryMode, &str); 3] = [
    (DeliveryMode::CentralPlatform, "piattaforma"),
    (DeliveryMode::LocalInstallation, "installazione"),
    (DeliveryMode::People, "persone"),
];

/// The ways of access, by their names in the address.
const ACCESSES: [(AccessMode, &str); 5] = [
    (AccessMode::Counter, "sportello"),
    (AccessMode::Web, "web"),
    (AccessMode::Spid, "spid"),
    (AccessMode::Cie, "cie"),
    (AccessMode::Cns, "cns"),
];

/// The filters of an address. Unknown values are ignored.
pub fn read_filter(query: &ParamsMap) -> ListServices {
    let chosen = |name| query.get(name).filter(|value| !value.is_empty());
    let level = |number: u8| InteractionLevel::ALL.into_iter().find(|level| *level as u8 == number);
    ListServices {
        q: query.get(SEARCH_FIELD).unwrap_or_default(),
        area: chosen(AREA_FIELD).map(AreaCode),
        level: chosen(LEVEL).and_then(|number| number.parse().ok()).and_then(level),
        delivery: chosen(DELIVERY).and_then(|name| named(&DELIVERIES, &name)),
        access: chosen(ACCESS).and_then(|name| named(&ACCESSES, &name)),
        body: chosen(BODY_FIELD).and_then(|id| id.parse().ok()),
    }
}

fn named<T: Copy>(names: &[(T, &str)], name: &str) -> Option<T> {
    names.iter().find(|(_, other)| *other == name).map(|(what, _)| *what)
}

pub fn level_name(level: InteractionLevel) -> String {
    (level as u8).to_string()
}

pub fn delivery_name(delivery: DeliveryMode) -> String {
    name_of(&DELIVERIES, delivery)
}

pub fn access_name(access: AccessMode) -> String {
    name_of(&ACCESSES, access)
}

fn name_of<T: PartialEq>(names: &[(T, &str)], what: T) -> String {
    names.iter().find(|(other, _)| *other == what).map(|(_, name)| (*name).to_owned()).unwrap_or_default()
}

/// The address of the catalogue so narrowed.
pub fn address(filter: &ListServices) -> String {
    let names = (
        filter.level.map(level_name).unwrap_or_default(),
        filter.delivery.map(delivery_name).unwrap_or_default(),
        filter.access.map(access_name).unwrap_or_default(),
        filter.body.map(|body| body.to_string()).unwrap_or_default(),
    );
    links::narrowed(
        links::CATALOGUE,
        &[
            (SEARCH_FIELD, &filter.q),
            (AREA_FIELD, filter.area.as_ref().map(AreaCode::as_str).unwrap_or_default()),
            (LEVEL, &names.0),
            (DELIVERY, &names.1),
            (ACCESS, &names.2),
            (BODY_FIELD, &names.3),
        ],
    )
}
