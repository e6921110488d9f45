//! What administrators do by hand with credits: alone up to the threshold, proposed and confirmed above it.

use model::api::calls::RuleEffect;
use model::calendar::Instant;
use model::credits::Credits;
use model::ids::{AccountId, BodyId, CallId, PackageCode, PersonId, ProposalId};
use model::proposals::{ProposalKind, ProposalState};

use crate::database::row::row;
use crate::{StoreResult, Transaction, counted};

/// Something that moves credits by hand, before it is written down.
#[derive(Clone, Debug)]
pub struct NewProposal<'p> {
    pub kind: ProposalKind,
    pub call: CallId,
    /// None for a rule.
    pub body: Option<BodyId>,
    pub credits: Credits,
    pub value_change: Credits,
    /// Granted before; none for a rule.
    pub granted: Option<Credits>,
    pub assignment: Option<NewAssignment<'p>>,
    pub rule: Option<&'p RuleEffect>,
    pub reason: &'p str,
    pub by: PersonId,
    pub at: Instant,
}

/// What there is more to say of an assignment.
#[derive(Clone, Copy, Debug)]
pub struct NewAssignment<'p> {
    pub package: &'p PackageCode,
    /// The credits that it gives in all.
    pub total: Credits,
    /// The package before; empty where there was none.
    pub before: &'p str,
}

row! {
    /// A proposal with the names that belong to it, and the body's figures as they are now.
    pub struct ProposalRow of "proposal" {
        pub id: ProposalId,
        pub call: CallId,
        pub call_title: String,
        pub body: Option<BodyId>,
        pub body_kind: Option<String>,
        pub body_name: Option<String>,
        pub kind: ProposalKind,
        pub credits: Credits,
        pub value_change: Credits,
        pub granted: Option<Credits>,
        pub package: Option<PackageCode>,
        pub total: Option<Credits>,
        /// None where an earlier version did not keep it.
        pub package_before: Option<String>,
        pub rule_version: Option<i64>,
        pub bodies: Option<i64>,
        pub digest: Option<String>,
        pub reason: String,
        pub state: ProposalState,
        pub proposed_by: PersonId,
        pub proposer: Option<String>,
        pub proposed_at: Instant,
        pub decided_by: Option<PersonId>,
        pub decider: Option<String>,
        pub decided_at: Option<Instant>,
        pub decision_reason: String,
        pub granted_now: Credits,
        /// By assignment alone.
        pub assigned_now: Credits,
    }
}

macro_rules! proposals {
    ($which:literal) => {
        concat!(
            "SELECT p.id, p.call, c.title AS call_title, p.body, b.kind AS body_kind, b.name AS body_name, p.kind,
                    p.credits, p.value_change, p.granted, p.package, p.total, p.package_before, p.rule_version,
                    p.bodies, p.digest, p.reason, p.state, p.proposed_by, o.name AS proposer, p.proposed_at,
                    p.decided_by, d.name AS decider, p.decided_at, p.decision_reason, COALESCE(a.granted, 0) AS granted_now,
                    COALESCE(g.credits, 0) AS assigned_now
             FROM proposal p JOIN call c ON c.id = p.call LEFT JOIN body b ON b.id = p.body
             LEFT JOIN person o ON o.id = p.proposed_by LEFT JOIN person d ON d.id = p.decided_by
             LEFT JOIN account a ON a.call = p.call AND a.body = p.body
             LEFT JOIN assignment g ON g.call = p.call AND g.body = p.body
             WHERE p.aggregator = $1 AND ",
            $which
        )
    };
}

impl Transaction {
    /// The body that a proposal is about; none where it is about all of them.
    pub async fn body_of_proposal(&mut self, id: ProposalId) -> StoreResult<Option<Option<BodyId>>> {
        let body: Option<(Option<i64>,)> = self
            .optional(self.sql("SELECT body FROM proposal WHERE aggregator = $1 AND id = $2").bind(id))
            .await?;
        Ok(body.map(|(body,)| body.map(BodyId)))
    }

    /// What administrators moved alone in a call, credits and the value of packages, signs aside: by rules, and for a body
    /// both by rules and by hand. A write has that body, or all of the call, to itself before it asks.
    pub async fn done_alone(&mut self, call: CallId, body: Option<BodyId>) -> StoreResult<Credits> {
        self.scalar(
            self.sql(
                "SELECT COALESCE(CAST(SUM(ABS(credits) + ABS(value_change)) AS BIGINT), 0) FROM proposal
             WHERE aggregator = $1 AND call = $2 AND (body IS NULL OR body = $3) AND state = 'alone'",
            )
            .bind(call)
            .bind(body),
        )
        .await
    }

