//! *Novità sulle richieste in carico*, above the operators' list: what others did, until it is marked as read.

use leptos::prelude::*;
use model::api::requests::{DismissRequestNews, NewsItem, RequestNews};

use super::detail::happened;
use crate::links;
use crate::parts::{Button, Fold, LiveForm, Look};
use crate::reading::Query;
use crate::text::Lang;

/// Shown at once: the list of requests stays near the top of the page. The earlier ones are in a fold.
const NEWEST: usize = 3;

/// Nothing where there is no news.
pub fn news(lang: Lang, news: RequestNews, reading: Query<RequestNews>) -> AnyView {
    if news.items.is_empty() {
        return ().into_any();
    }
    let more = i64::from(news.total) - i64::try_from(news.items.len()).unwrap_or_default();
    let more = (more > 0).then(|| view! { <p class="cz-quiet">{lang.requests_news_more(more)}</p> });
    let fields: Vec<_> = news.items.iter().map(|item| ("news", item.number.to_string())).collect();
    let mut items: Vec<_> = news.items.into_iter().map(|item| one(lang, item)).collect();
    let earlier = items.split_off(items.len().min(NEWEST));
    let earlier = (!earlier.is_empty()).then(|| {
        let summary = lang.requests_news_earlier(i64::try_from(earlier.len()).unwrap_or_default());
        view! {
            <Fold summary=summary>
                <ul>{earlier}</ul>
                {more}
            </Fold>
        }
    });
    view! {
        <section class="cz-section" aria-labelledby="novita">
            <h2 class="h3" id="novita">{lang.requests_news_title()}</h2>
            <p>{lang.requests_news_lead()}</p>
            <ul>{items}</ul>
            {earlier}
            <LiveForm<DismissRequestNews> with=fields then=move |_| reading.refetch()>
                <Button look=Look::OutlineSmall>{lang.requests_news_dismiss()}</Button>
            </LiveForm<DismissRequestNews>>
        </section>
    }
    .into_any()
}

fn one(lang: Lang, item: NewsItem) -> AnyView {
    let title = lang.requests_page_title(&item.service.name, &item.body.name);
    let by = item.step.by.clone().unwrap_or_else(|| lang.common_system().to_owned());
    let note =
        (!item.step.note.is_empty()).then(|| view! { <blockquote>{item.step.note.clone()}</blockquote> });
    view! {
        <li>
            <a href=links::request(item.request)>{title}</a>
            ": "
            {happened(lang, &item.step)}
            <span class="cz-quiet">
                " · "
                {by}
                " · "
                <time datetime=item.step.at.to_string()>{lang.instant(item.step.at)}</time>
            </span>
            {note}
        </li>
    }
    .into_any()
}
