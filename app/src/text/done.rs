//! The message after an action was done.

use model::api::Operation;
use model::api::baskets::ChangeBasket;
use model::api::calls::{AssignByHand, ExtendBody, GrantExtra, ProposeCorrection};
use model::api::credits::CheckLedger;
use model::api::credits::proposals::{ConfirmProposal, RefuseProposal, WithdrawProposal};
use model::api::people::ChangePassword;
use model::api::requests::{
    AnswerRequest, Approve, AskChanges, Cancel, CompleteMilestone, DismissRequestNews, EndService, GoLive,
    Reassign, Reject, ReleaseRequest, RemindRequest, Revoke, Start, TakeInCharge, WithdrawRequest,
};
use model::api::submissions::{Authorise, SendBack, Submit, WithdrawSubmission};

use super::Lang;

impl Lang {
    /// What happened, by the path of the operation; none for what shows by itself, such as signing in.
    pub fn done(self, operation: &str) -> Option<&'static str> {
        let sentence = match operation {
            ChangePassword::PATH => self.done_change_password(),
            ChangeBasket::PATH => self.done_change_basket(),
            Submit::PATH => self.done_submit(),
            Authorise::PATH => self.done_authorise(),
            SendBack::PATH => self.done_send_back(),
            WithdrawSubmission::PATH => self.done_withdraw_submission(),
            TakeInCharge::PATH => self.done_take_in_charge(),
            AskChanges::PATH => self.done_ask_changes(),
            AnswerRequest::PATH => self.done_answer(),
            Approve::PATH => self.done_approve(),
            Reject::PATH => self.done_reject(),
            WithdrawRequest::PATH => self.done_withdraw(),
            Cancel::PATH => self.done_cancel(),
            Start::PATH => self.done_start(),
            CompleteMilestone::PATH => self.done_complete_milestone(),
            GoLive::PATH => self.done_go_live(),
            Revoke::PATH => self.done_revoke(),
            EndService::PATH => self.done_end(),
            Reassign::PATH => self.done_reassign(),
            RemindRequest::PATH => self.done_remind(),
            ReleaseRequest::PATH => self.done_release(),
            DismissRequestNews::PATH => self.done_dismiss_news(),
            ExtendBody::PATH => self.done_extend(),
            AssignByHand::PATH => self.done_assign(),
            GrantExtra::PATH => self.done_grant(),
            ProposeCorrection::PATH => self.done_correct(),
            ConfirmProposal::PATH => self.done_confirm_proposal(),
            RefuseProposal::PATH => self.done_refuse_proposal(),
            WithdrawProposal::PATH => self.done_withdraw_proposal(),
            CheckLedger::PATH => self.done_check_ledger(),
            _ => return None,
        };
        Some(sentence)
    }
}
