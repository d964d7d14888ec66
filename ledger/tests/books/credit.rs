//! Credit that is given, taken, expires, is refunded or disputed; messages that are paid or parked.

use domain::adjustment::{AdjustmentRefusal, AdjustmentState};
use domain::{Declined, Money, WalletId};
use ledger::{Adjust, Error, GrantCredit, GrantSource, IncomingMessage, MessageAnswer};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use time::Duration;
use uuid::Uuid;

use super::call::open;
use crate::support::calls::{LANDLINE, SWITCH, ask, call};
use crate::support::money;

fn correction(wallet_id: WalletId, amount: &str) -> Adjust {
    Adjust {
        wallet_id,
        adjustment_id: Uuid::now_v7(),
        amount: money(amount),
        reason: "double charge".into(),
        author: "Ines".into(),
        credit_expires_at: None,
    }
}

fn message(wallet_id: WalletId, id: &str) -> IncomingMessage {
    IncomingMessage {
        wallet_id,
        message_id: id.into(),
        switch_id: SWITCH.into(),
        sender: "+5215512345678".into(),
        recipient: "+13055550100".into(),
        segments: 2,
        body: "hola".into(),
        price: money("0.03"),
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_correction_above_fifty_dollars_waits_for_a_second_person(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let wallet_id = books.funded("10", "1").await;
    let small = correction(wallet_id, "5");
    for _ in 0..2 {
        assert_eq!(
            books.ledger.adjust(small.clone()).await.unwrap(),
            AdjustmentState::Posted
        );
    }
    let large = correction(wallet_id, "50.01");
    assert_eq!(
        books.ledger.adjust(large.clone()).await.unwrap(),
        AdjustmentState::Waiting
    );
    assert_eq!(
        books.ledger.wallet(wallet_id).await.unwrap().paid,
        money("15")
    );
    let own = books
        .ledger
        .decide_adjustment(wallet_id, large.adjustment_id, "ines", true)
        .await;
    assert!(matches!(
        own,
        Err(Error::Declined(Declined::Adjustment(
            AdjustmentRefusal::SamePerson
        )))
    ));
    for _ in 0..2 {
        let decided = books
            .ledger
            .decide_adjustment(wallet_id, large.adjustment_id, "Raul", true)
            .await;
        assert_eq!(decided.unwrap(), AdjustmentState::Posted);
    }
    let otherwise = books
        .ledger
        .decide_adjustment(wallet_id, large.adjustment_id, "Raul", false)
        .await;
    assert!(matches!(
        otherwise,
        Err(Error::Declined(Declined::Adjustment(
            AdjustmentRefusal::Decided
        )))
    ));
    let taking = correction(wallet_id, "-2");
    assert_eq!(
        books.ledger.adjust(taking).await.unwrap(),
        AdjustmentState::Posted
    );
    let wallet = books.ledger.wallet(wallet_id).await.unwrap();
    assert_eq!(
        (wallet.promotional, wallet.paid),
        (Money::ZERO, money("64.01"))
    );
    let changed = Adjust {
        amount: money("6"),
        ..small
    };
    assert!(matches!(
        books.ledger.adjust(changed).await,
        Err(Error::Declined(Declined::Adjustment(
            AdjustmentRefusal::Changed
        )))
    ));
    let too_much = books
        .ledger
        .adjust(correction(wallet_id, "-65"))
        .await
        .unwrap();
    assert_eq!(too_much, AdjustmentState::Waiting);
    books.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn given_credit_is_spent_first_and_what_is_left_expires(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let wallet_id = books.funded("10", "0").await;
    let grant = GrantCredit {
        wallet_id,
        grant_id: "WELCOME".into(),
        source: GrantSource::Promo,
        amount: money("2"),
        reason: "Welcome".into(),
        expires_at: Some(books.clock.now() + Duration::days(30)),
    };
    for _ in 0..2 {
        books.ledger.grant_credit(grant.clone()).await.unwrap();
    }
    let changed = GrantCredit {
        amount: money("3"),
        ..grant
    };
    assert!(matches!(
        books.ledger.grant_credit(changed).await,
        Err(Error::Declined(Declined::GrantChanged))
    ));
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
    assert_eq!(books.ledger.expire_credit().await.unwrap(), 0);
    books.clock.advance(Duration::days(31));
    assert_eq!(books.ledger.expire_credit().await.unwrap(), 1);
    assert_eq!(
        books.ledger.expire_credit().await.unwrap(),
        0,
        "looked at once"
    );
    let wallet = books.ledger.wallet(wallet_id).await.unwrap();
    assert_eq!(
        (wallet.promotional, wallet.paid),
        (Money::ZERO, money("10"))
    );
    books.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn credit_that_expires_during_a_call_still_pays_what_it_covered(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let wallet_id = books.funded("10", "0").await;
    let grant = GrantCredit {
        wallet_id,
        grant_id: "SHORT".into(),
        source: GrantSource::Promo,
        amount: money("0.40"),
        reason: "Short".into(),
        expires_at: Some(books.clock.now() + Duration::seconds(60)),
    };
    books.ledger.grant_credit(grant).await.unwrap();
    books
        .ledger
        .authorize_call(ask(wallet_id, "a", LANDLINE))
        .await
        .unwrap();
    books.clock.advance(Duration::seconds(120));
    books.ledger.expire_credit().await.unwrap();
    assert_eq!(
        books.ledger.wallet(wallet_id).await.unwrap().promotional,
        money("0.40")
    );
    books
        .ledger
        .end_call(call(wallet_id, "a"), 120, "normal")
        .await
        .unwrap();
    assert_eq!(
        books.ledger.wallet(wallet_id).await.unwrap().promotional,
        money("0.20")
    );
    books.ledger.expire_credit().await.unwrap();
    let wallet = books.ledger.wallet(wallet_id).await.unwrap();
    assert_eq!(
        (wallet.promotional, wallet.paid),
        (Money::ZERO, money("10"))
    );
    books.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_message_is_charged_once_or_parked_until_there_is_credit(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let wallet_id = books.funded("0.10", "0").await;
    for _ in 0..2 {
        let first = books
            .ledger
            .charge_message(message(wallet_id, "m1"))
            .await
            .unwrap();
        assert_eq!(
            first,
            MessageAnswer::Delivered {
                charge: money("0.06")
            }
        );
    }
    let second = books
        .ledger
        .charge_message(message(wallet_id, "m2"))
        .await
        .unwrap();
    assert!(matches!(second, MessageAnswer::Parked { .. }));
    assert_eq!(
        books.ledger.wallet(wallet_id).await.unwrap().available(),
        money("0.04")
    );
    assert_eq!(books.ledger.deliver_parked().await.unwrap(), 0);
    books
        .ledger
        .adjust(correction(wallet_id, "1"))
        .await
        .unwrap();
    assert_eq!(books.ledger.deliver_parked().await.unwrap(), 1);
    assert_eq!(books.ledger.deliver_parked().await.unwrap(), 0);
    assert_eq!(
        books.ledger.wallet(wallet_id).await.unwrap().available(),
        money("0.98")
    );
    let again = books
        .ledger
        .charge_message(message(wallet_id, "m2"))
        .await
        .unwrap();
    assert_eq!(again, second, "the first answer stands");
    let changed = IncomingMessage {
        segments: 3,
        ..message(wallet_id, "m1")
    };
    assert!(matches!(
        books.ledger.charge_message(changed).await,
        Err(Error::Declined(Declined::MessageChanged))
    ));
    books.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn messages_cost_at_most_the_daily_cap_and_lapse_after_three_days(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let wallet_id = books.funded("10", "0").await;
    let mut delivered = 0;
    for number in 0..20 {
        let answer = books
            .ledger
            .charge_message(message(wallet_id, &format!("m{number}")))
            .await
            .unwrap();
        delivered += usize::from(matches!(answer, MessageAnswer::Delivered { .. }));
    }
    assert_eq!(delivered, 16, "0.96 of the dollar a day");
    books.clock.advance(Duration::hours(73));
    assert_eq!(books.ledger.deliver_parked().await.unwrap(), 4);
    let kept: i64 =
        sqlx::query_scalar("select count(*) from message where state = 'lapsed' and body is null")
            .fetch_one(&books.owner)
            .await
            .unwrap();
    assert_eq!(kept, 4);
    books.assert_clean().await;
}
