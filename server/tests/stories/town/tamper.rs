//! Altering the books behind the server's back, as somebody with the file in hand could.

use sqlx::AssertSqlSafe;
use sqlx::ConnectOptions as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

use super::Town;

/// What is put back.
const KEPT: [&str; 4] = ["entry", "account", "request", "anchor"];

impl Town {
    /// Runs a statement with every guard taken down.
    pub async fn tamper(&self, statement: &str) {
        let mut connection = self.without_guards().await;
        for table in KEPT {
            say(
                &mut connection,
                &format!("CREATE TABLE IF NOT EXISTS kept_{table} AS SELECT * FROM {table}"),
            )
            .await;
        }
        say(&mut connection, statement).await;
    }

    /// Puts back what was there before the first tampering.
    pub async fn restore(&self) {
        let mut connection = self.without_guards().await;
        for table in KEPT {
            say(&mut connection, &format!("DELETE FROM {table}")).await;
            say(&mut connection, &format!("INSERT INTO {table} SELECT * FROM kept_{table}")).await;
        }
    }

    async fn without_guards(&self) -> SqliteConnection {
        let mut connection = SqliteConnectOptions::new()
            .filename(&self.file)
            .foreign_keys(false)
            .pragma("ignore_check_constraints", "1")
            .connect()
            .await
            .expect("the file opens a second time");
        for trigger in ["entry_is_never_changed", "entry_is_never_removed"] {
            say(&mut connection, &format!("DROP TRIGGER IF EXISTS {trigger}")).await;
        }
        connection
    }

    pub async fn account_id(&self, body: &str) -> i64 {
        let row = self.read().await.account(self.call, self.body(body)).await;
        row.expect("the store reads").expect("the body has an account").id
    }
}

async fn say(connection: &mut SqliteConnection, statement: &str) {
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(connection).await.expect("it is altered");
}
