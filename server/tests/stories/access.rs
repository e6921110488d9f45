//! Who may do what: every operation × every kind of caller × what is theirs, somebody else's, and not there at all.
//!
//! What stands here is the policy once more, written from the rules and not from the code. An operation that is
//! added to the list without a line here does not compile.

use model::api::Method;
use model::api::bodies::{ListEntries, ReadBody};
use model::api::calls::{ReadBoard, ReadMatrix};
use model::api::catalogue::{ListServices, ReadService};
use model::api::credits::proposals::{ConfirmProposal, RefuseProposal, WithdrawProposal};
use model::api::people::ReadProfile;
use model::api::requests::ReadQueue;
use model::people::Role;

use crate::test_app::{NEIGHBOUR, TestApp, assert_same, refused};

pub mod fixture;
pub mod matrix;

use fixture::{AccessFixture, dumped, for_each_operation, verdict};
use matrix::{Aim, Tried, text};

/// Everything that must be refused, and that it leaves no trace; answers with how many trials that were.
async fn refusals<O: Tried>(trial: &AccessFixture, letter: char) -> u32 {
    let name = std::any::type_name::<O>();
    // Each kind of caller comes from an address of their own, by which tries to sign in are counted.
    let caller = trial.caller(letter).from(&format!("198.51.100.{}", u32::from(letter)));
    let may = O::WHO.contains(letter);
    let public = O::WHO.contains('N');
    let mut trials = 0;
    let mut answers = Vec::new();
    for (place, whose) in [
        (&trial.own, "own"),
        (&trial.others, "another body's"),
        (&trial.next_door, "next door's"),
        (&trial.absent, "not there"),
    ] {
        let of_body = matches!(letter, 'O' | 'M' | 'F');
        let mine = whose == "own" || (whose == "another body's" && (!of_body || O::AIM != Aim::Body));
        if O::AIM == Aim::Nothing && whose != "own" || may && mine {
            continue;
        }
        let (status, code) = verdict(&caller.raw(&O::at(place)).await);
        trials += 1;
        let expected: &[(u16, &str)] = match (letter, O::AIM) {
            ('N', _) if !public => &[(401, "sign_in_needed")],
            // To whom has nothing to do with it, it is not there.
            ('O' | 'M' | 'F', Aim::Body) if !mine => &[(404, "not_found")],
            _ if !may && mine => &[(403, "forbidden")],
            _ if !may => &[(403, "forbidden"), (404, "not_found")],
            _ if name.ends_with("::SignIn") => &[(401, "wrong_credentials")],
            _ => &[(404, "not_found")],
        };
        assert!(
            expected.contains(&(status, code.as_str())),
            "{name} by {letter} on what is {whose}: {status} {code}, expected {expected:?}"
        );
        if !mine {
            answers.push((whose, status, code));
        }
    }
    answers.dedup_by(|a, b| (a.1, &a.2) == (b.1, &b.2));
    assert!(answers.len() <= 1, "{name} by {letter} tells what is there: {answers:?}");
    assert_same(&trial.before, &dumped(&trial.app).await, name);
    trials
}

/// What is allowed is not refused for who asks, nor for how it is written.
async fn permissions<O: Tried>(trial: &AccessFixture, letter: char) -> u32 {
    if !O::WHO.contains(letter) {
        return 0;
    }
    let caller = trial.app.anew(&trial.caller(letter)).await;
    let got = caller.raw(&O::at(&trial.own)).await;
    let (status, code) = verdict(&got);
    let done_or_ruled = matches!(status, 200 | 409);
    assert!(done_or_ruled, "{} by {letter}: {status} {code}", std::any::type_name::<O>());
    if O::METHOD == Method::Get && status == 200 {
        for foreign in ["Lecco", "Varenna"] {
            assert!(!got.body.contains(foreign), "{} shows {foreign}", O::PATH);
        }
        let alone = matches!(letter, 'N' | 'O' | 'M' | 'F');
        assert!(!alone || !got.body.contains("Brunate"), "{} by {letter} shows another body", O::PATH);
    }
    1
}

for_each_operation!(every_refusal, refusals);
for_each_operation!(every_permission, permissions);

const EVERYBODY: [char; 7] = ['N', 'O', 'M', 'P', 'F', 'A', 'V'];

#[tokio::test]
async fn what_is_not_allowed_is_refused_alike_and_leaves_no_trace() {
    let trial = AccessFixture::prepare().await;
    let mut trials = Vec::new();
    for letter in EVERYBODY {
        trials.push(every_refusal(&trial, letter).await);
    }
    // Each kind of caller was really turned away, and an observer more often than an administrator.
    assert!(trials.iter().all(|trials| *trials > 40), "{trials:?}");
    assert!(trials[6] > trials[5], "{trials:?}");
    trial.app.assert_sound().await;
}

#[tokio::test]
async fn what_is_allowed_is_done_or_refused_by_a_rule() {
    let mut allowed = Vec::new();
    for letter in EVERYBODY {
        // What one may do ends calls and sessions: each begins in an app of its own.
        let trial = AccessFixture::prepare().await;
        allowed.push(every_permission(&trial, letter).await);
        trial.app.assert_sound().await;
    }
    assert!(allowed.iter().all(|allowed| *allowed >= 8), "{allowed:?}");
}

