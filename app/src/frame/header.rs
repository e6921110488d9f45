//! The head of every page: whose site it is, language, who is signed in, where one may go.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;
use model::api::people::{Session, SignOut, SignedIn};
use model::territory::Aggregator;

use super::navigation::{NavigationEntry, navigation};
use crate::links;
use crate::parts::{Icon, LiveForm};
use crate::rendering::use_lang;
use crate::session::with_session;
use crate::text::Lang;

#[component]
pub fn Header() -> AnyView {
    view! { <header class="it-header-wrapper">{with_session(|session| header(&session))}</header> }.into_any()
}

fn header(session: &Session) -> AnyView {
    let places = navigation(session, use_lang());
    let brand = session.aggregator.brand.clone();
    let titled = move |title: String| {
        if brand.is_empty() || title == brand { title } else { [title.as_str(), " · ", &brand].concat() }
    };
    view! {
        <Title formatter=titled/>
        {slim(session)}
        <div class="it-nav-wrapper">
            {central(&session.aggregator, places.clone())}
            {navbar(places, session.signed_in.is_none())}
        </div>
    }
    .into_any()
}

fn slim(session: &Session) -> AnyView {
    let person = session.signed_in.as_ref().map_or_else(sign_in_link, signed_in);
    view! {
        <div class="it-header-slim-wrapper">
            <div class="container">
                <div class="it-header-slim-wrapper-content">
                    <span class="navbar-brand">{session.aggregator.name.clone()}</span>
                    <div class="it-header-slim-right-zone">{languages()} {person}</div>
                </div>
            </div>
        </div>
    }
    .into_any()
}

/// The server stores the choice in a cookie and the page is loaded again: an ordinary form.
fn languages() -> AnyView {
    let (now, location) = (use_lang(), use_location());
    let here = move || {
        let (path, query) = (location.pathname.get(), location.search.get());
        if query.is_empty() { path } else { [path, query].join("?") }
    };
    let choice = move |lang: Lang| {
        let (name, short) = match lang {
            Lang::It => ("Italiano: ", "ITA"),
            Lang::En => ("English: ", "ENG"),
        };
        let current = (lang == now).then_some("true");
        view! {
            <button class="cz-lang-choice" name="lang" value=lang.code() lang=lang.code() aria-current=current>
                <span class="visually-hidden">{name}</span>
                {short}
            </button>
        }
    };
    view! {
        <form class="cz-lang" method="post" action=links::LANGUAGE>
            <input type="hidden" name="_from" value=here/>
            {Lang::ALL.map(choice).collect_view()}
        </form>
    }
    .into_any()
}

fn sign_in_link() -> AnyView {
    let (lang, location) = (use_lang(), use_location());
    let href = move || {
        let path = location.pathname.get();
        // After signing in one lands where one was; from the public home, in one's own area.
        if path == links::HOME || path == links::SIGN_IN { links::sign_in("") } else { links::sign_in(&path) }
    };
    view! {
        <a class="btn btn-primary btn-icon btn-full" href=href>
            <Icon name="user"/>
            <span>
                {lang.frame_sign_in()}
                <span class="d-none d-lg-inline">" " {lang.frame_to_personal_area()}</span>
            </span>
        </a>
    }
    .into_any()
}

fn signed_in(person: &SignedIn) -> AnyView {
    let lang = use_lang();
    let name = person.person.name.clone();
    view! {
        <button type="button" class="btn btn-primary btn-icon btn-full" popovertarget="chi">
            <Icon name="user"/>
            <span class="cz-user-name">{name.clone()}</span>
        </button>
        <div class="cz-user-menu" id="chi" popover="auto">
            <p>
                <strong>{name}</strong>
                <br/>
                {person.email.clone()}
            </p>
            <a href=links::PROFILE>
                <Icon name="settings"/>
                " "
                {lang.frame_profile()}
            </a>
            <LiveForm<SignOut> to=links::HOME anew=true>
                <button>
                    <Icon name="logout"/>
                    " "
                    {lang.frame_sign_out()}
                </button>
            </LiveForm<SignOut>>
        </div>
    }
    .into_any()
}

fn central(aggregator: &Aggregator, places: Vec<NavigationEntry>) -> AnyView {
    let lang = use_lang();
    let search = lang.frame_search();
    view! {
        <div class="it-header-center-wrapper">
            <div class="container">
                <div class="it-header-center-content-wrapper">
                    <div class="it-brand-wrapper">
                        <a href=links::HOME>
                            <img class="icon" src="/logo.svg" alt="" width="64" height="64"/>
                            <span class="it-brand-text">
                                <span class="it-brand-title">{aggregator.brand.clone()}</span>
                                <span class="it-brand-tagline d-none d-md-block">{lang.frame_tagline()}</span>
                            </span>
                        </a>
                    </div>
                    <div class="it-right-zone">
                        <div class="it-search-wrapper d-none d-lg-flex">
                            <span>{search}</span>
                            <a class="rounded-icon" href=links::CATALOGUE aria-label=search>
                                <Icon name="search"/>
                            </a>
                        </div>
                        <details class="cz-menu">
                            <summary>
                                <Icon name="burger"/>
                                <span>{lang.frame_menu()}</span>
                            </summary>
                            <nav aria-label=lang.frame_menu()>
                                <ul>{places.into_iter().map(|place| entry(place, "", "")).collect_view()}</ul>
                            </nav>
                        </details>
                    </div>
                </div>
            </div>
        </div>
    }
    .into_any()
}

fn navbar(places: Vec<NavigationEntry>, nobody: bool) -> AnyView {
    // The link to the sign-in is right above.
    let shown = places.len() - usize::from(nobody);
    let entries =
        places.into_iter().take(shown).map(|place| entry(place, "nav-item", "nav-link")).collect_view();
    view! {
        <div class="it-header-navbar-wrapper d-none d-lg-block">
            <div class="container">
                <nav class="navbar navbar-expand-lg has-megamenu" aria-label=use_lang().frame_main_navigation()>
                    <div class="navbar-collapsable">
                        <div class="menu-wrapper">
                            <ul class="navbar-nav">{entries}</ul>
                        </div>
                    </div>
                </nav>
            </div>
        </div>
    }
    .into_any()
}

fn entry(place: NavigationEntry, item: &'static str, link: &'static str) -> AnyView {
    let (path, href, name) = (use_location().pathname, place.href.clone(), place.name);
    let mark = Memo::new(move |_| place.mark(&path.get()));
    let class = move || if mark.get().is_some() && !link.is_empty() { "nav-link active" } else { link };
    view! {
        <li class=item>
            <a class=class href=href aria-current=mark>
                <span>{name}</span>
            </a>
        </li>
    }
    .into_any()
}
