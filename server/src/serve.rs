//! The running server: opens everything, serves, and stops in order.

use std::future::IntoFuture;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use app::{SandboxLinks, Site};
use axum::serve::ListenerExt;
use ledger::Ledger;
use lettre::{AsyncSmtpTransport, Tokio1Executor};
use secrecy::ExposeSecret;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::push::Pusher;
use crate::router::{Doors, router};
use crate::worker::Workers;

/// How long requests under way may take once the server is told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Serves until told to stop (SIGINT or SIGTERM), then ends what was accepted.
pub async fn serve(config: &Config, ledger: Ledger) -> anyhow::Result<()> {
    let stop = CancellationToken::new();
    let push_key = config.push_key()?.map(Arc::new);
    let origin = config.public_origin()?;
    let workers = Workers {
        ledger: ledger.clone(),
        mail: AsyncSmtpTransport::<Tokio1Executor>::from_url(config.smtp_url()?.expose_secret())
            .context("read SMTP_URL")?
            .timeout(Some(Duration::from_secs(20)))
            .build(),
        sealing_key: Arc::new(config.sealing_key()?),
        mail_from: config
            .mail_from()?
            .parse()
            .context("read MAIL_FROM: expected Name <address>")?,
        push: push_key
            .clone()
            .map(|key| Pusher::new(key, &origin, !config.is_production())),
        price_lists: config.price_list_dir.clone(),
        stop: stop.clone(),
    };
    let doors = Doors {
        ledger: ledger.clone(),
        site: Site {
            sandbox: config
                .uses_sandbox()
                .then(|| sandbox_links(&config.sandbox_url)),
        },
        site_root: config.site_root.clone(),
        public_origin: origin,
        payment_origins: payment_origins(config),
        trusted_proxies: config.trusted_proxies,
        push_key: push_key.map(|key| key.public().to_owned()),
        stop: stop.clone(),
    };
    let listener = TcpListener::bind(config.listen_address)
        .await
        .with_context(|| {
            format!(
                "listen on {}: is another server running there? Choose another with LISTEN_ADDRESS",
                config.listen_address
            )
        })?;
    tracing::info!(address = %listener.local_addr()?, origin = doors.public_origin, "serving");
    // Small answers must not wait 40 ms for the other side's acknowledgement.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "nodelay not set");
        }
    });
    let mut tasks = workers.start();
    let service = router(doors).into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, service).with_graceful_shutdown({
        let stop = stop.clone();
        async move { stop.cancelled().await }
    });
    let mut server = tokio::spawn(server.into_future());
    tokio::select! {
        ended = &mut server => ended.context("serve")?.context("serve")?,
        () = told_to_stop() => {}
    }
    tracing::info!("stopping");
    stop.cancel();
    // An idle connection may be kept open by the other side: it is not waited for longer.
    let _ = tokio::time::timeout(GRACE, server).await;
    let _ = tokio::time::timeout(GRACE, ledger.drain()).await;
    let _ = tokio::time::timeout(GRACE, async { while tasks.join_next().await.is_some() {} }).await;
    Ok(())
}

async fn told_to_stop() {
    let mut terminate = signal(SignalKind::terminate()).expect("the runtime handles signals");
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

fn sandbox_links(base: &str) -> SandboxLinks {
    let base = base.trim_end_matches('/').replace("127.0.0.1", "localhost");
    SandboxLinks {
        mailbox: format!("{base}/mail"),
        control: format!("{base}/_sandbox"),
    }
}

/// Browsers check where a form's redirect leads, too.
fn payment_origins(config: &Config) -> Vec<String> {
    if config.uses_sandbox() {
        let base = config.sandbox_url.trim_end_matches('/');
        let local = base.replace("127.0.0.1", "localhost");
        return if local == base {
            vec![local]
        } else {
            vec![base.to_owned(), local]
        };
    }
    vec![
        "https://checkout.stripe.com".to_owned(),
        "https://billing.stripe.com".to_owned(),
    ]
}
