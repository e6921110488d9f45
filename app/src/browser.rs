//! The browser's side: requests to the server, random keys, and the start of the program.

use gloo_net::http::{self, RequestBuilder};
use js_sys::Uint8Array;
use leptos::mount::hydrate_lazy;
use leptos::prelude::*;
use model::api::{Api, ApiError, Got, Method, Sending, Sent, Transport};
use send_wrapper::SendWrapper;
use wasm_bindgen_futures::spawn_local;

use crate::forms::{FormClient, FormRequest};
use crate::frame::App;
use crate::rendering::{Keys, SiteOrigin};
use crate::split;
use crate::text::Lang;

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// Hydrates the page that the server rendered, once its portion is loaded. Until then, and when it can't be loaded, the
/// page works without the program.
pub fn start() {
    spawn_local(async {
        if split::fetch(&of_document(split::PORTION)).await.is_ok() {
            take_over();
        }
    });
}

fn take_over() {
    hydrate_lazy(|| {
        provide_context(Api::over(Fetch));
        provide_context(FormClient::by(|request| FormRequest::send(request)));
        provide_context(Keys::from(random_key));
        // The language is fixed for a document: another language is a new document.
        provide_context(Lang::from_code(&of_document("lang")));
        provide_context(SiteOrigin(location().origin().unwrap_or_default()));
        App()
    });
}

/// An attribute of `<html>`, as the server wrote it.
fn of_document(name: &str) -> String {
    document().document_element().and_then(|html| html.get_attribute(name)).unwrap_or_default()
}

/// 128 random bits in hexadecimal.
fn random_key() -> String {
    let bytes = Uint8Array::new_with_length(16);
    let chance = window().crypto().and_then(|crypto| crypto.get_random_values_with_array_buffer_view(&bytes));
    let mut key = String::with_capacity(32);
    if chance.is_ok() {
        for byte in bytes.to_vec() {
            for digit in [byte >> 4, byte & 15] {
                key.extend(char::from_digit(digit.into(), 16));
            }
        }
    }
    key
}

/// The API over the network.
struct Fetch;

impl Transport for Fetch {
    fn send(&self, sent: Sent) -> Sending {
        let content = (sent.method == Method::Post).then(|| (JSON, sent.body, random_key()));
        fetch(sent.path, content)
    }
}

impl FormRequest {
    fn send(self) -> Sending {
        fetch(self.path, Some((FORM, self.fields, self.key)))
    }
}

/// Content type, body and idempotency key of a POST.
type Content = (&'static str, String, String);

fn fetch(path: String, content: Option<Content>) -> Sending {
    Box::pin(SendWrapper::new(async move {
        exchange(&path, content).await.map_err(|_| ApiError::Unreachable.into())
    }))
}

async fn exchange(path: &str, content: Option<Content>) -> Result<Got, gloo_net::Error> {
    let request = RequestBuilder::new(path).header("accept", JSON);
    let request = match content {
        Some((kind, content, key)) => request
            .method(http::Method::POST)
            .header("content-type", kind)
            .header("idempotency-key", &key)
            .body(content)?,
        None => request.build()?,
    };
    let answer = request.send().await?;
    Ok(Got { status: answer.status(), body: answer.text().await? })
}
