//! The forms of the actions on a request. Each sends the version that was shown, and fetches the request again when
//! done.

use leptos::prelude::*;
use model::access::Permission;
use model::api::Operation;
use model::api::requests::{
    Approve, AskChanges, Cancel, EndService, GoLive, Reassign, Reject, ReleaseRequest, RequestView, Revoke,
    Start, TakeInCharge, WithdrawRequest,
};
use model::requests::{Event, State};

use super::affected::touched;
use crate::parts::{Button, Control, Field, Fold, LiveForm, Look, Reason, Tick, came_back};
use crate::text::Lang;

/// A request as it is shown, and how to fetch it again.
#[derive(Clone, Copy)]
pub struct RequestForms<'v> {
    pub lang: Lang,
    pub view: &'v RequestView,
    pub again: Callback<()>,
}

impl RequestForms<'_> {
    pub fn may(self, event: Event) -> bool {
        self.view.allowed_events.contains(&event)
    }

    /// The name of its forms: beside the list, all requests share one address.
    pub fn name(self) -> String {
        self.view.row.id.to_string()
    }

    /// The form of an action, around its fields and its button.
    pub fn form<O: Operation<Answer = RequestView>>(
        self,
        inside: impl FnOnce() -> AnyView + Send + 'static,
    ) -> AnyView {
        self.form_with::<O>(Vec::new(), inside)
    }

    /// The same with more fixed fields. For a colleague's request there is a checkbox to confirm.
    fn form_with<O: Operation<Answer = RequestView>>(
        self,
        more: Vec<(&'static str, String)>,
        inside: impl FnOnce() -> AnyView + Send + 'static,
    ) -> AnyView {
        let (lang, again, name) = (self.lang, self.again, self.name());
        let fields = [request_fields(self.view), more].concat();
        let works = matches!(O::PERMISSION, Permission::WorkRequest | Permission::CompleteMilestone);
        // A form that changes the owner has no such checkbox: it names the owner itself.
        let names_owner = fields.iter().any(|(name, _)| *name == OWNER);
        let colleague = self.view.colleague().filter(|_| works && !names_owner).map(|owner| {
            let (id, label) = (owner.id.to_string(), lang.requests_colleague_tick(&owner.name));
            view! { <Tick name=OWNER label=label value=id anew=true/> }
        });
        view! {
            <LiveForm<O> with=fields name=name then=move |_| again.run(())>
                {colleague}
                {inside()}
            </LiveForm<O>>
        }
        .into_any()
    }

    /// The colleague who has it, as a fixed field of a form that names the owner itself.
    fn owner(self) -> Vec<(&'static str, String)> {
        self.view.colleague().map(|owner| (OWNER, owner.id.to_string())).into_iter().collect()
    }

    fn fold<O: Operation<Answer = RequestView>>(
        self,
        summary: &'static str,
        more: Vec<(&'static str, String)>,
        inside: impl FnOnce() -> AnyView + Send + 'static,
    ) -> AnyView {
        let (form, open) = (self.form_with::<O>(more, inside), came_back::<O>(&self.name()));
        view! {
            <Fold summary=summary open=open>
                {form}
            </Fold>
        }
        .into_any()
    }

    /// A form with a sentence, a note where one may be added, and the button.
    fn plain<O: Operation<Answer = RequestView>>(
        self,
        event: Event,
        sentence: String,
        noted: bool,
    ) -> AnyView {
        let lang = self.lang;
        self.form::<O>(move || {
            (paragraph(sentence), noted.then(|| note(lang)), button(Look::Primary, lang.action(event)))
                .into_any()
        })
    }
}

/// The field with the owner in whose place one acts.
const OWNER: &str = "owner";

/// The fields that every action sends.
pub fn request_fields(view: &RequestView) -> Vec<(&'static str, String)> {
    vec![("request", view.row.id.to_string()), ("version", view.row.version.to_string())]
}

/// The optional note of an action.
pub fn note(lang: Lang) -> AnyView {
    view! { <Field name="note" label=lang.requests_note() control=Control::Text optional=true/> }.into_any()
}

fn paragraph(sentence: impl Into<String>) -> AnyView {
    let sentence: String = sentence.into();
    view! { <p>{sentence}</p> }.into_any()
}

fn button(look: Look, word: impl Into<String>) -> AnyView {
    let word: String = word.into();
    view! { <Button look=look>{word}</Button> }.into_any()
}

/// What an operator can do now, the usual action first. None where it is somebody else's turn.
pub fn next(seen: RequestForms) -> Option<AnyView> {
    let lang = seen.lang;
    let mut forms = Vec::new();
    if seen.may(Event::TakeInCharge) {
        let sentence = lang.requests_take_text().to_owned();
        forms.push(seen.plain::<TakeInCharge>(Event::TakeInCharge, sentence, false));
    } else if seen.view.row.owner.is_none() && seen.view.row.state != State::AwaitingAuthorisation {
        forms.extend(take_over(seen));
    }
    if seen.may(Event::Approve) {
        forms.push(seen.plain::<Approve>(Event::Approve, approval(seen), true));
    } else if seen.may(Event::AskChanges) && !seen.view.pending.is_empty() {
        let services = lang.listed(seen.view.pending.iter().map(|service| &service.name));
        let sentence = lang.requests_approve_pending(services);
        forms.push(view! { <Reason>{sentence}</Reason> }.into_any());
    }
    if seen.may(Event::AskChanges) {
        forms.push(ask_changes(seen));
    }
    if seen.may(Event::Reject) {
        forms.extend(take_away::<Reject>(seen, Event::Reject));
    }
    if seen.may(Event::Start) {
        forms.push(seen.plain::<Start>(Event::Start, plan(seen), true));
    }
    if seen.may(Event::GoLive) {
        forms.push(seen.plain::<GoLive>(Event::GoLive, lang.requests_go_live_text().to_owned(), true));
    }
    (!forms.is_empty()).then(|| forms.into_any())
}

/// Rare actions, each in a fold. Destructive ones ask for confirmation.
pub fn others(seen: RequestForms) -> Option<AnyView> {
    let mut folds = Vec::new();
    if seen.may(Event::Reassign) {
        folds.extend(seen.view.colleague().and_then(|_| take_over(seen)));
        folds.push(reassign(seen));
    }
    if seen.may(Event::Release) {
        folds.push(release(seen));
    }
    if seen.may(Event::Cancel) {
        folds.extend(take_away::<Cancel>(seen, Event::Cancel));
    }
    if seen.may(Event::Revoke) {
        folds.extend(take_away::<Revoke>(seen, Event::Revoke));
    }
    if seen.may(Event::End) {
        folds.extend(take_away::<EndService>(seen, Event::End));
    }
    (!folds.is_empty()).then(|| folds.into_any())
}

/// Withdrawal by the body, at the bottom of the page.
pub fn withdraw(seen: RequestForms) -> Option<AnyView> {
    take_away::<WithdrawRequest>(seen, Event::Withdraw)
}

fn approval(seen: RequestForms) -> String {
    match seen.view.row.price {
        0 => seen.lang.requests_approve_free().to_owned(),
        price => seen.lang.requests_approve_text(price),
    }
}

fn plan(seen: RequestForms) -> String {
    let milestones = &seen.view.suggested_milestones;
    if milestones.is_empty() {
        return seen.lang.requests_start_plain().to_owned();
    }
    // Titles have an "and" of their own.
    let titles: Vec<_> = milestones.iter().map(|milestone| milestone.title.as_str()).collect();
    seen.lang.requests_start_text(titles.join("; "))
}

fn ask_changes(seen: RequestForms) -> AnyView {
    let lang = seen.lang;
    seen.fold::<AskChanges>(lang.action(Event::AskChanges), Vec::new(), move || {
        view! {
            {paragraph(lang.requests_ask_text())}
            <Field name="message" label=lang.requests_message() control=Control::Text/>
            {button(Look::Primary, lang.action(Event::AskChanges))}
        }
        .into_any()
    })
}

fn reassign(seen: RequestForms) -> AnyView {
    let lang = seen.lang;
    let owner = seen.view.row.owner.as_ref().map(|owner| owner.id);
    let others = seen.view.operators.iter().filter(|operator| Some(operator.id) != owner);
    let mut choices = vec![(String::new(), lang.requests_choose().to_owned())];
    choices.extend(others.map(|operator| (operator.id.to_string(), operator.name.clone())));
    seen.fold::<Reassign>(lang.action(Event::Reassign), seen.owner(), move || {
        view! {
            <Field name="operator" label=lang.requests_reassign_to() control=Control::Choice(choices)/>
            {button(Look::Primary, lang.requests_reassign())}
        }
        .into_any()
    })
}

/// *Prendi in carico* what is past the point where that is a step of its own: the reader becomes its operator.
fn take_over(seen: RequestForms) -> Option<AnyView> {
    let (lang, view) = (seen.lang, seen.view);
    let caller = view.caller.filter(|_| seen.may(Event::Reassign))?;
    let more = [seen.owner(), vec![("operator", caller.to_string())]].concat();
    let word = match view.colleague() {
        Some(owner) => lang.requests_colleague_take(&owner.name),
        None => lang.action(Event::TakeInCharge).to_owned(),
    };
    let look = if view.row.owner.is_none() { Look::Primary } else { Look::Outline };
    Some(seen.form_with::<Reassign>(more, move || {
        (paragraph(lang.requests_take_text()), button(look, word)).into_any()
    }))
}

/// *Rilascia*: nobody has it any more.
fn release(seen: RequestForms) -> AnyView {
    let lang = seen.lang;
    let colleague = seen.view.colleague().map(|owner| lang.requests_release_colleague(&owner.name));
    seen.fold::<ReleaseRequest>(lang.action(Event::Release), seen.owner(), move || {
        view! {
            {paragraph(lang.requests_release_text())}
            {colleague.map(paragraph)}
            {note(lang)}
            {button(Look::Primary, lang.action(Event::Release))}
        }
        .into_any()
    })
}

/// An action that ends the request. It lists first what is lost, what comes back, and the dependent requests that end
/// with it.
fn take_away<O: Operation<Answer = RequestView>>(seen: RequestForms, event: Event) -> Option<AnyView> {
    let (lang, row) = (seen.lang, &seen.view.row);
    let removal = seen.view.removal(event)?;
    let (service, body) = (&row.service.name, &row.body.title);
    let (explained, confirm) = match event {
        Event::Reject => (lang.requests_explain_reject(service, body), lang.requests_confirm_reject(service)),
        Event::Cancel => (lang.requests_explain_cancel(service, body), lang.requests_confirm_cancel(service)),
        Event::Revoke => (lang.requests_explain_revoke(service, body), lang.requests_confirm_revoke(service)),
        Event::End => (lang.requests_explain_end(service, body), lang.requests_confirm_end(service)),
        _ => (lang.requests_explain_withdraw(service), lang.requests_confirm_withdraw(service)),
    };
    let credits = match (event, removal.credits) {
        // The table says how much.
        _ if !removal.along.is_empty() && removal.expires() => lang.requests_archived_calls().to_owned(),
        _ if !removal.along.is_empty() => String::new(),
        (_, 0) => String::new(),
        _ if removal.archived => lang.requests_archived().to_owned(),
        (Event::Revoke, credits) => lang.requests_refunded(credits),
        (_, credits) => lang.requests_released(credits),
    };
    let own = event == Event::Withdraw;
    let summary = if own { lang.requests_fold_withdraw() } else { lang.action(event) };
    let sentence = [explained.as_str(), &credits].join(" ");
    let table = touched(lang, row, removal);
    let stays: Vec<_> = removal.along.iter().filter(|other| other.stays).collect();
    if !stays.is_empty() {
        let services = lang.listed(stays.iter().map(|other| &other.service.name));
        let fold = view! {
            <Fold summary=summary>
                {paragraph(explained)}
                {table}
                <Reason>{lang.requests_touched_stays(services)}</Reason>
            </Fold>
        };
        return Some(fold.into_any());
    }
    let along = removal.along.len();
    let more = removal.seen().into_iter().map(|seen| ("seen", seen.into())).collect();
    let fold = seen.fold::<O>(summary, more, move || {
        let along = (along > 0).then(|| {
            let label = lang.requests_take_along(i64::try_from(along).unwrap_or(i64::MAX));
            view! {
                {table}
                <Tick name="take_along" label=label anew=true/>
                <p class="cz-small cz-quiet">{lang.requests_take_along_hint()}</p>
            }
        });
        let hint = if own { "" } else { lang.requests_reason_hint() };
        view! {
            {paragraph(sentence)}
            {along}
            <Field name="reason" label=lang.requests_reason() control=Control::Text hint=hint optional=own/>
            {button(Look::Danger, confirm)}
        }
        .into_any()
    });
    Some(fold)
}
