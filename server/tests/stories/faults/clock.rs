//! Wrong clocks: back and forth, over the hours that are not or are twice, over the end of a year. What comes later
//! comes later in the ledger and among submissions, whatever the clock says.

use model::api::bodies::ListEntries;
use model::api::people::SignIn;
use model::basket::Change;
use model::people::Role;

use super::{Line, times};
use crate::test_app::{PASSWORD, TestApp, address, refused};

/// From one to the next: forth and back, with what is special about the instant.
const JUMPS: [(&str, &str); 6] = [
    // The hour that is not.
    ("2026-03-29 01:59:59", "2026-03-29 03:00:00"),
    // The hour that is twice.
    ("2026-10-25 02:30:00", "2026-10-25 03:00:00"),
    ("2026-12-31 23:59:59", "2027-01-01 00:00:00"),
    // Back into the year before, whose numbers go on.
    ("2027-06-01 12:00:00", "2026-12-31 23:59:59"),
    ("2032-02-29 12:00:00", "2026-03-02 10:00:00"),
    ("1999-12-31 23:59:59", "2026-03-02 10:00:01"),
];

/// Adds a block and sends it, and has it authorised.
async fn submission(app: &TestApp, body: &str) -> String {
    let officer = app.officer(body);
    officer.change(app.body(body), Change::Add, "formazione").await.expect("added");
    let sent = officer.submit(app.body(body)).await.expect("sent");
    app.mayor(body).authorise(sent.id).await.expect("authorised").number
}

#[tokio::test]
async fn the_order_is_that_of_the_numbers_whatever_the_clock_says() {
    let app = TestApp::new().await;
    app.lasts("1990-01-01 00:00:00", "2099-12-31 12:00:00").await;
    let mut line = Line::of("clock jumped", app.database.is_postgres());
    for body in ["Bellagio", "Como"] {
        app.fund(body, 5_000).await;
    }
    let mut numbers = Vec::new();
    for round in 0..times(1) {
        for (from, to) in JUMPS {
            for (body, at) in [("Bellagio", from), ("Como", to), ("Bellagio", to), ("Como", from)] {
                app.move_to(at);
                let number = submission(&app, body).await;
                let year = at.split('-').next().expect("a year");
                assert!(number.starts_with(&format!("{year}/")), "{number} at {at}, round {round}");
                numbers.push(number);
            }
            line.injected += 1;
        }
    }
    // Each year counts from one, in the order in which they came.
    let mut expected = std::collections::BTreeMap::<String, u32>::new();
    for number in &numbers {
        let (year, serial) = number.split_once('/').expect("a year and a number");
        let last = expected.entry(year.to_owned()).or_default();
        *last += 1;
        assert_eq!(serial, format!("{last:06}"), "{numbers:?}");
    }
    for body in ["Bellagio", "Como"] {
        let entries = app.entries(body).await;
        assert!(entries.windows(2).any(|pair| pair[0].at > pair[1].at), "the clock went back");
        let list = ListEntries { body: app.body(body), kind: None };
        let shown = app.officer(body).call(list).await.expect("listed").entries;
        let newest_first: Vec<_> = entries.iter().rev().map(|row| row.sequence).collect();
        assert_eq!(shown.iter().map(|line| line.sequence).collect::<Vec<_>>(), newest_first);
        let rows = app.read().await.submissions(app.body(body)).await.expect("read");
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        assert!(ids.is_sorted_by(|newer, older| newer > older), "{ids:?}");
    }
    line.acknowledged = numbers.len();
    app.assert_sound().await;
    line.report();
}

#[tokio::test]
async fn tries_to_sign_in_counted_under_a_wrong_clock_lock_nobody_out_for_long() {
    let app = TestApp::new().await;
    let client = app.stranger();
    let with =
        |password: &str| SignIn { email: address(Role::Officer, "Bellagio"), password: password.to_owned() };
    let right = app.now();
    app.marketplace.clock.move_to(right.plus_seconds(365 * 24 * 3_600));
    for _ in 0..5 {
        assert_eq!(refused(client.call(with("sbagliata")).await), "wrong_credentials");
    }
    assert_eq!(refused(client.call(with(PASSWORD)).await), "too_many");
    app.marketplace.clock.move_to(right);
    client.call(with(PASSWORD)).await.expect("the clock is right again");
    // A few seconds between two servers are no way round it.
    for _ in 0..5 {
        assert_eq!(refused(client.call(with("sbagliata")).await), "wrong_credentials");
    }
    app.marketplace.clock.move_to(right.plus_seconds(-5));
    assert_eq!(refused(client.call(with(PASSWORD)).await), "too_many");
}
