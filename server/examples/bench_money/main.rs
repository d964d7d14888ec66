//! Top-ups and refills through every fault of the network, and then the question that matters: whether
//! what Stripe charged is what the books have. The whole server with its workers, its database and the
//! sandbox in Stripe's place share this machine. The last line is JSON; a charge too many or one that was
//! not credited ends with 1.
//!
//! `cargo run -p server --release --example bench_money -- [cases]`

// Figures are printed, never booked.
#![allow(clippy::float_arithmetic, clippy::unwrap_used)]

#[path = "../../../ledger/tests/support/cluster.rs"]
#[allow(dead_code)]
mod cluster;
mod figures;
mod trial;
mod world;

use std::process::ExitCode;

use cluster::Cluster;

#[tokio::main]
async fn main() -> ExitCode {
    let cases = std::env::args().nth(1).and_then(|text| text.parse().ok());
    let cluster = Cluster::start(&["fsync=on", "synchronous_commit=on", "max_connections=120"]);
    let figures = trial::run(&cluster, cases.unwrap_or(1_000)).await;
    println!("{figures}");
    if figures.holds() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
