//! The words that people read: sentences from the locale files, and the facts of the model put into words.
//!
//! No other file of the program holds a sentence. `app/locales/it/baskets.json` with the key `left` is
//! `lang.baskets_left(…)`; the build breaks where a language lacks it.

use std::fmt::Display;

#[cfg(not(target_arch = "wasm32"))]
mod changes;
mod dates;
mod done;
mod names;
mod problems;

/// The languages of the site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    #[default]
    It,
    En,
}

include!(concat!(env!("OUT_DIR"), "/locales.rs"));

impl Lang {
    pub const ALL: [Self; 2] = [Self::It, Self::En];

    /// As the cookie, the form and `<html lang>` write it.
    pub fn code(self) -> &'static str {
        match self {
            Self::It => "it",
            Self::En => "en",
        }
    }

    /// Any other code is read as Italian.
    pub fn from_code(code: &str) -> Self {
        Self::ALL.into_iter().find(|lang| lang.code() == code).unwrap_or_default()
    }

    /// "3.120", "−12"
    pub fn number(self, number: i64) -> String {
        let mark = match self {
            Self::It => '.',
            Self::En => ',',
        };
        let digits = number.unsigned_abs().to_string();
        let mut text = String::with_capacity(digits.len() + 4);
        if number < 0 {
            text.push('−');
        }
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push(mark);
            }
            text.push(digit);
        }
        text
    }

    /// "12 crediti", on one line
    pub fn credits(self, credits: i64) -> String {
        self.credits_count(credits)
    }

    /// "+3 crediti", "−3 crediti"
    pub fn credits_change(self, credits: i64) -> String {
        let mut text = String::new();
        if credits > 0 {
            text.push('+');
        }
        text.push_str(&self.credits_count(credits));
        text
    }

    /// "A, B e C"
    pub fn listed<T: Display>(self, things: impl IntoIterator<Item = T>) -> String {
        let mut names: Vec<String> = things.into_iter().map(|thing| thing.to_string()).collect();
        match names.pop() {
            Some(last) if !names.is_empty() => self.common_list_and(names.join(", "), last),
            last => last.unwrap_or_default(),
        }
    }
}

/// Puts the parts where their marks stand: the control character number i stands for the i-th.
fn woven(text: &str, parts: &[&str]) -> String {
    let mut whole = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        match parts.get((letter as usize).wrapping_sub(1)) {
            Some(part) => whole.push_str(part),
            None => whole.push(letter),
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_parted_as_each_language_does() {
        for (number, it, en) in [
            (0, "0", "0"),
            (999, "999", "999"),
            (1_000, "1.000", "1,000"),
            (-1_234_567, "−1.234.567", "−1,234,567"),
        ] {
            assert_eq!((Lang::It.number(number), Lang::En.number(number)), (it.to_owned(), en.to_owned()));
        }
    }

    #[test]
    fn credits_agree_with_their_number() {
        assert_eq!(Lang::It.credits(1), "1\u{a0}credito");
        assert_eq!(Lang::It.credits(0), "0\u{a0}crediti");
        assert_eq!(Lang::It.credits_change(3), "+3\u{a0}crediti");
        assert_eq!(Lang::It.credits_change(-1), "−1\u{a0}credito");
        assert_eq!(Lang::En.credits(12), "12\u{a0}credits");
    }

    #[test]
    fn parts_that_look_like_marks_are_left_alone() {
        assert_eq!(woven("\u{2}: \u{1}", &["\u{2}", "x"]), "x: \u{2}");
    }

    #[test]
    fn things_are_listed_in_a_sentence() {
        assert_eq!(Lang::It.listed(["A", "B", "C"]), "A, B e C");
        assert_eq!(Lang::It.listed(["A"]), "A");
        assert_eq!(Lang::It.listed(Vec::<String>::new()), "");
    }
}
