//! The charging API: what a telephone switch asks of the wallet, before, during and after a call.

mod answer;
mod call;
mod gate;
mod message;
mod openapi;
mod problem;
mod quote;
mod read;
mod report;
mod turn;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{any, get, post};
use ledger::Ledger;
use turn::Turns;

/// The longest body of a request.
const BODY_LIMIT: usize = 16 * 1024;
/// The longest list of late records: a thousand of them.
const REPORTS_LIMIT: usize = 512 * 1024;

/// What the doors for switches need.
#[derive(Clone)]
pub(crate) struct Switchboard {
    pub(crate) ledger: Ledger,
    turns: Arc<Turns>,
}

/// All of `/switch/v1`. Everything but the description needs a key.
pub(crate) fn routes(ledger: Ledger) -> Router {
    let board = Switchboard {
        ledger,
        turns: Turns::new(),
    };
    let wallet = Router::new()
        .route("/quote", get(quote::quote))
        .route("/calls", post(call::authorize))
        .route("/calls/{call_id}", get(call::show))
        .route("/calls/{call_id}/answer", post(call::answer))
        .route("/calls/{call_id}/update", post(call::update))
        .route("/calls/{call_id}/end", post(call::end))
        .route("/messages", post(message::receive));
    let closed = Router::new()
        .nest("/wallets/{wallet}", wallet)
        .route("/lookup", post(quote::lookup))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .route(
            "/reports",
            post(report::report).layer(DefaultBodyLimit::max(REPORTS_LIMIT)),
        )
        // As a route: the pages take every address that no other route takes.
        .route("/{*rest}", any(problem::nothing_here))
        .fallback(problem::nothing_here)
        .method_not_allowed_fallback(problem::another_method)
        .layer(middleware::from_fn_with_state(
            board.clone(),
            gate::keys_only,
        ))
        .with_state(board);
    let open = Router::new().route("/openapi.json", get(openapi::show));
    Router::new().nest("/switch/v1", open.merge(closed))
}
