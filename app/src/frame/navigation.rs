//! The entries of the navigation by role, for the head and the foot of the page.

use model::api::people::{Session, SignedIn};
use model::people::Role;

use crate::links;
use crate::text::Lang;

/// An entry of the navigation.
#[derive(Clone)]
pub struct NavigationEntry {
    pub href: String,
    pub name: &'static str,
    /// One of `style/icons.txt`.
    pub icon: &'static str,
    /// Addresses below it that are entries themselves.
    nearer: Vec<String>,
}

impl NavigationEntry {
    /// Its `aria-current` at an address: `page` for the entry itself, `true` for addresses below it that are below no
    /// nearer entry.
    pub fn mark(&self, path: &str) -> Option<&'static str> {
        if path == self.href {
            return Some("page");
        }
        let nearer = || self.nearer.iter().any(|href| path == href || is_below(path, href));
        (is_below(path, &self.href) && !nearer()).then_some("true")
    }
}

fn is_below(path: &str, href: &str) -> bool {
    path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/'))
}

fn entry(href: impl Into<String>, name: &'static str, icon: &'static str) -> NavigationEntry {
    NavigationEntry { href: href.into(), name, icon, nearer: Vec::new() }
}

/// What waits for the reader comes first; the foot of a phone's screen shows the first four.
pub fn navigation(session: &Session, lang: Lang) -> Vec<NavigationEntry> {
    let catalogue = entry(links::CATALOGUE, lang.frame_catalogue(), "search");
    let join = entry(links::JOIN, lang.frame_join(), "help-circle");
    let Some(person) = &session.signed_in else {
        let home = entry(links::HOME, lang.frame_home(), "pa");
        return vec![home, catalogue, join, entry(links::sign_in(""), lang.frame_sign_in(), "user")];
    };
    let mut places = of_aggregator(person, lang);
    places.extend(of_bodies(person, lang));
    places.extend([catalogue, join]);
    let all: Vec<_> = places.iter().map(|place| place.href.clone()).collect();
    for place in &mut places {
        place.nearer = all.iter().filter(|href| is_below(href, &place.href)).cloned().collect();
    }
    places
}

fn of_aggregator(person: &SignedIn, lang: Lang) -> Vec<NavigationEntry> {
    let board = || entry(links::BOARD, lang.frame_board(), "chart-line");
    let queue = || entry(links::QUEUE, lang.frame_queue(), "inbox");
    if person.holds(Role::Administrator) {
        let proposals = entry(links::PROPOSALS, lang.frame_proposals(), "sign");
        vec![board(), queue(), proposals, entry(links::LEDGER, lang.frame_ledger(), "check-circle")]
    } else if person.holds(Role::Operator) {
        vec![queue(), board()]
    } else if person.holds(Role::Observer) {
        vec![board(), entry(links::MATRIX, lang.frame_matrix(), "list")]
    } else {
        Vec::new()
    }
}

fn of_bodies(person: &SignedIn, lang: Lang) -> Vec<NavigationEntry> {
    let several = || vec![entry(links::AREA, lang.frame_bodies(), "pa")];
    match person.bodies().as_slice() {
        [] if person.holds(Role::Facilitator) => several(),
        [] => Vec::new(),
        [body] => {
            let second = if person.holds_on(Role::Officer, body.id) {
                entry(links::basket(body.id), lang.frame_basket(), "box")
            } else {
                entry(links::submissions(body.id), lang.frame_submissions(), "sign")
            };
            vec![
                entry(links::body(body.id), lang.frame_body(), "pa"),
                second,
                entry(links::requests(body.id), lang.frame_requests(), "list"),
            ]
        }
        _ => several(),
    }
}

#[cfg(test)]
mod tests {
    use model::api::people::{BodyRef, PersonRef, RoleOn};
    use model::ids::{BodyId, PersonId};
    use model::territory::Aggregator;

    use super::*;

    fn officer_of(id: BodyId) -> Session {
        let body = BodyRef { id, name: "Bellagio".to_owned(), title: "Comune di Bellagio".to_owned() };
        let signed_in = SignedIn {
            person: PersonRef { id: PersonId(1), name: "Referente".to_owned() },
            email: String::new(),
            roles: vec![RoleOn { role: Role::Officer, body: Some(body) }],
            failed_tries: 0,
            signed_in_before: None,
        };
        Session {
            aggregator: Aggregator::default(),
            signed_in: Some(signed_in),
            just_signed_in: false,
            personas: Vec::new(),
        }
    }

    #[test]
    fn the_nearest_entry_is_marked_and_no_other() {
        let places = navigation(&officer_of(BodyId(5)), Lang::It);
        let marked = |path: &str| -> Vec<_> {
            places.iter().filter_map(|place| Some((place.icon, place.mark(path)?))).collect()
        };
        assert_eq!(marked(&links::body(BodyId(5))), [("pa", "page")]);
        assert_eq!(marked(&links::entries(BodyId(5))), [("pa", "true")]);
        assert_eq!(marked(&links::summary(BodyId(5))), [("box", "true")]);
        assert_eq!(marked("/servizi/anagrafe"), [("search", "true")]);
        assert_eq!(marked("/comuni/55"), []);
        assert_eq!(marked("/note-legali"), []);
    }
}
