//! Numbers kept, senders kept away, and what the page of messages shows.

use domain::message::MessageState;
use domain::{Declined, WalletId};
use ledger::{Error, IncomingMessage, MessageAnswer};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::call::open;
use crate::support::calls::{LANDLINE, MOBILE, SWITCH, ask, call};
use crate::support::{Books, money};

async fn receive(books: &Books, wallet_id: WalletId, id: &str, sender: &str) -> MessageAnswer {
    let message = IncomingMessage {
        wallet_id,
        message_id: id.into(),
        switch_id: SWITCH.into(),
        sender: sender.into(),
        recipient: "13055550100".into(),
        segments: 1,
        body: format!("text of {id}"),
        price: money("0.03"),
    };
    books.ledger.charge_message(message).await.unwrap()
}

async fn shown(books: &Books, wallet_id: WalletId) -> Vec<(String, MessageState, Option<String>)> {
    let lines = books.ledger.messages(wallet_id, None).await.unwrap();
    lines
        .into_iter()
        .map(|line| (line.message_id, line.state, line.body))
        .collect()
}

#[sqlx::test(migrations = "../migrations")]
async fn a_blocked_sender_costs_nothing_and_leaves_no_text(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let wallet_id = books.funded("1", "0").await;
    for _ in 0..2 {
        books
            .ledger
            .block_sender(wallet_id, "+52 55 1234 5678")
            .await
            .unwrap();
    }
    let free = MessageAnswer::Delivered { charge: money("0") };
    for _ in 0..2 {
        assert_eq!(receive(&books, wallet_id, "m1", LANDLINE).await, free);
    }
    receive(&books, wallet_id, "m2", "ACME").await;
    assert_eq!(
        books.ledger.wallet(wallet_id).await.unwrap().available(),
        money("0.97")
    );
    assert_eq!(
        shown(&books, wallet_id).await,
        [(
            "m2".into(),
            MessageState::Delivered,
            Some("text of m2".into())
        )]
    );
    let blocked = books.ledger.blocked_senders(wallet_id).await.unwrap();
    assert_eq!(
        (blocked[0].sender.as_str(), blocked[0].kept_away),
        (LANDLINE, 1)
    );
    let texts: i64 = sqlx::query_scalar(
        "select count(*) from message where message_id = 'm1' and body is not null",
    )
    .fetch_one(&books.owner)
    .await
    .unwrap();
    assert_eq!(texts, 0);
    // What was kept away stays so; what comes now is taken again.
    books
        .ledger
        .unblock_sender(wallet_id, LANDLINE)
        .await
        .unwrap();
    assert_eq!(receive(&books, wallet_id, "m1", LANDLINE).await, free);
    assert_ne!(receive(&books, wallet_id, "m3", LANDLINE).await, free);
    let history = books
        .ledger
        .history(wallet_id, &Default::default(), None)
        .await
        .unwrap();
    let messages = history
        .items
        .iter()
        .filter(|item| item.thing.reference().starts_with('m'));
    assert_eq!(messages.count(), 2);
    let refused = books.ledger.block_sender(wallet_id, "12").await;
    assert!(matches!(
        refused,
        Err(Error::Declined(Declined::SenderShape))
    ));
    books.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_message_that_waits_has_no_text_and_is_let_go_when_its_sender_is_blocked(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let wallet_id = books.funded("0.01", "0").await;
    for (id, sender) in [("m1", LANDLINE), ("m2", "ACME")] {
        receive(&books, wallet_id, id, sender).await;
    }
    assert_eq!(
        shown(&books, wallet_id).await,
        [
            ("m2".into(), MessageState::Parked, None),
            ("m1".into(), MessageState::Parked, None),
        ]
    );
    books.ledger.block_sender(wallet_id, "ACME").await.unwrap();
    books
        .ledger
        .adjust(ledger::Adjust {
            wallet_id,
            adjustment_id: uuid::Uuid::now_v7(),
            amount: money("1"),
            reason: "for a test".into(),
            author: "Ines".into(),
            credit_expires_at: None,
        })
        .await
        .unwrap();
    assert_eq!(books.ledger.deliver_parked().await.unwrap(), 2);
    assert_eq!(
        shown(&books, wallet_id).await,
        [(
            "m1".into(),
            MessageState::Delivered,
            Some("text of m1".into())
        )]
    );
    let (today, cap) = books.ledger.messages_today(wallet_id).await.unwrap();
    assert_eq!((today, cap), (money("0.03"), money("1")));
    books.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn numbers_are_kept_under_a_name_and_called_ones_come_back(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let wallet_id = books.funded("10", "0").await;
    for (id, callee) in [("a", LANDLINE), ("b", MOBILE), ("c", LANDLINE)] {
        books
            .ledger
            .authorize_call(ask(wallet_id, id, callee))
            .await
            .unwrap();
        books
            .ledger
            .end_call(call(wallet_id, id), 0, "normal")
            .await
            .unwrap();
    }
    let recent = books.ledger.recent_numbers(wallet_id).await.unwrap();
    let numbers: Vec<&str> = recent.iter().map(|call| call.number.as_str()).collect();
    assert_eq!(numbers, [LANDLINE, MOBILE]);
    for name in ["Mother", " Mamá "] {
        books
            .ledger
            .keep_favorite(wallet_id, LANDLINE, name)
            .await
            .unwrap();
    }
    let kept = books.ledger.favorite_numbers(wallet_id).await.unwrap();
    assert_eq!((kept.len(), kept[0].name.as_str()), (1, "Mamá"));
    let refused = books.ledger.keep_favorite(wallet_id, MOBILE, "  ").await;
    assert!(matches!(
        refused,
        Err(Error::Declined(Declined::FavoriteName))
    ));
    for number in 0..49 {
        books
            .ledger
            .keep_favorite(wallet_id, &format!("5255000000{number:02}"), "x")
            .await
            .unwrap();
    }
    let full = books.ledger.keep_favorite(wallet_id, MOBILE, "x").await;
    assert!(matches!(
        full,
        Err(Error::Declined(Declined::FavoritesFull { most: 50 }))
    ));
    books
        .ledger
        .keep_favorite(wallet_id, LANDLINE, "Home")
        .await
        .unwrap();
    books
        .ledger
        .drop_favorite(wallet_id, LANDLINE)
        .await
        .unwrap();
    let kept = books.ledger.favorite_numbers(wallet_id).await.unwrap();
    assert_eq!(kept.len(), 49);
    let other = books.wallet().await;
    assert!(
        books
            .ledger
            .favorite_numbers(other)
            .await
            .unwrap()
            .is_empty()
    );
}
