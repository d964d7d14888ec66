//! The sandbox as a program.

use anyhow::Context;
use clap::Parser;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The words alone: a backtrace would push them out of sight.
            eprintln!("✗ {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        .init();
    let config = sandbox::Config::parse();
    let running = sandbox::start(config).await?;
    println!("Sandbox: {}  (no real money moves)", running.public_url);
    println!(
        "Control: {}/_sandbox   Mail: {}/mail",
        running.public_url, running.public_url
    );
    println!("SMTP:    {}", running.smtp);
    println!("Switch:  {}/originate", running.public_url);
    println!("{}", sandbox::test_cards());
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
        .context("cannot listen for the signal to stop")?;
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
    running.stop().await;
    Ok(())
}
