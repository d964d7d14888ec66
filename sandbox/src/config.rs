//! Where the sandbox listens and whom it calls.

use clap::Parser;
use std::{net::SocketAddr, path::PathBuf};

/// Every setting is a flag and an environment variable; port 0 means any free port.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "sandbox",
    about = "A payment server, a mailbox and a telephone switch for development and tests."
)]
pub struct Config {
    /// Address of the API, the hosted pages, the inbox and the control page.
    #[arg(long, env = "SANDBOX_ADDRESS", default_value = "127.0.0.1:3010")]
    pub address: SocketAddr,
    /// Address of the SMTP receiver.
    #[arg(long, env = "SANDBOX_SMTP_ADDRESS", default_value = "127.0.0.1:3025")]
    pub smtp_address: SocketAddr,
    /// What links to the hosted pages start with; follows the address when empty.
    #[arg(
        long,
        env = "SANDBOX_PUBLIC_URL",
        default_value = "http://localhost:3010"
    )]
    pub public_url: String,
    /// The one key that opens the API.
    #[arg(long, env = "SANDBOX_SECRET_KEY", default_value = "sk_test_sandbox")]
    pub secret_key: String,
    /// Where events are sent; empty for nowhere.
    #[arg(
        long,
        env = "SANDBOX_WEBHOOK_URL",
        default_value = "http://127.0.0.1:3000/stripe/webhook"
    )]
    pub webhook_url: String,
    /// What events are signed with.
    #[arg(long, env = "SANDBOX_WEBHOOK_SECRET", default_value = "whsec_sandbox")]
    pub webhook_secret: String,
    /// Where the wallet's charging API is.
    #[arg(
        long,
        env = "SANDBOX_WALLET_URL",
        default_value = "http://127.0.0.1:3000"
    )]
    pub wallet_url: String,
    /// What the switch opens the charging API with.
    #[arg(long, env = "SANDBOX_SWITCH_KEY", default_value = "switch_sandbox")]
    pub switch_key: String,
    /// Where each distinct request is written down with its answer, for the type witnesses.
    #[arg(long, env = "SANDBOX_RECORD_DIR")]
    pub record_dir: Option<PathBuf>,
    /// Where the state is kept from one run to the next; in memory only when there is none.
    #[arg(long, env = "SANDBOX_STATE_FILE")]
    pub state_file: Option<PathBuf>,
}

impl Config {
    /// Free ports on loopback, the usual keys and secret, events to `webhook_url` or nowhere. The
    /// wallet is taken to be where its webhook door is.
    pub fn for_tests(webhook_url: Option<String>) -> Self {
        let webhook_url = webhook_url.unwrap_or_default();
        let wallet_url: Vec<&str> = webhook_url.splitn(4, '/').take(3).collect();
        Self {
            wallet_url: wallet_url.join("/"),
            switch_key: "switch_sandbox".to_owned(),
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            smtp_address: SocketAddr::from(([127, 0, 0, 1], 0)),
            public_url: String::new(),
            secret_key: "sk_test_sandbox".to_owned(),
            webhook_url,
            webhook_secret: "whsec_sandbox".to_owned(),
            record_dir: std::env::var_os("SANDBOX_RECORD_DIR").map(PathBuf::from),
            state_file: None,
        }
    }
}
