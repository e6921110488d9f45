//! The table of pages: which address shows which page.
//!
//! A new page is a link in `links.rs`, a name in a portion of the program (`split.rs`) and one line here.

use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route};
use leptos_router::{
    ParamSegment, PartialPathMatch, PathSegment, PossibleRouteMatch, SsrMode, StaticSegment,
};

use crate::problem::NotFoundPage;
use crate::split;

/// The pattern of an address: `/comuni/:body`.
///
/// One type for all of them. Those that `path!` makes are of as many types as there are shapes of addresses, and the
/// router is compiled for each.
#[derive(Clone, Debug)]
struct Pattern(&'static str);

impl Pattern {
    fn segments(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.0.split('/').filter(|segment| !segment.is_empty())
    }
}

impl PossibleRouteMatch for Pattern {
    fn optional(&self) -> bool {
        false
    }

    fn test<'a>(&self, path: &'a str) -> Option<PartialPathMatch<'a>> {
        let (mut rest, mut params) = (path, Vec::new());
        for segment in self.segments() {
            let found = match segment.strip_prefix(':') {
                Some(name) => ParamSegment(name).test(rest),
                None => StaticSegment(segment).test(rest),
            }?;
            rest = found.remaining();
            params.extend(found.params());
        }
        Some(PartialPathMatch::new(rest, params, &path[..path.len() - rest.len()]))
    }

    fn generate_path(&self, path: &mut Vec<PathSegment>) {
        path.extend(self.segments().map(|segment| match segment.strip_prefix(':') {
            Some(name) => PathSegment::Param(name.into()),
            None => PathSegment::Static(segment.into()),
        }));
    }
}

/// The table of pages. Each is rendered whole before it is answered, so that it is complete without the program
/// and has the right status.
#[component]
pub fn Pages() -> impl IntoView {
    view! {
        <FlatRoutes fallback=NotFoundPage>
            <Route path=Pattern("/") view=split::HOME ssr=SsrMode::Async/>
            <Route path=Pattern("/servizi") view=split::CATALOGUE ssr=SsrMode::Async/>
            <Route path=Pattern("/servizi/:code") view=split::SERVICE_SHEET ssr=SsrMode::Async/>
            <Route path=Pattern("/comuni/:body/pacchetto") view=split::BASKET ssr=SsrMode::Async/>
            <Route path=Pattern("/comuni/:body/pacchetto/riepilogo") view=split::SUMMARY ssr=SsrMode::Async/>
            <Route path=Pattern("/accedi") view=split::SIGN_IN ssr=SsrMode::Async/>
            <Route path=Pattern("/area") view=split::OWN_AREA ssr=SsrMode::Async/>
            <Route path=Pattern("/profilo") view=split::PROFILE ssr=SsrMode::Async/>
            <Route path=Pattern("/note-legali") view=split::LEGAL ssr=SsrMode::Async/>
            <Route path=Pattern("/privacy") view=split::PRIVACY ssr=SsrMode::Async/>
            <Route path=Pattern("/accessibilita") view=split::ACCESSIBILITY ssr=SsrMode::Async/>
            <Route path=Pattern("/registro") view=split::LEDGER ssr=SsrMode::Async/>
            <Route path=Pattern("/come-aderire") view=split::JOINING ssr=SsrMode::Async/>
            <Route path=Pattern("/comuni/:body") view=split::AREA ssr=SsrMode::Async/>
            <Route path=Pattern("/comuni/:body/movimenti") view=split::ENTRIES ssr=SsrMode::Async/>
            <Route path=Pattern("/comuni/:body/pratiche") view=split::SUBMISSIONS ssr=SsrMode::Async/>
            <Route path=Pattern("/pratiche/:submission") view=split::SUBMISSION ssr=SsrMode::Async/>
            <Route path=Pattern("/comuni/:body/richieste") view=split::REQUESTS ssr=SsrMode::Async/>
            <Route path=Pattern("/richieste") view=split::QUEUE ssr=SsrMode::Async/>
            <Route path=Pattern("/richieste/:request") view=split::REQUEST ssr=SsrMode::Async/>
            <Route path=Pattern("/avviso") view=split::BOARD ssr=SsrMode::Async/>
            <Route path=Pattern("/avviso/progetto") view=split::MATRIX ssr=SsrMode::Async/>
            <Route path=Pattern("/avviso/comuni/:body") view=split::BOARD_BODY ssr=SsrMode::Async/>
            <Route path=Pattern("/proposte") view=split::PROPOSALS ssr=SsrMode::Async/>
        </FlatRoutes>
    }
}

#[cfg(test)]
mod tests {
    use leptos_router::path;

    use super::*;

    #[test]
    fn a_pattern_is_read_as_the_router_reads_its_own() {
        let patterns: [(_, Box<dyn PossibleRouteMatch>); 5] = [
            (Pattern("/"), Box::new(path!("/"))),
            (Pattern("/servizi"), Box::new(path!("/servizi"))),
            (Pattern("/servizi/:code"), Box::new(path!("/servizi/:code"))),
            (Pattern("/comuni/:body/pacchetto"), Box::new(path!("/comuni/:body/pacchetto"))),
            (Pattern("/avviso/comuni/:body"), Box::new(path!("/avviso/comuni/:body"))),
        ];
        let addresses = [
            "",
            "/",
            "/servizi",
            "/servizi/",
            "/serviziali",
            "/servizi/ànagrafe",
            "/servizi//x",
            "/comuni/5",
            "/comuni/5/pacchetto",
            "/comuni/5/pacchetto/riepilogo",
            "/avviso/comuni/5",
            "servizi",
            "/x",
        ];
        for (ours, theirs) in patterns {
            let (mut one, mut other) = (Vec::new(), Vec::new());
            ours.generate_path(&mut one);
            theirs.generate_path(&mut other);
            assert_eq!(one, other, "{ours:?}");
            for address in addresses {
                let seen = |found: Option<PartialPathMatch>| {
                    found.map(|it| (it.matched().to_owned(), it.remaining().to_owned(), it.params()))
                };
                assert_eq!(seen(ours.test(address)), seen(theirs.test(address)), "{ours:?} {address}");
            }
        }
    }
}
