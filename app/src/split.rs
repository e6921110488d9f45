//! The browser's program comes in portions: what every page needs, and the code of some pages that are used together.
//!
//! What several portions share is cut out by the build. The server names the files that a page needs in its head, so
//! that all of them come at once, and its portion on `<html>`: the program takes over the page once it has it.

#![allow(unsafe_code, reason = "#[wasm_split] writes the border between two files of the program")]

#[cfg(not(target_arch = "wasm32"))]
use std::collections::HashMap;

use leptos::prelude::*;
use leptos_router::ChooseView;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use crate::pages;

/// The attribute of `<html>` that names the portion of its page.
#[cfg(target_arch = "wasm32")]
pub const PORTION: &str = "data-portion";

/// Pages by the portion that brings their code; the table of pages shows them by their name here.
macro_rules! portions {
    ($($portion:ident { $($page:ident: $path:path),+ $(,)? })+) => {
        $($(
            #[derive(Clone, Copy)]
            pub struct $page;

            impl ChooseView for $page {
                async fn choose(self) -> AnyView {
                    #[allow(non_snake_case)]
                    #[wasm_split($portion, fallible)]
                    fn $page() -> Result<AnyView, SplitLoaderError> {
                        Ok($path().into_any())
                    }
                    announce(stringify!($portion));
                    $page().await.unwrap_or_else(|_| from_the_server())
                }

                async fn preload(&self) {}
            }
        )+)+

        /// Fetches a portion by its name; one that does not exist is there already.
        #[cfg(target_arch = "wasm32")]
        pub async fn fetch(portion: &str) -> Result<(), SplitLoaderError> {
            $(
                #[wasm_split($portion, fallible)]
                fn $portion() -> Result<(), SplitLoaderError> {
                    Ok(())
                }
            )+
            match portion {
                $(stringify!($portion) => $portion().await,)+
                _ => Ok(()),
            }
        }
    };
}

// Few, because what any two of them share is a file of its own.
portions! {
    public {
        Home: pages::public::home::HomePage,
        Legal: pages::public::legal::LegalPage,
        Privacy: pages::public::legal::PrivacyPage,
        Accessibility: pages::public::legal::AccessibilityPage,
        Joining: pages::body::joining::JoiningPage,
        SignIn: pages::people::sign_in::SignInPage,
        OwnArea: pages::people::area::OwnAreaPage,
        Profile: pages::people::profile::ProfilePage,
    }
    services {
        Catalogue: pages::catalogue::list::CataloguePage,
        ServiceSheet: pages::catalogue::sheet::ServiceSheetPage,
        Basket: pages::basket::compose::BasketPage,
        Summary: pages::basket::summary::SummaryPage,
    }
    body {
        Area: pages::body::area::AreaPage,
        Entries: pages::body::entries::EntriesPage,
        Submissions: pages::body::submissions::SubmissionsPage,
        Submission: pages::submission::page::SubmissionPage,
    }
    office {
        Requests: pages::request::list::RequestsPage,
        Queue: pages::request::queue::QueuePage,
        Request: pages::request::request::RequestPage,
        Board: pages::call::board::BoardPage,
        Matrix: pages::call::matrix::MatrixPage,
        BoardBody: pages::call::body::BoardBodyPage,
        Proposals: pages::call::proposals::ProposalsPage,
        // Seldom read by who is not of an office: among the public pages it would cost each of them 16 kB.
        Ledger: pages::ledger::proof::LedgerPage,
    }
}

/// The document that the server writes says what the page needs: its portion, and the files of it.
fn announce(portion: &'static str) {
    #[cfg(not(target_arch = "wasm32"))]
    {
        // Elements of the head are noted when they are written, wherever that is.
        let _ = view! { <leptos_meta::Html attr:data-portion=portion/> }.to_html();
        let built = use_context::<leptos::WasmSplitManifest>();
        for path in built.map(|built| paths(&built.0.read_value(), portion)).unwrap_or_default() {
            let _ = view! {
                <leptos_meta::Link
                    rel="preload"
                    href=path
                    as_="fetch"
                    type_="application/wasm"
                    crossorigin="anonymous"
                    fetchpriority="low"
                />
            }
            .to_html();
        }
    }
    #[cfg(target_arch = "wasm32")]
    let _ = portion;
}

/// The files of a portion, by what the build wrote down: their folder, and the names for each portion.
#[cfg(not(target_arch = "wasm32"))]
fn paths((folder, names, _): &(String, HashMap<String, Vec<String>>, String), portion: &str) -> Vec<String> {
    let names = names.get(portion).into_iter().flatten();
    names.map(|name| [folder, "/", name, ".wasm"].concat()).collect()
}

/// On the way to a page whose portion can't come, perhaps because a newer version is in service: the browser asks for
/// the document.
fn from_the_server() -> AnyView {
    #[cfg(target_arch = "wasm32")]
    {
        let to = leptos_router::hooks::use_location();
        let (path, query) = (to.pathname.get_untracked(), to.search.get_untracked());
        let _ = location().set_href(&if query.is_empty() { path } else { [path, query].join("?") });
    }
    ().into_any()
}
