//! Problems on the wire: status, `application/problem+json` (RFC 9457), Retry-After.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use model::api::{ApiError, Problem};
use serde_json::{Value, json};

/// The status of a problem.
pub fn status(problem: &Problem) -> StatusCode {
    let Problem::ApiError(trouble) = problem else {
        return StatusCode::CONFLICT;
    };
    match trouble {
        ApiError::Faulty { .. } | ApiError::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
        ApiError::SignInNeeded | ApiError::WrongCredentials => StatusCode::UNAUTHORIZED,
        ApiError::Forbidden | ApiError::CrossSite => StatusCode::FORBIDDEN,
        ApiError::NotFound => StatusCode::NOT_FOUND,
        ApiError::Conflict { .. } => StatusCode::CONFLICT,
        ApiError::KeyMissing => StatusCode::BAD_REQUEST,
        ApiError::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        ApiError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ApiError::HeadTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        ApiError::HostUnknown => StatusCode::MISDIRECTED_REQUEST,
        ApiError::UnsupportedMedia => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ApiError::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        ApiError::Unavailable | ApiError::Unreachable => StatusCode::SERVICE_UNAVAILABLE,
        ApiError::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The machine's name of a problem.
pub fn code(problem: &Problem) -> String {
    match serde_json::to_value(problem) {
        Ok(Value::Object(fields)) => {
            fields.get("code").and_then(Value::as_str).unwrap_or("internal").to_owned()
        }
        _ => "internal".to_owned(),
    }
}

/// The document: the problem's own facts beside type, title and status.
pub fn document(problem: &Problem) -> Value {
    let code = code(problem);
    let mut document = match serde_json::to_value(problem) {
        Ok(Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let mut title = code.replace('_', " ");
    if let Some(first) = title.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    document.insert("type".to_owned(), json!(format!("urn:comunanza:problem:{code}")));
    document.insert("title".to_owned(), json!(title));
    document.insert("status".to_owned(), json!(status(problem).as_u16()));
    Value::Object(document)
}

/// Seconds after which it is worth asking again whether the service is there.
const UNAVAILABLE_FOR: u32 = 5;

/// A problem as an answer; the layers around see which one.
pub fn answer(problem: &Problem) -> Response {
    written(problem, &document(problem))
}

/// The same, with a sentence for who keeps the server running.
pub fn explained(problem: &Problem, detail: &str) -> Response {
    let mut document = document(problem);
    document["detail"] = json!(detail);
    written(problem, &document)
}

fn written(problem: &Problem, document: &Value) -> Response {
    // What was refused now may be allowed the next time: nobody keeps it.
    let head = [(header::CONTENT_TYPE, "application/problem+json"), (header::CACHE_CONTROL, "no-store")];
    let mut response = (status(problem), head, document.to_string()).into_response();
    let retry_after = match problem {
        Problem::ApiError(ApiError::TooMany { retry_after }) => Some(*retry_after),
        Problem::ApiError(ApiError::Unavailable) => Some(UNAVAILABLE_FOR),
        _ => None,
    };
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response.extensions_mut().insert(problem.clone());
    response
}
