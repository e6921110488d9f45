//! What the operator's list is narrowed to, as it stands in the address: it can be kept, sent and gone back to.

use leptos_router::params::ParamsMap;
use model::api::MOST_LINE;
use model::api::requests::{ReadQueue, Whose};
use model::ids::{RequestId, ServiceCode};
use model::requests::State;

use super::list::STATE;
use crate::links;

pub const WHOSE: &str = "di";
pub const SERVICE: &str = "servizio";
pub const BODY: &str = "comune";
pub const PAGE: &str = "pagina";
/// The request that is open beside the list.
pub const CHOSEN: &str = "richiesta";

/// The owners that can be chosen, by their names in the address.
pub const OWNERS: [(&str, Whose); 3] =
    [("", Whose::Everybodys), ("me", Whose::Mine), ("nessuno", Whose::Nobodys)];

pub fn narrowed(query: &ParamsMap) -> ReadQueue {
    let whose = query.get(WHOSE).unwrap_or_default();
    ReadQueue {
        state: query.get(STATE).and_then(|name| State::from_name(&name)),
        whose: OWNERS.iter().find(|(name, _)| *name == whose).map_or(Whose::Everybodys, |(_, whose)| *whose),
        service: query.get(SERVICE).filter(|code| !code.is_empty()).map(ServiceCode),
        // What no field lets one write is cut off; the list would be refused for it.
        search: query.get(BODY).unwrap_or_default().chars().take(MOST_LINE as usize).collect(),
        page: query.get(PAGE).and_then(|page| page.try_into().ok()),
    }
}

pub fn chosen(query: &ParamsMap) -> Option<RequestId> {
    query.get(CHOSEN).and_then(|id| id.parse().ok())
}

/// The name of an owner in the address.
pub fn owner(whose: Whose) -> &'static str {
    OWNERS.iter().find(|(_, other)| *other == whose).map_or("", |(name, _)| name)
}

/// The address of the list so narrowed, with a request beside it.
pub fn address(to: &ReadQueue, chosen: Option<RequestId>) -> String {
    let page = to.page.map(String::from).unwrap_or_default();
    let chosen = chosen.map(|request| request.to_string()).unwrap_or_default();
    links::narrowed(
        links::QUEUE,
        &[
            (STATE, to.state.map(State::name).unwrap_or_default()),
            (WHOSE, owner(to.whose)),
            (SERVICE, to.service.as_ref().map(ServiceCode::as_str).unwrap_or_default()),
            (BODY, &to.search),
            (PAGE, &page),
            (CHOSEN, &chosen),
        ],
    )
}

#[cfg(test)]
mod tests {
    use model::api::Operation as _;

    use super::*;

    #[test]
    fn whatever_stands_in_the_address_can_be_asked() {
        let mut query = ParamsMap::new();
        for name in [STATE, WHOSE, SERVICE, BODY, PAGE] {
            query.insert(name, "à".repeat(300));
        }
        let operation = narrowed(&query);
        assert!(operation.faults().is_empty() && operation.search.starts_with('à'));
    }
}
