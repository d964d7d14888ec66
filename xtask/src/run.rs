//! `cargo xtask run`: everything that a person needs to see the wallet work.

use std::env;
use std::fs::{self, File};
use std::io::{Seek, Write};
use std::path::PathBuf;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::port::Ports;
use crate::process::{self, Running};
use crate::step::step;
use crate::world::Plan;
use crate::{front, lock, place, signals, tools};

/// Sets up, builds, starts the database, the sandbox and the server, and stays until stopped.
pub(crate) fn run(release: bool, port: u16) -> Result<()> {
    signals::watch()?;
    let ports = Ports::from_first(port)?;
    let _claim = claim(ports)?;
    step(
        "Looking for free ports",
        "stop that program, or choose other ports: `cargo xtask run --port 4000`.",
        || ports.require_free(),
    )?;
    let plan = Plan {
        ports,
        release,
        logs: data().join("logs"),
        variables: Vec::new(),
        removed: &[],
        // The database outlives a run; so does what the sandbox knows of its payments.
        sandbox_variables: vec![(
            "SANDBOX_STATE_FILE",
            data().join("sandbox.json").display().to_string(),
        )],
    };
    if env::var_os("DATABASE_URL").is_none() {
        tools::postgres::require()?;
    }
    front::build()?;
    plan.compile()?;
    serve(&plan)
}

fn serve(plan: &Plan) -> Result<()> {
    // Declared first, so stopped last, and on every way out.
    let _database = EmbeddedDatabase::watch(plan);
    let sandbox = plan.start_sandbox()?;
    step(
        "Preparing the database and the demo wallet",
        "read the message above; to begin anew, remove the folder .data.",
        || process::run(plan.server().arg("seed").env("RUST_LOG", "error")),
    )?;
    let server = plan.start_server()?;
    welcome(plan);
    let ended = wait(plan, [server, sandbox]);
    eprintln!("▸ Stopping …");
    ended
}

/// Waits until somebody asks us to stop or one of the programs ends by itself.
///
/// The programs stop when this returns, in the order given: the server first, so that it can
/// still finish what it asked of the sandbox.
fn wait(plan: &Plan, mut programs: [Running; 2]) -> Result<()> {
    while !signals::stop_requested() {
        for program in &mut programs {
            if let Some(status) = program.ended()? {
                let name = program.name();
                bail!(
                    "✗ The {name} ended with {status}; so does everything else.\n{}\n  What to do: \
                     read {}, then run again.",
                    plan.last_words(name),
                    place::shown(&plan.log(name)),
                );
            }
        }
        sleep(Duration::from_millis(100));
    }
    for program in &mut programs {
        program.stop();
    }
    Ok(())
}

fn data() -> PathBuf {
    match env::var_os("DATA_DIR") {
        Some(folder) => place::root().join(folder),
        None => place::root().join(".data"),
    }
}

/// Takes the checkout for this run, or says who has it.
fn claim(ports: Ports) -> Result<File> {
    let path = data().join("run.lock");
    let mut file = lock::open(&path)?;
    if !lock::try_now(&file)? {
        let holder = fs::read_to_string(&path)?;
        let (pid, address) = holder
            .trim()
            .split_once(' ')
            .unwrap_or(("unknown", "its address"));
        bail!(
            "✗ Another `cargo xtask run` (pid {pid}) already serves this checkout at {address}.\n  \
             What to do: open that address, or stop it with `kill {pid}`."
        );
    }
    file.set_len(0)?;
    file.rewind()?;
    write!(
        file,
        "{} http://localhost:{}",
        std::process::id(),
        ports.server
    )?;
    Ok(file)
}

/// The cluster that the server starts for itself. It outlives the server, so that the next start
/// is quick; when this run was the one to start it, this run stops it.
struct EmbeddedDatabase<'a> {
    plan: &'a Plan,
    ours: bool,
}

impl<'a> EmbeddedDatabase<'a> {
    fn watch(plan: &'a Plan) -> Self {
        let ours = env::var_os("DATABASE_URL").is_none() && !is_running();
        Self { plan, ours }
    }
}

impl Drop for EmbeddedDatabase<'_> {
    fn drop(&mut self) {
        if !self.ours {
            return;
        }
        let mut stop = self.plan.server();
        // In a group of its own: a second Ctrl-C must not leave the cluster half stopped.
        std::os::unix::process::CommandExt::process_group(&mut stop, 0);
        if let Err(error) = process::read(stop.args(["database", "stop"])) {
            crate::step::warn(&format!("The database may still run: {error:#}"));
        }
    }
}

/// Whether the cluster of this checkout was running before us.
fn is_running() -> bool {
    fs::read_to_string(data().join("pg/postmaster.pid"))
        .ok()
        .and_then(|text| text.lines().next().map(str::to_owned))
        .is_some_and(|pid| PathBuf::from("/proc").join(pid).exists())
}

fn welcome(plan: &Plan) {
    let (origin, sandbox) = (plan.origin(), plan.sandbox());
    let log = place::shown(&plan.log("server"));
    eprintln!(
        "
Talkala Wallet is running.

  Wallet         {origin}
  Sign in        {origin}/sign-in as ana@example.com; the code arrives in the mailbox
  Desk           {origin}/desk as support@, colleague@, operator@ or auditor@example.com: sign in
                 likewise; the page says how a passkey opens it
  Mailbox        {sandbox}/mail
  Control page   {sandbox}/_sandbox   faults, webhooks, clock

  Test cards, with any future date and any CVC. No real money moves.
    4242 4242 4242 4242   succeeds
    4000 0000 0000 0002   is declined
    4000 0000 0000 9995   is declined for insufficient funds
    4000 0025 0000 3155   asks for 3-D Secure

  Log            {log}
  Ctrl-C stops everything."
    );
}
