//! The pages and their server functions, rendered by Leptos.

use std::panic::resume_unwind;

use app::{App, Head, KeptHistory, PushKey, provide_request, shell};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use leptos::config::LeptosOptions;
use leptos::nonce::use_nonce;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::{LeptosRoutes, ResponseOptions, generate_route_list};

use super::headers::page_policy;
use crate::router::Doors;

pub(crate) fn routes(doors: &Doors, options: &LeptosOptions) -> Router {
    let context = {
        let (doors, kept) = (doors.clone(), KeptHistory::default());
        move || {
            provide_request();
            provide_context(doors.ledger.clone());
            provide_context(doors.site.clone());
            provide_context(kept.clone());
            provide_context(PushKey(doors.push_key.clone()));
            set_policy(&doors);
        }
    };
    let page = {
        let (options, origin) = (options.clone(), doors.public_origin.clone());
        move || shell(options.clone(), head(&origin))
    };
    let not_found = leptos_axum::render_app_to_stream_with_context(context.clone(), page.clone());
    Router::new()
        .leptos_routes_with_context(options, generate_route_list(App), context, page)
        .fallback(not_found)
        .layer(middleware::from_fn(to_its_end))
        .with_state(options.clone())
}

/// Writes a page to its end, also when the browser has gone meanwhile: its parts are asked for by tasks of
/// their own, which must find what the request provides for as long as they run.
async fn to_its_end(request: Request, next: Next) -> Response {
    let written = tokio::spawn(async move {
        let (parts, body) = next.run(request).await.into_parts();
        let bytes = to_bytes(body, usize::MAX).await;
        bytes.map(|bytes| Response::from_parts(parts, Body::from(bytes)))
    });
    match written.await {
        Ok(Ok(page)) => page,
        Ok(Err(_)) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Err(failed) => match failed.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        },
    }
}

/// What the page at the requested address says of itself.
fn head(origin: &str) -> Head {
    let address = use_context::<Parts>().map(|parts| parts.uri);
    let address = address.unwrap_or_default();
    Head::of(origin, address.path(), address.query().unwrap_or_default())
}

fn set_policy(doors: &Doors) {
    if let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) {
        let policy = page_policy(&nonce, &doors.payment_origins);
        let policy = HeaderValue::try_from(policy).expect("origins and nonces are printable ASCII");
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}
