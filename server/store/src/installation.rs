//! What the program notes about this whole installation. Requests never write here, and no aggregator owns it.

use model::calendar::Instant;

use crate::{StoreResult, Transaction, parse_column, sql};
use model::clock::ClockNoted;

/// How far the demonstration was made in this database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demonstration {
    Begun,
    Made,
}

impl Demonstration {
    const KEY: &'static str = "demonstration";

    fn name(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Made => "made",
        }
    }
}

/// When a server's clock was last found right.
const CLOCK: &str = "clock";
/// To where the clock of a server leapt while it ran.
const CLOCK_LEAPT: &str = "clock_leapt";

impl Transaction {
    /// Nothing in a database that no server has worked on yet.
    pub async fn clock_noted(&mut self) -> StoreResult<ClockNoted> {
        let both = sql("SELECT key, value FROM installation WHERE key IN ($1, $2)");
        let rows: Vec<(String, String)> = self.all(both.bind(CLOCK).bind(CLOCK_LEAPT)).await?;
        let mut noted = ClockNoted::default();
        for (key, value) in rows {
            let at = parse_column(value.parse().ok().map(Instant), "installation.clock", &value)?;
            if key == CLOCK {
                noted.last = Some(at);
            } else {
                noted.leapt_to = Some(at);
            }
        }
        Ok(noted)
    }

    /// Notes that the clock is right now, whatever was thought of it before.
    pub async fn note_clock(&mut self, at: Instant) -> StoreResult<()> {
        self.note(CLOCK, &at.0.to_string()).await
    }

    pub async fn note_leap(&mut self, to: Instant) -> StoreResult<()> {
        self.note(CLOCK_LEAPT, &to.0.to_string()).await
    }

    pub async fn forget_leap(&mut self) -> StoreResult<()> {
        self.run(sql("DELETE FROM installation WHERE key = $1").bind(CLOCK_LEAPT)).await.map(drop)
    }

    /// When something was last written in this aggregator; none where nothing was.
    pub async fn last_written(&mut self) -> StoreResult<Option<Instant>> {
        let last: Option<i64> = self
            .scalar(self.sql(
                "SELECT MAX(at) FROM (
                     SELECT MAX(at) AS at FROM idempotency_record WHERE aggregator = $1
                     UNION ALL SELECT MAX(at) FROM ledger_check WHERE aggregator = $1
                     UNION ALL SELECT MAX(at) FROM entry WHERE aggregator = $1) AS written",
            ))
            .await?;
        Ok(last.map(Instant))
    }

    /// None in a database that holds no demonstration.
    pub async fn demonstration(&mut self) -> StoreResult<Option<Demonstration>> {
        let Some(found) = self.noted(Demonstration::KEY).await? else { return Ok(None) };
        let stage =
            [Demonstration::Begun, Demonstration::Made].into_iter().find(|stage| stage.name() == found);
        parse_column(stage, "installation.demonstration", &found).map(Some)
    }

    pub async fn note_demonstration(&mut self, stage: Demonstration) -> StoreResult<()> {
        self.note(Demonstration::KEY, stage.name()).await
    }

    async fn noted(&mut self, key: &str) -> StoreResult<Option<String>> {
        let found = sql("SELECT value FROM installation WHERE key = $1").bind(key);
        let found: Option<(String,)> = self.optional(found).await?;
        Ok(found.map(|(value,)| value))
    }

    async fn note(&mut self, key: &str, value: &str) -> StoreResult<()> {
        let note = sql("INSERT INTO installation (key, value) VALUES ($1, $2)
             ON CONFLICT (key) DO UPDATE SET value = excluded.value");
        self.run(note.bind(key).bind(value)).await.map(drop)
    }
}
