//! Browsers somebody signs in with.

use domain::notice::Notice;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::Books;

#[sqlx::test(migrations = "../migrations")]
async fn a_sign_in_from_another_browser_is_told_once(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = Books::open(pool, database).await;
    let ledger = &books.ledger;
    let wallet_id = books.wallet().await;
    let customer_id = sqlx::query_scalar("select customer_id from customer where wallet_id = $1")
        .bind(wallet_id)
        .fetch_one(&books.owner)
        .await
        .unwrap();
    let told = async || {
        let unread = ledger.unread_notices(wallet_id).await.unwrap();
        let devices = unread.into_iter().map(|unread| match unread.notice {
            Notice::NewDevice { device, .. } => device,
            other => panic!("{other:?}"),
        });
        devices.collect::<Vec<_>>()
    };
    let sign_in = async |secret, device| {
        ledger
            .note_sign_in(customer_id, wallet_id, secret, device)
            .await
    };
    // The browser an account was opened with is no news, nor is it the next time.
    for device in ["Firefox on Linux", "Firefox on Linux"] {
        sign_in("one", device).await.unwrap();
    }
    assert_eq!(told().await, [""; 0]);
    // Another one is, whatever it calls itself; at once and again it is told once.
    let (first, second) = tokio::join!(
        sign_in("two", "Firefox on Linux"),
        sign_in("two", "Firefox on Linux")
    );
    first.unwrap();
    second.unwrap();
    sign_in("two", "Firefox on Linux").await.unwrap();
    assert_eq!(told().await, ["Firefox on Linux"]);
    let letters: i64 = sqlx::query_scalar(
        "select count(*) from email where subject = 'New sign-in from Firefox on Linux'
             and unsubscribe_url is null",
    )
    .fetch_one(&books.owner)
    .await
    .unwrap();
    assert_eq!(letters, 1, "and it cannot be refused");

    // One that was not seen for long is forgotten, and told again.
    books.clock.advance(time::Duration::days(401));
    ledger.tidy().await.unwrap();
    sign_in("three", "Safari on iPhone").await.unwrap();
    assert_eq!(told().await.len(), 1, "nothing was left to compare it with");
    sign_in("one", "Firefox on Linux").await.unwrap();
    assert_eq!(told().await.len(), 2);
}
