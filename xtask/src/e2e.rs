//! `cargo xtask e2e`: what a person sees, in Chromium, with JavaScript on and off.

use std::fs;
use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::cluster::Cluster;
use crate::port::Ports;
use crate::step::{step, warn};
use crate::tally::Tally;
use crate::tools::{chromium, node::Node};
use crate::world::Plan;
use crate::{front, place, process, signals};

/// What a person may have set for a wallet of their own; the journeys have theirs.
pub(crate) const REMOVED: [&str; 10] = [
    "WALLET_ENV",
    "PUBLIC_ORIGIN",
    "SMTP_URL",
    "MAIL_FROM",
    "STRIPE_SECRET_KEY",
    "STRIPE_API_BASE",
    "STRIPE_WEBHOOK_SECRET",
    "SWITCH_ORIGINATE_URL",
    "SWITCH_ORIGINATE_KEY",
    "RUST_LOG",
];

/// Where the sandbox of the journeys keeps what it was asked and what it answered.
pub(crate) fn exchanges() -> PathBuf {
    place::target().join("end2end/exchanges")
}

/// Walks the journeys that a person asked for; `arguments` go to Playwright as they are.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    signals::watch()?;
    let tally = journeys(arguments)?;
    println!("{tally}");
    if tally.failed > 0 {
        bail!(
            "✗ Some journeys failed.\n  What to do: look at the pictures in end2end/test-results \
             and at the logs in target/end2end."
        );
    }
    Ok(())
}

/// Starts a wallet of its own on free ports, walks the journeys, and checks the books after them.
pub(crate) fn journeys(arguments: &[String]) -> Result<Tally> {
    let browser = chromium::require()?;
    let npm = Node::require()?.tools()?;
    front::build()?;
    let cluster = step(
        "Starting a throwaway cluster",
        "check that PostgreSQL's programs start (initdb, pg_ctl).",
        || Cluster::start("end2end"),
    )?;
    let database = cluster.database("wallet")?;
    let plan = plan(database.clone())?;
    plan.compile()?;
    let _ = fs::remove_dir_all(exchanges());

    // Dropped in reverse: the server stops first, the cluster last.
    let _sandbox = plan.start_sandbox()?;
    step(
        "Preparing the price book and the demo wallet",
        "read the message above.",
        || process::run(plan.server().arg("seed").env("RUST_LOG", "error")),
    )?;
    let _server = plan.start_server()?;
    let report = place::end2end().join("output/report.json");
    let _ = fs::remove_file(&report);
    let mut playwright = npm.tool("playwright")?;
    playwright
        .arg("test")
        .args(arguments)
        .env("BASE_URL", plan.origin())
        .env("SANDBOX_URL", plan.sandbox())
        .env("CHROMIUM", browser)
        // For what only the owner of the database can do: let days go by.
        .env("PSQL", cluster.client())
        .env("DATABASE_URL", database);
    let walked = process::run(&mut playwright);
    signals::refuse_after_stop()?;
    let tally = match fs::read_to_string(&report) {
        Ok(text) => Tally::of_playwright(&text)?,
        Err(_) => Tally::default(),
    };
    Ok(tally.with_exit(walked.is_ok()) + books_are_sound(&plan))
}

fn plan(database: String) -> Result<Plan> {
    let data = place::target().join("end2end");
    Ok(Plan {
        ports: Ports::free()?,
        release: false,
        logs: data.clone(),
        variables: vec![
            ("DATABASE_URL", database),
            ("DATA_DIR", data.display().to_string()),
            // Every journey comes from an address of its own, as if through a proxy.
            ("TRUSTED_PROXIES", "1".to_owned()),
        ],
        removed: &REMOVED,
        sandbox_variables: vec![("SANDBOX_RECORD_DIR", exchanges().display().to_string())],
    })
}

/// The invariants, after everything the journeys did.
fn books_are_sound(plan: &Plan) -> Tally {
    match process::read(plan.server().arg("verify")) {
        Ok(_) => {
            eprintln!("✓ The books are sound after the journeys (server verify)");
            Tally::passed_one()
        }
        Err(error) => {
            warn(&format!("The books are not sound: {error:#}"));
            Tally::failed_one()
        }
    }
}
