//! The application of a rule through the API: it counts by its sum over all municipalities.

use model::api::calls::ReviseRule;
use model::api::credits::proposals::WithdrawProposal;
use model::credits::Credits;
use model::proposals::{ProposalKind, ProposalState};

use super::{apply, confirm, entries, grant, list};
use crate::test_app::{TestApp, call, done, proposed, refused};

#[tokio::test]
async fn the_application_of_a_rule_counts_by_its_whole_sum() {
    let app = TestApp::new().await;
    let (first, second) = (app.administrator(), app.second_administrator());
    let revise = async |mountain: Credits| {
        let mut modifiers = call().terms.modifiers;
        modifiers[0].credits = mountain;
        let bands = call().terms.bands;
        first.call(ReviseRule { call: app.call, bands, modifiers }).await.expect("revised").rule_version
    };
    let apply = || apply(&app, &first);
    // Blessagno alone is in the mountains: 4 credits more.
    revise(8).await;
    assert_eq!(apply().await.expect("applied").proposal, None);
    assert_eq!(app.account("Blessagno").await.granted, 18);
    // It counts for what is done by hand, too.
    done(first.call(grant(&app, "Como", 6)).await.expect("4 and 6"));
    proposed(first.call(grant(&app, "Bellagio", 7)).await.expect("4 and 7"));
    let other = list(&second).await.waiting.remove(0).id;
    first.call(WithdrawProposal { proposal: other }).await.expect("withdrawn");
    // Another 7 would be 11 in all.
    let version = revise(15).await;
    let before = app.account("Blessagno").await;
    let proposal = apply().await.expect("proposed").proposal.expect("it waits");
    assert_eq!(app.account("Blessagno").await, before);
    let seen = list(&second).await.waiting.remove(0);
    assert_eq!((seen.kind, seen.body, seen.before), (ProposalKind::Rule, None, None));
    assert_eq!((seen.change, seen.bodies, seen.rule_version), (7, 1, Some(version)));
    assert_eq!(refused(confirm(&first, proposal).await), "second_person_needed");
    let confirmed = confirm(&second, proposal).await.expect("confirmed");
    assert_eq!(confirmed.state, ProposalState::Confirmed);
    assert_eq!(app.account("Blessagno").await.granted, 25);
    let newest = entries(&app, "Blessagno").await.remove(0);
    assert_eq!(newest.actor.as_deref(), Some("Amministratore 2"));
    assert_eq!(newest.proposed_by.as_deref(), Some("Amministratore"));
    // A version that nobody proposed is not what is confirmed.
    revise(40).await;
    let proposal = apply().await.expect("proposed").proposal.expect("it waits");
    revise(41).await;
    assert_eq!(refused(confirm(&second, proposal).await), "conflict");
    // The owner of the machine acts alone, and is told as the system.
    assert_eq!(app.assign().await.proposal, None);
    assert_eq!(app.account("Blessagno").await.granted, 51);
    assert_eq!(entries(&app, "Blessagno").await.remove(0).actor, None);
    assert_eq!(refused(confirm(&second, proposal).await), "conflict", "there is nothing left of it");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_first_assignment_of_a_whole_call_takes_two_administrators() {
    let app = TestApp::chartered(|config| config.assign = false).await;
    let (first, second) = (app.administrator(), app.second_administrator());
    let report = apply(&app, &first).await.expect("proposed");
    let proposal = report.proposal.expect("it waits");
    let moved: Credits = report.lines.iter().map(|line| line.difference).sum();
    let seen = list(&second).await.waiting.remove(0);
    assert_eq!((seen.change, seen.bodies), (moved, 7));
    confirm(&second, proposal).await.expect("confirmed");
    assert_eq!(app.account("Como").await.granted, 40);
    for name in ["Bellagio", "Como", "Blessagno"] {
        assert_eq!(entries(&app, name).await[0].proposed_by.as_deref(), Some("Amministratore"), "{name}");
    }
    app.assert_sound().await;
}
