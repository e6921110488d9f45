//! An app with everything that an operation can be aimed at, and the walk over all operations.

use handlers::credits::anchor::MakeAnchor;
use model::api::Got;
use model::api::calls::ProposeCorrection;
use model::api::requests::ListRequests;
use model::basket::Change;
use model::calendar::Day;
use model::ids::{BodyId, CallId, PersonId, ProposalId, RequestId, SubmissionId};
use model::people::Role;
use model::requests::State;
use serde_json::Value;

use super::matrix::{Target, text};
use crate::test_app::{Dump, NEIGHBOUR, OURS, TestApp, TestClient, address, proposed};

/// An app in which two bodies, and one next door, have everything that can be aimed at.
pub struct AccessFixture {
    pub app: TestApp,
    /// Every table before anything was tried.
    pub before: Dump,
    /// Of the body that the caller has to do with.
    pub own: Target,
    /// Of another body of the same aggregator.
    pub others: Target,
    pub next_door: Target,
    pub absent: Target,
}

impl AccessFixture {
    pub async fn prepare() -> Self {
        let app = TestApp::chartered(|config| config.demo = true).await;
        let own = furnished(&app, OURS, "Bellagio").await;
        let others = furnished(&app, OURS, "Como").await;
        let next_door = furnished(&app, NEIGHBOUR, "Lecco").await;
        let absent = Target {
            body: BodyId(9_999),
            submission: SubmissionId(9_999),
            seen: Vec::new(),
            request: RequestId(9_999),
            version: 1,
            call: CallId(9_999),
            proposal: ProposalId(9_999),
            persona: PersonId(9_999),
            operator: PersonId(9_999),
            email: "nessuno@example.org".to_owned(),
            service: "non-esiste",
            anchored: Day(1),
        };
        let before = dumped(&app).await;
        Self { app, before, own, others, next_door, absent }
    }

    pub fn caller(&self, letter: char) -> TestClient {
        match letter {
            'N' => self.app.stranger(),
            'O' => self.app.officer("Bellagio"),
            'M' => self.app.mayor("Bellagio"),
            'P' => self.app.operator(),
            'F' => self.app.facilitator(),
            'A' => self.app.administrator(),
            'V' => self.app.observer(),
            other => panic!("nobody is called {other}"),
        }
    }
}

/// A request in review, a submission that waits, a proposal that waits.
async fn furnished(app: &TestApp, tenant: usize, name: &str) -> Target {
    let body = app.body_in(tenant, name);
    let officer = app.holder(tenant, Role::Officer, name);
    let mayor = app.holder(tenant, Role::Mayor, name);
    let operator = app.holder(tenant, Role::Operator, "");
    officer.change(body, Change::Add, "occupazione").await.expect("added");
    let first = officer.submit(body).await.expect("sent").id;
    mayor.authorise(first).await.expect("authorised");
    let list = ListRequests { body, state: Some(State::Submitted) };
    let list = operator.call(list).await.expect("listed");
    let seen = operator.take_in_charge(&list.requests[0]).await.expect("taken").row;
    officer.change(body, Change::Add, "sms").await.expect("added");
    let sent = officer.submit(body).await.expect("sent");
    let correction = ProposeCorrection::by(body, 20, text());
    let proposer = app.holder(tenant, Role::Administrator, "2");
    let proposal = proposed(proposer.call(correction).await.expect("proposed"));
    let anchor = MakeAnchor { aggregator: String::new(), now: app.now() };
    let anchored =
        app.marketplace.write(app.tenant(tenant).id, anchor).await.expect("made").expect("one").day;
    Target {
        body,
        submission: sent.id,
        seen: sent.seen(),
        request: seen.id,
        version: seen.version,
        call: app.call_in(tenant),
        proposal,
        persona: app.holder(tenant, Role::Observer, "").person.expect("somebody"),
        operator: operator.person.expect("somebody"),
        email: address(Role::Officer, name),
        service: if tenant == OURS { "anagrafe" } else { "soltanto-lecco" },
        anchored,
    }
}

/// Status and machine name of an answer.
pub fn verdict(got: &Got) -> (u16, String) {
    let code = serde_json::from_str::<Value>(&got.body)
        .ok()
        .and_then(|body| body["code"].as_str().map(str::to_owned));
    (got.status, code.unwrap_or_default())
}

/// All tables but the count of tries to sign in and the security log, in which refusals stand.
pub async fn dumped(app: &TestApp) -> Dump {
    let mut dump = app.dump().await;
    dump.remove("sign_in_try");
    dump.remove("security_event");
    dump
}

/// Runs a trial for each operation of the server's list, and adds up what they answer.
macro_rules! for_each_operation {
    ($name:ident, $trial:ident) => {
        async fn $name(trial: &$crate::access::fixture::AccessFixture, letter: char) -> u32 {
            let mut sum = 0;
            macro_rules! walk {
                (handlers: $handlers:tt, sessions: $sessions:tt) => {
                    $crate::access::fixture::walk_list!(sum, $trial, trial, letter, $handlers);
                    $crate::access::fixture::walk_list!(sum, $trial, trial, letter, $sessions);
                };
            }
            server::operations!(walk);
            sum
        }
    };
}

macro_rules! walk_list {
    ($sum:ident, $try:ident, $trial:ident, $letter:ident, [$($operation:ty),+]) => {
        $($sum += Box::pin($try::<$operation>($trial, $letter)).await;)+
    };
}

pub(crate) use {for_each_operation, walk_list};
