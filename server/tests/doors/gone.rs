//! Browsers that are gone before their page is written.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::world::{VISA, World};

/// Panics of whoever missed what a request provides.
static MISSED: AtomicUsize = AtomicUsize::new(0);

fn count_panics() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if info
            .payload_as_str()
            .is_some_and(|said| said.contains("provides"))
        {
            MISSED.fetch_add(1, Ordering::SeqCst);
        }
        before(info);
    }));
}

#[sqlx::test(migrations = "../migrations")]
async fn a_page_nobody_waits_for_is_written_to_its_end(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    count_panics();
    let world = World::without_workers(pool, database).await;
    let ana = world.person().await;
    world.bought(&ana, "25", VISA).await;
    let address = world.base.trim_start_matches("http://");
    let request = format!(
        "GET /wallet HTTP/1.1\r\nHost: {address}\r\nCookie: {}\r\nAccept: text/html\r\n\r\n",
        ana.cookie
    );
    for patience in 0..60 {
        let mut browser = TcpStream::connect(address).await.unwrap();
        browser.write_all(request.as_bytes()).await.unwrap();
        // Some are gone before the first byte, some after it.
        let first = browser.read_u8();
        let _ = tokio::time::timeout(Duration::from_millis(patience), first).await;
    }
    // Whoever stays gets the page, and what the others left behind has come to its end.
    assert_eq!(world.get("/wallet", Some(&ana)).await.status(), 200);
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(MISSED.load(Ordering::SeqCst), 0);
}