#[tokio::test]
async fn the_neighbours_session_is_nobodys_here() {
    let app = TestApp::new().await;
    let mut client = app.administrator();
    let body = app.body("Bellagio");
    client.call(ReadBody { body }).await.expect("at home");
    client.host.clone_from(&app.tenant(NEIGHBOUR).host);
    assert_eq!(verdict(&client.raw(&ReadProfile {}).await), (401, "sign_in_needed".to_owned()));
    assert_eq!(verdict(&client.raw(&ReadBody { body }).await), (401, "sign_in_needed".to_owned()));
    let theirs = app.holder(NEIGHBOUR, Role::Administrator, "");
    for read in [theirs.raw(&ReadBoard::default()).await, theirs.raw(&ReadQueue::default()).await] {
        assert_eq!(read.status, 200);
        assert!(!read.body.contains("Bellagio") && !read.body.contains("Comune di Como"));
    }
    // A host is the same with a port, in capitals, and with the dot of the root.
    for host in ["servizi.como.example.org:443", "Servizi.Como.example.org."] {
        let mut client = app.administrator();
        client.host = host.to_owned();
        client.call(ReadBody { body }).await.expect(host);
    }
}

#[tokio::test]
async fn a_role_counts_only_while_it_is_held() {
    let app = TestApp::new().await;
    let (officer, body) = (app.officer("Bellagio"), app.body("Bellagio"));
    let person = officer.person.expect("somebody");
    let now = app.now();
    app.raw_sql(format!("UPDATE role_held SET held_until = {} WHERE person = {person}", now.0)).await;
    assert_eq!(verdict(&officer.raw(&ReadBody { body }).await), (404, "not_found".to_owned()));
    assert!(officer.call(ReadProfile {}).await.expect("still a person").roles.is_empty());
    app.raw_sql(format!("UPDATE role_held SET held_until = {} WHERE person = {person}", now.0 + 1)).await;
    officer.call(ReadBody { body }).await.expect("a moment is left");
    app.raw_sql(format!("UPDATE role_held SET held_from = {} WHERE person = {person}", now.0 + 1)).await;
    assert_eq!(verdict(&officer.raw(&ReadBody { body }).await).0, 404, "not yet");
}

#[tokio::test]
async fn who_decides_no_proposals_hears_the_same_of_each_of_them() {
    let trial = AccessFixture::prepare().await;
    // That of a rule concerns no body.
    let of_a_rule = trial.own.proposal;
    trial.app.raw_sql(format!("UPDATE proposal SET kind = 'rule', body = NULL WHERE id = {of_a_rule}")).await;
    for letter in ['O', 'M', 'P', 'F', 'V'] {
        let caller = trial.caller(letter);
        for proposal in [of_a_rule, trial.others.proposal, trial.next_door.proposal, trial.absent.proposal] {
            let refusals = [
                refused(caller.call(ConfirmProposal { proposal, before: None, change: 1 }).await),
                refused(caller.call(RefuseProposal { proposal, reason: text() }).await),
                refused(caller.call(WithdrawProposal { proposal }).await),
            ];
            assert_eq!(refusals, ["forbidden"; 3], "{proposal} by {letter}");
        }
    }
}

#[tokio::test]
async fn the_files_for_a_spreadsheet_are_for_whom_the_pages_are() {
    let trial = AccessFixture::prepare().await;
    let app = &trial.app;
    for letter in EVERYBODY {
        let caller = trial.caller(letter);
        for (place, whose) in [
            (&trial.own, "own"),
            (&trial.others, "others"),
            (&trial.next_door, "next door"),
            (&trial.absent, "absent"),
        ] {
            let body = place.body;
            let page = caller.raw(&ListEntries { body, kind: None }).await.status;
            let file = caller.get(&format!("/api/v1/bodies/{body}/entries.csv")).await;
            assert_eq!(file.status.as_u16(), page, "movements {whose}, for {letter}");
        }
        let page = caller.raw(&ReadMatrix {}).await.status;
        let file = caller.get("/api/v1/board/matrix.csv").await;
        assert_eq!(file.status.as_u16(), page, "the matrix, for {letter}");
    }
    let file = app.observer().get("/api/v1/board/matrix.csv").await;
    let rows: Vec<_> = file.body.lines().collect();
    assert_eq!(rows.len(), 9, "a head and the joined bodies");
    assert!(rows[0].starts_with("\u{feff}ente;") && file.body.contains("Comune di Bellagio;"));
    assert!(!file.body.contains("Lecco"));
    let nonsense = app.observer().get("/api/v1/bodies/abc/entries.csv").await;
    assert_eq!(nonsense.status, 404);
}

#[tokio::test]
async fn offers_are_made_only_to_the_officer_of_the_body() {
    let trial = AccessFixture::prepare().await;
    let app = &trial.app;
    for place in [&trial.others, &trial.next_door, &trial.absent] {
        let body = Some(place.body);
        for who in [app.officer("Bellagio"), app.operator(), app.stranger()] {
            let list = who.call(ListServices { body, ..ListServices::default() }).await.expect("public");
            assert_eq!(list.body, None);
            assert!(list.services.iter().all(|card| card.offer.is_none()));
            let read = ReadService { code: "anagrafe".into(), body };
            assert_eq!(who.call(read).await.expect("public").offer, None);
        }
    }
}
