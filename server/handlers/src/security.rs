//! The security log, as an administrator reads it.

use model::api::Problem;
use model::api::people::PersonRef;
use model::api::security::{EventSubject, MOST_EVENTS, ReadSecurityEvents, SecurityEvent, SecurityEvents};
use model::calendar::{Day, Instant};

use crate::context::{Handler, RequestContext};
use store::{EventFilter, EventRow};

impl Handler for ReadSecurityEvents {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<SecurityEvents, Problem> {
        let midnight = |day: Day| Instant::from_rome(day, 0, 0, 0);
        let limit = self.limit.unwrap_or(MOST_EVENTS);
        let which = EventFilter {
            from: self.from.map_or(Instant(i64::MIN), midnight),
            before: self.to.map_or(Instant(i64::MAX), |day| midnight(day.plus(1))),
            kind: self.kind,
            after: self.after.unwrap_or_default(),
            // One more tells whether there is another page.
            limit: limit + 1,
        };
        let rows = ctx.tx.events(which).await?;
        let listed = usize::try_from(limit).unwrap_or_default();
        let next = rows.get(listed).and_then(|_| rows.get(listed.checked_sub(1)?)).map(|row| row.id);
        let events = rows.into_iter().take(listed).map(event).collect();
        Ok(SecurityEvents { events, next })
    }
}

fn event(row: EventRow) -> SecurityEvent {
    SecurityEvent {
        id: row.id,
        at: row.at,
        kind: row.kind,
        actor: row.actor.map(|id| PersonRef { id, name: row.actor_name.clone().unwrap_or_default() }),
        source: row.source,
        operation: row.operation,
        body: row.body,
        subject: row.subject.map(|id| EventSubject { kind: row.subject_kind, id }),
        outcome: row.outcome,
        credits: row.credits,
        times: row.times,
    }
}
