//! Invitations: what both get, when, and what takes it back.

use domain::referral::{ReferralRefusal, Shared, Standing};
use domain::{Declined, Money, TopUpId, WalletId};
use ledger::Error;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use time::Duration;

use super::call::open;
use crate::support::calls::{LANDLINE, ask, call};
use crate::support::{Books, money};

/// A friend who entered the inviter's code, and bought and used enough.
async fn friend_of(books: &Books, inviter: WalletId, card: &str) -> WalletId {
    let friend = books.wallet().await;
    let code = books.ledger.referral_code(inviter).await.unwrap();
    books
        .ledger
        .accept_invitation(friend, &code.to_lowercase())
        .await
        .unwrap();
    books.settled_top_up(friend, money("20"), Money::ZERO).await;
    sqlx::query("update top_up set card_fingerprint = $2 where wallet_id = $1")
        .bind(friend)
        .bind(card)
        .execute(&books.owner)
        .await
        .unwrap();
    sqlx::query("update referral set next_check_at = now() where friend_wallet_id = $1")
        .bind(friend)
        .execute(&books.owner)
        .await
        .unwrap();
    friend
}

/// Talks for two dollars.
async fn talk(books: &Books, wallet_id: WalletId) {
    let id = format!("talk-{wallet_id}");
    let asked = ask(wallet_id, &id, LANDLINE);
    books.ledger.authorize_call(asked).await.unwrap();
    let call = call(wallet_id, &id);
    books.ledger.answer_call(call.clone()).await.unwrap();
    books.ledger.end_call(call, 1_200, "").await.unwrap();
}

async fn standing(books: &Books, inviter: WalletId) -> Standing {
    let invited = books.ledger.invitations(inviter).await.unwrap();
    invited.friends[0].standing
}

async fn promotional(books: &Books, wallet_id: WalletId) -> Money {
    books.ledger.wallet(wallet_id).await.unwrap().promotional
}

async fn purchase(books: &Books, wallet_id: WalletId) -> TopUpId {
    sqlx::query_scalar("select top_up_id from top_up where wallet_id = $1")
        .bind(wallet_id)
        .fetch_one(&books.owner)
        .await
        .unwrap()
}

/// What a refund or a dispute leaves in the books, written by the owner: tests of rewards need the
/// transfer, not the way it came.
async fn moved(books: &Books, friend: WalletId, kind: &str, taken: i64) {
    let top_up_id = purchase(books, friend).await;
    let done = sqlx::query(
        "with moved as (
             update wallet set paid = paid - $4::numeric, version = version + 1 where wallet_id = $1 returning *
         )
         insert into transfer (wallet_id, seq, kind, from_account, to_account, amount, promotional,
             available_after, held_after, promotional_after, debt_after, subject, subject_id)
         select wallet_id, version, $2, case $2 when 'refund' then 'held' when 'dispute' then 'available'
                    else 'stripe_clearing' end,
                case $2 when 'dispute_won' then 'available' else 'stripe_clearing' end, abs($4::numeric), 0,
                paid + promotional - held, held, promotional, debt,
                case $2 when 'refund' then 'refund' else 'dispute' end, $3 || '/outside'
         from moved",
    )
    .bind(friend)
    .bind(kind)
    .bind(top_up_id.to_string())
    .bind(taken)
    .execute(&books.owner)
    .await
    .unwrap();
    assert_eq!(done.rows_affected(), 1);
}

