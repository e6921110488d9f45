//! *Da fare*: what waits for the reader, the most pressing first; where nothing does, what comes next.

use leptos::prelude::*;
use model::api::bodies::{BodyArea, CallWindow, Draft, Todo};
use model::api::submissions::SubmissionState;
use model::people::Role;

use super::is_to_open;
use crate::links;
use crate::parts::Icon;
use crate::text::Lang;

/// Longest quotation in a note, in characters: the rest stands where the note leads.
const MOST_QUOTED: usize = 160;

/// One thing to do: sign, where it is done, its name, and what there is to know.
struct Item {
    icon: &'static str,
    href: String,
    title: String,
    note: String,
}

/// Empty for a reader who may only look.
pub fn todo(lang: Lang, area: &BodyArea, window: &CallWindow) -> Option<AnyView> {
    let acts = area.roles.iter().any(|role| matches!(role, Role::Officer | Role::Mayor));
    acts.then(|| {
        let mut waiting: Vec<&Todo> = area.todo.iter().collect();
        waiting.sort_by_key(|todo| urgency(todo));
        let items: Vec<Item> = waiting.into_iter().flat_map(|todo| items(lang, area, todo)).collect();
        let content = if items.is_empty() {
            nothing(lang, area, window)
        } else {
            let items = items.into_iter().map(row).collect_view();
            view! { <ul class="cz-todo">{items}</ul> }.into_any()
        };
        view! {
            <section class="cz-section" aria-labelledby="da-fare">
                <h2 id="da-fare">{lang.bodies_todo()}</h2>
                {content}
            </section>
        }
        .into_any()
    })
}

/// Tasks that block others come first.
fn urgency(todo: &Todo) -> u8 {
    match todo {
        Todo::Authorise { .. } => 0,
        Todo::Mend { .. } => 1,
        Todo::Answer { .. } => 2,
        Todo::Milestone { .. } => 3,
        Todo::Compose { .. } => 4,
    }
}

fn items(lang: Lang, area: &BodyArea, todo: &Todo) -> Vec<Item> {
    let body = area.body.id;
    let item = |icon, href, title, note| vec![Item { icon, href, title, note }];
    match todo {
        Todo::Authorise { submission, number, services, credits, until } => {
            let until = lang.until_instant(*until);
            let note = match services {
                0 => lang.bodies_todo_authorise_package(until),
                services => {
                    lang.bodies_todo_authorise_note((*services).into(), lang.credits(*credits), until)
                }
            };
            item("check-circle", links::submission(*submission), lang.bodies_todo_authorise(number), note)
        }
        Todo::Mend { number, reason, .. } => {
            let note = lang.bodies_todo_mend_note(number, quoted(reason));
            item("pencil", links::basket(body), lang.bodies_todo_mend().to_owned(), note)
        }
        Todo::Answer { request, service, message } => {
            let note = lang.bodies_todo_answer_note(quoted(message));
            item("note", links::request(*request), lang.bodies_todo_answer(&service.name), note)
        }
        Todo::Milestone { request, service, title } => {
            let note = lang.bodies_todo_milestone_note(&service.name);
            item("flag", links::request(*request), title.clone(), note)
        }
        Todo::Compose { closes } => compose(lang, area, lang.until_instant(*closes)),
    }
}

/// Two links: change the package, or confirm it as it was assigned.
fn compose(lang: Lang, area: &BodyArea, until: String) -> Vec<Item> {
    let body = area.body.id;
    let left =
        area.account.map(|account| lang.credits_left(account.available(), lang.number(account.granted)));
    let (title, left) = match &area.draft {
        Some(draft) => (lang.bodies_todo_complete(), Some(draft_words(lang, draft))),
        None => (lang.bodies_todo_compose(), left),
    };
    let mut items = vec![Item {
        icon: "box",
        href: links::basket(body),
        title: title.to_owned(),
        note: lang.bodies_todo_compose_note(left.unwrap_or_default(), until),
    }];
    if area.draft.is_none() {
        items.push(Item {
            icon: "check-circle",
            href: links::summary(body),
            title: lang.bodies_todo_confirm().to_owned(),
            note: lang.bodies_todo_confirm_note().to_owned(),
        });
    }
    items
}

