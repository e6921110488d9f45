//! The policy once more, an operation a line: who may do it, what it is aimed at, and how it is asked.

use model::api::Operation;
use model::api::baskets::{ChangeBasket, ReadBasket};
use model::api::bodies::{ListEntries, ReadBody};
use model::api::calls::{
    ArchiveCall, Assign, AssignByHand, CloseCall, CreateCall, ExtendBody, ExtendCall, GrantExtra, OpenCall,
    ProposeCorrection, ReadBoard, ReadMatrix, ReopenCall, ReviseRule, RuleEffect,
};
use model::api::catalogue::{ListServices, ReadHome, ReadService, ReadStatus};
use model::api::credits::proposals::{ConfirmProposal, ListProposals, RefuseProposal, WithdrawProposal};
use model::api::credits::{CheckLedger, ReadAnchor, ReadLedger, ReadLedgerProof};
use model::api::people::{ChangePassword, ReadProfile, ReadSession, SignIn, SignInAsPersona, SignOut};
use model::api::requests::{
    AnswerRequest, Approve, AskChanges, Cancel, CompleteMilestone, DismissRequestNews, EndService, GoLive,
    ListRequests, ReadQueue, ReadRequest, ReadRequestNews, Reassign, Reject, ReleaseRequest, RemindRequest,
    Revoke, Start, TakeInCharge, WithdrawRequest,
};
use model::api::security::ReadSecurityEvents;
use model::api::submissions::{
    Authorise, ListSubmissions, ReadSubmission, SendBack, Submit, WithdrawSubmission,
};
use model::basket::Change;
use model::calendar::Day;
use model::ids::{BodyId, CallId, PersonId, ProposalId, RequestId, SubmissionId};
use model::seen::Seen;

use crate::test_app::{PASSWORD, band, call};

/// What an operation can be aimed at.
#[derive(Clone, Debug)]
pub struct Target {
    pub body: BodyId,
    pub submission: SubmissionId,
    /// As the submission is shown.
    pub seen: Vec<Seen>,
    pub request: RequestId,
    pub version: i64,
    pub call: CallId,
    pub proposal: ProposalId,
    pub persona: PersonId,
    pub operator: PersonId,
    pub email: String,
    pub service: &'static str,
    /// A day with an anchor.
    pub anchored: Day,
}

/// By what an operation is aimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    /// It concerns whoever calls, or the whole aggregator.
    Nothing,
    /// Something that belongs to one body.
    Body,
    /// Something of the aggregator: a call, a service, a persona, an address.
    Aggregator,
}

/// An operation with everything that a trial needs.
pub trait Tried: Operation {
    /// Who may: Nobody, Officer, Mayor, oPerator, Facilitator, Administrator, obserVer.
    const WHO: &'static str;
    const AIM: Aim;
    fn at(place: &Target) -> Self;
}

macro_rules! tried {
    ($($operation:ident $who:literal $aim:ident |$place:ident| $make:expr;)+) => { $(
        impl Tried for $operation {
            const WHO: &'static str = $who;
            const AIM: Aim = Aim::$aim;
            fn at($place: &Target) -> Self {
                $make
            }
        }
    )+ };
}

/// The operations on a request, which are all written alike.
macro_rules! tried_actions {
    ($($operation:ident $who:literal { $($field:ident: $value:expr),* };)+) => { tried! { $(
        $operation $who Body |place| $operation {
            request: place.request,
            version: place.version,
            $($field: $value),*
        };
    )+ } };
}

/// Those of who works on requests, in the place of who has it.
macro_rules! tried_work {
    ($($operation:ident $who:literal { $($field:ident: $value:expr),* };)+) => { tried! { $(
        $operation $who Body |place| $operation {
            request: place.request,
            version: place.version,
            owner: Some(place.operator),
            $($field: $value),*
        };
    )+ } };
}

pub fn text() -> String {
    "Per prova".to_owned()
}

