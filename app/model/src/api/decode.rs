//! Reads what the server wrote.
//!
//! `serde_json` alone can read each type straight from the text, and say where and why it can't. In the browser nobody
//! is told, and every type would pay for it: half a megabyte of the program. So there a tree of values is read first;
//! a fault has no words, and a struct is read from an object only, not from a list as well. On the server, where each
//! page reads what it shows, it is the quickest that counts.

use serde::de::DeserializeOwned;
use serde_json::Value;

#[cfg(any(target_arch = "wasm32", test))]
mod tree;

/// The value that is written, if it is one of this type.
pub fn decode<T: DeserializeOwned>(text: &str) -> Option<T> {
    #[cfg(any(target_arch = "wasm32", test))]
    return tree::read(text);
    #[cfg(not(any(target_arch = "wasm32", test)))]
    return serde_json::from_str(text).ok();
}

/// The same from a tree of values.
pub(crate) fn from_value<T: DeserializeOwned>(value: Value) -> Option<T> {
    #[cfg(any(target_arch = "wasm32", test))]
    return tree::from_value(value);
    #[cfg(not(any(target_arch = "wasm32", test)))]
    return serde_json::from_value(value).ok();
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fmt::Debug;

    use serde::{Deserialize, Serialize};

    use super::*;
    use crate::api::requests::MilestoneView;
    use crate::api::{ApiError, FieldError, FieldErrorKind, Problem};
    use crate::assignment::{Known, Variable};
    use crate::calendar::Instant;
    use crate::calls::Authorisation;
    use crate::catalogue::{HighRange, Milestone, MilestoneBy};
    use crate::ids::AccountId;
    use crate::ledger::{LedgerFault, Wrong};
    use crate::refusals::Refusal;
    use crate::requests::State;

    fn comes_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(it: T) {
        let text = serde_json::to_string(&it).expect("it can be written");
        assert_eq!(decode(&text), Some(it), "{text}");
    }

    #[test]
    fn what_is_written_is_read() {
        comes_back(Problem::from(Refusal::AlreadyLive));
        comes_back(Problem::from(Refusal::InteractivityBelow {
            missing: 2,
            range: HighRange { minimum: 1, maximum: 3 },
        }));
        comes_back(Problem::from(ApiError::Conflict { changes: Vec::new(), state: Some(State::Approved) }));
        comes_back(Problem::faulty(FieldError::new(
            "credits",
            FieldErrorKind::OutOfRange { least: -1, most: 9 },
        )));
        comes_back(LedgerFault { account: AccountId(3), sequence: None, what: Wrong::Cut { last: 9 } });
        comes_back(MilestoneView {
            milestone: Milestone { title: "Dati".to_owned(), by: MilestoneBy::Body },
            done_at: Some(Instant(5)),
            done_by: None,
        });
        comes_back([Authorisation::Always, Authorisation::Above(5)].to_vec());
        comes_back(BTreeMap::from([(Variable::Mountain, Known::Yes)]));
        comes_back((String::from("è"), Some(true), None::<u8>, -7_i64));
    }

    /// As the server writes it, and as the browser reads it.
    #[derive(Debug, PartialEq, Serialize)]
    #[serde(tag = "what", rename_all = "snake_case")]
    enum Written {
        Nothing,
        Two { left: u8, right: Option<String> },
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename = "tag:what", rename_all = "snake_case")]
    enum Read {
        Nothing,
        Two { left: u8, right: Option<String> },
    }

    #[test]
    fn an_enum_is_read_by_its_tag() {
        for (written, read) in [
            (Written::Nothing, Read::Nothing),
            (Written::Two { left: 1, right: None }, Read::Two { left: 1, right: None }),
        ] {
            let text = serde_json::to_string(&written).expect("it can be written");
            assert_eq!(decode(&text), Some(read), "{text}");
        }
        let more = r#"{"status": 409, "what": "nothing", "left": 1}"#;
        assert_eq!(decode(more), Some(Read::Nothing), "other fields are passed over");
        for bad in [r#"{"what": "other"}"#, r#"{"left": 1}"#, r#"{"what": 1}"#, r#"{"what": "two"}"#] {
            assert_eq!(decode::<Read>(bad), None, "{bad}");
        }
    }

    #[test]
    fn anything_else_is_not() {
        assert_eq!(decode::<u8>("256"), None);
        assert_eq!(decode::<Vec<u8>>("{}"), None);
        assert_eq!(decode::<Problem>(r#"{"code": "unheard_of"}"#), None);
        assert_eq!(decode::<HighRange>(r#"{"minimum": 1}"#), None);
        assert_eq!(decode::<String>("\"half"), None);
    }
}
