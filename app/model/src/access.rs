//! Who may do what: the whole policy as one table.
//!
//! The flow asks it to refuse, the page asks it to hide. A deed on something that the caller has nothing to do with
//! is answered as if that thing did not exist.

use crate::ids::BodyId;
use crate::people::{Caller, Role};

/// In which quality a deed is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Anyone,
    SignedIn,
    /// On the body at hand for the roles of a body, on the aggregator for the others.
    Holder(Role),
    System,
}

/// Why a deed is not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// Nobody is signed in: sign in first.
    SignIn,
    /// The caller may not know that it exists.
    Hidden,
    /// The caller may see it, and may not do this.
    Forbidden,
}

/// What the security log keeps of an operation that is done. What the policy refuses is kept in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audit {
    /// Nothing.
    None,
    /// That it was done, where it moved credits.
    Credits,
    /// That it was done, each time.
    Done,
    /// That somebody who is not of the body read personal data.
    PersonalData,
}

macro_rules! policy {
    ($($(#[$doc:meta])* $deed:ident: $($who:expr),+;)+) => {
        /// Every operation, by what it does.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Deed { $($(#[$doc])* $deed),+ }

        impl Deed {
            pub const ALL: &[Self] = &[$(Self::$deed),+];

            /// Who may do it.
            pub fn allowed(self) -> &'static [Who] {
                match self { $(Self::$deed => &[$($who),+]),+ }
            }
        }
    };
}

const OFFICER: Who = Who::Holder(Role::Officer);
const MAYOR: Who = Who::Holder(Role::Mayor);
const FACILITATOR: Who = Who::Holder(Role::Facilitator);
const OPERATOR: Who = Who::Holder(Role::Operator);
const ADMINISTRATOR: Who = Who::Holder(Role::Administrator);
const OBSERVER: Who = Who::Holder(Role::Observer);

policy! {
    // catalogue and home: public
    ReadHome: Who::Anyone;
    ListServices: Who::Anyone;
    ReadService: Who::Anyone;
    ReadStatus: Who::Anyone;
    /// The anchors of the ledger.
    ReadLedgerProof: Who::Anyone;

    // people
    ReadSession: Who::Anyone;
    SignIn: Who::Anyone;
    SignInAsPersona: Who::Anyone;
    SignOut: Who::Anyone;
    ReadProfile: Who::SignedIn;
    ChangePassword: Who::SignedIn;

    // bodies
    ReadBody: OFFICER, MAYOR, FACILITATOR, OPERATOR, ADMINISTRATOR, OBSERVER;
    ListEntries: OFFICER, MAYOR, FACILITATOR, OPERATOR, ADMINISTRATOR, OBSERVER;
    ReadBasket: OFFICER, MAYOR, FACILITATOR, OPERATOR, ADMINISTRATOR;
    ChangeBasket: OFFICER;
    Submit: OFFICER;
    ReadSubmission: OFFICER, MAYOR, FACILITATOR, OPERATOR, ADMINISTRATOR;
    ListSubmissions: OFFICER, MAYOR, FACILITATOR, OPERATOR, ADMINISTRATOR;
    Authorise: MAYOR;
    SendBack: MAYOR;
    WithdrawSubmission: OFFICER, MAYOR;

    // requests
    ListRequests: OFFICER, MAYOR, FACILITATOR, OPERATOR, ADMINISTRATOR;
    ReadRequest: OFFICER, MAYOR, FACILITATOR, OPERATOR, ADMINISTRATOR;
    AnswerRequest: OFFICER;
    WithdrawRequest: OFFICER, MAYOR;
    RemindRequest: OFFICER, MAYOR;
    CompleteMilestone: OFFICER, OPERATOR, ADMINISTRATOR;
    /// *Richieste da lavorare*, and the news on one's own.
    ReadQueue: OPERATOR, ADMINISTRATOR;
    /// Take in charge, ask for changes, approve, reject, cancel, start, go live, revoke, end, reassign, release.
    WorkRequest: OPERATOR, ADMINISTRATOR;

    // the call
    ReadBoard: OPERATOR, ADMINISTRATOR, OBSERVER;
    ReadMatrix: OPERATOR, ADMINISTRATOR, OBSERVER;
    ExtendBody: ADMINISTRATOR;
    AssignByHand: ADMINISTRATOR;
    GrantExtra: ADMINISTRATOR;
    ProposeCorrection: ADMINISTRATOR;
    ListProposals: ADMINISTRATOR;
    ConfirmProposal: ADMINISTRATOR;
    RefuseProposal: ADMINISTRATOR;
    WithdrawProposal: ADMINISTRATOR;
    /// Create, open, extend, close, reopen, archive a call; assign by the rule.
    RunCall: ADMINISTRATOR, Who::System;

    /// *Verifica del registro*
    CheckLedger: ADMINISTRATOR, Who::System;
    ReadSecurityLog: ADMINISTRATOR, Who::System;

    // the clock
    ActInTime: Who::System;
    /// What the owner of the machine does from the command line.
    SetUp: Who::System;
}

impl Deed {
    /// What the security log keeps of it: the compiler asks for a line here for each operation that is added.
    pub fn audit(self) -> Audit {
        match self {
            // Public, or of the caller alone.
            Self::ReadHome
            | Self::ListServices
            | Self::ReadService
            | Self::ReadStatus
            | Self::ReadLedgerProof
            | Self::ReadSession
            | Self::ReadProfile
            // Read without personal data: people stand there with the name of their role.
            | Self::ReadBody
            | Self::ListEntries
            | Self::ReadBasket
            | Self::ListSubmissions
            | Self::ListRequests
            | Self::ReadQueue
            | Self::ReadBoard
            | Self::ReadMatrix
            | Self::CheckLedger
            // Written, without credits: each has its own history.
            | Self::ChangeBasket
            | Self::AnswerRequest
            | Self::RemindRequest
            | Self::CompleteMilestone => Audit::None,
            // With the contact of a person, and what people wrote.
            Self::ReadSubmission | Self::ReadRequest | Self::ListProposals | Self::ReadSecurityLog => Audit::PersonalData,
            Self::SendBack
            | Self::WithdrawSubmission
            | Self::WithdrawRequest
            | Self::WorkRequest
            | Self::ActInTime => Audit::Credits,
            Self::SignIn
            | Self::SignInAsPersona
            | Self::SignOut
            | Self::ChangePassword
            | Self::Submit
            | Self::Authorise
            | Self::ExtendBody
            | Self::AssignByHand
            | Self::GrantExtra
            | Self::ProposeCorrection
            | Self::ConfirmProposal
            | Self::RefuseProposal
            | Self::WithdrawProposal
            | Self::RunCall
            | Self::SetUp => Audit::Done,
        }
    }
}

/// Whether `caller` may do `deed` on `body` (none where the deed concerns no body).
///
/// # Errors
/// Which kind of no it is.
pub fn may(caller: &Caller, deed: Deed, body: Option<BodyId>) -> Result<(), Denied> {
    let allowed = deed.allowed().iter().any(|who| match who {
        Who::Anyone => true,
        Who::SignedIn => caller.person().is_some(),
        Who::Holder(role) => caller.holds(*role, body),
        Who::System => *caller == Caller::System,
    });
    match caller {
        _ if allowed => Ok(()),
        Caller::Nobody => Err(Denied::SignIn),
        Caller::Person { .. } | Caller::System => {
            if body.is_none() || sees(caller, body) {
                Err(Denied::Forbidden)
            } else {
                Err(Denied::Hidden)
            }
        }
    }
}

/// Whether `caller` holds a role that `deed` is for, on whatever body: who holds none need not wait for the answer on the
/// body at hand.
///
/// # Errors
/// Which kind of no it is.
pub fn may_somewhere(caller: &Caller, deed: Deed) -> Result<(), Denied> {
    let allowed = deed.allowed().iter().any(|who| match who {
        Who::Anyone => true,
        Who::SignedIn => caller.person().is_some(),
        Who::Holder(role) => caller.holds_anywhere(*role),
        Who::System => *caller == Caller::System,
    });
    match caller {
        _ if allowed => Ok(()),
        Caller::Nobody => Err(Denied::SignIn),
        Caller::Person { .. } | Caller::System => Err(Denied::Forbidden),
    }
}

/// Has something to do with this body: a role on it, or one on the aggregator.
fn sees(caller: &Caller, body: Option<BodyId>) -> bool {
    Role::ALL.into_iter().any(|role| caller.holds(role, body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::PersonId;
    use crate::people::RoleHeld;

    const OURS: BodyId = BodyId(1);
    const THEIRS: BodyId = BodyId(2);

    fn holder(role: Role) -> Caller {
        let body = role.is_of_body().then_some(OURS);
        Caller::Person { id: PersonId(1), roles: vec![RoleHeld { role, body }] }
    }

    #[test]
    fn a_role_on_one_body_is_nothing_on_another() {
        for deed in Deed::ALL {
            for role in [Role::Officer, Role::Mayor, Role::Facilitator] {
                let needs_role = deed.allowed().iter().all(|who| matches!(who, Who::Holder(_) | Who::System));
                if needs_role {
                    assert_eq!(
                        may(&holder(role), *deed, Some(THEIRS)),
                        Err(Denied::Hidden),
                        "{deed:?} {role:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn nobody_is_asked_to_sign_in_and_learns_nothing() {
        for body in [OURS, THEIRS] {
            assert_eq!(may(&Caller::Nobody, Deed::ReadBody, Some(body)), Err(Denied::SignIn));
        }
        assert_eq!(may(&Caller::Nobody, Deed::ListServices, None), Ok(()));
    }

    #[test]
    fn an_observer_changes_nothing() {
        let reads = [Deed::ReadBody, Deed::ListEntries, Deed::ReadBoard, Deed::ReadMatrix];
        for deed in Deed::ALL {
            if deed.allowed().contains(&OBSERVER) {
                assert!(reads.contains(deed), "{deed:?}");
            }
        }
        assert_eq!(may(&holder(Role::Observer), Deed::Submit, Some(OURS)), Err(Denied::Forbidden));
    }

    #[test]
    fn what_only_administrators_and_the_machine_do_is_always_in_the_security_log() {
        for deed in Deed::ALL {
            let high = deed.allowed().iter().all(|who| matches!(*who, ADMINISTRATOR | Who::System));
            // The check of the ledger changes nothing; the clock acts twice a minute.
            if high && !matches!(deed, Deed::CheckLedger | Deed::ActInTime) {
                assert!(matches!(deed.audit(), Audit::Done | Audit::PersonalData), "{deed:?}");
            }
            if deed.audit() == Audit::PersonalData {
                assert!(!deed.allowed().contains(&Who::Anyone), "{deed:?} is public");
                assert!(!deed.allowed().contains(&OBSERVER), "an observer reads nothing personal: {deed:?}");
            }
        }
    }

    #[test]
    fn who_may_on_a_body_may_somewhere_and_who_holds_no_fitting_role_may_nowhere() {
        let somebody = Role::ALL.map(holder);
        for caller in std::iter::once(&Caller::Nobody).chain(&somebody) {
            for deed in Deed::ALL {
                let on_ours = may(caller, *deed, Some(OURS));
                assert_eq!(may_somewhere(caller, *deed), on_ours, "{deed:?} {caller:?}");
            }
        }
        assert_eq!(may_somewhere(&holder(Role::Officer), Deed::RunCall), Err(Denied::Forbidden));
        assert_eq!(may_somewhere(&Caller::Nobody, Deed::RunCall), Err(Denied::SignIn));
    }

    #[test]
    fn only_the_mayor_authorises() {
        assert_eq!(may(&holder(Role::Mayor), Deed::Authorise, Some(OURS)), Ok(()));
        for role in Role::ALL.into_iter().filter(|role| *role != Role::Mayor) {
            assert_eq!(may(&holder(role), Deed::Authorise, Some(OURS)), Err(Denied::Forbidden), "{role:?}");
        }
    }
}
