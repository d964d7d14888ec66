//! The words people type: build, run, test, measure.

mod cluster;
mod front;
mod lock;
mod place;
mod port;
mod process;
mod run;
mod signals;
mod sqlx;
mod step;
mod tools;
mod world;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Builds, runs, tests and measures Talkala Wallet.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Words {
    #[command(subcommand)]
    word: Word,
}

#[derive(Subcommand)]
enum Word {
    /// Sets up, builds and serves the wallet with a database, a sandbox and a demo customer.
    Run {
        /// Compile the server with optimizations.
        #[arg(long)]
        release: bool,
        /// The server's port; the sandbox takes the ones 10 and 25 above it.
        #[arg(long, default_value_t = 3000)]
        port: u16,
    },
    /// Builds the browser's half: wasm, its loader, the style.
    Front,
    /// Describes every checked query anew in the committed folder .sqlx.
    Sqlx,
}

fn main() -> ExitCode {
    let done = match Words::parse().word {
        Word::Run { release, port } => run::run(release, port),
        Word::Sqlx => sqlx::run(),
        Word::Front => front::build().map(drop),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