/// "Bozza non inviata: 6 servizi aggiunti, 1 servizio tolto; resterebbero 28 crediti"
pub fn draft_words(lang: Lang, draft: &Draft) -> String {
    let added = (draft.added > 0).then(|| lang.bodies_draft_added(draft.added.into()));
    let dropped = (draft.dropped > 0).then(|| lang.bodies_draft_dropped(draft.dropped.into()));
    let changes: Vec<_> = added.into_iter().chain(dropped).collect();
    let left = match draft.left {
        left if left < 0 => lang.bodies_draft_short(-left),
        left => lang.bodies_draft_left(left),
    };
    lang.bodies_draft(changes.join(", "), left)
}

fn row(item: Item) -> AnyView {
    view! {
        <li>
            <Icon name=item.icon/>
            <div>
                <a href=item.href>{item.title}</a>
                <p>{item.note}</p>
            </div>
            <Icon name="chevron-right"/>
        </li>
    }
    .into_any()
}

/// The beginning of a text, cut between words.
fn quoted(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(MOST_QUOTED) {
        None => text.to_owned(),
        Some((end, _)) => {
            let cut = text[..end].rfind(char::is_whitespace).unwrap_or(end);
            [text[..cut].trim_end(), "…"].concat()
        }
    }
}

/// Who has it now, since the reader has nothing to do.
fn nothing(lang: Lang, area: &BodyArea, window: &CallWindow) -> AnyView {
    let link = |href: String, name: &'static str| {
        view! {
            <a class="cz-more" href=href>
                {name}
                <Icon name="arrow-right"/>
            </a>
        }
        .into_any()
    };
    let waiting =
        area.latest.as_ref().filter(|latest| latest.state == SubmissionState::AwaitingAuthorisation);
    let (text, next) = if let Some(latest) = waiting {
        let text = lang.bodies_todo_waiting(&latest.number, lang.until_instant(window.authorise_until));
        (text, Some(link(links::submission(latest.id), lang.bodies_todo_waiting_link())))
    } else if area.submitted {
        let next = link(links::requests(area.body.id), lang.bodies_todo_follow_link());
        (lang.bodies_todo_follow().to_owned(), Some(next))
    } else if window.open {
        (lang.bodies_todo_others().to_owned(), None)
    } else if is_to_open(window) {
        let next = link(links::CATALOGUE.to_owned(), lang.bodies_catalogue_link());
        (lang.bodies_todo_not_yet().to_owned(), Some(next))
    } else {
        (lang.bodies_todo_closed().to_owned(), None)
    };
    view! {
        <div class="cz-panel">
            <p class="mb-1">
                <strong>{lang.bodies_todo_none()}</strong>
            </p>
            <p>{text}</p>
            {next}
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_is_told_by_what_it_changes() {
        let told = |added, dropped, left| {
            draft_words(Lang::It, &Draft { added, dropped, left }).replace('\u{a0}', " ")
        };
        assert_eq!(
            told(6, 1, 28),
            "Bozza non inviata: 6 servizi aggiunti, 1 servizio tolto; resterebbero 28 crediti"
        );
        assert_eq!(told(1, 0, 1), "Bozza non inviata: 1 servizio aggiunto; resterebbe 1 credito");
        assert_eq!(told(0, 2, -3), "Bozza non inviata: 2 servizi tolti; mancano 3 crediti");
    }

    #[test]
    fn a_long_message_is_cut_between_words() {
        assert_eq!(quoted(" breve "), "breve");
        let long = "perché ".repeat(40);
        let short = quoted(&long);
        assert!(short.ends_with("perché…") && short.chars().count() <= MOST_QUOTED + 1, "{short}");
        let word = "è".repeat(400);
        assert_eq!(quoted(&word).chars().count(), MOST_QUOTED + 1);
    }
}
