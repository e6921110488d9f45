//! Callers who go away in the middle of a sentence: the socket is closed after so many bytes of a request, or before
//! its answer was heard; or what serves them is dropped where it waits.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use model::api::baskets::{ChangeBasket, ReadBasket};
use model::api::{Problem, encode};
use model::basket::Change;
use server::connections::{self, Limits};
use store::{Transaction, UnitOfWork};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::child::Caller;
use super::load::Purse;
use super::{Heard, Line, times};
use crate::test_app::{TestApp, assert_same};

/// The request that spends under this key, as it travels.
fn spelled(purse: &Purse, key: &str) -> String {
    let sent = encode(&purse.spend(0, key));
    format!(
        "POST {} HTTP/1.1\r\nhost: {}\r\ncookie: {}\r\nidempotency-key: {key}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{}",
        sent.path,
        purse.host,
        purse.cookie,
        sent.body.len(),
        sent.body
    )
}

/// When a caller goes away.
enum Leaving {
    AtOnce,
    /// While it is being answered.
    After(Duration),
    /// With the first sign of an answer, which it does not read to its end.
    WhenAnswered,
}

/// Says the beginning of it, all of it now and then, and hangs up: politely, or by a reset.
async fn hang_up(address: SocketAddr, said: &[u8], leaving: Leaving, politely: bool) {
    let mut socket = TcpStream::connect(address).await.expect("it is reached");
    socket.write_all(said).await.expect("it is said");
    match leaving {
        Leaving::AtOnce => {}
        Leaving::After(time) => tokio::time::sleep(time).await,
        Leaving::WhenAnswered => drop(socket.read_u8().await.expect("it is answered")),
    }
    if !politely {
        socket.set_zero_linger().expect("it hangs up");
    }
}

/// Polls after which a caller goes away: none at all, or so many that it has its answer.
const MOST_POLLS: u32 = 40;
/// How many are dropped: in 40 rounds of a release 8,000.
const DROPPED: u32 = 200;

#[tokio::test]
async fn a_caller_dropped_half_way_leaves_all_or_nothing() {
    let app = TestApp::new().await;
    let mut line = Line::of("caller dropped", app.database.is_postgres());
    let (officer, body) = (app.officer("Bellagio"), app.body("Bellagio"));
    app.fund("Bellagio", 10_000).await;
    let add = ChangeBasket { body, change: Change::Add, service: "formazione".into() };
    let mut landed = BTreeSet::new();
    let mut before = app.dump().await;
    for round in 0..DROPPED {
        let gone = officer.with_key(&format!("gone-in-round-{round:05}"));
        {
            let mut calling = Box::pin(gone.call(add.clone()));
            let mut context = Context::from_waker(Waker::noop());
            for _ in 0..round % MOST_POLLS {
                if let Poll::Ready(done) = calling.as_mut().poll(&mut context) {
                    done.expect("added");
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        line.injected += 1;
        // Whoever waits at the writer now comes after the one who went away.
        app.write(Nothing).await.expect("the writer works");
        app.database.settled().await;
        let after = app.dump().await;
        let rows = |table: &str| after[table].len() - before[table].len();
        let effects = (rows("basket_step"), rows("idempotency_record"));
        assert!(effects == (0, 0) || effects == (1, 1), "round {round}: {effects:?}");
        if effects == (0, 0) {
            assert_same(&before, &after, "a caller who went away");
        }
        landed.insert(effects.0);
        before = after;
    }
    assert_eq!(landed, BTreeSet::from([0, 1]), "some went before the write, some after");
    let basket = officer.call(ReadBasket { body }).await.expect("read");
    assert_eq!(basket.version, i64::from(basket.added[0].count));
    // Asking again with the same keys completes what did not land, and repeats nothing.
    for round in 0..DROPPED {
        let again = officer.with_key(&format!("gone-in-round-{round:05}"));
        again.call(add.clone()).await.expect("done at last");
    }
    let basket = officer.call(ReadBasket { body }).await.expect("read");
    assert_eq!((basket.added[0].count, basket.version), (DROPPED, i64::from(DROPPED)));
    app.assert_sound().await;
    line.report();
}

/// Waits its turn at the writer.
#[derive(Clone)]
struct Nothing;

impl UnitOfWork for Nothing {
    type Answer = ();
    async fn run(self, _work: &mut Transaction) -> Result<(), Problem> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_closed_half_way_leaves_all_or_nothing_and_a_sound_pool() {
    let app = TestApp::new().await;
    let purse = Purse::filled(&app).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it has an address");
    let router = server::http::api(&app.site).with_state(());
    let serving =
        tokio::spawn(connections::serve(listener, router, Limits::of_process(), std::future::pending()));
    let mut line = Line::of("socket closed", app.database.is_postgres());
    let mut heard = Heard::default();
    for number in 0..times(200) {
        let key = format!("spend-{number:06}");
        let whole = spelled(&purse, &key);
        // A third says all of it.
        let said = (number as usize * 7) % (whole.len() * 3 / 2);
        let leaving = match number % 4 {
            0 if said >= whole.len() => Leaving::WhenAnswered,
            1 | 2 => Leaving::After(Duration::from_millis(u64::from(number % 16))),
            _ => Leaving::AtOnce,
        };
        hang_up(address, &whole.as_bytes()[..said.min(whole.len())], leaving, number % 3 > 0).await;
        line.injected += 1;
        heard.keys.insert(key);
    }
    app.database.settled().await;
    // Nothing half-way: each write that landed did so with its key, and no other.
    let landed: Vec<(i64, i64)> = app
        .database
        .raw()
        .await
        .all(
            "SELECT (SELECT COUNT(*) FROM idempotency_record WHERE key LIKE 'spend-%'),
                    (SELECT COUNT(*) FROM entry_note WHERE text LIKE 'spend-%')",
        )
        .await;
    let (records, entries) = landed[0];
    assert_eq!(records, entries);
    assert!(records > 0 && records < i64::from(line.injected), "some went before, some after: {records}");
    let caller = Caller::new(address, &purse.host, &purse.cookie);
    for key in &heard.keys {
        let answer = caller.ask(Some(key), &purse.spend(0, key)).await.expect("it is heard");
        assert_eq!(answer.0, 200, "{answer:?}");
    }
    line.count(&app.database, &heard).await;
    app.assert_sound().await;
    serving.abort();
    line.report();
}
