//! `server switch-key`: who may ask for charges.

use anyhow::{Context, bail};
use clap::Subcommand;
use domain::staff::Right;
use ledger::Ledger;
use serde_json::json;
use time::format_description::well_known::Rfc3339;

use super::staff::{By, deed};

/// The sandbox's switch and its key; for development only, everybody knows it.
const SANDBOX: &str = "sandbox";
const SANDBOX_KEY: &str = "switch_sandbox";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a key. It is shown once and kept nowhere.
    Create {
        /// How you call it: `frankfurt-2026`.
        name: String,
        /// The switch whose calls it sees; the name, if left out. Two keys may open one switch, so
        /// that a new one can replace an old one without a pause.
        #[arg(long)]
        switch: Option<String>,
        #[command(flatten)]
        by: By,
    },
    /// All keys there ever were.
    List {
        #[command(flatten)]
        by: By,
    },
    /// End a key.
    Revoke {
        name: String,
        #[command(flatten)]
        by: By,
    },
}

pub(super) async fn run(ledger: &Ledger, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Create { name, switch, by } => {
            let by = by.with(ledger, Right::SetKeys).await?;
            for text in [Some(&name), switch.as_ref()].into_iter().flatten() {
                let fits = (1..=64).contains(&text.chars().count());
                if !fits || text.chars().any(char::is_control) {
                    bail!("make a key: names have 1 to 64 letters");
                }
            }
            let switch_id = switch.as_ref().unwrap_or(&name);
            let deed = deed(
                &by,
                "create_key",
                "switch_key",
                name.clone(),
                json!({ "switch": switch_id }),
            );
            let secret = ledger
                .deed(deed, ledger.create_switch_key(&name, switch_id))
                .await?
                .with_context(|| {
                    format!("make a key: {name} is in use; revoke it or choose another name")
                })?;
            eprintln!("Key {name} for the switch {switch_id}. Copy it now, it is not shown again:");
            println!("{secret}");
        }
        Command::List { by } => {
            let by = by.with(ledger, Right::SeeKeys).await?;
            let seen = deed(&by, "view_keys", "switch_key", "console", json!({}));
            ledger.note_view(seen).await?;
            for key in ledger.switch_keys().await? {
                let ended = match key.revoked_at {
                    Some(at) => format!("revoked {}", at.format(&Rfc3339)?),
                    None => "valid".to_owned(),
                };
                let made = key.created_at.format(&Rfc3339)?;
                println!(
                    "{}  switch {}  made {made}  {ended}",
                    key.name, key.switch_id
                );
            }
        }
        Command::Revoke { name, by } => {
            let by = by.with(ledger, Right::SetKeys).await?;
            let deed = deed(&by, "revoke_key", "switch_key", name.clone(), json!({}));
            if !ledger.deed(deed, ledger.revoke_switch_key(&name)).await? {
                bail!(
                    "revoke a key: no valid one is called {name}; `server switch-key list` names them"
                );
            }
            println!("Key {name} ends within five seconds.");
        }
    }
    Ok(())
}

/// Lets the sandbox's switch in; again changes nothing.
pub(super) async fn seed(ledger: &Ledger) -> anyhow::Result<()> {
    if ledger
        .keep_switch_key(SANDBOX, SANDBOX, SANDBOX_KEY)
        .await?
    {
        println!("Demo switch: key {SANDBOX_KEY}");
    }
    Ok(())
}
