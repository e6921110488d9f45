//! Two servers as processes of their own on one PostgreSQL, and a crowd that comes to both; on SQLite, which is one
//! server's alone, to that one.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use model::api::calls::{GrantExtra, ProposeCorrection};
use model::api::people::SignIn;
use model::people::Role;

use super::child::{Caller, Server};
use super::kill::{left_alone, reopened};
use super::{Line, times};
use crate::test_app::{TestDatabase, address, assert_sound};

/// The servers of an app, at work.
async fn servers(database: &TestDatabase) -> Vec<Server> {
    let mut servers = Vec::new();
    for _ in 0..if database.is_postgres() { 2 } else { 1 } {
        let mut server = Server::start(&database.url);
        server.answers().await;
        servers.push(server);
    }
    servers
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_thousand_tries_to_sign_in_a_few_are_looked_at() {
    const AT_ONCE: u32 = 50;
    let (database, purse) = left_alone(None).await;
    let servers = servers(&database).await;
    let callers: Vec<_> = servers.iter().map(|server| Caller::new(server.address, &purse.host, "")).collect();
    let mut line = Line::of("passwords guessed", database.is_postgres());
    let mut answers = BTreeMap::<u16, u32>::new();
    for round in 0..times(1_000) / AT_ONCE {
        let tries = (0..AT_ONCE).map(|one| {
            let caller = &callers[one as usize % callers.len()];
            let (email, password) = (address(Role::Officer, "Como"), format!("sbagliata-{round}-{one}"));
            async move {
                caller.ask(Some("ignored-key"), &SignIn { email, password }).await.expect("it is heard").0
            }
        });
        for status in join_all(tries).await {
            *answers.entry(status).or_default() += 1;
            line.injected += 1;
        }
    }
    let looked_at = answers.get(&401).copied().unwrap_or_default();
    // Five at once, and at most four more, after the waits, while this goes on for less than a quarter of an hour.
    assert!((5..=9).contains(&looked_at), "{answers:?}");
    // Whoever could not be counted at once is told to come again, and is not looked at either.
    let others: Vec<_> = answers.keys().filter(|status| !matches!(status, 401 | 429 | 503)).collect();
    assert!(others.is_empty(), "{answers:?}");
    line.acknowledged = looked_at as usize;
    line.errors = answers.get(&503).copied().unwrap_or_default() as usize;
    line.report();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_at_two_servers_spends_what_there_is_and_not_one_credit_more() {
    const CALLERS: usize = 64;
    const TRIES: usize = 20;
    const PRICE: i64 = 7;
    let (database, purse) = left_alone(None).await;
    let servers = servers(&database).await;
    let mut line = Line::of("double spending", database.is_postgres());
    // At a release 13 in each of 40 rounds: 520.
    let rounds = if times(1) == 1 { 2 } else { 13 };
    let mut accepted = BTreeSet::new();
    for round in 0..rounds {
        // Each round begins with a hundred.
        let credits = if round == 0 { 100 - purse.little.1 } else { 100 - 2 };
        let grant = GrantExtra { body: purse.little.0, credits, seen: None, reason: "Fondo".to_owned() };
        let funder = Caller::new(servers[0].address, &purse.host, &purse.cookie);
        let granted = funder.ask(Some(&format!("fund-{round:03}")), &grant).await.expect("it is heard");
        assert_eq!(granted.0, 200, "{granted:?}");
        let crowd = (0..CALLERS).map(|caller| {
            let server = &servers[caller % servers.len()];
            let asking = Caller::new(server.address, &purse.host, &purse.cookie);
            let purse = &purse;
            async move {
                let mut accepted = Vec::new();
                for attempt in 0..TRIES {
                    // The second half two by two with the same keys, as after a lost answer.
                    let sender = if caller < CALLERS / 2 { caller } else { caller & !1 };
                    let key = format!("crowd-{round}-{sender}-{attempt}");
                    let body = purse.little.0;
                    let spend = ProposeCorrection::by(body, -PRICE, key.clone());
                    if is_answered(&asking, &key, &spend).await {
                        accepted.push(key);
                    }
                }
                accepted
            }
        });
        accepted.extend(join_all(crowd).await.into_iter().flatten());
        line.injected += u32::try_from(CALLERS * TRIES).expect("few");
    }
    let rows: Vec<(String, i64)> = database
        .raw()
        .await
        .all("SELECT text, COUNT(*) FROM entry_note WHERE text LIKE 'crowd-%' GROUP BY text")
        .await;
    assert_eq!(rows.len(), 14 * rounds, "100 / 7 in each round");
    line.acknowledged = accepted.len();
    line.doubled = rows.iter().filter(|(_, times)| *times != 1).count();
    line.lost = accepted.iter().filter(|key| rows.iter().all(|(spent, _)| spent != *key)).count();
    drop(servers);
    assert_sound(&reopened(&database).await, &database).await;
    line.report();
}

/// Asks until there is an answer: done, or too little is left.
async fn is_answered(caller: &Caller, key: &str, spend: &ProposeCorrection) -> bool {
    loop {
        let (status, text) = caller.ask(Some(key), spend).await.expect("the server is there");
        match status {
            200 => return true,
            409 if text.contains("credits_short") => return false,
            // Too many wait for the same body: a client comes again.
            503 => {}
            _ => panic!("{status}: {text}"),
        }
    }
}
