//! The browser's program comes in portions: what every page needs, and the code of some pages that are used together.
//!
//! The build moves what several portions share into files of their own. The server lists the files that a page needs in
//! its head, so that they are fetched at once, and names the portion on `<html>`: the program hydrates the page when the
//! portion is loaded.

#![allow(unsafe_code, reason = "#[wasm_split] writes the border between two files of the program")]

#[cfg(not(target_arch = "wasm32"))]
use std::collections::HashMap;
use std::pin::Pin;

use leptos::prelude::*;
use leptos_router::ChooseView;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use crate::pages;

/// The attribute of `<html>` that names the portion of its page.
#[cfg(target_arch = "wasm32")]
pub const PORTION: &str = "data-portion";

/// A page whose code is loaded with its portion.
#[derive(Clone, Copy)]
pub struct LazyPage {
    portion: &'static str,
    load: fn() -> Loading,
}

type Loading = Pin<Box<dyn Future<Output = Result<AnyView, SplitLoaderError>> + Send>>;

impl ChooseView for LazyPage {
    async fn choose(self) -> AnyView {
        announce(self.portion);
        (self.load)().await.unwrap_or_else(|_| from_the_server())
    }

    async fn preload(&self) {}
}

/// Pages by the portion that brings their code; the table of pages shows them by their name here.
macro_rules! portions {
    ($($portion:ident { $($page:ident: $path:path),+ $(,)? })+) => {
        $($(
            pub const $page: LazyPage = {
                #[allow(non_snake_case)]
                #[wasm_split($portion, fallible)]
                fn $page() -> Result<AnyView, SplitLoaderError> {
                    Ok($path().into_any())
                }
                LazyPage { portion: stringify!($portion), load: || Box::pin($page()) }
            };
        )+)+

        /// Loads a portion by its name. Does nothing for an unknown name.
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

// Few portions, because the build makes a file for whatever any two of them share.
portions! {
    public {
        HOME: pages::public::home::HomePage,
        LEGAL: pages::public::legal::LegalPage,
        PRIVACY: pages::public::legal::PrivacyPage,
        ACCESSIBILITY: pages::public::legal::AccessibilityPage,
        JOINING: pages::bodies::joining::JoiningPage,
        SIGN_IN: pages::people::sign_in::SignInPage,
        OWN_AREA: pages::people::area::OwnAreaPage,
        PROFILE: pages::people::profile::ProfilePage,
    }
    services {
        CATALOGUE: pages::catalogue::list::CataloguePage,
        SERVICE_SHEET: pages::catalogue::sheet::ServiceSheetPage,
        BASKET: pages::baskets::compose::BasketPage,
        SUMMARY: pages::baskets::summary::SummaryPage,
    }
    body {
        AREA: pages::bodies::area::AreaPage,
        ENTRIES: pages::bodies::entries::EntriesPage,
        SUBMISSIONS: pages::bodies::submissions::SubmissionsPage,
        SUBMISSION: pages::submissions::page::SubmissionPage,
    }
    office {
        REQUESTS: pages::requests::list::RequestsPage,
        QUEUE: pages::requests::queue::QueuePage,
        REQUEST: pages::requests::request::RequestPage,
        BOARD: pages::calls::board::BoardPage,
        MATRIX: pages::calls::matrix::MatrixPage,
        BOARD_BODY: pages::calls::body::BoardBodyPage,
        PROPOSALS: pages::credits::proposals::ProposalsPage,
        // Mostly read by offices. Among the public pages it would add 16 kB to each of them.
        LEDGER: pages::credits::ledger::LedgerPage,
    }
}

/// Writes into the document which portion the page needs, and preloads its files. Server only.
fn announce(portion: &'static str) {
    #[cfg(not(target_arch = "wasm32"))]
    {
        // `leptos_meta` collects elements of the head when they are rendered, wherever that is.
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

/// The files of a portion, from the manifest of the build: a folder, and the names for each portion.
#[cfg(not(target_arch = "wasm32"))]
fn paths((folder, names, _): &(String, HashMap<String, Vec<String>>, String), portion: &str) -> Vec<String> {
    let names = names.get(portion).into_iter().flatten();
    names.map(|name| [folder, "/", name, ".wasm"].concat()).collect()
}

/// Loads the page from the server when its portion can't be loaded, for example after a new version was deployed.
fn from_the_server() -> AnyView {
    #[cfg(target_arch = "wasm32")]
    {
        let to = leptos_router::hooks::use_location();
        let (path, query) = (to.pathname.get_untracked(), to.search.get_untracked());
        let _ = location().set_href(&if query.is_empty() { path } else { [path, query].join("?") });
    }
    ().into_any()
}
