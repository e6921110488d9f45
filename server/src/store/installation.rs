//! What the program notes about this whole installation. Requests never write here, and no aggregator owns it.

use model::calendar::Instant;

use super::{Stored, Work, known, sql};

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

impl Work {
    /// None in a database that no server has worked on yet.
    pub async fn last_beat(&mut self) -> Stored<Option<Instant>> {
        let Some(found) = self.noted(CLOCK).await? else { return Ok(None) };
        let at = found.parse().ok().map(Instant);
        known(at, "installation.clock", &found).map(Some)
    }

    pub async fn note_beat(&mut self, at: Instant) -> Stored<()> {
        self.note(CLOCK, &at.0.to_string()).await
    }

    /// None in a database that holds no demonstration.
    pub async fn demonstration(&mut self) -> Stored<Option<Demonstration>> {
        let Some(found) = self.noted(Demonstration::KEY).await? else { return Ok(None) };
        let stage =
            [Demonstration::Begun, Demonstration::Made].into_iter().find(|stage| stage.name() == found);
        known(stage, "installation.demonstration", &found).map(Some)
    }

    pub async fn note_demonstration(&mut self, stage: Demonstration) -> Stored<()> {
        self.note(Demonstration::KEY, stage.name()).await
    }

    async fn noted(&mut self, key: &str) -> Stored<Option<String>> {
        let found = sql("SELECT value FROM installation WHERE key = $1").bind(key);
        let found: Option<(String,)> = self.optional(found).await?;
        Ok(found.map(|(value,)| value))
    }

    async fn note(&mut self, key: &str, value: &str) -> Stored<()> {
        let note = sql("INSERT INTO installation (key, value) VALUES ($1, $2)
             ON CONFLICT (key) DO UPDATE SET value = excluded.value");
        self.run(note.bind(key).bind(value)).await.map(drop)
    }
}
