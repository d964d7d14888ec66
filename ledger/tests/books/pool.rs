//! Connections are kept while they are clean and thrown away when a transaction was left open.

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::Books;

async fn sessions(books: &Books) -> Vec<i32> {
    sqlx::query_scalar(
        "select pid from pg_stat_activity where datname = current_database() and application_name = 'wallet_web'
         order by pid",
    )
    .fetch_all(&books.owner)
    .await
    .unwrap()
}

#[sqlx::test(migrations = "../migrations")]
async fn a_clean_connection_is_used_again(pool: PgPoolOptions, database: PgConnectOptions) {
    let books = Books::open(pool, database).await;
    let wallet_id = books.funded("25", "0").await;
    books.ledger.wallet(wallet_id).await.unwrap();
    let before = sessions(&books).await;
    assert!(!before.is_empty());
    for _ in 0..20 {
        books.ledger.wallet(wallet_id).await.unwrap();
    }
    let after = sessions(&books).await;
    assert!(
        before.iter().all(|session| after.contains(session)),
        "a clean connection was thrown away: {before:?}, then {after:?}"
    );
}