tried! {
    ReadHome "NOMPFAV" Nothing |_place| ReadHome {};
    ListServices "NOMPFAV" Nothing |place| ListServices { body: Some(place.body), ..ListServices::default() };
    ReadService "NOMPFAV" Aggregator |place| ReadService { code: place.service.into(), body: Some(place.body) };
    ReadStatus "NOMPFAV" Nothing |_place| ReadStatus {};
    ReadSession "NOMPFAV" Nothing |_place| ReadSession {};
    ReadProfile "OMPFAV" Nothing |_place| ReadProfile {};

    ReadBody "OMPFAV" Body |place| ReadBody { body: place.body };
    ListEntries "OMPFAV" Body |place| ListEntries { body: place.body, kind: None };
    ReadLedger "OMPFAV" Body |place| ReadLedger { body: place.body };
    ReadLedgerProof "NOMPFAV" Nothing |_place| ReadLedgerProof {};
    ReadAnchor "NOMPFAV" Nothing |place| ReadAnchor { day: place.anchored };
    CheckLedger "A" Nothing |_place| CheckLedger {};
    ReadBasket "OMPFA" Body |place| ReadBasket { body: place.body };
    ChangeBasket "O" Body |place| ChangeBasket {
        body: place.body, change: Change::Add, service: "formazione".into(),
    };
    Submit "O" Body |place| Submit {
        body: place.body, version: 1, seen: place.seen.clone(), reason: text(), contact: text(), protocol: text(),
    };
    ReadSubmission "OMPFA" Body |place| ReadSubmission { submission: place.submission };
    ListSubmissions "OMPFA" Body |place| ListSubmissions { body: place.body };
    Authorise "M" Body |place| Authorise { submission: place.submission, seen: place.seen.clone() };
    SendBack "M" Body |place| SendBack { submission: place.submission, reason: text() };
    WithdrawSubmission "OM" Body |place| WithdrawSubmission { submission: place.submission };

    ListRequests "OMPFA" Body |place| ListRequests { body: place.body, state: None };
    ReadQueue "PA" Nothing |_place| ReadQueue::default();
    ReadRequest "OMPFA" Body |place| ReadRequest { request: place.request };

    ReadBoard "PAV" Nothing |_place| ReadBoard::default();
    ReadMatrix "PAV" Nothing |_place| ReadMatrix {};
    ExtendBody "A" Body |place| ExtendBody {
        body: place.body, until: Day::parse("2026-06-30"), reason: text(),
    };
    AssignByHand "A" Body |place| AssignByHand {
        body: place.body, package: "grande".into(), credits: 90, seen: 20, seen_package: "medio".into(),
        reason: text(),
    };
    GrantExtra "A" Body |place| GrantExtra { body: place.body, credits: 1, seen: None, reason: text() };
    ProposeCorrection "A" Body |place| ProposeCorrection::by(place.body, 1, text());
    ListProposals "A" Body |place| ListProposals { body: Some(place.body), before: None };
    ConfirmProposal "A" Aggregator |place| ConfirmProposal { proposal: place.proposal, before: Some(20), change: 20 };
    RefuseProposal "A" Aggregator |place| RefuseProposal { proposal: place.proposal, reason: text() };
    WithdrawProposal "A" Aggregator |place| WithdrawProposal { proposal: place.proposal };
    ReadSecurityEvents "A" Nothing |_place| ReadSecurityEvents::default();
    CreateCall "A" Nothing |_place| call();
    OpenCall "A" Aggregator |place| OpenCall { call: place.call };
    ExtendCall "A" Aggregator |place| ExtendCall { call: place.call, until: crate::test_app::rome("2026-07-01 12:00:00") };
    CloseCall "A" Aggregator |place| CloseCall { call: place.call };
    ReopenCall "A" Aggregator |place| ReopenCall {
        call: place.call, until: crate::test_app::rome("2026-07-01 12:00:00"), reason: text(),
    };
    ArchiveCall "A" Aggregator |place| ArchiveCall { call: place.call };
    ReviseRule "A" Aggregator |place| ReviseRule {
        call: place.call, bands: vec![band(0, None, "medio", 20)], modifiers: Vec::new(),
    };
    Assign "A" Aggregator |place| Assign {
        call: place.call, dry_run: false, seen: Some(RuleEffect::default()),
    };

    SignIn "NOMPFAV" Aggregator |place| SignIn { email: place.email.clone(), password: PASSWORD.to_owned() };
    SignInAsPersona "NOMPFAV" Aggregator |place| SignInAsPersona { person: place.persona };
    SignOut "NOMPFAV" Nothing |_place| SignOut {};
    ChangePassword "OMPFAV" Nothing |_place| ChangePassword {
        current_password: PASSWORD.to_owned(), new_password: "un'altra-frase-lunga".to_owned(),
    };
}

tried_work! {
    TakeInCharge "PA" {};
    AskChanges "PA" { message: text() };
    Approve "PA" { note: text() };
    Reject "PA" { reason: text(), take_along: true, seen: Vec::new() };
    Cancel "PA" { reason: text(), take_along: true, seen: Vec::new() };
    Start "PA" { note: text() };
    CompleteMilestone "OPA" { note: text() };
    GoLive "PA" { note: text() };
    Revoke "PA" { reason: text(), take_along: true, seen: Vec::new() };
    EndService "PA" { reason: text(), take_along: true, seen: Vec::new() };
    ReleaseRequest "PA" { note: text() };
}

tried_actions! {
    AnswerRequest "O" { message: text() };
    WithdrawRequest "OM" { reason: text(), take_along: true, seen: Vec::new() };
    RemindRequest "OM" { note: text() };
}

tried! {
    Reassign "PA" Body |place| Reassign {
        request: place.request, version: place.version, operator: place.operator, owner: Some(place.operator),
    };
    ReadRequestNews "PA" Nothing |_place| ReadRequestNews {};
    DismissRequestNews "PA" Nothing |_place| DismissRequestNews { news: vec![1] };
}
