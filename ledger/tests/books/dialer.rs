//! Numbers kept, senders kept away, and what the page of messages shows.

use domain::message::MessageState;
use domain::{Declined, WalletId};
use ledger::{Error, IncomingMessage, MessageAnswer, NumberKind};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::call::open;
use crate::support::calls::{LANDLINE, MOBILE, SWITCH, ask, call};
use crate::support::{Books, money};

async fn receive(books: &Books, wallet_id: WalletId, id: &str, sender: &str) -> MessageAnswer {
    let message = message(wallet_id, id, sender);
    books.ledger.charge_message(message).await.unwrap()
}

fn message(wallet_id: WalletId, id: &str, sender: &str) -> IncomingMessage {
    IncomingMessage {
        wallet_id,
        message_id: id.into(),
        switch_id: SWITCH.into(),
        sender: sender.into(),
        recipient: "13055550100".into(),
        segments: 1,
        body: format!("text of {id}"),
        price: money("0.03"),
    }
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
async fn what_is_written_to_a_number_is_for_the_wallet_that_has_it(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let (before, now) = (books.funded("1", "0").await, books.funded("1", "0").await);
    let number = "13055550100";
    let rent = |wallet_id| {
        books
            .ledger
            .add_number(wallet_id, number, NumberKind::Rented, None)
    };
    assert!(rent(before).await.unwrap());
    let first = receive(&books, before, "m1", "ACME").await;
    assert!(books.ledger.remove_number(before, number).await.unwrap());
    // A number somebody calls from is not what messages come to.
    let calls_from = books
        .ledger
        .add_number(now, number, NumberKind::Registered, None);
    assert!(calls_from.await.unwrap());
    receive(&books, before, "m1a", "ACME").await;
    assert!(books.ledger.remove_number(now, number).await.unwrap());
    assert!(rent(now).await.unwrap());
    // The switch remembers whose it was.
    let stale = message(before, "m2", "ACME");
    let outcome = books.ledger.charge_message(stale).await;
    assert!(matches!(outcome, Err(Error::NotFound)));
    assert_eq!(receive(&books, before, "m1", "ACME").await, first);
    receive(&books, now, "m2", "ACME").await;
    for (wallet_id, messages, left) in [(before, 2, "0.94"), (now, 1, "0.97")] {
        assert_eq!(shown(&books, wallet_id).await.len(), messages);
        let wallet = books.ledger.wallet(wallet_id).await.unwrap();
        assert_eq!(wallet.available(), money(left));
    }
    books.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn wallets_at_the_cap_of_their_day_keep_nobody_waiting(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let wallet_id = books.wallet().await;
    receive(&books, wallet_id, "m1", "ACME").await;
    // More wallets than are asked for at a time, each with credit and a message beyond the day's dollar.
    sqlx::raw_sql(
        "insert into wallet (wallet_id, paid) select ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 5
             from generate_series(1, 250) as n;
         insert into message (wallet_id, message_id, switch_id, state, request_hash, sender, recipient, body,
             segments, price, charge, received_at, parked_until)
         select wallet_id, 'm', 's', 'parked', '', 'ACME', '13055550100', 'Hi', 1, 2, 0, now(), now() + interval '1 day'
         from wallet where paid = 5",
    )
    .execute(&books.owner)
    .await
    .unwrap();
    books
        .settled_top_up(wallet_id, money("1"), money("0"))
        .await;
    assert_eq!(books.ledger.deliver_parked().await.unwrap(), 1);
    let wallet = books.ledger.wallet(wallet_id).await.unwrap();
    assert_eq!(wallet.available(), money("0.97"));
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
