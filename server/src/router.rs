//! Which door a request takes, and what every answer carries.

use std::path::PathBuf;
use std::time::Duration;

use app::Site;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{get, post};
use ledger::Ledger;
use leptos::config::LeptosOptions;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::timeout::TimeoutLayer;

use crate::door::{
    assets, body, client, events, export, headers, health, limit, origin, pages, paper, proof,
    statement, switch, unsubscribe, webhook,
};
use crate::session;

/// The longest event; Stripe's are far below.
const EVENT_LIMIT: usize = 512 * 1024;
/// The longest a page may take: it waits for Stripe at most once.
const PAGE_TIMEOUT: Duration = Duration::from_secs(45);

/// What the doors need.
#[derive(Clone)]
pub struct Doors {
    pub ledger: Ledger,
    pub site: Site,
    /// Where the built site is.
    pub site_root: PathBuf,
    /// The address people type, without a slash at the end.
    pub public_origin: String,
    /// Where forms may lead: the origins of the hosted payment pages.
    pub payment_origins: Vec<String>,
    /// Proxies in front that can be believed about the client's address.
    pub trusted_proxies: usize,
    /// What browsers subscribe with; none where no messages are sent to them.
    pub push_key: Option<String>,
    /// Ends long answers when the server stops.
    pub stop: tokio_util::sync::CancellationToken,
}

/// All doors behind their guards.
pub fn router(doors: Doors) -> Router {
    let options = leptos_options(&doors);
    let personal = Router::new()
        .route("/wallet/events", get(events::wallet_events))
        .route("/wallet/entries/{seq}/proof", get(proof::entry_proof))
        .route("/top-ups/{top_up_id}/receipt", get(paper::receipt))
        .route("/top-ups/{top_up_id}/invoice", get(paper::invoice))
        .route("/top-ups/{top_up_id}/invoice.pdf", get(paper::invoice_pdf))
        .route("/account/export.json", get(export::own_data))
        .route(
            "/wallet/statements/{file}",
            get(statement::statement_of_month),
        )
        .with_state(doors.clone())
        .merge(pages::routes(&doors, &options))
        // Instead of axum's own limit, which knows neither address nor visitor.
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(
            doors.ledger.clone(),
            body::no_longer_than_ours,
        ))
        .layer(session::layer(doors.ledger.clone()))
        .layer(limit::layer())
        .layer(middleware::from_fn_with_state(
            doors.public_origin.clone(),
            origin::same_site_only,
        ))
        .layer(middleware::from_fn_with_state(
            doors.trusted_proxies,
            client::find_address,
        ))
        .layer(TimeoutLayer::with_status_code(
            axum::http::StatusCode::SERVICE_UNAVAILABLE,
            PAGE_TIMEOUT,
        )); // Other systems: no session, no same-site check, and a body limit of their own.
    let systems = Router::new()
        .route(
            "/stripe/webhook",
            post(webhook::receive).layer(DefaultBodyLimit::max(EVENT_LIMIT)),
        )
        // Mail programs send it, from sites of their own.
        .route(
            "/unsubscribe/{wallet_id}/{notice_id}",
            get(unsubscribe::ask).post(unsubscribe::stop),
        )
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .with_state(doors.clone());
    // Live answers must not wait in a compressor.
    let compressible =
        DefaultPredicate::new().and(NotForContentType::const_new("text/event-stream"));
    Router::new()
        .merge(personal)
        .merge(systems)
        .merge(assets::routes(&doors.site_root))
        .layer(
            CompressionLayer::new()
                .quality(tower_http::CompressionLevel::Fastest)
                .compress_when(compressible),
        )
        .merge(switch::routes(doors.ledger.clone()))
        .layer(middleware::from_fn_with_state(
            doors.public_origin.starts_with("https://"),
            headers::on_every_answer,
        ))
        .layer(CatchPanicLayer::new())
}

/// Leptos finds the hashes of the built files in `hash.txt` beside the binary.
fn leptos_options(doors: &Doors) -> LeptosOptions {
    let hashes = std::env::current_exe()
        .ok()
        .and_then(|exe| Some(exe.parent()?.join("hash.txt")));
    LeptosOptions::builder()
        .output_name("wallet")
        .site_root(doors.site_root.to_string_lossy().as_ref())
        .site_pkg_dir("pkg")
        .hash_files(hashes.is_some_and(|file| file.exists()))
        .build()
}
