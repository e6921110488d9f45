//! `/.well-known/security.txt` (RFC 9116): whom to tell of a weakness, by aggregator. It is never out of date: it says
//! that it holds for half a year from the day on which it is asked for.

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use model::api::ApiError;
use model::calendar::Instant;
use model::territory::Aggregator;

use super::{Site, problem};

pub const PATH: &str = "/.well-known/security.txt";

/// In days; the RFC recommends less than a year.
const HOLDS: i32 = 180;

pub async fn serve(State(site): State<Site>, headers: HeaderMap) -> Response {
    let tenant = site.names.tenant(&site.marketplace, &headers);
    let contact = tenant.and_then(|tenant| Some((tenant, contact(&tenant.profile)?)));
    // Without a contact there is nothing that the RFC would call such a file.
    let Some((tenant, contact)) = contact else {
        return problem::answer(&ApiError::NotFound.into());
    };
    let scheme = if site.secure { "https" } else { "http" };
    let host = &tenant.host;
    let until = site.marketplace.clock.now().day_in_rome().plus(HOLDS);
    let expires = Instant::from_rome(until, 12, 0, 0);
    let text = format!(
        "Contact: {contact}\nExpires: {expires}\nPreferred-Languages: it, en\nCanonical: {scheme}://{host}{PATH}\n"
    );
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

/// Where the aggregator gives help, as an address that a program can use.
fn contact(aggregator: &Aggregator) -> Option<String> {
    let mail =
        [&aggregator.email, &aggregator.certified_email].into_iter().find(|address| !address.is_empty());
    let phone =
        || (!aggregator.phone.is_empty()).then(|| format!("tel:{}", aggregator.phone.replace(' ', "-")));
    mail.map(|address| format!("mailto:{address}")).or_else(phone)
}
