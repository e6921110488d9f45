//! What operators are told of others' deeds on their requests, and that they have read it.

use model::access::Deed;
use model::api::Problem;
use model::api::people::Done;
use model::api::request::{DismissRequestNews, NewsItem, ReadRequestNews, RequestNews};

use super::folder::named_body;
use super::requests::shown;
use crate::desk::{Desk, Flow};
use crate::store::NewsRow;

/// As many as a person reads at once.
const MOST: i64 = 20;

impl Flow for ReadRequestNews {
    async fn run(self, desk: &mut Desk<'_>) -> Result<RequestNews, Problem> {
        desk.allow(Deed::ReadQueue, None)?;
        let rows = match desk.actor() {
            Some(person) => desk.work.news(person, MOST).await?,
            None => Vec::new(),
        };
        let catalogue = desk.work.catalogue().await?;
        let items = rows.iter().map(|row| {
            Ok(NewsItem {
                number: row.number,
                request: row.request(),
                service: catalogue.reference(&row.service()),
                body: named_body(row.body, &row.body_kind, &row.body_name),
                step: shown(&catalogue, &row.step)?,
            })
        });
        Ok(RequestNews {
            items: items.collect::<Result<_, Problem>>()?,
            total: rows.first().map_or(0, NewsRow::total),
        })
    }
}

impl Flow for DismissRequestNews {
    async fn run(self, desk: &mut Desk<'_>) -> Result<Done, Problem> {
        desk.allow(Deed::ReadQueue, None)?;
        if let Some(person) = desk.actor() {
            desk.work.dismiss_news(person, &self.news).await?;
        }
        Ok(Done {})
    }
}
