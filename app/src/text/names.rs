//! The name of every state, kind and role, as the screens write it. Each `match` is without `_`, so that a new
//! variant can't go without its word.

use model::api::bodies::{CallWindow, EntryLine};
use model::api::calls::{Cell, Progress};
use model::api::requests::Whose;
use model::api::submissions::{LineKind, SubmissionState};
use model::assignment::{Band, Known, Variable};
use model::basket::Standing;
use model::calls::{CallStatus, Leftovers};
use model::catalogue::{AccessMode, DeliveryMode, InteractionLevel, MilestoneBy, ServiceStatus};
use model::causes::EntryCause;
use model::credits::EntryKind;
use model::people::Role;
use model::proposals::{ProposalKind, ProposalState};
use model::requests::{Event, Origin, State};

use super::Lang;

/// Words of one kind: each variant has the sentence of the locale files that is named beside it.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident($kind:ident) { $($variant:ident: $sentence:ident),+ $(,)? })+) => {
        impl Lang { $(
            $(#[$doc])*
            pub fn $name(self, what: $kind) -> &'static str {
                match what { $($kind::$variant => self.$sentence()),+ }
            }
        )+ }
    };
}

words! {
    /// "In istruttoria"
    state(State) {
        AwaitingAuthorisation: state_awaiting_authorisation, SentBack: state_sent_back, Lapsed: state_lapsed,
        Submitted: state_submitted, InReview: state_in_review, NeedsChanges: state_needs_changes,
        Approved: state_approved, Activating: state_activating, Live: state_live, Rejected: state_rejected,
        Withdrawn: state_withdrawn, Cancelled: state_cancelled, Revoked: state_revoked, Ended: state_ended,
    }
    submission_state(SubmissionState) {
        AwaitingAuthorisation: state_awaiting_authorisation, Authorised: state_authorised,
        SentBack: state_sent_back, Lapsed: state_lapsed, Withdrawn: state_withdrawn,
    }
    /// As a button: "Prendi in carico"
    action(Event) {
        Submit: event_do_submit, Authorise: event_do_authorise, SendBack: event_do_send_back,
        Lapse: event_do_lapse, WithdrawSubmission: event_do_withdraw_submission,
        TakeInCharge: event_do_take_in_charge, AskChanges: event_do_ask_changes, Answer: event_do_answer,
        Approve: event_do_approve, Reject: event_do_reject, Withdraw: event_do_withdraw,
        Cancel: event_do_cancel, Start: event_do_start, CompleteMilestone: event_do_complete_milestone,
        GoLive: event_do_go_live, Revoke: event_do_revoke, End: event_do_end, Reassign: event_do_reassign,
        Remind: event_do_remind, Release: event_do_release,
    }
    /// In the timeline: "Presa in carico"
    event(Event) {
        Submit: event_done_submit, Authorise: event_done_authorise, SendBack: event_done_send_back,
        Lapse: event_done_lapse, WithdrawSubmission: event_done_withdraw_submission,
        TakeInCharge: event_done_take_in_charge, AskChanges: event_done_ask_changes,
        Answer: event_done_answer, Approve: event_done_approve, Reject: event_done_reject,
        Withdraw: event_done_withdraw, Cancel: event_done_cancel, Start: event_done_start,
        CompleteMilestone: event_done_complete_milestone, GoLive: event_done_go_live,
        Revoke: event_done_revoke, End: event_done_end, Reassign: event_done_reassign,
        Remind: event_done_remind, Release: event_done_release,
    }
    /// "Prenotazione"
    entry_kind(EntryKind) {
        Grant: credits_kind_grant, Reduce: credits_kind_reduce, Renounce: credits_kind_renounce,
        Reinstate: credits_kind_reinstate, Hold: credits_kind_hold, Spend: credits_kind_spend,
        Release: credits_kind_release, Refund: credits_kind_refund, Correct: credits_kind_correct,
        Expire: credits_kind_expire,
    }
    /// "Assegnazione aggiuntiva"
    proposal_kind(ProposalKind) {
        Grant: proposals_kind_grant, Assignment: proposals_kind_assignment,
        Correction: proposals_kind_correction, Rule: proposals_kind_rule,
    }
    proposal_state(ProposalState) {
        Waiting: proposals_state_waiting, Confirmed: proposals_state_confirmed,
        Refused: proposals_state_refused, Withdrawn: proposals_state_withdrawn,
    }
    role(Role) {
        Officer: people_officer, Mayor: people_mayor, Operator: people_operator,
        Facilitator: people_facilitator, Administrator: people_administrator, Observer: people_observer,
    }
    /// "Servizio completo con pagamento"
    level(InteractionLevel) {
        Information: catalogue_level_information, Forms: catalogue_level_forms,
        OnlineSubmission: catalogue_level_online_submission,
        FullTransaction: catalogue_level_full_transaction,
    }
    access(AccessMode) {
        Counter: catalogue_access_counter, Web: catalogue_access_web, Spid: catalogue_access_spid,
        Cie: catalogue_access_cie, Cns: catalogue_access_cns,
    }
    delivery(DeliveryMode) {
        CentralPlatform: catalogue_delivery_central_platform,
        LocalInstallation: catalogue_delivery_local_installation, People: catalogue_delivery_people,
    }
    service_status(ServiceStatus) {
        Draft: catalogue_status_draft, Published: catalogue_status_published,
        Paused: catalogue_status_paused, Withdrawn: catalogue_status_withdrawn,
    }
    progress(Progress) {
        Unassigned: state_progress_unassigned, NotStarted: state_progress_not_started,
        Composing: state_progress_composing,
        AwaitingAuthorisation: state_progress_awaiting_authorisation, Submitted: state_progress_submitted,
    }
    standing(Standing) {
        Open: state_standing_open, InProgress: state_standing_in_progress, Live: state_standing_live,
        Gone: state_standing_gone,
    }
    /// "Aggiunto", "Resta nel pacchetto", "Tolto"
    line_kind(LineKind) { Add: state_line_add, Keep: state_line_keep, Drop: state_line_drop }
    origin(Origin) { Package: state_origin_package, Added: state_origin_added }
    call_status(CallStatus) {
        Draft: state_call_draft, Open: state_call_open, Closed: state_call_closed,
        Archived: state_call_archived,
    }
    /// What happens to what is not used: "I crediti non usati si azzerano all'archiviazione dell'avviso."
    leftovers(Leftovers) { Expire: credits_leftovers_expire }
    variable(Variable) {
        Mountain: assignment_mountain, StructuralDifficulty: assignment_structural_difficulty,
        UnionMember: assignment_union_member,
    }
    yes_no(Known) { Yes: assignment_yes, No: assignment_no, Unknown: assignment_unknown }
    milestone_by(MilestoneBy) { Aggregator: people_by_aggregator, Body: people_by_body }
    /// Whose requests: "A me"
    whose(Whose) {
        Everybodys: people_whose_everybodys, Mine: people_whose_mine, Nobodys: people_whose_nobodys,
    }
}

