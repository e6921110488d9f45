//! The only reader of the environment. Wrong settings refuse to start, with a sentence.

use std::net::SocketAddr;
use std::path::PathBuf;

use axum::http::Uri;
use axum::http::uri::Scheme;

use crate::addresses::{NoNetwork, TrustedProxies, is_loopback, plain};
use crate::encryption::Recipient;
use store::{Address, OpenError};

/// How this server runs.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where to listen: `LEPTOS_SITE_ADDR`, or `PORT` on the loopback address; 127.0.0.1:3000 without either.
    pub address: SocketAddr,
    /// `DATABASE_URL`; `sqlite:data/comunanza.db` without it.
    pub database: String,
    /// Where people reach it: `PUBLIC_URL`; the address above without it.
    pub public_url: String,
    /// `DEMO=1`: the demonstration, with personas that sign in with one click.
    pub demo: bool,
    /// `LOG_FORMAT=json` for machines; plain lines without it.
    pub json_logs: bool,
    /// `ANCHOR_FOLDER`: where the ledger's daily anchor is written beside the database; nowhere without it.
    pub anchors: Option<PathBuf>,
    /// `BACKUP_FOLDER`: where an SQLite database is copied every night; nowhere without it.
    pub backups: Option<PathBuf>,
    /// `BACKUP_KEEP`: how many of those copies are kept, 1 to 1,000; 14 without it.
    pub backups_kept: usize,
    /// `BACKUP_RECIPIENT`: the age public key for which copies are encrypted; not encrypted without it.
    pub recipient: Option<Recipient>,
    /// `SECURITY_LOG_DAYS`: for how many days the security log is kept, 30 to 3,650; 730 without it.
    pub security_days: u32,
    /// `METRICS_ADDR`: where the metrics are told, an address of their own; nowhere without it.
    pub metrics: Option<SocketAddr>,
    /// `MAIL`: how letters go out, so far `file:` and a folder into which each is written; not at all without it.
    pub mail: Option<PathBuf>,
    /// `TRUSTED_PROXIES`: the proxies whose `X-Forwarded-For` is believed. Without it those of this machine, where people
    /// reach it over HTTPS and it listens on the loopback address; else none.
    pub trusted: TrustedProxies,
}

/// Why the settings are refused: each names the setting and what it must be. Secrets are not repeated.
#[derive(Debug, thiserror::Error)]
pub enum SettingError {
    #[error("{name} must be {expected}, not “{found}”.")]
    Wrong { name: &'static str, expected: String, found: String },
    #[error("PUBLIC_URL must be like https://servizi.example.org, without a name and password.")]
    PublicUrl,
    #[error(
        "DEMO=1 lets anybody sign in as anybody: it is refused where others can reach it ({public_url}, {address})."
    )]
    DemoReached { public_url: String, address: SocketAddr },
    #[error("BACKUP_RECIPIENT must be an age public key such as age1…, as age-keygen tells it.")]
    Recipient,
    #[error("MAIL must be like file:/var/lib/comunanza/letters: a folder for the letters.")]
    Mail,
    #[error("TRUSTED_PROXIES must be like 127.0.0.1, 10.0.0.0/24: “{0}” is no address and no network.")]
    TrustedProxies(String),
    #[error(transparent)]
    Database(#[from] OpenError),
}

impl SettingError {
    fn wrong(name: &'static str, expected: &str, found: &str) -> Self {
        Self::Wrong { name, expected: expected.to_owned(), found: found.to_owned() }
    }
}

