//! Altering the books behind the server's back, as somebody with the database in hand could.

use super::TestApp;
use super::database::Raw;

/// What is put back.
const KEPT: [&str; 4] = ["entry", "account", "request", "anchor"];

impl TestApp {
    /// Runs a statement with every guard taken down.
    pub async fn tamper(&self, statement: &str) {
        let mut raw = self.without_guards().await;
        for table in KEPT {
            raw.execute(&format!("CREATE TABLE IF NOT EXISTS kept_{table} AS SELECT * FROM {table}")).await;
        }
        raw.execute(statement).await;
    }

    /// Puts back what was there before the first tampering.
    pub async fn restore(&self) {
        let mut raw = self.without_guards().await;
        for table in KEPT {
            raw.execute(&format!("DELETE FROM {table}")).await;
            raw.execute(&format!("INSERT INTO {table} SELECT * FROM kept_{table}")).await;
        }
    }

    async fn without_guards(&self) -> Raw {
        let mut raw = self.database.raw().await;
        if !self.database.is_postgres() {
            for trigger in ["entry_is_never_changed", "entry_is_never_removed"] {
                raw.execute(&format!("DROP TRIGGER IF EXISTS {trigger}")).await;
            }
        }
        raw
    }

    pub async fn account_id(&self, body: &str) -> i64 {
        self.account_row(self.call, body).await.id.0
    }
}
