//! Baskets: what each body prepares, and what was commanded.

use std::collections::{BTreeMap, BTreeSet};

use model::basket::{Change, Choice};
use model::calendar::Instant;
use model::ids::{BodyId, CallId, PersonId, ServiceCode};

use crate::database::row::row;
use crate::{StoreResult, Transaction, from_json, parse_column, to_json};

row! {
    pub struct BasketRow of "basket" {
        pub body: BodyId,
        pub version: i64,
        pub saved_at: Instant,
    }
}

/// Adds a line of a basket to a choice.
pub(crate) fn choose(choice: &mut Choice, kind: &str, service: String, count: i64) -> StoreResult<()> {
    if kind == "drop" {
        choice.dropped.insert(ServiceCode(service));
    } else {
        let count = parse_column(u32::try_from(count).ok(), "basket_line.count", &count.to_string())?;
        choice.added.insert(ServiceCode(service), count);
    }
    Ok(())
}

impl Transaction {
    /// The choices of a call by body; a body without a line has chosen nothing.
    pub async fn choices(&mut self, call: CallId) -> StoreResult<BTreeMap<BodyId, Choice>> {
        let rows: Vec<(i64, String, String, i64)> = self
            .all(
                self.sql(
                    "SELECT body, kind, service, count FROM basket_line WHERE aggregator = $1 AND call = $2",
                )
                .bind(call),
            )
            .await?;
        let mut choices: BTreeMap<BodyId, Choice> = BTreeMap::new();
        for (body, kind, service, count) in rows {
            choose(choices.entry(BodyId(body)).or_default(), &kind, service, count)?;
        }
        Ok(choices)
    }

    /// Saves a choice as the basket's next version, and answers with that version.
    pub async fn save_choice(
        &mut self,
        call: CallId,
        body: BodyId,
        choice: &Choice,
        at: Instant,
    ) -> StoreResult<i64> {
        let version = self.scalar(self.sql(
            "INSERT INTO basket (aggregator, call, body, version, saved_at) VALUES ($1, $2, $3, 1, $4)
             ON CONFLICT (call, body) DO UPDATE SET version = basket.version + 1, saved_at = excluded.saved_at
             RETURNING version",
        )
        .bind(call)
        .bind(body)
        .bind(at)).await?;
        self.run(
            self.sql("DELETE FROM basket_line WHERE aggregator = $1 AND call = $2 AND body = $3")
                .bind(call)
                .bind(body),
        )
        .await?;
        let lines = choice
            .dropped
            .iter()
            .map(|code| ("drop", code, 1_i64))
            .chain(choice.added.iter().map(|(code, count)| ("add", code, i64::from(*count))));
        let rows: Vec<_> = lines
            .map(|(kind, code, count)| {
                [call.0.into(), body.0.into(), kind.into(), code.as_str().into(), count.into()]
            })
            .collect();
        self.run_rows(
            "INSERT INTO basket_line (aggregator, call, body, kind, service, count) VALUES {rows}",
            &rows,
        )
        .await?;
        Ok(version)
    }

    pub async fn add_basket_step(
        &mut self,
        call: CallId,
        body: BodyId,
        version: i64,
        change: Change,
        service: &ServiceCode,
        actor: Option<PersonId>,
        at: Instant,
    ) -> StoreResult<()> {
        self.run(
            self.sql(
                "INSERT INTO basket_step (aggregator, call, body, version, change, service, actor, at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            )
            .bind(call)
            .bind(body)
            .bind(version)
            .bind(to_json(&change))
            .bind(service.as_str())
            .bind(actor)
            .bind(at),
        )
        .await?;
        Ok(())
    }

    /// What was commanded after a version that somebody saw.
    pub async fn basket_steps(
        &mut self,
        call: CallId,
        body: BodyId,
        after: i64,
    ) -> StoreResult<Vec<(Change, ServiceCode)>> {
        let rows: Vec<(String, String)> = self
            .all(
                self.sql(
                    "SELECT change, service FROM basket_step
             WHERE aggregator = $1 AND call = $2 AND body = $3 AND version > $4 ORDER BY version",
                )
                .bind(call)
                .bind(body)
                .bind(after),
            )
            .await?;
        rows.into_iter()
            .map(|(change, service)| Ok((from_json(&change, "basket_step.change")?, ServiceCode(service))))
            .collect()
    }

    /// Services that authorised submissions of this call dropped for good, by body.
    pub async fn dropped_for_good(
        &mut self,
        call: CallId,
    ) -> StoreResult<BTreeMap<BodyId, BTreeSet<ServiceCode>>> {
        let rows: Vec<(i64, String)> = self
            .all(
                self.sql(
                    "SELECT s.body, l.service FROM submission_line l JOIN submission s ON s.id = l.submission
             WHERE s.aggregator = $1 AND s.call = $2 AND s.state = 'authorised' AND l.kind = 'drop'",
                )
                .bind(call),
            )
            .await?;
        let mut dropped: BTreeMap<BodyId, BTreeSet<ServiceCode>> = BTreeMap::new();
        for (body, service) in rows {
            dropped.entry(BodyId(body)).or_default().insert(ServiceCode(service));
        }
        Ok(dropped)
    }
}
