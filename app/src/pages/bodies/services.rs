//! The services of a body, by how they stand, each with its next step.

use leptos::prelude::*;
use model::access::Permission;
use model::api::bodies::{BodyArea, BodyService, CallWindow};
use model::api::requests::Due;
use model::basket::Standing;
use model::requests::State;

use super::opens;
use crate::links;
use crate::parts::{Badge, Icon, Shade, StateBadge};
use crate::text::Lang;

/// In which list a service stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ServiceGroup {
    Moving,
    Open,
    Live,
    Over,
}

impl ServiceGroup {
    const ALL: [Self; 4] = [Self::Moving, Self::Open, Self::Live, Self::Over];

    fn of(service: &BodyService) -> Self {
        match service.standing {
            Standing::InProgress => Self::Moving,
            Standing::Live => Self::Live,
            Standing::Open if service.in_package => Self::Open,
            Standing::Open | Standing::Gone => Self::Over,
        }
    }

    fn title(self, lang: Lang) -> &'static str {
        match self {
            Self::Moving => lang.bodies_services_moving(),
            Self::Open => lang.bodies_services_open(),
            Self::Live => lang.bodies_services_live(),
            Self::Over => lang.bodies_services_over(),
        }
    }
}

pub fn services(lang: Lang, area: &BodyArea, window: &CallWindow) -> AnyView {
    let follows = opens(&area.roles, Permission::ListRequests);
    let group = |group: ServiceGroup| {
        let mut services: Vec<_> =
            area.services.iter().filter(|service| ServiceGroup::of(service) == group).collect();
        services.sort_by_key(|service| service.state.map(rank));
        (!services.is_empty()).then(|| {
            let rows = services.into_iter().map(|service| row(lang, service, window, follows)).collect_view();
            let note = (group == ServiceGroup::Open && window.open)
                .then(|| view! { <p class="cz-small cz-quiet">{lang.bodies_services_open_note()}</p> });
            view! {
                <h3>{group.title(lang)}</h3>
                {note}
                <ul class="cz-items mb-4">{rows}</ul>
            }
            .into_any()
        })
    };
    let none = area.services.is_empty().then(|| view! { <p>{lang.bodies_services_none()}</p> });
    view! {
        <section class="cz-section" aria-labelledby="servizi">
            <div class="cz-title-row">
                <h2 id="servizi">{lang.bodies_services()}</h2>
                {follows.then(|| {
                    view! {
                        <a class="cz-more" href=links::requests(area.body.id)>
                            {lang.bodies_requests_link()}
                            <Icon name="arrow-right"/>
                        </a>
                    }
                })}
            </div>
            {ServiceGroup::ALL.into_iter().map(group).collect_view()}
            {none}
        </section>
    }
    .into_any()
}

/// What waits for the body first, then what is nearest to its beginning.
fn rank(state: State) -> u8 {
    match state {
        State::NeedsChanges => 0,
        State::AwaitingAuthorisation => 1,
        State::Submitted => 2,
        State::InReview => 3,
        State::Approved => 4,
        _ => 5,
    }
}

fn row(lang: Lang, service: &BodyService, window: &CallWindow, follows: bool) -> AnyView {
    let href = match service.request.filter(|_| follows) {
        Some(request) => links::request(request),
        None => links::service(&service.service.code),
    };
    let badge = match service.state {
        // An item of the package that came to nothing is open again: that it was asked for is told in the note.
        Some(state) if ServiceGroup::of(service) != ServiceGroup::Open => {
            view! { <StateBadge state=state/> }.into_any()
        }
        _ => {
            let shade = if service.standing == Standing::Open { Shade::Neutral } else { Shade::Ended };
            view! { <Badge shade=shade word=lang.standing(service.standing)/> }.into_any()
        }
    };
    let note = next(lang, service, window);
    view! {
        <li>
            <div>
                <p class="cz-item-name">
                    <a href=href>{service.service.name.clone()}</a>
                </p>
                {(!note.is_empty()).then(|| view! { <p class="cz-item-note">{note}</p> })}
            </div>
            {badge}
        </li>
    }
    .into_any()
}

/// What comes next for a service, and by when; nothing where the heading says it all.
fn next(lang: Lang, service: &BodyService, window: &CallWindow) -> String {
    let Some(state) = service.state else {
        return match service.standing {
            Standing::Gone => lang.bodies_next_dropped().to_owned(),
            _ if service.value > 0 && window.open => lang.bodies_next_open_value(service.value),
            _ => String::new(),
        };
    };
    let due = service.due.filter(|due| !due.stopped).map(|due| by(lang, due));
    match (state, due) {
        (State::AwaitingAuthorisation, _) => {
            lang.bodies_next_awaiting_authorisation(lang.until_instant(window.authorise_until))
        }
        (State::Submitted, Some(due)) => lang.bodies_next_submitted_due(due),
        (State::Submitted, None) => lang.bodies_next_submitted().to_owned(),
        (State::InReview, Some(due)) => lang.bodies_next_in_review_due(due),
        (State::InReview, None) => lang.bodies_next_in_review().to_owned(),
        (State::NeedsChanges, _) => lang.bodies_next_needs_changes().to_owned(),
        (State::Approved, Some(due)) => lang.bodies_next_approved_due(due),
        (State::Approved, None) => lang.bodies_next_approved().to_owned(),
        (State::Activating, due) => activating(lang, service, due),
        (State::Live, _) => since(lang, service, |day| lang.bodies_next_live(lang.since_day(day))),
        (over, _) => {
            let word = lang.state(over);
            let open = ServiceGroup::of(service) == ServiceGroup::Open;
            since(lang, service, |day| {
                let on = lang.on_day(day);
                if open { lang.bodies_next_reopened(word, on) } else { lang.bodies_next_over(word, on) }
            })
        }
    }
}

/// "entro il 28 novembre 2026, tra 4 giorni lavorativi"
fn by(lang: Lang, due: Due) -> String {
    lang.dates_with_left(lang.by_day(due.day), lang.working_days_left(due))
}

fn since(lang: Lang, service: &BodyService, format: impl FnOnce(model::calendar::Day) -> String) -> String {
    match service.since {
        Some(at) => format(at.day_in_rome()),
        None => service.state.map(|state| lang.state(state)).unwrap_or_default().to_owned(),
    }
}

fn activating(lang: Lang, service: &BodyService, due: Option<String>) -> String {
    let next = match due {
        Some(due) => lang.bodies_next_activating_due(due),
        None if service.due.is_some() => lang.bodies_next_activating_stopped().to_owned(),
        None => lang.bodies_next_activating().to_owned(),
    };
    if service.milestones == 0 {
        return next;
    }
    let step = (service.milestones_done + 1).min(service.milestones);
    lang.bodies_next_step(step, service.milestones, next)
}
