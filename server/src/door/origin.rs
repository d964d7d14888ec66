//! Requests that change something come from our own pages: checked before anything else looks.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Lets `GET` and `HEAD` pass; anything else must say that it comes from this origin.
///
/// Browsers send `Sec-Fetch-Site`, which pages cannot forge; older ones send `Origin`. A request
/// with neither is refused. (OWASP: Cross-Site Request Forgery Prevention, Fetch Metadata.)
pub(crate) async fn same_site_only(
    State(public_origin): State<String>,
    request: Request,
    next: Next,
) -> Response {
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD);
    if is_safe || is_from_us(request.headers(), &public_origin) {
        return next.run(request).await;
    }
    let explanation = "This request did not come from a page of this site. Open the page again and repeat it there.";
    (StatusCode::FORBIDDEN, explanation).into_response()
}

fn is_from_us(headers: &HeaderMap, public_origin: &str) -> bool {
    let read = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match read("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => read(header::ORIGIN.as_str()) == Some(public_origin),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_may_change_something() {
        for (headers, is_ours) in [
            (&[("sec-fetch-site", "same-origin")][..], true),
            (&[("sec-fetch-site", "same-site")], false),
            (
                &[
                    ("sec-fetch-site", "cross-site"),
                    ("origin", "https://wallet.test"),
                ],
                false,
            ),
            (&[("sec-fetch-site", "none")], false),
            (&[("origin", "https://wallet.test")], true),
            (&[("origin", "https://wallet.test:444")], false),
            (&[("origin", "http://wallet.test")], false),
            (&[("origin", "null")], false),
            (&[], false),
        ] {
            let map: HeaderMap = headers
                .iter()
                .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
                .collect();
            assert_eq!(
                is_from_us(&map, "https://wallet.test"),
                is_ours,
                "{headers:?}"
            );
        }
    }
}
