//! Browsers that signed in to an account before. Each holds a signed cookie, by which its tries count apart from those
//! of strangers. It opens nothing by itself.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use store::hashing::token;

/// How long a browser holds the cookie, in seconds.
pub const LIFETIME: i64 = 365 * 24 * 3_600;
/// Accounts of one browser that are kept in mind: two people of a small town hall may share it.
const MOST: usize = 4;
/// Between the tokens of the cookie, and within one.
const BETWEEN: char = '.';
const BEFORE_SIGNATURE: char = '-';
/// Characters of a token's name.
const NAME: usize = 32;

/// The name of this browser for the account, where one of its tokens was signed for it.
pub fn name(tokens: &[String], secret: &str, account: &str) -> Option<String> {
    tokens.iter().find_map(|token| {
        let (name, signature) = token.split_once(BEFORE_SIGNATURE)?;
        let signature = hex::decode(signature).ok()?;
        signer(secret, name, account)?.verify_slice(&signature).ok()?;
        Some(name.to_owned())
    })
}

/// The tokens of a cookie.
pub fn tokens(values: &[String]) -> Vec<String> {
    let tokens = values.iter().flat_map(|value| value.split(BETWEEN));
    tokens.take(MOST).map(str::to_owned).collect()
}

/// The cookie of a browser that has signed in to the account: under the name that it had for it, or a new one.
pub fn cookie(tokens: &[String], secret: &str, account: &str) -> String {
    let known = name(tokens, secret, account);
    let name = known.unwrap_or_else(|| token().chars().take(NAME).collect());
    let signature = signer(secret, &name, account).map(|signer| signer.finalize().into_bytes());
    let token = format!("{name}{BEFORE_SIGNATURE}{}", hex::encode(signature.unwrap_or_default()));
    let others = tokens.iter().filter(|other| **other != token).cloned();
    let all: Vec<_> = std::iter::once(token.clone()).chain(others).take(MOST).collect();
    all.join(&BETWEEN.to_string())
}

fn signer(secret: &str, name: &str, account: &str) -> Option<Hmac<Sha256>> {
    let mut signer = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    signer.update(format!("{account} {name}").as_bytes());
    Some(signer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_signed_for_this_account_is_known() {
        let value = cookie(&[], "secret", "one");
        let held = tokens(std::slice::from_ref(&value));
        let known = name(&held, "secret", "one").expect("known");
        assert_eq!(known.len(), NAME);
        assert_eq!(name(&held, "secret", "two"), None);
        assert_eq!(name(&held, "another", "one"), None);
        let forged = held[0].replace(&known, &"0".repeat(NAME));
        assert_eq!(
            name(&[forged, "x".to_owned(), "a-b".to_owned(), "é-é0".to_owned()], "secret", "one"),
            None
        );
        assert_eq!(cookie(&held, "secret", "one"), value, "the same name as before");
    }

    #[test]
    fn a_browser_is_known_for_the_accounts_of_late() {
        let mut held = Vec::new();
        for account in ["one", "two", "three", "four", "five"] {
            held = tokens(&[cookie(&held, "secret", account)]);
        }
        assert_eq!(held.len(), MOST);
        assert_eq!(name(&held, "secret", "one"), None);
        for account in ["two", "three", "four", "five"] {
            assert!(name(&held, "secret", account).is_some(), "{account}");
        }
    }
}
