//! A Postgres cluster of our own, for development and tests: no set-up, no download, no TCP port.
//!
//! It lies in the data directory behind a private socket. Servers that start on the same directory
//! share it; the last one to stop stops it.

mod binaries;
mod cluster;
mod keeper;

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Subcommand;
use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgConnection};

use crate::config::Config;
pub use cluster::{Cluster, Kind};

/// The database in the cluster.
const NAME: &str = "wallet";
/// The cluster's owner: may migrate; the pools change to lesser roles.
const OWNER: &str = "wallet";

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start the cluster, leave it running, and print `DATABASE_URL=…`.
    Start {
        /// Where its files are kept; the data directory by default.
        #[arg(long)]
        dir: Option<PathBuf>,
        /// Fast and unsafe: loses its data when the machine stops. For tests.
        #[arg(long)]
        throwaway: bool,
    },
    /// Stop the cluster.
    Stop {
        #[arg(long)]
        dir: Option<PathBuf>,
    },
}

pub async fn run(config: &Config, command: Command) -> anyhow::Result<()> {
    let place = |dir: Option<PathBuf>| dir.unwrap_or_else(|| config.data_dir.clone());
    match command {
        Command::Start { dir, throwaway } => {
            let kind = if throwaway {
                Kind::Throwaway
            } else {
                Kind::Lasting
            };
            let cluster = start(&place(dir), kind).await?;
            println!("DATABASE_URL={}", cluster.url(OWNER, NAME));
            Ok(())
        }
        Command::Stop { dir } => Cluster::at(&place(dir), Kind::Lasting)?.stop(),
    }
}

/// A running cluster, kept running for as long as somebody uses it.
pub struct InUse {
    cluster: Cluster,
    /// Held shared by every user; whoever can hold it alone is the last.
    users: File,
}

impl InUse {
    pub async fn start(dir: &Path) -> anyhow::Result<Self> {
        let cluster = start(dir, Kind::Lasting).await?;
        let users = cluster.lock_file("users")?;
        users
            .lock_shared()
            .context("note that the embedded database is in use")?;
        Ok(Self { cluster, users })
    }

    pub fn options(&self) -> PgConnectOptions {
        self.cluster.options(OWNER, NAME)
    }

    /// Stops the cluster unless another server uses it.
    pub async fn release(self) {
        let is_last = self.users.unlock().is_ok() && self.users.try_lock().is_ok();
        if is_last && let Err(error) = self.cluster.stop() {
            tracing::warn!(%error, "embedded database not stopped");
        }
    }
}

/// Starts the cluster unless it runs, and makes the database unless it is there.
async fn start(dir: &Path, kind: Kind) -> anyhow::Result<Cluster> {
    let cluster = Cluster::at(dir, kind)?;
    let starting = cluster.lock_file("starting")?;
    starting
        .lock()
        .context("wait for another start of the embedded database")?;
    cluster.start()?;
    let mut connection = PgConnection::connect_with(&cluster.options(OWNER, "postgres"))
        .await
        .context("reach the embedded database")?;
    let is_there: bool =
        sqlx::query_scalar("select exists(select from pg_database where datname = 'wallet')")
            .fetch_one(&mut connection)
            .await?;
    if !is_there {
        sqlx::query("create database wallet")
            .execute(&mut connection)
            .await?;
    }
    connection.close().await?;
    Ok(cluster)
}
