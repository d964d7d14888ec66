//! `cargo xtask bench web`: what the wallet page weighs, how soon it is there, how many it can serve.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::load;
use crate::cluster::Cluster;
use crate::front::{self, Bundle, Part};
use crate::port::Ports;
use crate::step::step;
use crate::tools::{chromium, node::Node};
use crate::world::Plan;
use crate::{place, process, signals};

/// What a first visit may weigh, compressed: wasm, its loader, the style. 1 kB = 1000 bytes.
const BUDGET: u64 = 250_000;

/// Compressed sizes of what a page needs, in bytes.
#[derive(Serialize)]
struct Sizes {
    wasm_br: u64,
    js_br: u64,
    css_br: u64,
    total_br: u64,
}

impl Sizes {
    fn of(bundle: &Bundle) -> Result<Self> {
        let brotli = |part| size(bundle, part, ".br");
        let (wasm_br, js_br, css_br) = (brotli(Part::Wasm)?, brotli(Part::Js)?, brotli(Part::Css)?);
        Ok(Self {
            wasm_br,
            js_br,
            css_br,
            total_br: wasm_br + js_br + css_br,
        })
    }

    fn require_in_budget(&self) -> Result<()> {
        if self.total_br <= BUDGET {
            return Ok(());
        }
        bail!(
            "✗ The bundle weighs {} bytes, {} over its budget of {BUDGET}.\n  What to do: see what \
             the last changes added, or justify a bigger budget in ARCHITECTURE.md.",
            self.total_br,
            self.total_br - BUDGET,
        )
    }
}

/// Builds the bundle and prints its sizes; unless only those are wanted, measures a running wallet
/// too. Fails above the budget of the bundle. The last line is JSON.
pub(crate) fn web(only_sizes: bool) -> Result<()> {
    signals::watch()?;
    let bundle = front::build()?;
    let sizes = Sizes::of(&bundle)?;
    println!("part        bytes       brotli         gzip");
    for part in Part::ALL {
        println!(
            "{:4} {:>12} {:>12} {:>12}",
            part.ending(),
            size(&bundle, part, "")?,
            size(&bundle, part, ".br")?,
            size(&bundle, part, ".gz")?,
        );
    }
    if only_sizes {
        println!("{}", serde_json::to_string(&sizes)?);
    } else {
        let figures = Figures {
            sizes,
            running: measured()?,
        };
        println!("{}", serde_json::to_string(&figures)?);
        return figures.sizes.require_in_budget();
    }
    sizes.require_in_budget()
}

#[derive(Serialize)]
struct Figures {
    #[serde(flatten)]
    sizes: Sizes,
    #[serde(flatten)]
    running: Running,
}

/// Of a release build with a database on the same machine, and a wallet of more than 100 rows, of which a page
/// shows 50.
#[derive(Serialize)]
struct Running {
    #[serde(flatten)]
    seen: Seen,
    wallet_rps: u64,
    wallet_p99_ms: u64,
    server_rss_mb: u64,
}

/// What a browser saw; the script in `end2end/bench` says how.
#[derive(Serialize, Deserialize)]
struct Seen {
    html_br: u64,
    painted_ms: u64,
    hydrated_ms: u64,
    navigation_ms: u64,
    lighthouse: Value,
    #[serde(skip_serializing)]
    cookie: String,
}

/// Browsers that ask at once.
const BROWSERS: u32 = 16;
const LENGTH: Duration = Duration::from_secs(15);

fn measured() -> Result<Running> {
    let browser = chromium::require()?;
    let npm = Node::require()?.tools()?;
    let cluster = step(
        "Starting a throwaway cluster",
        "check that PostgreSQL's programs start (initdb, pg_ctl).",
        || Cluster::start("bench"),
    )?;
    let plan = plan(cluster.database("wallet")?)?;
    plan.compile()?;
    let _sandbox = plan.start_sandbox()?;
    step(
        "Preparing the demo wallet, which is the one that is measured",
        "read the message above.",
        || process::run(plan.server().arg("seed").env("RUST_LOG", "error")),
    )?;
    let server = plan.start_server()?;
    let mut script = npm.script("bench/web.mjs");
    script
        .env("BASE_URL", plan.origin())
        .env("SANDBOX_URL", plan.sandbox())
        .env("CHROMIUM", browser);
    let said = process::read(&mut script)?;
    let (before, last) = said.trim_end().rsplit_once('\n').unwrap_or(("", &said));
    println!("{before}");
    let seen: Seen = serde_json::from_str(last).context("the script did not end with figures")?;
    let port = plan.ports.server;
    let ask = |pace| load::run(port, "/wallet", &seen.cookie, BROWSERS, LENGTH, pace);
    let most = ask(None)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number of answers"
    )]
    let wallet_rps = most.per_second as u64;
    // Half of what is possible: what a busy hour looks like.
    let pace = u32::try_from(wallet_rps / 2).unwrap_or(u32::MAX).max(1);
    let half = ask(Some(pace))?;
    Ok(Running {
        server_rss_mb: memory(server.id())?,
        wallet_rps,
        wallet_p99_ms: u64::try_from(half.p99.as_millis())?,
        seen,
    })
}

fn plan(database: String) -> Result<Plan> {
    let data = place::target().join("bench");
    Ok(Plan {
        ports: Ports::free()?,
        release: true,
        logs: data.clone(),
        variables: vec![
            ("DATABASE_URL", database),
            ("DATA_DIR", data.display().to_string()),
            ("RUST_LOG", "warn".to_owned()),
        ],
        removed: &crate::e2e::REMOVED,
        sandbox_variables: Vec::new(),
    })
}

/// Megabytes of memory that a process holds.
fn memory(process: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next());
    let kilobytes: u64 = kilobytes.context("no VmRSS")?.parse()?;
    Ok(kilobytes / 1_000)
}

fn size(bundle: &Bundle, part: Part, suffix: &str) -> Result<u64> {
    let file = front::package().join(bundle.file_name(part) + suffix);
    Ok(std::fs::metadata(file)?.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_ends_where_it_says() {
        let sizes = |total_br| Sizes {
            wasm_br: 0,
            js_br: 0,
            css_br: 0,
            total_br,
        };
        assert!(sizes(250_000).require_in_budget().is_ok());
        let refusal = sizes(250_001).require_in_budget().expect_err("is over");
        assert!(
            refusal.to_string().contains("1 over its budget"),
            "{refusal}"
        );
    }

    #[test]
    fn the_last_line_names_every_part() {
        let sizes = Sizes {
            wasm_br: 1,
            js_br: 2,
            css_br: 3,
            total_br: 6,
        };
        let line = serde_json::to_string(&sizes).expect("is plain");
        assert_eq!(line, r#"{"wasm_br":1,"js_br":2,"css_br":3,"total_br":6}"#);
    }
}
