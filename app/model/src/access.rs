//! Who may do what: the whole policy as one table.
//!
//! The handler asks it to refuse, the page asks it to hide. An operation on something that the caller has nothing to do
//! with is answered as if that thing did not exist.

use crate::ids::BodyId;
use crate::people::{Caller, Role};

/// Who a permission is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Anyone,
    SignedIn,
    /// On the body at hand for the roles of a body, on the aggregator for the others.
    Holder(Role),
    System,
}

/// Why a permission is denied.
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
    ($($(#[$doc:meta])* $permission:ident: $($who:expr),+;)+) => {
        /// What an operation needs to be allowed: one for each kind of operation.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Permission { $($(#[$doc])* $permission),+ }

        impl Permission {
            pub const ALL: &[Self] = &[$(Self::$permission),+];

            /// Who may do it.
            pub fn allowed(self) -> &'static [Who] {
                match self { $(Self::$permission => &[$($who),+]),+ }
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

impl Permission {
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

/// Whether `caller` has `permission` on `body` (none where the operation concerns no body).
///
/// # Errors
/// Which kind of no it is.
pub fn may(caller: &Caller, permission: Permission, body: Option<BodyId>) -> Result<(), Denied> {
    let allowed = permission.allowed().iter().any(|who| match who {
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

/// Whether `caller` holds a role that `permission` is for, on whatever body: who holds none need not wait for the answer
/// on the body at hand.
///
/// # Errors
/// Which kind of no it is.
pub fn may_somewhere(caller: &Caller, permission: Permission) -> Result<(), Denied> {
    let allowed = permission.allowed().iter().any(|who| match who {
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
        for permission in Permission::ALL {
            for role in [Role::Officer, Role::Mayor, Role::Facilitator] {
                let needs_role =
                    permission.allowed().iter().all(|who| matches!(who, Who::Holder(_) | Who::System));
                if needs_role {
                    assert_eq!(
                        may(&holder(role), *permission, Some(THEIRS)),
                        Err(Denied::Hidden),
                        "{permission:?} {role:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn nobody_is_asked_to_sign_in_and_learns_nothing() {
        for body in [OURS, THEIRS] {
            assert_eq!(may(&Caller::Nobody, Permission::ReadBody, Some(body)), Err(Denied::SignIn));
        }
        assert_eq!(may(&Caller::Nobody, Permission::ListServices, None), Ok(()));
    }

    #[test]
    fn an_observer_changes_nothing() {
        let reads =
            [Permission::ReadBody, Permission::ListEntries, Permission::ReadBoard, Permission::ReadMatrix];
        for permission in Permission::ALL {
            if permission.allowed().contains(&OBSERVER) {
                assert!(reads.contains(permission), "{permission:?}");
            }
        }
        assert_eq!(may(&holder(Role::Observer), Permission::Submit, Some(OURS)), Err(Denied::Forbidden));
    }

    #[test]
    fn what_only_administrators_and_the_machine_do_is_always_in_the_security_log() {
        for permission in Permission::ALL {
            let high = permission.allowed().iter().all(|who| matches!(*who, ADMINISTRATOR | Who::System));
            // The check of the ledger changes nothing; the clock acts twice a minute.
            if high && !matches!(permission, Permission::CheckLedger | Permission::ActInTime) {
                assert!(matches!(permission.audit(), Audit::Done | Audit::PersonalData), "{permission:?}");
            }
            if permission.audit() == Audit::PersonalData {
                assert!(!permission.allowed().contains(&Who::Anyone), "{permission:?} is public");
                assert!(
                    !permission.allowed().contains(&OBSERVER),
                    "an observer reads nothing personal: {permission:?}"
                );
            }
        }
    }

    #[test]
    fn who_may_on_a_body_may_somewhere_and_who_holds_no_fitting_role_may_nowhere() {
        let somebody = Role::ALL.map(holder);
        for caller in std::iter::once(&Caller::Nobody).chain(&somebody) {
            for permission in Permission::ALL {
                let on_ours = may(caller, *permission, Some(OURS));
                assert_eq!(may_somewhere(caller, *permission), on_ours, "{permission:?} {caller:?}");
            }
        }
        assert_eq!(may_somewhere(&holder(Role::Officer), Permission::RunCall), Err(Denied::Forbidden));
        assert_eq!(may_somewhere(&Caller::Nobody, Permission::RunCall), Err(Denied::SignIn));
    }

    #[test]
    fn only_the_mayor_authorises() {
        assert_eq!(may(&holder(Role::Mayor), Permission::Authorise, Some(OURS)), Ok(()));
        for role in Role::ALL.into_iter().filter(|role| *role != Role::Mayor) {
            assert_eq!(
                may(&holder(role), Permission::Authorise, Some(OURS)),
                Err(Denied::Forbidden),
                "{role:?}"
            );
        }
    }
}
