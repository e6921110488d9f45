//! Which aggregator a request is for: told by the host name that it asks for, and by nothing else.

use axum::http::uri::Authority;
use axum::http::{HeaderMap, header};

use crate::addresses::{is_loopback, plain};
use crate::settings::Settings;
use handlers::marketplace::{Marketplace, Tenant};

/// The names, beside those of the aggregators, under which this server answers for the first of them.
#[derive(Clone, Debug, Default)]
pub struct OwnNames {
    /// The host of `PUBLIC_URL`.
    pub public: String,
    /// `localhost` and the loopback addresses.
    pub loopback: bool,
}

impl OwnNames {
    pub fn of(settings: &Settings) -> Self {
        let public = settings.public_host();
        let loopback = settings.demo || settings.address.ip().is_loopback() || is_loopback(&public);
        Self { public, loopback }
    }

    /// The aggregator of a request; none where no one has the name that it asks for.
    pub fn tenant<'marketplace>(
        &self,
        marketplace: &'marketplace Marketplace,
        headers: &HeaderMap,
    ) -> Option<&'marketplace Tenant> {
        let asked = requested_host(headers)?;
        let own = || *asked == self.public || (self.loopback && is_loopback(&asked));
        let named = marketplace.tenants.iter().find(|tenant| plain(&tenant.host) == asked);
        named.or_else(|| marketplace.tenants.first().filter(|_| own()))
    }
}

/// The host name of a request, without its port; none where there are two, or what is there is none.
fn requested_host(headers: &HeaderMap) -> Option<String> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next().filter(|_| hosts.next().is_none())?.to_str().ok()?;
    let authority: Authority = host.parse().ok().filter(|_| !host.contains('@'))?;
    Some(plain(authority.host()))
}
