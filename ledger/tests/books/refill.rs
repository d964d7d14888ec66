//! A falling balance asks for a refill in the statement that lowers it.

use domain::WalletId;
use ledger::IncomingMessage;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::call::open;
use crate::support::calls::{LANDLINE, MOBILE, ask, call};
use crate::support::{Books, money};

impl Books {
    /// From now on a balance below this is noted, as while auto-refill is on.
    pub(crate) async fn listen_below(&self, wallet_id: WalletId, threshold: &str) {
        let listening = "update wallet set refill_below = $2 where wallet_id = $1";
        let listening = sqlx::query(listening)
            .bind(wallet_id)
            .bind(money(threshold));
        listening.execute(&self.owner).await.unwrap();
    }

    /// Whether a note was written; it is gone afterwards.
    pub(crate) async fn takes_note(&self, wallet_id: WalletId) -> bool {
        let taken = sqlx::query("delete from refill_due where wallet_id = $1").bind(wallet_id);
        taken.execute(&self.owner).await.unwrap().rows_affected() == 1
    }

    async fn message(&self, wallet_id: WalletId, id: &str, price: &str) {
        let message = IncomingMessage {
            wallet_id,
            message_id: id.into(),
            switch_id: "test".into(),
            sender: "15550100".into(),
            recipient: "15550101".into(),
            segments: 1,
            body: "hello".into(),
            price: money(price),
        };
        self.ledger.charge_message(message).await.unwrap();
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn every_act_that_lowers_a_balance_below_the_threshold_leaves_a_note(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let wallet_id = books.funded("10", "0").await;
    let ledger = &books.ledger;

    // Nobody listens.
    books.message(wallet_id, "m0", "0.01").await;
    assert!(!books.takes_note(wallet_id).await);

    // $9.99: the hold of half a dollar, in one statement, then the end that gives most of it back.
    books.listen_below(wallet_id, "9.50").await;
    ledger
        .authorize_call(ask(wallet_id, "a", LANDLINE))
        .await
        .unwrap();
    assert!(books.takes_note(wallet_id).await, "hold");
    ledger
        .end_call(call(wallet_id, "a"), 6, "normal")
        .await
        .unwrap();
    assert!(!books.takes_note(wallet_id).await, "an end lowers nothing");

    // $9.98: above it there is nothing to note.
    books.listen_below(wallet_id, "9").await;
    ledger
        .authorize_call(ask(wallet_id, "b", LANDLINE))
        .await
        .unwrap();
    assert!(!books.takes_note(wallet_id).await, "still above");
    ledger.answer_call(call(wallet_id, "b")).await.unwrap();
    ledger
        .update_call(call(wallet_id, "b"), 1, 290)
        .await
        .unwrap();
    assert!(books.takes_note(wallet_id).await, "extension");
    ledger
        .update_call(call(wallet_id, "b"), 2, 300)
        .await
        .unwrap();
    assert!(!books.takes_note(wallet_id).await, "nothing was held");
    // More talked than granted: the rest is taken beyond the hold.
    ledger
        .end_call(call(wallet_id, "b"), 900, "normal")
        .await
        .unwrap();
    assert!(books.takes_note(wallet_id).await, "beyond the hold");

    books.message(wallet_id, "m1", "0.05").await;
    assert!(books.takes_note(wallet_id).await, "message");
    ledger
        .authorize_call(ask(wallet_id, "c", MOBILE))
        .await
        .unwrap();
    assert!(
        books.takes_note(wallet_id).await,
        "hold, when it is low already"
    );
    books.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_note_that_is_there_is_not_written_again(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let wallet_id = books.funded("10", "0").await;
    books.listen_below(wallet_id, "50").await;
    for id in ["m0", "m1"] {
        books.message(wallet_id, id, "0.01").await;
    }
    let first = books
        .ledger
        .authorize_call(ask(wallet_id, "a", LANDLINE))
        .await;
    first.unwrap();
    let notes: i64 = sqlx::query_scalar("select count(*) from refill_due")
        .fetch_one(&books.owner)
        .await
        .unwrap();
    assert_eq!(notes, 1);
}
