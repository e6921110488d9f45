//! `server outbox`: what waits is listed with its error, and can be tried again.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, raw_sql};

use super::{Machine, has};

impl Machine {
    #[tokio::main(flavor = "current_thread")]
    async fn execute(&self, text: &'static str) {
        let path = self.folder.path().join("office.db");
        let mut connection =
            SqliteConnectOptions::new().filename(path).connect().await.expect("the database opens");
        raw_sql(text).execute(&mut connection).await.expect("it is done");
    }
}

#[test]
fn what_waits_is_listed_and_tried_again() {
    let machine = Machine::furnished();
    has(&machine.does(&["outbox", "list"]), "Nothing waits, and nothing was given up.");
    has(&machine.refuses(&["outbox", "retry", "7"]), "Nothing with the number 7 waits or was given up.");
    let mayor = ["create-person", "--role", "mayor", "--email", "sindaco@example.org", "--body", "013250"];
    machine.does(&mayor);
    machine.execute(
        r#"INSERT INTO outbox (id, aggregator, recipient, effect, created_at, due_at, attempts, settled_at, outcome, error)
           VALUES (7, 1, 1, '{"kind":"authorisation_needed","submission":12}', 0, 0, 3, 1000, 'given_up', 'disk full'),
                  (8, 1, 1, '{"kind":"of_a_newer_server"}', 0, 3600000, 0, NULL, NULL, ''),
                  (9, 1, 1, '{"kind":"authorisation_needed","submission":13}', 0, 0, 1, 1000, 'delivered', '')"#,
    );
    let listed = machine.does(&["outbox", "list"]);
    let lines: Vec<_> = listed.lines().collect();
    let [given_up, waits] = lines[..] else { panic!("{listed}") };
    has(given_up, "7  authorisation needed, submission 12, since 1970-01-01");
    has(given_up, "3 attempts, given up: disk full");
    has(waits, "8  not known to this version of the server");
    has(waits, "0 attempts, due 1970-01-01");
    has(&machine.does(&["outbox", "retry", "7"]), "It is tried again within some seconds");
    has(machine.does(&["outbox", "list"]).lines().next().expect("a line"), "0 attempts, due ");
    has(&machine.refuses(&["outbox", "retry", "9"]), "Nothing with the number 9 waits or was given up.");
}
