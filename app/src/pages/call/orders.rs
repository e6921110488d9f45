//! How the table of bodies is ordered and narrowed, as it stands in the address.

use leptos_router::params::ParamsMap;
use model::api::call::{BoardOrder, Progress, ReadBoard};

use crate::routes;

const ORDER: &str = "ordine";
const STATE: &str = "stato";
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

/// The address of the table in this order, narrowed to this state.
pub fn address(order: BoardOrder, progress: Option<Progress>) -> String {
    let order = ORDERS.iter().find(|(_, other)| *other == order).filter(|_| order != BoardOrder::default());
    let state = STATES.iter().find(|(_, other)| Some(*other) == progress);
    let mut address = routes::BOARD.to_owned();
    let mut mark = "?";
    for (name, value) in [(ORDER, order.map(|(name, _)| *name)), (STATE, state.map(|(name, _)| *name))] {
        for part in value.into_iter().flat_map(|value| [mark, name, "=", value]) {
            address.push_str(part);
        }
        if value.is_some() {
            mark = "&";
        }
    }
    address.push('#');
    address.push_str(TABLE);
    address
}
