//! How fast switches are answered: requests leave on a fixed schedule, whatever became of those
//! before, and each is timed from the moment it was due. A server that stops shows it here. The whole
//! server, its database (fsync on) and the load share this machine. The last line is JSON.
//!
//! `cargo run -p server --release --example bench_charging -- [seconds]`

// Figures are printed, never booked.
#![allow(clippy::float_arithmetic, clippy::unwrap_used)]

#[path = "../../../ledger/tests/support/cluster.rs"]
#[allow(dead_code)]
mod cluster;
mod load;
mod world;

use std::time::{Duration, Instant};

use load::{Figures, Load};

/// Requests a second that must be answered in time.
const RATE: f64 = 200.0;
const P99_LIMIT_MS: f64 = 50.0;
/// Steps on the way to the knee.
const STEP: f64 = 1.25;
const STEP_TIME: Duration = Duration::from_secs(8);

#[tokio::main]
async fn main() {
    let seconds = std::env::args().nth(1).and_then(|text| text.parse().ok());
    let seconds = Duration::from_secs(seconds.unwrap_or(60));
    let _ = rustls::crypto::ring::default_provider().install_default();
    println!("starting a throw-away cluster with 50,000 rates and 60,000 wallets, fsync on");
    let world = world::World::start().await;
    let (quote_p50, search_p50) = world.read_figures().await;
    println!("quote p50 {quote_p50:.2} ms, search of the rates p50 {search_p50:.2} ms");
    let mut load = Load::new(&world).await;
    load.run(RATE, Duration::from_secs(5)).await;

    let steady = load.run(RATE, seconds).await;
    steady.print("steady");
    let knee = knee(&mut load).await;
    println!("the knee is at {knee:.0} requests/s");
    let overload = load.run(2.0 * knee, STEP_TIME).await;
    overload.print("twice the knee");
    let recovered = recover(&mut load).await;
    println!("in time again after {recovered:.1} s");
    world.assert_clean().await;
    println!(
        "{{\"rate\":{RATE},\"p50_ms\":{:.2},\"p99_ms\":{:.2},\"errors\":{},\"knee_per_s\":{knee:.0},\
         \"updates_ok_at_2x\":{:.4},\"refused_at_2x\":{},\"recovered_s\":{recovered:.1},\
         \"quote_p50_ms\":{quote_p50:.2},\"rates_p50_ms\":{search_p50:.2}}}",
        steady.percentile(50.0),
        steady.percentile(99.0),
        steady.errors(),
        overload.updates_ok(),
        overload.refused(),
    );
}

/// The highest rate that is answered in time and without an error. A rate gets a second chance: a
/// hiccup of the machine is not the knee.
async fn knee(load: &mut Load) -> f64 {
    let in_time = |figures: &Figures| {
        figures.percentile(99.0) <= P99_LIMIT_MS && figures.errors() == 0 && figures.refused() == 0
    };
    let mut knee = RATE;
    for _ in 0..20 {
        let next = knee * STEP;
        let mut is_kept = false;
        for _ in 0..2 {
            let figures = load.run(next, STEP_TIME).await;
            figures.print("step");
            is_kept = in_time(&figures);
            if is_kept {
                break;
            }
        }
        if !is_kept {
            break;
        }
        knee = next;
    }
    knee
}

/// Seconds until a second of the usual load is answered in time.
async fn recover(load: &mut Load) -> f64 {
    const SECOND: Duration = Duration::from_secs(1);
    let begun = Instant::now();
    for _ in 0..30 {
        let figures = load.run(RATE, SECOND).await;
        if figures.percentile(99.0) <= P99_LIMIT_MS && figures.errors() + figures.refused() == 0 {
            break;
        }
    }
    begun.elapsed().saturating_sub(SECOND).as_secs_f64()
}
