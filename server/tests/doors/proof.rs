//! Proofs that entries are sealed: for their owner, checked without the server.

use std::sync::Arc;

use domain::top_up::TopUpState;
use ledger::{NotProved, Proof, SealingKey};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::world::{VISA, World};

#[sqlx::test(migrations = "../migrations")]
async fn a_downloaded_proof_holds_offline_until_a_byte_changes(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::start(pool, database).await;
    let (ana, ben) = (world.person().await, world.person().await);
    let (top_up_id, session_id) = world.start_top_up(ana.wallet_id, "25").await;
    world.pay(&session_id, VISA).await;
    world
        .until(ana.wallet_id, top_up_id, TopUpState::Settled)
        .await;
    // The worker may have sealed the first entries already; sealing again then changes nothing.
    let key = Arc::new(SealingKey::from_seed(&[7; 32]).unwrap());
    let _ = world.ledger.seal(key.clone()).await;

    let answer = world.get("/wallet/entries/1/proof", Some(&ana)).await;
    assert_eq!(answer.status(), 200);
    assert!(
        answer.headers()["content-disposition"]
            .to_str()
            .unwrap()
            .contains("entry-1-proof.json")
    );
    let file = answer.text().await.unwrap();
    let proof = Proof::check(file.as_bytes(), Some(key.public_key())).unwrap();
    assert!(proof.entry.contains("25.0000"), "{}", proof.entry);

    let forged = file.replacen("25.0000", "26.0000", 1);
    assert_eq!(
        Proof::check(forged.as_bytes(), None),
        Err(NotProved::NotIncluded)
    );
    let other = SealingKey::from_seed(&[8; 32]).unwrap();
    assert_eq!(
        Proof::check(file.as_bytes(), Some(other.public_key())),
        Err(NotProved::OtherKey)
    );

    for (path, person, status) in [
        ("/wallet/entries/1/proof", Some(&ben), 404),
        ("/wallet/entries/99/proof", Some(&ana), 404),
        ("/wallet/entries/x/proof", Some(&ana), 404),
        ("/wallet/entries/1/proof", None, 303),
    ] {
        assert_eq!(
            world.get(path, person).await.status().as_u16(),
            status,
            "{path}"
        );
    }
}
