//! Hints to open pages: one at once, one whenever the wallet changed, none of another's.

use std::time::Duration;

use domain::top_up::TopUpState;
use reqwest::Response;
use reqwest::header::COOKIE;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::time::timeout;

use crate::world::{VISA, World};

/// The next hint, if one comes within so many seconds.
async fn hint(stream: &mut Response, seconds: u64) -> Option<String> {
    let chunk = timeout(Duration::from_secs(seconds), stream.chunk())
        .await
        .ok()?;
    Some(String::from_utf8(chunk.unwrap()?.to_vec()).unwrap())
}

#[sqlx::test(migrations = "../migrations")]
async fn an_open_page_hears_of_its_own_wallet(pool: PgPoolOptions, database: PgConnectOptions) {
    let world = World::start(pool, database).await;
    let (ana, ben) = (world.person().await, world.person().await);
    let mut streams = Vec::new();
    for person in [&ana, &ben] {
        let request = world
            .http
            .get(format!("{}/wallet/events", world.base))
            .header(COOKIE, &person.cookie);
        let mut stream = request.send().await.unwrap();
        assert_eq!(stream.headers()["content-type"], "text/event-stream");
        assert!(
            hint(&mut stream, 5)
                .await
                .unwrap()
                .contains("event: changed"),
            "the first comes at once"
        );
        streams.push(stream);
    }
    let (top_up_id, session_id) = world.start_top_up(ana.wallet_id, "25").await;
    assert!(
        hint(&mut streams[0], 10)
            .await
            .unwrap()
            .contains("event: changed"),
        "the start is heard"
    );
    world.pay(&session_id, VISA).await;
    world
        .until(ana.wallet_id, top_up_id, TopUpState::Settled)
        .await;
    assert!(
        hint(&mut streams[0], 10)
            .await
            .unwrap()
            .contains("event: changed"),
        "the credit is heard"
    );
    let other = hint(&mut streams[1], 1).await.unwrap_or_default();
    assert!(!other.contains("changed"), "another's wallet is not");
}
