//! Passkeys: what is one, and whose they are to change.

use domain::staff::Role;
use domain::{CustomerId, Declined};
use ledger::{Error, StoredSession};
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use uuid::Uuid;

use crate::support::Books;

fn is_refused<T>(result: &Result<T, Error>) -> bool {
    matches!(result, Err(Error::Declined(Declined::PasskeyRefused)))
}

#[sqlx::test(migrations = "../migrations")]
async fn only_an_answer_to_our_question_is_a_passkey(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = Books::open(pool, database).await;
    let wallet_id = books.wallet().await;
    let customer_id = books.owner_of(wallet_id).await;
    let ledger = &books.ledger;
    assert!(ledger.has_passkeys());
    let begun = ledger.begin_passkey(customer_id, None).await.unwrap();
    let options: Value = serde_json::from_str(&begun.options).unwrap();
    let selection = &options["publicKey"]["authenticatorSelection"];
    assert_eq!(selection["residentKey"], "required");
    assert_eq!(selection["userVerification"], "required");
    let made_up = r#"{"id":"AQ","rawId":"AQ","type":"public-key","response":{"attestationObject":"oA","clientDataJSON":"e30"}}"#;
    for answer in ["", "{}", "null", made_up] {
        let begun = ledger.begin_passkey(customer_id, None).await.unwrap();
        let refused = ledger
            .add_passkey(customer_id, None, begun.ceremony_id, answer, "Test")
            .await;
        assert!(is_refused(&refused), "{answer}: {refused:?}");
        // A ceremony is taken once, whatever came of it.
        let again = ledger
            .add_passkey(customer_id, None, begun.ceremony_id, answer, "Test")
            .await;
        assert!(is_refused(&again));
    }
    let made_up = r#"{"id":"AQ","rawId":"AQ","type":"public-key","response":{"authenticatorData":"AQ","clientDataJSON":"e30","signature":"AQ","userHandle":"AAAAAAAAAAAAAAAAAAAAAA"}}"#;
    for answer in ["", "{}", made_up] {
        let begun = ledger.begin_passkey_sign_in("10.0.0.1").await.unwrap();
        let refused = ledger
            .sign_in_with_passkey(begun.ceremony_id, answer, "10.0.0.1")
            .await;
        assert!(is_refused(&refused), "{answer}: {refused:?}");
    }
    // One that is old, and one of another kind, are no ceremonies.
    let begun = ledger.begin_passkey_sign_in("10.0.0.1").await.unwrap();
    assert!(is_refused(
        &ledger
            .add_passkey(customer_id, None, begun.ceremony_id, made_up, "Test")
            .await
    ));
    books.clock.advance(time::Duration::minutes(6));
    assert!(is_refused(
        &ledger
            .sign_in_with_passkey(begun.ceremony_id, made_up, "10.0.0.1")
            .await
    ));
    ledger.tidy().await.unwrap();
    assert_eq!(
        books.count("select count(*) from passkey_ceremony").await,
        0
    );
    assert!(ledger.passkeys(customer_id).await.unwrap().is_empty());
}

/// A passkey as if it had been made, and the session it opened.
async fn keep_passkey(books: &Books, customer_id: CustomerId) -> (Uuid, Uuid) {
    let (passkey_id, session_id) = (Uuid::now_v7(), Uuid::now_v7());
    sqlx::query(
        "insert into passkey (passkey_id, customer_id, credential_id, credential, name)
         values ($1, $2, $3, '{}', 'Test')",
    )
    .bind(passkey_id)
    .bind(customer_id)
    .bind(passkey_id.as_bytes().as_slice())
    .execute(&books.owner)
    .await
    .unwrap();
    let session = StoredSession {
        session_id,
        customer_id: Some(customer_id),
        device: Some("Test".into()),
        data: json!({ "passkey_id": passkey_id }),
        expires_at: books.clock.now() + time::Duration::days(1),
    };
    let secret = session_id.as_bytes();
    assert!(books.ledger.insert_session(secret, &session).await.unwrap());
    (passkey_id, session_id)
}

#[sqlx::test(migrations = "../migrations")]
async fn a_removed_passkey_takes_the_sessions_it_opened_along(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = Books::open(pool, database).await;
    let customer_id = books.owner_of(books.wallet().await).await;
    let ledger = &books.ledger;
    let (kept, here) = keep_passkey(&books, customer_id).await;
    let (lost, _) = keep_passkey(&books, customer_id).await;
    // A customer may remove any from any session.
    let removed = ledger.remove_passkey(customer_id, None, lost, here).await;
    removed.unwrap();
    let again = ledger.remove_passkey(customer_id, None, lost, here).await;
    assert!(matches!(again, Err(Error::NotFound)), "{again:?}");
    assert!(!ledger.has_passkey(customer_id, lost).await.unwrap());
    let left = ledger.sessions(customer_id).await.unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].session_id, here);
    // Who removes the one in use stays where they are.
    let own = ledger
        .remove_passkey(customer_id, Some(kept), kept, here)
        .await;
    own.unwrap();
    assert_eq!(ledger.sessions(customer_id).await.unwrap().len(), 1);
}

#[sqlx::test(migrations = "../migrations")]
async fn at_the_desk_a_code_leads_to_the_first_passkey_and_to_no_other(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = Books::open(pool, database).await;
    let customer_id = books.owner_of(books.wallet().await).await;
    let ledger = &books.ledger;
    let email = ledger.customer(customer_id).await.unwrap().email;
    let granted = ledger.grant_role(&email, Role::Support, "console").await;
    granted.unwrap();
    let first = ledger.begin_passkey(customer_id, None).await;
    first.unwrap();
    let (passkey_id, session_id) = keep_passkey(&books, customer_id).await;
    let needed =
        |result: Result<(), Error>| matches!(result, Err(Error::Declined(Declined::PasskeyNeeded)));
    for opened_by in [None, Some(Uuid::now_v7())] {
        let begun = ledger.begin_passkey(customer_id, opened_by).await;
        assert!(needed(begun.map(|_| ())), "{opened_by:?}");
        let ceremony_id = Uuid::now_v7();
        let added = ledger
            .add_passkey(customer_id, opened_by, ceremony_id, "{}", "Test")
            .await;
        assert!(needed(added), "{opened_by:?}");
        let removed = ledger
            .remove_passkey(customer_id, opened_by, passkey_id, session_id)
            .await;
        assert!(needed(removed), "{opened_by:?}");
    }
    let proven = ledger.begin_passkey(customer_id, Some(passkey_id)).await;
    proven.unwrap();
    // Who lost it begins anew, by the console; the sessions it opened are over.
    assert_eq!(ledger.forget_passkeys(&email).await.unwrap(), 1);
    assert!(ledger.sessions(customer_id).await.unwrap().is_empty());
    let anew = ledger.begin_passkey(customer_id, None).await;
    anew.unwrap();
    // Others are not asked for a passkey they have.
    let (_, session_id) = keep_passkey(&books, customer_id).await;
    assert!(ledger.revoke_role(&email, Role::Support).await.unwrap());
    assert!(!ledger.needs_passkey(customer_id, None).await.unwrap());
    assert_eq!(
        ledger.sessions(customer_id).await.unwrap()[0].session_id,
        session_id
    );
}