/// Everything that is due is done, as the worker does it again and again.
async fn settle(books: &Books) {
    for _ in 0..3 {
        books.ledger.settle_referrals().await.unwrap();
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn both_are_rewarded_once_when_every_step_is_done(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let inviter = books.wallet().await;
    let friend = friend_of(&books, inviter, "card-1").await;
    assert!(matches!(
        standing(&books, inviter).await,
        Standing::Using { .. }
    ));
    talk(&books, friend).await;
    assert!(matches!(
        standing(&books, inviter).await,
        Standing::Waiting { .. }
    ));
    settle(&books).await;
    assert_eq!(promotional(&books, inviter).await, Money::ZERO);
    books.clock.advance(Duration::days(7) + Duration::hours(1));
    // Several workers at once, and again.
    let (a, b) = tokio::join!(
        books.ledger.settle_referrals(),
        books.ledger.settle_referrals()
    );
    a.unwrap();
    b.unwrap();
    settle(&books).await;
    for wallet_id in [inviter, friend] {
        assert_eq!(promotional(&books, wallet_id).await, money("5"));
    }
    assert!(matches!(
        standing(&books, inviter).await,
        Standing::Rewarded { .. }
    ));
    books.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_dispute_takes_both_rewards_back_and_leaves_them_taken(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let inviter = books.wallet().await;
    let friend = friend_of(&books, inviter, "card-1").await;
    talk(&books, friend).await;
    books.clock.advance(Duration::days(8));
    settle(&books).await;
    moved(&books, friend, "dispute", 10).await;
    books.clock.advance(Duration::hours(2));
    settle(&books).await;
    assert!(matches!(
        standing(&books, inviter).await,
        Standing::TakenBack { .. }
    ));
    assert_eq!(promotional(&books, inviter).await, Money::ZERO);
    moved(&books, friend, "dispute_won", -10).await;
    books.clock.advance(Duration::days(1));
    settle(&books).await;
    assert_eq!(promotional(&books, inviter).await, Money::ZERO);
    let clawbacks: i64 =
        sqlx::query_scalar("select count(*) from transfer where kind = 'clawback'")
            .fetch_one(&books.owner)
            .await
            .unwrap();
    assert!((1..=2).contains(&clawbacks), "{clawbacks}");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_dispute_before_the_reward_stops_it_and_a_won_one_lets_it_go_on(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let inviter = books.wallet().await;
    let friend = friend_of(&books, inviter, "card-1").await;
    talk(&books, friend).await;
    moved(&books, friend, "dispute", 10).await;
    books.clock.advance(Duration::days(8));
    settle(&books).await;
    assert_eq!(standing(&books, inviter).await, Standing::Undone);
    moved(&books, friend, "dispute_won", -10).await;
    books.clock.advance(Duration::hours(2));
    settle(&books).await;
    assert_eq!(promotional(&books, inviter).await, money("5"));
}

#[sqlx::test(migrations = "../migrations")]
async fn a_refund_before_the_reward_ends_it(pool: PgPoolOptions, database: PgConnectOptions) {
    let books = open(pool, database).await;
    let inviter = books.wallet().await;
    let friend = friend_of(&books, inviter, "card-1").await;
    talk(&books, friend).await;
    moved(&books, friend, "refund", 10).await;
    for _ in 0..70 {
        books.clock.advance(Duration::days(1));
        settle(&books).await;
    }
    assert_eq!(standing(&books, inviter).await, Standing::Undone);
    assert_eq!(promotional(&books, inviter).await, Money::ZERO);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_farm_of_a_hundred_accounts_earns_nothing(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let inviter = books.wallet().await;
    for _ in 0..100 {
        let friend = friend_of(&books, inviter, "one-card").await;
        talk(&books, friend).await;
    }
    books.clock.advance(Duration::days(8));
    settle(&books).await;
    let given: i64 = sqlx::query_scalar("select count(*) from transfer where kind = 'referral'")
        .fetch_one(&books.owner)
        .await
        .unwrap();
    assert_eq!(given, 0);
    assert_eq!(
        standing(&books, inviter).await,
        Standing::Refused(Shared::Card)
    );
    books.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn ten_rewards_come_in_thirty_days_and_the_next_one_after(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let inviter = books.wallet().await;
    for number in 0..11 {
        let friend = friend_of(&books, inviter, &format!("card-{number}")).await;
        talk(&books, friend).await;
    }
    books.clock.advance(Duration::days(8));
    settle(&books).await;
    assert_eq!(promotional(&books, inviter).await, money("50"));
    books.clock.advance(Duration::days(31));
    settle(&books).await;
    assert_eq!(promotional(&books, inviter).await, money("55"));
    books.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn an_invitation_is_accepted_once_from_somebody_else_before_the_first_purchase(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let (inviter, friend) = (books.wallet().await, books.wallet().await);
    let code = books.ledger.referral_code(inviter).await.unwrap();
    assert_eq!(books.ledger.referral_code(inviter).await.unwrap(), code);
    let refusal = |outcome| match outcome {
        Err(Error::Declined(Declined::Referral(refusal))) => refusal,
        other => panic!("not refused: {other:?}"),
    };
    let accept = |wallet_id, code: String| {
        let ledger = books.ledger.clone();
        async move { ledger.accept_invitation(wallet_id, &code).await }
    };
    let own = accept(inviter, code.clone()).await;
    assert_eq!(refusal(own), ReferralRefusal::Own);
    let unknown = accept(friend, "NOBODY00".into()).await;
    assert_eq!(refusal(unknown), ReferralRefusal::Unknown);
    for _ in 0..2 {
        accept(friend, format!(" {}-", code.to_lowercase()))
            .await
            .unwrap();
    }
    let other = books
        .ledger
        .referral_code(books.wallet().await)
        .await
        .unwrap();
    assert_eq!(
        refusal(accept(friend, other).await),
        ReferralRefusal::Already
    );
    let bought = books.funded("10", "0").await;
    assert_eq!(
        refusal(accept(bought, code).await),
        ReferralRefusal::TooLate
    );
    books.assert_clean().await;
}
