//! A form that sends an operation, with or without the program.
//!
//! Both send the same fields to the same path. Without the program the browser loads the page again, with a notice of
//! what happened. The program stays on the page, shows what is wrong beside the fields, and continues when it is done.

use std::marker::PhantomData;
use std::sync::Arc;

use leptos::context::Provider;
use leptos::ev::SubmitEvent;
use leptos::form::form_data_from_event;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::JsCast;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};
use model::api::{ApiError, Got, Notice, Operation, Problem, destination, fill, only_proposed};
use model::refusals::Refusal;
use serde::de::IgnoredAny;
use web_sys::{HtmlElement, HtmlFormElement, UrlSearchParams};

use super::{Alert, Icon, Tone};
use crate::forms::{FormClient, FormRequest, FormState};
use crate::rendering::{Keys, Notices, use_keys, use_lang, use_notices};

/// The options of a form without the type of its operation, so that the code below is compiled once.
struct Form {
    path: &'static str,
    with: Vec<(&'static str, String)>,
    name: String,
    class: &'static str,
    after: After,
    conflict_above: bool,
}

/// What the page does with the answer.
type Then = Arc<dyn Fn(&Got) + Send + Sync>;

/// What to do after success.
#[derive(Clone)]
struct After {
    to: Option<String>,
    then: Option<Then>,
    anew: bool,
}

/// The form around the fields and the button of one operation.
#[component]
pub fn LiveForm<O: Operation>(
    #[prop(optional)] operation: PhantomData<O>,
    /// Fixed fields: those of the path, and hidden ones.
    #[prop(optional, into)]
    with: Vec<(&'static str, String)>,
    /// Tells it from other forms of the same operation on the page.
    #[prop(optional, into)]
    name: String,
    /// Where to go when it is done, with `{field}` filled from the answer; without it the page stays.
    #[prop(optional, into)]
    to: Option<String>,
    /// What the page does with the answer instead of going to `to`, which is then for browsers without the program.
    #[prop(optional, into)]
    then: Option<Callback<O::Answer>>,
    /// Loads the next page from the server, as after signing in.
    #[prop(optional)]
    anew: bool,
    /// The page shows above the form what has changed since it was shown.
    #[prop(optional)]
    conflict_above: bool,
    #[prop(optional)] class: &'static str,
    children: Children,
) -> AnyView {
    // Only the type is needed.
    let PhantomData = operation;
    let then = then.map(|then| -> Then {
        Arc::new(move |got| {
            if let Ok(answer) = got.answer() {
                then.run(answer);
            }
        })
    });
    live_form(
        Form { path: O::PATH, with, name, class, after: After { to, then, anew }, conflict_above },
        children,
    )
}

/// Whether this form had a problem when the page was loaded: the fold around it is then open.
pub fn came_back<O: Operation>(name: &str) -> bool {
    notice_of(O::PATH, name).is_some()
}

fn notice_of(path: &str, name: &str) -> Option<Notice> {
    let page = use_location().pathname.get_untracked();
    use_notices()
        .now_on(&page)
        .filter(|notice| notice.problem.is_some() && notice.operation == path && notice.form == name)
}

fn is_conflict(notice: &Notice) -> bool {
    notice.problem.as_ref().is_some_and(Problem::is_conflict)
}

/// An alert with what has changed since a form of this operation was shown, for the top of the page. The form has
/// `conflict_above`.
pub fn changed_since<O: Operation>() -> Option<AnyView> {
    let problem = notice_of(O::PATH, "").filter(is_conflict)?.problem?;
    let sentence = use_notices().form_problem(use_lang(), &problem, false);
    let alert = view! {
        <div role="alert" tabindex="-1" autofocus=true>
            <Alert tone=Tone::Danger title=sentence/>
        </div>
    };
    Some(alert.into_any())
}

fn live_form(form: Form, children: Children) -> AnyView {
    let location = use_location();
    let here = move || {
        let (path, query) = (location.pathname.get(), location.search.get());
        if query.is_empty() { path } else { [path, query].join("?") }
    };
    let mut notice = notice_of(form.path, &form.name);
    if let Some(notice) = notice.as_mut().filter(|notice| form.conflict_above && is_conflict(notice)) {
        notice.problem = None;
    }
    let had_problem = notice.as_ref().is_some_and(|notice| notice.problem.is_some());
    let last = form.path.rsplit('/').next().unwrap_or_default();
    let id = if form.name.is_empty() { last.to_owned() } else { [last, "-", &form.name].concat() };
    let entry = FormState::after(notice, id);

    let (action, with) = address_and_fields(form.path, form.with);
    let keys = use_keys();
    let (alert, key) = (NodeRef::<html::Div>::new(), NodeRef::<html::Input>::new());
    let first_key = keys.fresh();
    let next = form.after.to.clone();
    let sending = SubmittedForm {
        path: form.path,
        name: form.name.clone(),
        action: action.clone(),
        entry,
        notices: use_notices(),
        keys,
        key,
        alert,
        after: form.after,
        native: StoredValue::new(false),
    };
    let client = use_context::<FormClient>();
    let navigate = use_navigate();
    let navigate: Arc<dyn Fn(&str) + Send + Sync> =
        Arc::new(move |path| navigate(path, NavigateOptions::default()));
    let on_submit = move |event: SubmitEvent| {
        if let Some(client) = client.clone() {
            sending.clone().submit(&event, client, navigate.clone());
        }
    };
    let name = (!form.name.is_empty()).then_some(form.name);
    let inner = view! { <Provider value=entry>{children()}</Provider> };
    view! {
        <form class=form.class method="post" action=action novalidate on:submit=on_submit>
            <input type="hidden" name="_from" value=here/>
            {next.map(|to| view! { <input type="hidden" name="_then" value=to/> })}
            {name.map(|name| view! { <input type="hidden" name="_form" value=name/> })}
            <input type="hidden" name="_key" autocomplete="off" value=first_key node_ref=key/>
            {with}
            <div role="alert" tabindex="-1" autofocus=had_problem node_ref=alert>
                {move || problem_alert(entry)}
            </div>
            {inner}
        </form>
    }
    .into_any()
}

/// The address of the form, and the fixed fields that are not part of it.
fn address_and_fields(path: &str, with: Vec<(&'static str, String)>) -> (String, AnyView) {
    // One by one: `collect` would sort them first, and add the code to sort to the browser's program.
    let mut fields = serde_json::Map::new();
    for (name, value) in &with {
        fields.insert((*name).to_owned(), value.clone().into());
    }
    let address = fill(path, &mut fields);
    let hidden = with.into_iter().filter(|(name, _)| fields.contains_key(*name));
    let hidden = hidden.map(|(name, value)| view! { <input type="hidden" name=name value=value/> });
    (address, hidden.collect_view().into_any())
}

/// The sentence of the problem, and the list of faulty fields.
fn problem_alert(entry: FormState) -> Option<AnyView> {
    let (lang, notices) = (use_lang(), use_notices());
    let sentence = |problem: &Problem| notices.form_problem(lang, problem, entry.is_restored());
    let sentence = entry.problem.with(|problem| problem.as_ref().map(sentence))?;
    let fault = |(id, sentence): (Option<String>, String)| match id {
        // `external`: the browser moves the focus to the field, the router would only scroll.
        Some(id) => view! { <li><a href=["#", &id].concat() rel="external">{sentence}</a></li> }.into_any(),
        None => view! { <li>{sentence}</li> }.into_any(),
    };
    let faults: Vec<_> = entry.faults(lang).into_iter().map(fault).collect();
    let list = (!faults.is_empty()).then(|| view! { <ul>{faults}</ul> });
    let alert = view! {
        <div class="alert alert-danger">
            <Icon name="error" class="icon-danger"/>
            <div>
                <p class="alert-heading">{sentence}</p>
                {list}
            </div>
        </div>
    };
    Some(alert.into_any())
}

/// A form that is being sent.
#[derive(Clone)]
struct SubmittedForm {
    path: &'static str,
    name: String,
    action: String,
    entry: FormState,
    notices: Notices,
    keys: Keys,
    key: NodeRef<html::Input>,
    alert: NodeRef<html::Div>,
    after: After,
    /// The browser sends it next time, without the program.
    native: StoredValue<bool>,
}

type Navigate = Arc<dyn Fn(&str) + Send + Sync>;

impl SubmittedForm {
    fn submit(self, event: &SubmitEvent, client: FormClient, navigate: Navigate) {
        if self.native.get_value() {
            return;
        }
        let Some(form) = event.target().and_then(|form| form.dyn_into::<HtmlFormElement>().ok()) else {
            return;
        };
        let Some(fields) = fields_of(event) else { return };
        event.prevent_default();
        if self.entry.busy.get_untracked() {
            return;
        }
        self.entry.busy.set(true);
        self.notices.clear();
        let button = event.submitter().and_then(|button| button.dyn_into::<HtmlElement>().ok());
        let key = self.key.get_untracked().map(|key| key.value()).unwrap_or_default();
        let request = FormRequest { path: self.action.clone(), fields, key };
        spawn_local(async move {
            let got = client.send(request).await.unwrap_or_default();
            // The person may have left the page in the meantime.
            if !self.entry.busy.is_disposed() {
                self.outcome(&got, &form, button.as_ref(), &navigate);
            }
        });
    }

    fn outcome(&self, got: &Got, form: &HtmlFormElement, button: Option<&HtmlElement>, navigate: &Navigate) {
        self.entry.busy.set(false);
        match got.answer::<IgnoredAny>() {
            Ok(_) => {
                self.new_key();
                self.entry.problem.set(None);
                form.reset();
                self.done(got, navigate);
            }
            Err(
                Problem::ApiError(ApiError::SignInNeeded | ApiError::Conflict { .. })
                | Problem::Refused(Refusal::TransitionRefused { .. }),
            ) => {
                // Sent again by the browser: the server stores what was entered and shows it after the sign-in, or on
                // the page as it is now.
                self.native.set_value(true);
                let _ = match button {
                    Some(button) => form.request_submit_with_submitter(Some(button)),
                    None => form.request_submit(),
                };
            }
            Err(problem) => {
                if is_definite(&problem) {
                    self.new_key();
                }
                self.entry.problem.set(Some(problem));
                let alert = self.alert;
                request_animation_frame(move || {
                    if let Some(alert) = alert.try_get_untracked().flatten() {
                        let _ = alert.focus();
                    }
                });
            }
        }
    }

    fn done(&self, got: &Got, navigate: &Navigate) {
        let here = location().pathname().unwrap_or_default();
        let to = self.after.to.as_deref().filter(|_| self.after.then.is_none());
        let mut answer = got.fields();
        let proposed = only_proposed(&answer);
        let to = to.and_then(|to| destination(to, &mut answer));
        let page = to.as_deref().map_or(here.as_str(), |to| to.split(['?', '#']).next().unwrap_or(to));
        self.notices.set(Notice {
            page: page.to_owned(),
            operation: self.path.to_owned(),
            form: self.name.clone(),
            proposed,
            ..Notice::default()
        });
        match (&self.after.then, to) {
            (Some(then), _) => then(got),
            (None, Some(to)) if self.after.anew => {
                let _ = location().set_href(&to);
            }
            (None, Some(to)) => navigate(&to),
            (None, None) => {}
        }
    }

    fn new_key(&self) {
        if let Some(key) = self.key.get_untracked() {
            key.set_value(&self.keys.fresh());
        }
    }
}

/// Whether the server has decided, so that sending again is a new attempt with a new key. Otherwise the old key stays:
/// what may have been done is not done twice.
fn is_definite(problem: &Problem) -> bool {
    !matches!(problem, Problem::ApiError(ApiError::Unreachable | ApiError::Unavailable | ApiError::Internal))
}

/// The fields as the browser would send them, with the button that was pressed.
fn fields_of(event: &SubmitEvent) -> Option<String> {
    let data = form_data_from_event(event).ok()?;
    let fields = UrlSearchParams::new_with_str_sequence_sequence(&data).ok()?;
    // A button without a name comes as an empty one.
    fields.delete("");
    Some(fields.to_string().into())
}
