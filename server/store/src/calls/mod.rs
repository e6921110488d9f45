//! Calls, versions of their rule, extensions.

use model::api::calls::{Call, CallTerms};
use model::assignment::{Band, Modifier, Rule};
use model::calendar::Instant;
use model::calls::{CallStatus, Reopening};
use model::ids::{BodyId, CallId, PersonId};

use crate::database::row::row;
use crate::{StoreResult, Transaction, from_json, parse_column, to_json};

pub(crate) mod assignment;
pub(crate) mod board;
pub(crate) mod standing;

row! {
    pub struct CallRow of "call" {
        pub id: CallId,
        pub title: String,
        pub status: CallStatus,
        pub opens: Instant,
        pub closes: Instant,
        terms: String,
        rule_version: i64,
        bands: String,
        modifiers: String,
        reopened_at: Option<Instant>,
        reopened_reason: Option<String>,
    }
}

impl CallRow {
    pub fn call(&self) -> StoreResult<Call> {
        let rule = self.rule()?;
        let mut terms: CallTerms = from_json(&self.terms, "call.terms")?;
        (terms.bands, terms.modifiers) = (rule.bands, rule.modifiers);
        Ok(Call {
            id: self.id,
            title: self.title.clone(),
            status: self.status,
            opens: self.opens,
            closes: self.closes,
            reopened: self
                .reopened_at
                .zip(self.reopened_reason.clone())
                .map(|(at, reason)| Reopening { at, reason }),
            terms,
            rule_version: rule.version,
        })
    }

    pub fn rule(&self) -> StoreResult<Rule> {
        let version = u32::try_from(self.rule_version).ok();
        Ok(Rule {
            version: parse_column(version, "rule.version", &self.rule_version.to_string())?,
            bands: from_json(&self.bands, "rule.bands")?,
            modifiers: from_json(&self.modifiers, "rule.modifiers")?,
        })
    }
}

row! {
    /// The latest extension of a body.
    pub struct ExtensionRow of "extension" {
        pub body: BodyId,
        pub until: Instant,
        pub reason: String,
    }
}

const CALL: &str =
    "SELECT c.id, c.title, c.status, c.opens, c.closes, c.terms, r.version AS rule_version, r.bands,
    r.modifiers, o.at AS reopened_at, o.reason AS reopened_reason FROM call c JOIN rule r ON r.call = c.id
    AND r.version = (SELECT MAX(version) FROM rule WHERE call = c.id)
    LEFT JOIN reopening o ON o.id = (SELECT MAX(id) FROM reopening WHERE call = c.id)
    WHERE c.aggregator = $1 AND (c.id = $2 OR ($3 AND c.status IN ('open', 'closed')))
    ORDER BY CASE c.status WHEN 'open' THEN 0 ELSE 1 END, c.opens DESC, c.id DESC";

impl Transaction {
    pub async fn call(&mut self, id: CallId) -> StoreResult<Option<CallRow>> {
        self.optional(self.sql(CALL).bind(id).bind(false)).await
    }

    /// The call that people mean: the open one, else the one that closed last.
    pub async fn current_call(&mut self) -> StoreResult<Option<CallRow>> {
        self.optional(self.sql(CALL).bind(None::<i64>).bind(true)).await
    }

    /// Every call that the clock may still concern: open, and closed with authorisations pending.
    pub async fn calls_in_time(&mut self) -> StoreResult<Vec<CallRow>> {
        self.all(self.sql(CALL).bind(None::<i64>).bind(true)).await
    }

    /// Every call, newest first.
    pub async fn all_calls(&mut self) -> StoreResult<Vec<CallRow>> {
        self.all(self.sql(
            "SELECT c.id, c.title, c.status, c.opens, c.closes, c.terms, r.version AS rule_version, r.bands,
                    r.modifiers, o.at AS reopened_at, o.reason AS reopened_reason
             FROM call c JOIN rule r ON r.call = c.id
               AND r.version = (SELECT MAX(version) FROM rule WHERE call = c.id)
             LEFT JOIN reopening o ON o.id = (SELECT MAX(id) FROM reopening WHERE call = c.id)
             WHERE c.aggregator = $1 ORDER BY c.opens DESC, c.id DESC",
        ))
        .await
    }

