//! What a password must be: the same for whoever changes theirs and for the commands that set one.

use std::collections::BTreeSet;

use model::api::FieldErrorKind;
use model::api::people::password_length;
use model::spelling::folded;

/// Passwords that many people have: those of twelve characters and more, and the words that, with figures behind them,
/// make another one. From the list in Django 5.2 (by Royce Williams, after data of Have I Been Pwned), with some that
/// are near at hand in an Italian municipality.
const COMMON: &str = include_str!("common.txt");
/// Different characters that a password has at least.
const LEAST_DIFFERENT: usize = 5;
/// A shorter piece that is said again and again makes no password.
const LEAST_PIECE: usize = 8;
/// Characters and runs (`abc`, `4321`, `qwerty`) of which a password is made at least.
const LEAST_STEPS: usize = 6;
/// Shorter names stand in too many words.
const LEAST_NAME: usize = 4;
/// Rows of keys.
const KEYS: [&str; 3] = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];

/// Whose password it is to be.
pub struct Owner<'a> {
    pub email: &'a str,
    /// The names of the bodies on which a role is held.
    pub bodies: &'a [String],
}

/// Why this can't be the password of its owner, if it can't.
pub fn fault(password: &str, owner: &Owner<'_>) -> Option<FieldErrorKind> {
    if let Some(fault) = password_length(password) {
        return Some(fault);
    }
    let text = squeezed(password);
    let holds = |name: &str| {
        let name = squeezed(name);
        name.chars().count() >= LEAST_NAME && text.contains(&name)
    };
    if holds(owner.email.split('@').next().unwrap_or_default()) {
        return Some(FieldErrorKind::OwnAddress);
    }
    if let Some(name) = owner.bodies.iter().find(|name| holds(name)) {
        return Some(FieldErrorKind::OwnBody { name: name.clone() });
    }
    is_common(password).then_some(FieldErrorKind::Common)
}

/// In small letters, without accents, blanks and signs.
fn squeezed(text: &str) -> String {
    folded(text).chars().filter(|letter| letter.is_alphanumeric()).collect()
}

fn is_common(password: &str) -> bool {
    let lower = password.to_lowercase();
    let chars: Vec<char> = lower.chars().collect();
    let different: BTreeSet<_> = chars.iter().collect();
    different.len() < LEAST_DIFFERENT
        || !chars.iter().any(|char| char.is_alphabetic())
        || repeats(&chars)
        || steps(&chars) < LEAST_STEPS
        || is_listed(&lower)
        || is_one_word(&lower)
        || is_one_word(&without_figures_for_letters(&lower))
}

fn is_listed(text: &str) -> bool {
    COMMON.lines().any(|line| line == text)
}

/// One common word, once or again and again, whatever figures and signs stand round it.
fn is_one_word(text: &str) -> bool {
    let words: BTreeSet<_> =
        text.split(|char: char| !char.is_alphabetic()).filter(|word| !word.is_empty()).collect();
    matches!(words.iter().collect::<Vec<_>>().as_slice(), [word] if is_listed(word))
}

/// `p4ssw0rd` is read as `password`; figures and signs at the ends are no letters.
fn without_figures_for_letters(text: &str) -> String {
    let letter = |char| match char {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    };
    text.trim_matches(|char: char| !char.is_alphabetic()).chars().map(letter).collect()
}

/// A short piece, said again and again.
fn repeats(chars: &[char]) -> bool {
    (1..LEAST_PIECE.min(chars.len() / 2 + 1))
        .any(|piece| chars.iter().zip(&chars[piece..]).all(|(one, again)| one == again))
}

/// How many characters and runs there are.
fn steps(chars: &[char]) -> usize {
    let direction = |pair: &[char]| match pair {
        [one, next] => neighbours(*one, *next),
        _ => None,
    };
    let mut steps = usize::from(!chars.is_empty());
    let mut run = None;
    for pair in chars.windows(2) {
        let to = direction(pair);
        // A run goes on as long as it goes the same way.
        if to.is_none() || (run.is_some() && run != to) {
            steps += 1;
            run = None;
        } else {
            run = to;
        }
    }
    steps
}

/// By how much the second follows the first, in the alphabet, among the figures or on the keyboard.
fn neighbours(one: char, next: char) -> Option<i32> {
    let near = |from: i64, to: i64| i32::try_from(to - from).ok().filter(|step| step.abs() <= 1);
    if one.is_alphanumeric() && next.is_alphanumeric() {
        let near = near(i64::from(u32::from(one)), i64::from(u32::from(next)));
        if near.is_some() {
            return near;
        }
    }
    KEYS.iter().find_map(|keys| {
        let place = |char| keys.find(char).and_then(|place| i64::try_from(place).ok());
        near(place(one)?, place(next)?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(password: &str) -> Option<FieldErrorKind> {
        let bodies = ["Cantù".to_owned(), "San Fermo della Battaglia".to_owned(), "Re".to_owned()];
        fault(password, &Owner { email: "mario.rossi@example.org", bodies: &bodies })
    }

    #[test]
    fn a_sentence_of_ones_own_is_a_password() {
        for good in [
            "una frase lunga di prova",
            "un'altra-frase-lunga",
            "il treno parte alle otto",
            "re dei boschi e dei prati",
            "password del mio vicino",
            "kx7-vvq2-hmm9-tt4e",
            "Benvenuto tra i monti 2026",
        ] {
            assert_eq!(judged(good), None, "{good}");
        }
        let long = "lunga ".repeat(34);
        assert_eq!(judged(&long), Some(FieldErrorKind::TooLong { most: 200 }));
        assert_eq!(judged("breve"), Some(FieldErrorKind::TooShort { least: 12 }));
    }

    #[test]
    fn what_is_guessed_first_is_none() {
        for bad in [
            "aaaaaaaaaaaaaaa",
            "121212121212",
            "abcabcabcabcabc",
            "abcdefghijkl",
            "qwertyuiop1234",
            "0987654321abc",
            "849302938475",
            "Password1234",
            "p4ssw0rd!2026",
            "Benvenuto2026!",
            "comune-comune-26",
            "1q2w3e4r5t6y",
            "qwertyqwerty",
            "cambiami2026!",
        ] {
            assert_eq!(judged(bad), Some(FieldErrorKind::Common), "{bad}");
        }
    }

    #[test]
    fn ones_own_address_and_body_are_none() {
        for bad in ["mariorossi-2026!", "io sono Mario.Rossi"] {
            assert_eq!(judged(bad), Some(FieldErrorKind::OwnAddress), "{bad}");
        }
        for (bad, name) in
            [("vivo a CANTU da anni", "Cantù"), ("sanfermodellabattaglia", "San Fermo della Battaglia")]
        {
            assert_eq!(judged(bad), Some(FieldErrorKind::OwnBody { name: name.to_owned() }), "{bad}");
        }
    }
}
