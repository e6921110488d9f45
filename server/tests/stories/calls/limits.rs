//! What an administrator may not give to a call alone: a higher threshold, and time after its closing.

use model::api::calls::{CloseCall, CreateCall, ExtendCall, OpenCall};
use model::api::{FieldError, FieldErrorKind, Problem};
use model::calls::CallStatus;
use model::credits::Credits;
use model::refusals::Refusal;

use super::autumn;
use crate::test_app::{TestApp, assert_same, rome};

fn with(threshold: Credits) -> CreateCall {
    let mut next = autumn();
    next.terms.correction_threshold = threshold;
    next
}

#[tokio::test]
async fn a_person_chooses_no_higher_threshold_than_that_of_the_last_call() {
    let app = TestApp::new().await;
    let administrator = app.administrator();
    let create = async |threshold| administrator.call(with(threshold)).await.map(|call| call.id);
    let too_high = |most| {
        let what = FieldErrorKind::OutOfRange { least: 0, most };
        Err(Problem::faulty(FieldError::new("correction_threshold", what)))
    };
    let before = app.dump().await;
    for threshold in [11, 10_000] {
        assert_eq!(create(threshold).await, too_high(10), "{threshold}");
    }
    assert_same(&before, &app.dump().await, "a threshold that one person may not choose");
    for threshold in [0, 10] {
        create(threshold).await.expect("as much as before, or less");
    }
    // Whoever runs the machine chooses any; while it is in preparation it allows nothing.
    let call = app.system(with(500)).await.expect("created").id;
    assert_eq!(create(11).await, too_high(10));
    administrator.call(CloseCall { call: app.call }).await.expect("closed");
    app.system(OpenCall { call }).await.expect("opened");
    assert_eq!(create(501).await, too_high(500));
    create(500).await.expect("as much as before");
    // The other faults are told as well.
    let late = CreateCall { closes: rome("2029-01-01 09:00:00"), ..with(501) };
    let Err(Problem::ApiError(model::api::ApiError::Faulty { faults })) = administrator.call(late).await
    else {
        panic!("it is faulty");
    };
    let fields: Vec<_> = faults.iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(fields, ["closes", "correction_threshold"]);
}

#[tokio::test]
async fn a_call_past_its_closing_is_not_extended_before_the_clock_closes_it() {
    let app = TestApp::new().await;
    let (administrator, call) = (app.administrator(), app.call);
    let extend = async |until| administrator.call(ExtendCall { call, until: rome(until) }).await;
    app.move_to("2026-05-29 11:59:59");
    let extended = extend("2026-05-29 18:00:00").await.expect("in time");
    assert_eq!((extended.status, extended.closes), (CallStatus::Open, rome("2026-05-29 18:00:00")));
    app.move_to("2026-05-29 18:00:00");
    let before = app.dump().await;
    assert_eq!(extend("2026-06-30 12:00:00").await, Err(Refusal::CallClosed.into()));
    assert_same(&before, &app.dump().await, "an extension after the closing");
    app.tick().await;
    assert_eq!(extend("2026-06-30 12:00:00").await, Err(Refusal::CallClosed.into()));

    // One in preparation was never open: it may be given other dates.
    let past =
        CreateCall { opens: rome("2026-01-01 09:00:00"), closes: rome("2026-02-01 09:00:00"), ..autumn() };
    let call = administrator.call(past).await.expect("created").id;
    let until = rome("2026-06-30 12:00:00");
    administrator.call(ExtendCall { call, until }).await.expect("extended");
    app.assert_sound().await;
}