    /// Notes what one person did alone, or what waits for a second one.
    pub async fn add_proposal(&mut self, new: &NewProposal<'_>, alone: bool) -> StoreResult<ProposalId> {
        let id = self
            .scalar(
                self.sql("INSERT INTO proposal (aggregator, call, body, kind, credits, value_change, granted, package, total,
                        package_before, rule_version, bodies, digest, reason, state, proposed_by, proposed_at)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) RETURNING id")
                .bind(new.call.0)
                .bind(new.body.map(|body| body.0))
                .bind(new.kind.name())
                .bind(new.credits)
                .bind(new.value_change)
                .bind(new.granted)
                .bind(new.assignment.map(|assignment| assignment.package.as_str()))
                .bind(new.assignment.map(|assignment| assignment.total))
                .bind(new.assignment.map(|assignment| assignment.before))
                .bind(new.rule.map(|effect| i64::from(effect.rule_version)))
                .bind(new.rule.map(|effect| i64::from(effect.bodies)))
                .bind(new.rule.map(|effect| effect.digest.as_str()))
                .bind(new.reason)
                .bind(if alone { "alone" } else { ProposalState::Waiting.name() })
                .bind(new.by)
                .bind(new.at),
            )
            .await?;
        Ok(ProposalId(id))
    }

    /// A proposal; none for what was done alone.
    pub async fn proposal(&mut self, id: ProposalId) -> StoreResult<Option<ProposalRow>> {
        self.optional(self.sql(proposals!("p.id = $2 AND p.state <> 'alone'")).bind(id)).await
    }

    /// What waits, oldest first; of all bodies, or of one.
    pub async fn waiting_proposals(
        &mut self,
        body: Option<BodyId>,
        most: i64,
    ) -> StoreResult<Vec<ProposalRow>> {
        let waiting = self
            .sql(proposals!("p.state = 'waiting' AND ($2 IS NULL OR p.body = $2) ORDER BY p.id LIMIT $3"));
        self.all(waiting.bind(body).bind(most)).await
    }

    /// What was decided, newest first, older than one of them.
    pub async fn decided_proposals(
        &mut self,
        body: Option<BodyId>,
        before: Option<ProposalId>,
        most: i64,
    ) -> StoreResult<Vec<ProposalRow>> {
        let decided = self.sql(proposals!(
            "p.state IN ('confirmed', 'refused', 'withdrawn') AND ($2 IS NULL OR p.body = $2)
             AND p.id < $3 ORDER BY p.id DESC LIMIT $4"
        ));
        let before = before.map_or(i64::MAX, |id| id.0);
        self.all(decided.bind(body).bind(before).bind(most)).await
    }

    /// How many proposals wait, and how many of them this person did not propose.
    pub async fn count_waiting_proposals(
        &mut self,
        body: Option<BodyId>,
        person: Option<PersonId>,
    ) -> StoreResult<(u32, u32)> {
        let (all, others): (i64, i64) = self
            .one(
                self.sql(
                    "SELECT COUNT(*), COUNT(*) FILTER (WHERE proposed_by <> $3) FROM proposal
                 WHERE aggregator = $1 AND state = 'waiting' AND ($2 IS NULL OR body = $2)",
                )
                .bind(body)
                .bind(person),
            )
            .await?;
        // Who is no person proposed none of them.
        let others = if person.is_some() { others } else { all };
        Ok((counted(all), counted(others)))
    }

    /// Decides a proposal; false when it does not wait any more. What it moved in the end, and from where, takes the
    /// place of what was proposed.
    pub async fn decide_proposal(
        &mut self,
        row: &ProposalRow,
        state: ProposalState,
        by: PersonId,
        at: Instant,
        reason: &str,
    ) -> StoreResult<bool> {
        let done = self
            .run(
                self.sql(
                    "UPDATE proposal SET state = $3, decided_by = $4, decided_at = $5, decision_reason = $6,
                        credits = $7, granted = $8
                     WHERE aggregator = $1 AND id = $2 AND state = 'waiting'",
                )
                .bind(row.id)
                .bind(state.name())
                .bind(by)
                .bind(at)
                .bind(reason)
                .bind(row.credits)
                .bind(row.granted),
            )
            .await?;
        Ok(done == 1)
    }

    /// Withdraws what waits in a call.
    pub async fn withdraw_proposals_of(
        &mut self,
        call: CallId,
        by: Option<PersonId>,
        at: Instant,
    ) -> StoreResult<()> {
        let withdraw = self.sql(
            "UPDATE proposal SET state = 'withdrawn', decided_by = $3, decided_at = $4
             WHERE aggregator = $1 AND call = $2 AND state = 'waiting'",
        );
        self.run(withdraw.bind(call).bind(by).bind(at)).await.map(drop)
    }

    /// Notes which entries, by account and sequence, came of a proposal.
    pub async fn link_entries(
        &mut self,
        proposal: ProposalId,
        entries: &[(AccountId, i64)],
    ) -> StoreResult<()> {
        for (account, sequence) in entries {
            self.run(
                self.sql("INSERT INTO proposal_entry (aggregator, entry, proposal)
                     SELECT aggregator, id, $4 FROM entry WHERE aggregator = $1 AND account = $2 AND sequence = $3")
                .bind(*account)
                .bind(*sequence)
                .bind(proposal),
            )
            .await?;
        }
        Ok(())
    }
}
