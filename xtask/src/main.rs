//! The words people type: build, run, test, measure.

mod bench;
mod check;
mod cluster;
mod e2e;
mod front;
mod lock;
mod place;
mod port;
mod process;
mod run;
mod signals;
mod sqlx;
mod step;
mod tally;
mod test;
mod tools;
mod vectors;
mod witness;
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
    /// Everything that must hold; the last line counts it.
    Test {
        /// One stage alone; may be given several times.
        #[arg(long, value_enum)]
        only: Vec<test::Stage>,
        /// Also the tests that take minutes.
        #[arg(long)]
        long: bool,
    },
    /// The end-to-end journeys alone.
    E2e {
        /// Passed on to Playwright: files, `--project`, `--grep` …
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Figures, and the limits they must keep.
    Bench {
        #[command(subcommand)]
        what: Bench,
    },
    /// Formatting, lints and the rules of the house.
    Check,
    /// Describes every checked query anew in the committed folder .sqlx.
    Sqlx,
}

#[derive(Subcommand)]
enum Bench {
    /// What a first visit weighs, how soon the wallet is there, how many pages are served.
    Web {
        /// Only the sizes of the bundle: nothing is started.
        #[arg(long)]
        sizes: bool,
    },
    /// How fast the books are beside the limit of the database, and what a long past costs.
    Ledger {
        /// Length of each measurement.
        #[arg(long, default_value_t = 10)]
        seconds: u64,
        /// How many transfers the books are grown to.
        #[arg(long, default_value_t = 10_000_000)]
        transfers: u64,
    },
    /// How fast switches are answered, on a fixed schedule; where that ends, and how it recovers.
    Charging {
        /// Length of the measured minute.
        #[arg(long, default_value_t = 60)]
        seconds: u64,
    },
    /// Whether what Stripe charged is what the books have, after every fault of the network; and how soon.
    Money {
        /// How many top-ups and refills.
        #[arg(long, default_value_t = 1_000)]
        cases: u64,
    },
    /// How fast the desk finds a customer among many, and shows its lists.
    Desk {
        /// How many wallets there are.
        #[arg(long, default_value_t = 1_000_000)]
        wallets: u64,
    },
}

fn main() -> ExitCode {
    let done = match Words::parse().word {
        Word::Run { release, port } => run::run(release, port),
        Word::Test { only, long } => test::run(&only, long),
        Word::E2e { arguments } => e2e::run(&arguments),
        Word::Bench {
            what: Bench::Web { sizes },
        } => bench::web(sizes),
        Word::Bench {
            what: Bench::Ledger { seconds, transfers },
        } => bench::ledger(seconds, transfers),
        Word::Bench {
            what: Bench::Charging { seconds },
        } => bench::charging(seconds),
        Word::Bench {
            what: Bench::Money { cases },
        } => bench::money(cases),
        Word::Bench {
            what: Bench::Desk { wallets },
        } => bench::desk(wallets),
        Word::Check => check::run(),
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