    pub async fn add_call(
        &mut self,
        title: &str,
        opens: Instant,
        closes: Instant,
        terms: &CallTerms,
    ) -> StoreResult<CallId> {
        let id: i64 = self
            .scalar(
                self.sql(
                    "INSERT INTO call (aggregator, title, status, opens, closes, terms)
             VALUES ($1, $2, 'draft', $3, $4, $5) RETURNING id",
                )
                .bind(title)
                .bind(opens)
                .bind(closes)
                .bind(to_json(terms)),
            )
            .await?;
        self.add_rule(CallId(id), 1, &terms.bands, &terms.modifiers).await?;
        Ok(CallId(id))
    }

    pub async fn add_rule(
        &mut self,
        call: CallId,
        version: i64,
        bands: &[Band],
        modifiers: &[Modifier],
    ) -> StoreResult<()> {
        self.run(
            self.sql(
                "INSERT INTO rule (aggregator, call, version, bands, modifiers) VALUES ($1, $2, $3, $4, $5)",
            )
            .bind(call)
            .bind(version)
            .bind(to_json(&bands))
            .bind(to_json(&modifiers)),
        )
        .await?;
        Ok(())
    }

    pub async fn set_call(&mut self, call: CallId, status: CallStatus, closes: Instant) -> StoreResult<()> {
        self.run(
            self.sql("UPDATE call SET status = $3, closes = $4 WHERE aggregator = $1 AND id = $2")
                .bind(call)
                .bind(status.name())
                .bind(closes),
        )
        .await?;
        Ok(())
    }

    pub async fn add_reopening(
        &mut self,
        call: CallId,
        until: Instant,
        reason: &str,
        actor: Option<PersonId>,
        at: Instant,
    ) -> StoreResult<()> {
        self.run(
            self.sql(
                "INSERT INTO reopening (aggregator, call, until, reason, actor, at)
             VALUES ($1, $2, $3, $4, $5, $6)",
            )
            .bind(call)
            .bind(until)
            .bind(reason)
            .bind(actor)
            .bind(at),
        )
        .await?;
        Ok(())
    }

    /// How many bodies have a package of this call that the system kept, since they had sent nothing.
    pub async fn kept_by_silence(&mut self, call: CallId) -> StoreResult<i64> {
        self.scalar(
            self.sql(
                "SELECT COUNT(DISTINCT body) FROM submission
             WHERE aggregator = $1 AND call = $2 AND state = 'authorised' AND prepared_by IS NULL",
            )
            .bind(call),
        )
        .await
    }

    pub async fn add_extension(
        &mut self,
        call: CallId,
        body: BodyId,
        until: Instant,
        reason: &str,
        actor: Option<PersonId>,
        at: Instant,
    ) -> StoreResult<()> {
        self.run(
            self.sql(
                "INSERT INTO extension (aggregator, call, body, until, reason, actor, at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(call)
            .bind(body)
            .bind(until)
            .bind(reason)
            .bind(actor)
            .bind(at),
        )
        .await?;
        Ok(())
    }

    /// The latest extension of each body of a call: a later one may also shorten it.
    pub async fn extensions(&mut self, call: CallId) -> StoreResult<Vec<ExtensionRow>> {
        self.all(
            self.sql(
                "SELECT e.body, e.until, e.reason FROM extension e
             WHERE e.aggregator = $1 AND e.call = $2
               AND e.id = (SELECT l.id FROM extension l WHERE l.call = e.call AND l.body = e.body
                           ORDER BY l.id DESC LIMIT 1)",
            )
            .bind(call),
        )
        .await
    }
}
