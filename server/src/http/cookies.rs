//! Cookies: all technical, all `HttpOnly`; with the `__Host-` prefix wherever people reach us over HTTPS.

use axum::http::{HeaderMap, HeaderValue, header};

/// Which cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookie {
    Session,
    Notice,
    Language,
}

impl Cookie {
    fn plain(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Notice => "notice",
            Self::Language => "lang",
        }
    }

    fn name(self, secure: bool) -> String {
        if secure { format!("__Host-{}", self.plain()) } else { self.plain().to_owned() }
    }

    /// Its value among the cookies of a request.
    pub fn of(self, headers: &HeaderMap, secure: bool) -> Option<String> {
        let name = self.name(secure);
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(found, _)| *found == name)
            .map(|(_, value)| value.to_owned())
    }

    /// Sets it for so many seconds; 0 removes it.
    pub fn set(self, value: &str, seconds: i64, secure: bool) -> HeaderValue {
        let name = self.name(secure);
        let flag = if secure { "; Secure" } else { "" };
        let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{flag}");
        // Values are tokens of ours: always visible ASCII.
        HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}
