//! How the table of bodies is ordered and narrowed, as it stands in the address.

use leptos_router::params::ParamsMap;
use model::api::calls::{BoardOrder, Progress, ReadBoard};

use crate::links;

pub const ORDER: &str = "ordine";
pub const STATE: &str = "stato";
pub const SOUGHT: &str = "cerca";
/// Where the table begins: one stays there when it is ordered anew.
pub const TABLE: &str = "comuni";

const ORDERS: [(&str, BoardOrder); 5] = [
    ("comune", BoardOrder::Name),
    ("popolazione", BoardOrder::Population),
    ("stato", BoardOrder::Progress),
    ("disponibili", BoardOrder::Available),
    ("ritardo", BoardOrder::Late),
];

const STATES: [(&str, Progress); 5] = [
    ("da-assegnare", Progress::Unassigned),
    ("non-iniziato", Progress::NotStarted),
    ("in-composizione", Progress::Composing),
    ("da-autorizzare", Progress::AwaitingAuthorisation),
    ("inviato", Progress::Submitted),
];

pub fn ordered(query: &ParamsMap) -> ReadBoard {
    let (order, state) = (query.get(ORDER).unwrap_or_default(), query.get(STATE).unwrap_or_default());
    ReadBoard {
        order: ORDERS.iter().find(|(name, _)| *name == order).map(|(_, order)| *order).unwrap_or_default(),
        progress: STATES.iter().find(|(name, _)| *name == state).map(|(_, progress)| *progress),
    }
}

/// What a name must hold to be shown.
pub fn sought(query: &ParamsMap) -> String {
    query.get(SOUGHT).unwrap_or_default()
}

/// An order and a state as the address names them; empty where it need not.
pub fn named(filter: &ReadBoard) -> [(&'static str, &'static str); 2] {
    let ordered = filter.order != BoardOrder::default();
    let order = ORDERS.iter().find(|(_, other)| ordered && *other == filter.order);
    let state = STATES.iter().find(|(_, other)| Some(*other) == filter.progress);
    [
        (ORDER, order.map(|(name, _)| *name).unwrap_or_default()),
        (STATE, state.map(|(name, _)| *name).unwrap_or_default()),
    ]
}

/// The address of the table in this order, narrowed to this state and to these names.
pub fn address(order: BoardOrder, progress: Option<Progress>, sought: &str) -> String {
    let [order, state] = named(&ReadBoard { order, progress });
    [&links::narrowed(links::BOARD, &[order, state, (SOUGHT, sought)]), "#", TABLE].concat()
}
