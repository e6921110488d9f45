//! Cookies: all technical, all `HttpOnly`; with the `__Host-` prefix wherever people reach us over HTTPS.

use axum::http::{HeaderMap, HeaderValue, header};
use cookie::SameSite;
use cookie::time::Duration;

/// Which cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookie {
    Session,
    Notice,
    Language,
    /// That this browser signed in before.
    Device,
}

impl Cookie {
    fn plain(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Notice => "notice",
            Self::Language => "lang",
            Self::Device => "device",
        }
    }

    fn name(self, secure: bool) -> String {
        if secure { format!("__Host-{}", self.plain()) } else { self.plain().to_owned() }
    }

    /// Its values among the cookies of a request, in their order: another application on this host or a related one
    /// may have set one with our name. What others wrote in theirs, in whatever bytes, does not matter.
    pub fn values(self, headers: &HeaderMap, secure: bool) -> Vec<String> {
        let name = self.name(secure);
        let pairs = headers.get_all(header::COOKIE).iter();
        let pairs = pairs.flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
        pairs
            .filter_map(|pair| pair.trim_ascii().strip_prefix(name.as_bytes())?.strip_prefix(b"="))
            .filter_map(|value| str::from_utf8(value).ok())
            // Ours are of plain signs.
            .filter(|value| !value.is_empty() && value.is_ascii())
            .map(str::to_owned)
            .collect()
    }

    /// Sets it for so many seconds; 0 removes it.
    pub fn set(self, value: &str, seconds: i64, secure: bool) -> HeaderValue {
        let cookie = cookie::Cookie::build((self.name(secure), value))
            .path("/")
            .http_only(true)
            .secure(secure)
            .same_site(SameSite::Lax)
            .max_age(Duration::seconds(seconds));
        let text = cookie.build().to_string();
        // Values are tokens of ours: always visible ASCII.
        HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(line: &[u8]) -> Vec<String> {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_bytes(line).expect("a header"));
        Cookie::Session.values(&headers, false)
    }

    #[test]
    fn what_others_set_costs_nothing_and_each_value_of_ours_is_found() {
        assert_eq!(values("ultimo_comune=Cantù; session=one".as_bytes()), ["one"]);
        assert_eq!(values(b"x=\xff\xfe;session=one;;=;y; session=two"), ["one", "two"]);
        assert_eq!(values(b"session=\xe8; session=; sessions=no; my-session=no; session = no"), [""; 0]);
        assert_eq!(values(b"session=a=b"), ["a=b"]);
    }
}
