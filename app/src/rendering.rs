//! What the server passes to the rendering of one page, and the contexts made from it on both sides.
//!
//! Each context may be missing: in the browser there is no rendering, and while the server only lists the routes there
//! is nothing at all.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use leptos_router::location::Location;
use model::api::{Notice, Problem, decode};
use serde::{Deserialize, Serialize};

use crate::text::Lang;

/// Sets the status with which the page is answered.
#[derive(Clone)]
pub struct PageStatus(pub Arc<dyn Fn(u16) + Send + Sync>);

/// Given by the server to each rendering, as a context beside `Api`.
#[derive(Clone)]
pub struct Rendering {
    /// A [`PageNotice`] as JSON: so that the browser, which only reads notices, need not know how to write them.
    notice: Option<String>,
    lang: Lang,
    keys: String,
    status: PageStatus,
}

impl Rendering {
    /// `notice` when it is for this page; `keys` is a random text from which the idempotency keys are made.
    pub fn new(notice: Option<&Notice>, lang: Lang, keys: String, status: PageStatus) -> Self {
        let notice = notice.map(|notice| PageNotice::new(notice.clone(), lang));
        Self { notice: notice.and_then(|notice| serde_json::to_string(&notice).ok()), lang, keys, status }
    }

    /// The language of the document.
    pub fn lang(&self) -> Lang {
        self.lang
    }
}

/// Sets another status than 200 for this page. Does nothing in the browser.
pub fn answer_with(status: u16) {
    if let Some(rendering) = use_context::<Rendering>() {
        (rendering.status.0)(status);
    }
}

/// Where people reach the site, without a path: `https://servizi.example.org`.
#[derive(Clone)]
pub struct SiteOrigin(pub String);

pub fn use_origin() -> String {
    use_context::<SiteOrigin>().map(|origin| origin.0).unwrap_or_default()
}

/// Makes idempotency keys.
#[derive(Clone)]
pub struct Keys(Arc<dyn Fn() -> String + Send + Sync>);

impl Keys {
    pub fn from(source: impl Fn() -> String + Send + Sync + 'static) -> Self {
        Self(Arc::new(source))
    }

    fn beginning_with(seed: String) -> Self {
        let count = AtomicU32::new(0);
        Self::from(move || {
            let mut key = seed.clone();
            key.push('-');
            key.push_str(&count.fetch_add(1, Ordering::Relaxed).to_string());
            key
        })
    }

    pub fn fresh(&self) -> String {
        (self.0)()
    }
}

pub fn use_keys() -> Keys {
    use_context().unwrap_or_else(|| Keys::from(String::new))
}

pub fn use_lang() -> Lang {
    use_context().unwrap_or_default()
}

/// A notice on its way to the browser, with the page.
#[derive(Serialize, Deserialize)]
struct PageNotice {
    notice: Notice,
    /// What has changed since the form was shown, where the problem is a conflict. Only the server puts it into words:
    /// those sentences, and reading what they are made of, would cost every page 9 kB of the browser's program.
    conflict: String,
}

impl PageNotice {
    fn new(notice: Notice, lang: Lang) -> Self {
        let conflict = notice.problem.as_ref().filter(|problem| problem.is_conflict());
        let conflict = conflict.map(|problem| lang.problem(problem)).unwrap_or_default();
        Self { notice, conflict }
    }
}

/// The one-time notice: given to the server's rendering, carried to the browser with the page, and later written by
/// the forms themselves.
#[derive(Clone, Copy)]
pub struct Notices {
    notice: RwSignal<Option<Notice>>,
    /// The sentence of the conflict that the page came with.
    conflict: StoredValue<String>,
}

impl Notices {
    fn new(page: Option<PageNotice>) -> Self {
        let (notice, conflict) = page.map(|page| (page.notice, page.conflict)).unzip();
        Self { notice: RwSignal::new(notice), conflict: StoredValue::new(conflict.unwrap_or_default()) }
    }

    /// Why a form was refused, beside it; `written` tells that what somebody wrote is in it again.
    pub fn form_problem(self, lang: Lang, problem: &Problem, written: bool) -> String {
        if problem.is_conflict() { self.conflict.get_value() } else { lang.form_problem(problem, written) }
    }

    /// The notice as it is now, if it is for this page.
    pub fn on(self, page: &str) -> Option<Notice> {
        self.notice.get().filter(|notice| notice.page == page)
    }

    /// The same without tracking changes.
    pub fn now_on(self, page: &str) -> Option<Notice> {
        self.notice.get_untracked().filter(|notice| notice.page == page)
    }

    pub fn set(self, notice: Notice) {
        self.notice.set(Some(notice));
    }

    pub fn clear(self) {
        self.notice.set(None);
    }
}

pub fn use_notices() -> Notices {
    use_context().unwrap_or_else(|| Notices::new(None))
}

/// Reads the router's memos once before the page does. The server renders a page in several threads: when two of them
/// read one memo for the first time at the same instant, they find it empty and the page never ends (`reactive_graph`
/// 0.2.16).
pub fn know_place() {
    let Location { pathname, search, query, .. } = use_location();
    for text in [pathname, search] {
        text.with_untracked(|_| ());
    }
    query.with_untracked(|_| ());
}

/// Provides the contexts of the whole page; called first on both sides.
pub fn provide_rendering() {
    let rendering = use_context::<Rendering>();
    if let Some(rendering) = &rendering {
        provide_context(rendering.lang);
        provide_context(Keys::beginning_with(rendering.keys.clone()));
    }
    let notice =
        SharedValue::new_str(|| rendering.and_then(|rendering| rendering.notice).unwrap_or_default());
    provide_context(Notices::new(decode(&notice.into_inner())));
}
