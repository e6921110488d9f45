//! A submission in one sentence, the same on the mayor's card and in the message that leads there.

use model::api::submissions::{Line, LineKind, SubmissionView};

use crate::text::Lang;

/// The lines of one kind, in their order.
pub fn lines(view: &SubmissionView, kind: LineKind) -> Vec<&Line> {
    view.lines.iter().filter(|line| line.kind == kind).collect()
}

fn count(view: &SubmissionView, kind: LineKind) -> i64 {
    i64::try_from(lines(view, kind).len()).unwrap_or(i64::MAX)
}

/// "Il Comune di Bellagio chiede 5 servizi: 22 crediti; ne restano 18."
pub fn ask(lang: Lang, view: &SubmissionView) -> String {
    let body = &view.body.title;
    let left = lang.submissions_left(view.available);
    let credits = lang.credits(view.held);
    match (count(view, LineKind::Add), count(view, LineKind::Drop)) {
        (0, 0) => lang.submissions_confirms(body, credits, left),
        (0, _) => lang.submissions_drops(body, credits, left),
        (added, _) => lang.submissions_asks(added, body, credits, left),
    }
}

/// The message with which the officer tells the mayor; `link` leads to the card.
pub fn message(lang: Lang, view: &SubmissionView, link: &str) -> String {
    let body = &view.body.title;
    let asks = match count(view, LineKind::Add) {
        0 => lang.submissions_message_confirms(body),
        added => lang.submissions_message_asks(added, body, lang.credits(view.held)),
    };
    let until = lang.until_instant(view.authorise_until);
    [asks.as_str(), " ", &lang.submissions_message_link(&view.number, until, link)].concat()
}

/// "2 servizi tolti dal pacchetto (tornano 4 crediti)"; none where nothing was dropped.
pub fn dropped(lang: Lang, view: &SubmissionView) -> Option<String> {
    let count = count(view, LineKind::Drop);
    (count > 0).then(|| match view.renounced {
        0 => lang.submissions_dropped(count),
        back => [lang.submissions_dropped(count).as_str(), ": ", &lang.submissions_gives_back(back)].concat(),
    })
}

/// "8 servizi restano nel pacchetto, senza costi"; none where none does.
pub fn kept_services(lang: Lang, view: &SubmissionView) -> Option<String> {
    let count = count(view, LineKind::Keep);
    (count > 0).then(|| lang.submissions_kept(count))
}
