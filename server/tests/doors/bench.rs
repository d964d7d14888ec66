//! The small form of `cargo xtask bench money`: every fault once or more, and then Stripe's record beside
//! the books.

#[path = "../../../ledger/tests/support/cluster.rs"]
#[allow(dead_code)]
mod cluster;
#[path = "../../examples/bench_money/figures.rs"]
#[allow(clippy::float_arithmetic, reason = "figures are printed, never booked")]
mod figures;
#[path = "../../examples/bench_money/trial.rs"]
mod trial;
#[path = "../../examples/bench_money/world.rs"]
mod world;

#[tokio::test(flavor = "multi_thread")]
async fn what_stripe_charged_under_faults_is_what_the_books_have() {
    let cluster = cluster::Cluster::start(&["fsync=off", "max_connections=120"]);
    let figures = trial::run(&cluster, 44).await;
    println!("{figures}");
    assert!(figures.holds(), "{figures}");
}