impl Lang {
    /// That a call was opened again, and why; none where it was not.
    pub fn reopened(self, window: &CallWindow) -> Option<String> {
        let reopened = window.reopened.as_ref()?;
        Some(self.bodies_reopened(self.on_instant(reopened.at), &reopened.reason))
    }

    /// The action that made an entry: "Invio della pratica 2026/000001"
    pub fn entry_cause(self, entry: &EntryLine) -> String {
        let number = entry.submission_number.as_deref().unwrap_or_default();
        let plain = match &entry.cause {
            EntryCause::Rule { version: None, .. } => self.entry_cause_rule(),
            EntryCause::Rule { version: Some(version), band: None } => {
                return self.entry_cause_rule_version(version);
            }
            EntryCause::Rule { version: Some(version), band: Some(band) } => {
                return self.entry_cause_rule_band(version, self.band(band));
            }
            EntryCause::ExtraGrant => self.proposal_kind(ProposalKind::Grant),
            EntryCause::ManualAssignment => self.proposal_kind(ProposalKind::Assignment),
            EntryCause::ByHand => self.entry_cause_by_hand(),
            EntryCause::Submitted => return self.entry_cause_submitted(number),
            EntryCause::SentBack => return self.entry_cause_sent_back(number),
            EntryCause::Lapsed => return self.entry_cause_lapsed(number),
            EntryCause::SubmissionWithdrawn => return self.entry_cause_submission_withdrawn(number),
            EntryCause::Approved => self.entry_cause_approved(),
            EntryCause::Rejected => self.entry_cause_rejected(),
            EntryCause::Withdrawn => self.entry_cause_withdrawn(),
            EntryCause::Cancelled => self.entry_cause_cancelled(),
            EntryCause::Revoked => self.entry_cause_revoked(),
            EntryCause::Corrected => self.entry_cause_corrected(),
            EntryCause::CallArchived => self.entry_cause_call_archived(),
            EntryCause::Undone => self.entry_cause_undone(),
        };
        plain.to_owned()
    }

    /// What a municipality has of a service.
    pub fn cell(self, cell: Cell) -> &'static str {
        match cell {
            Cell::Nothing => self.state_cell_nothing(),
            Cell::Assigned => self.state_cell_assigned(),
            Cell::Dropped => self.state_cell_dropped(),
            Cell::Request(state) => self.state(state),
        }
    }

    /// "da 1.001 a 5.000 abitanti": bands are half-open, people read both ends as included.
    pub fn band(self, band: &Band) -> String {
        let from = self.number(band.from.into());
        match band.to {
            Some(to) => self.assignment_band(from, self.number(i64::from(to) - 1)),
            None => self.assignment_band_open(from),
        }
    }
}
