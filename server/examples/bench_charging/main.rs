//! How fast switches are answered: requests leave on a fixed schedule, whatever became of those
//! before, and each is timed from the moment it was due. A server that stops shows it here. The load,
//! the whole server and its database (fsync on) are processes of this machine. The last line is JSON.
//!
//! `cargo run -p server --release --example bench_charging -- [seconds]`

// Figures are printed, never booked.
#![allow(clippy::float_arithmetic, clippy::unwrap_used)]

#[path = "../../../ledger/tests/support/cluster.rs"]
#[allow(dead_code)]
mod cluster;
mod figures;
mod load;
mod serve;
mod wire;
mod world;

use std::time::Duration;

use tokio::runtime::Builder;

use figures::Figures;
use load::Load;

/// Requests a second that must be answered in time.
const RATE: f64 = 200.0;
const P99_LIMIT_MS: f64 = 50.0;
/// How long a rate is kept up to count.
const STEP_TIME: Duration = Duration::from_secs(10);
/// The knee is known when the lowest rate that was not kept is so near above it.
const NEAR: f64 = 1.06;
/// How long the usual load is looked at after the other one ended.
const AFTERWARDS: Duration = Duration::from_secs(15);

fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut arguments = std::env::args().skip(1);
    let first = arguments.next();
    if first.as_deref() == Some(serve::SERVE) {
        let server = Builder::new_multi_thread().enable_all().build().unwrap();
        server.block_on(serve::run(arguments.next().unwrap().into()));
        return;
    }
    let seconds = first.and_then(|text| text.parse().ok()).unwrap_or(60);
    // One thread: the load takes as little from the server as it can.
    let load = Builder::new_current_thread().enable_all().build().unwrap();
    load.block_on(measure(Duration::from_secs(seconds)));
}

async fn measure(time: Duration) {
    println!("starting a throw-away cluster with 50,000 rates and 200,000 wallets, fsync on");
    let world = world::World::start().await;
    let (quote_p50, search_p50) = world.read_figures().await;
    println!("quote p50 {quote_p50:.2} ms, search of the rates p50 {search_p50:.2} ms");
    let mut load = Load::new(&world);
    load.fill().await;
    load.run(RATE, Duration::from_secs(5)).await;

    let steady = load.run(RATE, time).await;
    steady.print("steady", RATE);
    let knee = knee(&mut load).await;
    println!("the knee is at {knee:.0} requests/s");
    load.fill().await;
    let overload = load.send(2.0 * knee, STEP_TIME).await;
    // At once, while the last of the others may still wait.
    let afterwards = load.run(RATE, AFTERWARDS).await;
    let overload = Figures(overload.join_all().await);
    overload.print("twice the knee", 2.0 * knee);
    afterwards.print("afterwards", RATE);
    let recovered = recovered(&afterwards);
    println!("in time again after {recovered} s");
    world.assert_clean().await;
    println!(
        "{{\"rate\":{RATE},\"p50_ms\":{:.2},\"p99_ms\":{:.2},\"errors\":{},\"knee_per_s\":{knee:.0},\
         \"updates_ok_at_2x\":{:.4},\"refused_at_2x\":{},\"recovered_s\":{recovered},\
         \"quote_p50_ms\":{quote_p50:.2},\"rates_p50_ms\":{search_p50:.2}}}",
        steady.percentile(50.0),
        steady.percentile(99.0),
        steady.errors(),
        overload.updates_ok(),
        overload.refused(),
    );
}

/// All answered in time, none refused.
fn is_in_time(figures: &Figures) -> bool {
    figures.percentile(99.0) <= P99_LIMIT_MS && figures.errors() + figures.refused() == 0
}

/// The highest rate that was kept up for ten seconds: by doubling until one is not, then between the two.
async fn knee(load: &mut Load) -> f64 {
    let (mut kept, mut lost) = (RATE, f64::INFINITY);
    while lost > kept * NEAR {
        let next = if lost.is_finite() {
            (kept * lost).sqrt()
        } else {
            kept * 2.0
        };
        if is_kept(load, next).await {
            kept = next;
        } else {
            lost = next;
        }
    }
    kept
}

/// A rate gets a second chance: a hiccup of the machine is not the knee.
async fn is_kept(load: &mut Load, rate: f64) -> bool {
    for _ in 0..2 {
        load.fill().await;
        let figures = load.run(rate, STEP_TIME).await;
        figures.print("step", rate);
        if is_in_time(&figures) {
            return true;
        }
        // What was too much is over before the next is tried.
        load.run(RATE, Duration::from_secs(3)).await;
    }
    false
}

/// The second after which every second of the usual load was answered in time.
fn recovered(afterwards: &Figures) -> usize {
    let seconds = afterwards.by_second();
    let last_late = seconds.iter().rposition(|second| !is_in_time(second));
    last_late.map_or(0, |second| second + 1)
}
