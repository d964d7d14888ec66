//! The `server` binary: reads the configuration and does what the command says.

use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use server::command::{Cli, run};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    match start() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The whole chain on one line: what was tried, why it failed, what to do.
            eprintln!("server: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn start() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,stripe_webhook=error"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    if cli.config.is_production() {
        log.json().init();
    } else {
        log.compact().with_target(false).init();
    }
    // One provider, chosen before anything can open a TLS connection.
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| {
            anyhow::anyhow!("choose the TLS provider: another one was installed before")
        })?;
    tokio::runtime::Runtime::new()
        .context("start the runtime")?
        .block_on(run(cli))
}
