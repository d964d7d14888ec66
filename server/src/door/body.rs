//! How long a body may be: forms are short, but for the one with a price list in it.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::Limited;

/// The longest body of a form of ours.
const FORM_LIMIT: usize = 64 * 1024;
/// The longest of the form with a price list. A list a little too long still meets the page's own words.
const LIST_LIMIT: usize = 2 * domain::price_list::LONGEST_LIST;

/// Refuses a body that says it is longer, and reads no more than that of one that does not say.
pub(crate) async fn no_longer_than_ours(request: Request, next: Next) -> Response {
    let (most, told) = if request.uri().path() == app::PRICE_LIST_UPLOAD {
        (
            LIST_LIMIT,
            "This file is longer than any price list we take: 8 MB. Go back and choose another one.",
        )
    } else {
        (FORM_LIMIT, "This form is longer than any of ours.")
    };
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: usize| length > most) {
        return (StatusCode::PAYLOAD_TOO_LARGE, told).into_response();
    }
    next.run(request.map(|body| Body::new(Limited::new(body, most))))
        .await
}