impl Settings {
    /// # Errors
    /// One sentence that names the setting and what it must be.
    #[expect(clippy::disallowed_methods, reason = "the only reader of the environment")]
    pub fn from_environment() -> Result<Self, SettingError> {
        Self::read(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
    }

    /// The same from anywhere: what is not set is none.
    ///
    /// # Errors
    /// As above.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Result<Self, SettingError> {
        let port: u16 = match get("PORT") {
            Some(port) => {
                port.parse().map_err(|_| SettingError::wrong("PORT", "a number from 0 to 65535", &port))?
            }
            None => 3000,
        };
        let address = match get("LEPTOS_SITE_ADDR") {
            Some(address) if get("PORT").is_none() => address
                .parse()
                .map_err(|_| SettingError::wrong("LEPTOS_SITE_ADDR", "like 127.0.0.1:3000", &address))?,
            _ => SocketAddr::from(([127, 0, 0, 1], port)),
        };
        let demo = match get("DEMO").as_deref() {
            None | Some("0") => false,
            Some("1") => true,
            Some(other) => return Err(SettingError::wrong("DEMO", "1 or 0", other)),
        };
        let public_url = get("PUBLIC_URL").unwrap_or_else(|| format!("http://{address}"));
        let host = host(&public_url).ok_or(SettingError::PublicUrl)?;
        if demo && !(is_loopback(&host) && address.ip().is_loopback()) {
            return Err(SettingError::DemoReached { public_url, address });
        }
        let json_logs = match get("LOG_FORMAT").as_deref() {
            None | Some("text") => false,
            Some("json") => true,
            Some(other) => return Err(SettingError::wrong("LOG_FORMAT", "json or text", other)),
        };
        let database = get("DATABASE_URL").unwrap_or_else(|| "sqlite:data/comunanza.db".to_owned());
        address_of(&database).refuse_other_kinds()?;
        let number = |name, range, without| match get(name) {
            Some(text) => number(name, &text, range),
            None => Ok(without),
        };
        let backups_kept = number("BACKUP_KEEP", (1, 1_000), 14)? as usize;
        let security_days = number("SECURITY_LOG_DAYS", (30, 3_650), 730)?;
        let recipient = get("BACKUP_RECIPIENT").map(|text| recipient(&text)).transpose()?;
        let folder = |name| get(name).map(PathBuf::from);
        let (anchors, backups) = (folder("ANCHOR_FOLDER"), folder("BACKUP_FOLDER"));
        let metrics = get("METRICS_ADDR")
            .map(|text| {
                text.parse().map_err(|_| SettingError::wrong("METRICS_ADDR", "like 127.0.0.1:9464", &text))
            })
            .transpose()?;
        let mail = get("MAIL").map(|text| mail_folder(&text)).transpose()?;
        let trusted = trusted(get("TRUSTED_PROXIES"), &public_url, address)?;
        Ok(Self {
            address,
            database,
            public_url,
            demo,
            json_logs,
            anchors,
            backups,
            backups_kept,
            recipient,
            security_days,
            metrics,
            mail,
            trusted,
        })
    }

    pub fn address_of_database(&self) -> Address<'_> {
        address_of(&self.database)
    }

    /// The host name of [`Self::public_url`].
    pub fn public_host(&self) -> String {
        host(&self.public_url).unwrap_or_default()
    }

    /// Cookies travel over HTTPS only.
    pub fn secure(&self) -> bool {
        is_https(&self.public_url)
    }
}

fn address_of(database: &str) -> Address<'_> {
    Address { url: database, given: "DATABASE_URL" }
}

/// A number within a range, its ends included.
fn number(name: &'static str, text: &str, (least, most): (u32, u32)) -> Result<u32, SettingError> {
    let number = text.parse().ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| SettingError::wrong(name, &format!("a number from {least} to {most}"), text))
}

/// A secret key that was set by mistake must not be told.
fn recipient(text: &str) -> Result<Recipient, SettingError> {
    Recipient::parse(text).ok_or(SettingError::Recipient)
}

/// What is given may hold a password: it is not repeated.
fn mail_folder(text: &str) -> Result<PathBuf, SettingError> {
    let folder = text.strip_prefix("file:").filter(|folder| !folder.is_empty());
    folder.map(PathBuf::from).ok_or(SettingError::Mail)
}

fn is_https(url: &str) -> bool {
    url.parse::<Uri>().is_ok_and(|url| url.scheme() == Some(&Scheme::HTTPS))
}

/// The program speaks no HTTPS by itself: where people reach it so, and it listens on the loopback address, whoever
/// connects is a proxy of this machine.
fn trusted(
    text: Option<String>,
    public_url: &str,
    address: SocketAddr,
) -> Result<TrustedProxies, SettingError> {
    match text {
        Some(text) => {
            TrustedProxies::parse(&text).map_err(|NoNetwork(part)| SettingError::TrustedProxies(part))
        }
        None if is_https(public_url) && address.ip().is_loopback() => Ok(TrustedProxies::of_this_machine()),
        None => Ok(TrustedProxies::default()),
    }
}

