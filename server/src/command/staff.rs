//! `server staff`: who may open the desk; and in whose name the other commands act.

use anyhow::{Context, bail, ensure};
use clap::{Args, Subcommand, ValueEnum};
use domain::staff::{Right, Role, may};
use domain::{Email, WalletId};
use ledger::{Deed, Ledger};
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;

/// Whoever has this console may make the first operator.
pub(super) const CONSOLE: &str = "console";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Give a person a role: support, operator or auditor. They sign in with this address.
    Grant { email: String, role: RoleName },
    /// Take a role from a person, at once.
    Revoke { email: String, role: RoleName },
    /// Forget the passkeys of a person who lost theirs, and end their sessions: they sign in with a code
    /// and make another.
    ForgetPasskeys { email: String },
    /// Everybody who has a role.
    List,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum RoleName {
    Support,
    Operator,
    Auditor,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Support => Self::Support,
            RoleName::Operator => Self::Operator,
            RoleName::Auditor => Self::Auditor,
        }
    }
}

/// In whose name a command acts: somebody with a role that may.
#[derive(Args, Clone, Debug)]
pub(super) struct By {
    /// Your e-mail address, as it has a role.
    #[arg(long, env = "OPERATOR_EMAIL")]
    by: String,
}

impl By {
    /// The address, if its roles may do this.
    pub(super) async fn with(&self, ledger: &Ledger, right: Right) -> anyhow::Result<String> {
        let email = Email::parse(&self.by)?;
        let roles = ledger.roles_of(&email).await?;
        ensure!(
            may(&roles, right),
            "act as {email}: this needs a role that may ({}); `server staff grant` gives one",
            right.word()
        );
        Ok(email.to_string())
    }
}

/// A deed at the console.
pub(super) fn deed(
    actor: &str,
    act: &'static str,
    subject: &'static str,
    subject_id: impl Into<String>,
    detail: Value,
) -> Deed {
    Deed {
        actor: actor.to_owned(),
        act,
        subject,
        subject_id: subject_id.into(),
        wallet_id: None,
        detail,
        session_id: None,
    }
}

/// A deed at the console about a wallet.
pub(super) fn deed_on(actor: &str, act: &'static str, wallet_id: WalletId, detail: Value) -> Deed {
    Deed {
        wallet_id: Some(wallet_id),
        ..deed(actor, act, "wallet", wallet_id.to_string(), detail)
    }
}

pub(super) async fn run(ledger: &Ledger, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Grant { email, role } => {
            let (email, role) = (read(&email)?, Role::from(role));
            let deed = deed(
                CONSOLE,
                "grant_role",
                "staff",
                email.to_string(),
                json!({ "role": role }),
            );
            ledger
                .deed(deed, ledger.grant_role(&email, role, CONSOLE))
                .await?;
            println!(
                "{email} is {} now. The desk is at /desk; it opens with a passkey, made on the account page.",
                role.word()
            );
        }
        Command::Revoke { email, role } => {
            let (email, role) = (read(&email)?, Role::from(role));
            let deed = deed(
                CONSOLE,
                "revoke_role",
                "staff",
                email.to_string(),
                json!({ "role": role }),
            );
            if !ledger.deed(deed, ledger.revoke_role(&email, role)).await? {
                bail!(
                    "revoke a role: {email} is not {}; `server staff list` tells",
                    role.word()
                );
            }
            println!("{email} is {} no more.", role.word());
        }
        Command::ForgetPasskeys { email } => {
            let email = read(&email)?;
            let deed = deed(
                CONSOLE,
                "forget_passkeys",
                "staff",
                email.to_string(),
                json!({}),
            );
            let forgotten = ledger.deed(deed, ledger.forget_passkeys(&email)).await?;
            println!("{forgotten} passkeys of {email} are forgotten.");
        }
        Command::List => {
            for row in ledger.staff().await? {
                let since = row.granted_at.format(&Rfc3339)?;
                println!(
                    "{}  {}  since {since}  by {}",
                    row.email,
                    row.role.word(),
                    row.granted_by
                );
            }
        }
    }
    Ok(())
}

fn read(email: &str) -> anyhow::Result<Email> {
    Email::parse(email).with_context(|| format!("read {email}: not an e-mail address"))
}
