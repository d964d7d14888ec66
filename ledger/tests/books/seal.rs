//! What was sealed cannot be changed unseen, and a customer can prove an entry without us.

use std::sync::Arc;

use ledger::{NotProved, Proof, SealingKey};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::call::open;
use crate::support::calls::{LANDLINE, ask, call};

#[sqlx::test(migrations = "../migrations")]
async fn a_change_of_one_sealed_entry_is_found_even_when_all_sums_fit(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let key = Arc::new(SealingKey::from_seed(&[7; 32]).unwrap());
    assert_eq!(
        books.ledger.seal(key.clone()).await.unwrap(),
        None,
        "nothing to seal"
    );
    let wallet_id = books.funded("25", "0.50").await;
    let other = books.funded("10", "0").await;
    let first = books.ledger.seal(key.clone()).await.unwrap().unwrap();
    assert_eq!((first.number, first.ranges, first.transfers), (1, 2, 3));
    books
        .ledger
        .authorize_call(ask(wallet_id, "a", LANDLINE))
        .await
        .unwrap();
    books
        .ledger
        .end_call(call(wallet_id, "a"), 60, "normal")
        .await
        .unwrap();
    let second = books.ledger.seal(key.clone()).await.unwrap().unwrap();
    assert_eq!((second.number, second.ranges, second.transfers), (2, 1, 3));
    assert_eq!(books.ledger.seal(key.clone()).await.unwrap(), None);
    books.assert_clean().await;

    // Who called and when cannot be seen from any sum.
    books.corrupt("update transfer set created_at = created_at - interval '1 second' where kind = 'capture'").await;
    let report = books.ledger.verify(None).await.unwrap();
    assert_eq!(report.violated(), ["V22"]);
    assert!(books.ledger.proof(other, 1).await.is_ok());
}

#[sqlx::test(migrations = "../migrations")]
async fn a_proof_is_checked_offline_and_one_changed_byte_breaks_it(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let key = Arc::new(SealingKey::from_seed(&[7; 32]).unwrap());
    let mut wallets = Vec::new();
    for _ in 0..5 {
        wallets.push(books.funded("25", "0.50").await);
    }
    books.ledger.seal(key.clone()).await.unwrap().unwrap();
    let proof = books.ledger.proof(wallets[3], 2).await.unwrap();
    let file = serde_json::to_vec_pretty(&proof).unwrap();
    let checked = Proof::check(&file, Some(key.public_key())).unwrap();
    assert!(checked.entry.contains("\"kind\":\"bonus\""));
    let stranger = SealingKey::from_seed(&[8; 32]).unwrap();
    assert_eq!(
        Proof::check(&file, Some(stranger.public_key())),
        Err(NotProved::OtherKey)
    );
    let text = String::from_utf8(file).unwrap();
    let raised = text.replace("0.5000", "9.5000");
    assert_ne!(raised, text);
    assert_eq!(
        Proof::check(raised.as_bytes(), None),
        Err(NotProved::NotIncluded)
    );
    let mut broken = 0;
    let bytes = text.into_bytes();
    // Every byte that carries meaning: a changed digit, letter or hash. Spaces carry none.
    for at in (0..bytes.len()).filter(|&at| bytes[at].is_ascii_alphanumeric()) {
        let mut changed = bytes.clone();
        changed[at] = if changed[at] == b'1' { b'2' } else { b'1' };
        assert!(
            Proof::check(&changed, Some(key.public_key())).is_err(),
            "byte {at}"
        );
        broken += 1;
    }
    assert!(broken > 500);
    assert!(
        books.ledger.proof(wallets[3], 9).await.is_err(),
        "not sealed, not proved"
    );
}
