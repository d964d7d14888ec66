//! Starting and stopping.

use crate::{
    config::Config,
    connection::{CuttableListener, Scissors},
    control, gate, mail, pages, webhook,
    world::World,
};
use anyhow::Context;
use axum::{Router, response::Redirect, routing};
use std::net::SocketAddr;
use tokio::{net::TcpListener, task::JoinSet};

/// A sandbox at work; it stops when this is dropped.
#[derive(Debug)]
pub struct Running {
    /// Where the API, the pages, the inbox and the control plane are.
    pub http: SocketAddr,
    /// Where mail is received.
    pub smtp: SocketAddr,
    /// The one address of `http` as a URL, without a slash at the end.
    pub public_url: String,
    tasks: JoinSet<()>,
}

impl Running {
    /// Stops listening and waits until nothing runs.
    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
    }

    /// Waits for as long as the sandbox runs.
    pub async fn wait(mut self) {
        self.tasks.join_next().await;
    }
}

/// Listens on both addresses and starts delivering events. Errors: an address is taken.
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
        .context("cannot set up the client that delivers events")?;
    let world = World::new(config);
    let (http_address, smtp_address) = (world.config.address, world.config.smtp_address);
    let public_url = world.config.public_url.clone();
    let app = Router::new()
        .route("/", routing::get(|| async { Redirect::to("/_sandbox") }))
        .route("/v1/{*path}", routing::any(gate::handle))
        .merge(pages::router())
        .merge(mail::router())
        .merge(control::router())
        .with_state(world.clone())
        .into_make_service_with_connect_info::<Scissors>();
    let mut tasks = JoinSet::new();
    tasks.spawn(webhook::run(world.clone(), client));
    tasks.spawn(mail::receive(world, smtp));
    tasks.spawn(async move {
        if let Err(error) = axum::serve(CuttableListener(http), app).await {
            tracing::error!(%error, "the HTTP server stopped");
        }
    });
    Ok(Running {
        http: http_address,
        smtp: smtp_address,
        public_url,
        tasks,
    })
}
