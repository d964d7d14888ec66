//! Starting and stopping.

use crate::{
    config::Config,
    connection::{CuttableListener, Scissors},
    control, delivery, gate, mail, pages, state_file, switch,
    world::{Shared, World},
};
use anyhow::Context;
use axum::{Router, response::Redirect, routing};
use std::{net::SocketAddr, time::Duration};
use tokio::{net::TcpListener, sync::oneshot, task::JoinSet};

/// How long requests may still take when the sandbox stops.
const LAST_REQUESTS: Duration = Duration::from_secs(2);

/// A sandbox at work; it stops when this is dropped.
#[derive(Debug)]
pub struct Running {
    /// Where the API, the pages, the inbox and the control plane are.
    pub http: SocketAddr,
    /// Where mail is received.
    pub smtp: SocketAddr,
    /// The one address of `http` as a URL, without a slash at the end.
    pub public_url: String,
    world: Shared,
    /// The HTTP server, and how it is told to close.
    door: JoinSet<()>,
    close: oneshot::Sender<()>,
    tasks: JoinSet<()>,
}

impl Running {
    /// Stops listening, answers what was asked, and writes the state file.
    pub async fn stop(mut self) {
        // The server may have ended by itself; then nobody has to be told.
        let _told = self.close.send(());
        let _in_time = tokio::time::timeout(LAST_REQUESTS, self.door.join_next()).await;
        self.door.shutdown().await;
        self.tasks.shutdown().await;
        state_file::save(&self.world).await;
    }

    /// Waits for as long as the sandbox runs.
    pub async fn wait(mut self) {
        self.door.join_next().await;
    }
}

/// Listens on both addresses and starts delivering events. Errors: an address is taken, or the
/// state file cannot be used.
pub async fn start(mut config: Config) -> anyhow::Result<Running> {
    // A second provider would be an error; whoever came first is as good.
    let _already_there = rustls::crypto::ring::default_provider().install_default();
    let http = TcpListener::bind(config.address)
        .await
        .with_context(|| format!("cannot listen on {} (SANDBOX_ADDRESS)", config.address))?;
    let smtp = TcpListener::bind(config.smtp_address)
        .await
        .with_context(|| {
            format!(
                "cannot listen on {} (SANDBOX_SMTP_ADDRESS)",
                config.smtp_address
            )
        })?;
    config.address = http.local_addr()?;
    config.smtp_address = smtp.local_addr()?;
    if config.public_url.is_empty() {
        config.public_url = format!("http://{}", config.address);
    }
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .context("cannot set up the client that asks the wallet")?;
    let world = World::new(config, client)?;
    let (http_address, smtp_address) = (world.config.address, world.config.smtp_address);
    let public_url = world.config.public_url.clone();
    let app = Router::new()
        .route("/", routing::get(|| async { Redirect::to("/_sandbox") }))
        .route("/v1/{*path}", routing::any(gate::handle))
        .merge(pages::router())
        .merge(mail::router())
        .merge(switch::router())
        .merge(control::router())
        .with_state(world.clone())
        .into_make_service_with_connect_info::<Scissors>();
    let mut tasks = JoinSet::new();
    tasks.spawn(delivery::run(world.clone()));
    tasks.spawn(switch::run(world.clone()));
    tasks.spawn(switch::run_reports(world.clone()));
    tasks.spawn(mail::receive(world.clone(), smtp));
    if world.file.is_some() {
        tasks.spawn(state_file::keep_up(world.clone()));
    }
    let mut door = JoinSet::new();
    let (close, closed) = oneshot::channel::<()>();
    door.spawn(async move {
        let server = axum::serve(CuttableListener(http), app);
        // Dropped without a word: whoever does that has no more use for the server either.
        let closed = async move { closed.await.unwrap_or_default() };
        if let Err(error) = server.with_graceful_shutdown(closed).await {
            tracing::error!(%error, "the HTTP server stopped");
        }
    });
    Ok(Running {
        http: http_address,
        smtp: smtp_address,
        public_url,
        world,
        door,
        close,
        tasks,
    })
}
