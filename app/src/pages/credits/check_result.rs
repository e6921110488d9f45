//! What a check of the ledger found, in words.

use leptos::prelude::*;
use model::api::credits::LedgerCheck;
use model::ledger::{LedgerFault, Wrong};

use crate::parts::{Alert, Tone};
use crate::text::Lang;

pub fn found(lang: Lang, check: Option<&LedgerCheck>) -> AnyView {
    let Some(check) = check else {
        return view! { <p>{lang.ledger_never()}</p> }.into_any();
    };
    let counted = lang.ledger_counted(
        check.entries,
        lang.ledger_in_accounts(check.accounts.into()),
        lang.on_instant(check.at),
    );
    match &check.fault {
        None => view! {
            <Alert tone=Tone::Success title=lang.ledger_sound()>
                <p>{counted}</p>
            </Alert>
        }
        .into_any(),
        Some(fault) => {
            let sentence = format_fault(lang, fault);
            view! {
                <Alert tone=Tone::Danger title=lang.ledger_not_sound()>
                    <p>{sentence}</p>
                    <p>{lang.ledger_what_to_do()}</p>
                    <p>{counted}</p>
                </Alert>
            }
            .into_any()
        }
    }
}

/// "Conto 12, movimento 7: la sua impronta non corrisponde…"
fn format_fault(lang: Lang, fault: &LedgerFault) -> String {
    let account = fault.account.to_string();
    let place = match fault.sequence {
        Some(sequence) => lang.ledger_at_entry(account, sequence),
        None => lang.ledger_at_account(account),
    };
    let what = match &fault.what {
        Wrong::Missing => lang.ledger_wrong_missing().to_owned(),
        Wrong::Altered => lang.ledger_wrong_altered().to_owned(),
        Wrong::Cut { last } => lang.ledger_wrong_cut(*last),
        Wrong::Overdrawn => lang.ledger_wrong_overdrawn().to_owned(),
        Wrong::Settlement => lang.ledger_wrong_settlement().to_owned(),
        Wrong::Sums { counted } => lang.ledger_wrong_sums(counted.granted, counted.held, counted.spent),
        Wrong::Pledged { counted } => lang.ledger_wrong_pledged(*counted),
        Wrong::Unreadable => lang.ledger_wrong_unreadable().to_owned(),
        Wrong::Request { request } => lang.ledger_wrong_request(request.to_string()),
        Wrong::Anchored { day } => lang.ledger_wrong_anchored(lang.on_day(*day)),
    };
    lang.ledger_fault(place, what)
}

#[cfg(test)]
mod tests {
    use model::ids::AccountId;

    use super::*;

    #[test]
    fn a_fault_says_where_and_what() {
        let fault = LedgerFault { account: AccountId(12), sequence: Some(7), what: Wrong::Missing };
        assert_eq!(format_fault(Lang::It, &fault), "Conto 12, movimento 7: manca.");
        let whole = LedgerFault { account: AccountId(12), sequence: None, what: Wrong::Cut { last: 9 } };
        assert_eq!(
            format_fault(Lang::It, &whole),
            "Conto 12: secondo il conto l'ultimo movimento è il 9, che manca o è diverso."
        );
    }
}