/// The host of an address of the web, as it is compared; none where it is none, or holds more than host and path.
fn host(url: &str) -> Option<String> {
    let url: Uri = url.parse().ok()?;
    let is_web = url.scheme().is_some_and(|scheme| *scheme == Scheme::HTTP || *scheme == Scheme::HTTPS);
    let authority = url.authority().filter(|authority| is_web && !authority.as_str().contains('@'))?;
    Some(plain(authority.host())).filter(|host| !host.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(pairs: &[(&str, &str)]) -> Result<Settings, SettingError> {
        Settings::read(|name| pairs.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn nothing_set_is_a_local_server_in_earnest() {
        let settings = with(&[]).expect("the defaults are good");
        assert_eq!(settings.address.to_string(), "127.0.0.1:3000");
        assert!(!settings.demo && !settings.secure());
        assert_eq!(settings.metrics, None);
    }

    #[test]
    fn the_demonstration_is_refused_where_others_can_reach_it() {
        assert!(with(&[("DEMO", "1")]).is_ok());
        assert!(with(&[("DEMO", "1"), ("PORT", "4000")]).is_ok());
        for good in ["http://localhost:3000/", "http://LOCALHOST.", "http://[::1]:3000", "https://127.0.0.1"]
        {
            assert!(with(&[("DEMO", "1"), ("PUBLIC_URL", good)]).is_ok(), "{good}");
        }
        for bad in [
            ("PUBLIC_URL", "https://servizi.example.org"),
            ("PUBLIC_URL", "http://localhost:3000@servizi.example.org"),
            ("PUBLIC_URL", "http://localhost@servizi.example.org/"),
            ("PUBLIC_URL", "http://servizi.example.org#@localhost"),
            ("PUBLIC_URL", "http://servizi.example.org\\@localhost"),
            ("LEPTOS_SITE_ADDR", "0.0.0.0:3000"),
        ] {
            assert!(with(&[("DEMO", "1"), bad]).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_address_with_a_name_and_a_password_is_refused_and_not_repeated() {
        for url in ["http://anna:segreta@localhost", "https://anna:segreta@servizi.example.org/"] {
            for demo in ["0", "1"] {
                let refused = with(&[("PUBLIC_URL", url), ("DEMO", demo)]).expect_err(url);
                assert!(
                    refused.to_string().contains("PUBLIC_URL") && !refused.to_string().contains("segreta"),
                    "{refused}"
                );
            }
        }
    }

    #[test]
    fn https_is_https_in_capitals_too() {
        for (url, secure) in [
            ("https://servizi.example.org", true),
            ("HTTPS://servizi.example.org", true),
            ("Https://servizi.example.org/", true),
            ("HTTP://servizi.example.org", false),
        ] {
            assert_eq!(with(&[("PUBLIC_URL", url)]).expect(url).secure(), secure, "{url}");
        }
    }

    #[test]
    fn behind_https_the_proxy_of_this_machine_is_believed_unless_others_are_named() {
        let url = ("PUBLIC_URL", "https://servizi.example.org");
        assert!(!with(&[url]).expect("good").trusted.is_empty());
        assert!(!with(&[url, ("LEPTOS_SITE_ADDR", "[::1]:3000")]).expect("good").trusted.is_empty());
        for nobody in [
            &[url, ("LEPTOS_SITE_ADDR", "10.0.0.11:3000")][..],
            &[url, ("TRUSTED_PROXIES", " ")],
            &[("PUBLIC_URL", "http://servizi.example.org")],
            &[],
        ] {
            assert!(with(nobody).expect("good").trusted.is_empty(), "{nobody:?}");
        }
    }

    #[test]
    fn wrong_settings_are_named() {
        for (name, value) in [
            ("PORT", "99999"),
            ("LEPTOS_SITE_ADDR", "nowhere"),
            ("DEMO", "yes"),
            ("PUBLIC_URL", "servizi"),
            ("PUBLIC_URL", "ftp://servizi.example.org"),
            ("LOG_FORMAT", "xml"),
            ("BACKUP_KEEP", "0"),
            ("BACKUP_RECIPIENT", "AGE-SECRET-KEY-1secret"),
            ("SECURITY_LOG_DAYS", "29"),
            ("METRICS_ADDR", "9464"),
            ("MAIL", "smtp://user:secret@mail.example.org"),
            ("MAIL", "file:"),
            ("TRUSTED_PROXIES", "127.0.0.1,proxy"),
            ("DATABASE_URL", "mysql://user:secret@host/db"),
        ] {
            let sentence = with(&[(name, value)]).expect_err(name);
            assert!(
                sentence.to_string().contains(name) && !sentence.to_string().contains("secret"),
                "{sentence}"
            );
        }
    }
}
