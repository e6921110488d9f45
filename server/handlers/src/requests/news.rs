//! What operators are told of others' actions on their requests, and that they have read it.

use model::api::Problem;
use model::api::people::Done;
use model::api::requests::{DismissRequestNews, NewsItem, ReadRequestNews, RequestNews};

use crate::baskets::body_in_call::named_body;
use crate::context::{Handler, RequestContext};
use crate::requests::shown;
use store::NewsRow;

/// As many as a person reads at once.
const MOST: i64 = 20;

impl Handler for ReadRequestNews {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<RequestNews, Problem> {
        let rows = match ctx.actor() {
            Some(person) => ctx.tx.news(person, MOST).await?,
            None => Vec::new(),
        };
        let catalogue = ctx.tx.catalogue().await?;
        let items = rows.iter().map(|row| NewsItem {
            number: row.number,
            request: row.request,
            service: catalogue.reference(&row.service),
            body: named_body(row.body, &row.body_kind, &row.body_name),
            step: shown(&catalogue, &row.step),
        });
        Ok(RequestNews { items: items.collect(), total: rows.first().map_or(0, NewsRow::total) })
    }
}

impl Handler for DismissRequestNews {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<Done, Problem> {
        if let Some(person) = ctx.actor() {
            ctx.tx.dismiss_news(person, &self.news).await?;
        }
        Ok(Done {})
    }
}
