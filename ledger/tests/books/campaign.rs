//! Promo codes: each wallet once, never more than the budget, with the top-up they came with.

use domain::campaign::{Campaign, CampaignRefusal, PromoRefusal};
use domain::{Declined, Money, TopUpId, WalletId};
use ledger::{Error, Redeemed, WithTopUp};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use time::Duration;
use uuid::Uuid;

use crate::support::{Books, money};

pub(crate) async fn campaign(books: &Books, change: impl FnOnce(&mut Campaign)) -> Uuid {
    let now = books.clock.now();
    let mut terms = Campaign {
        code: "WELCOME-10".into(),
        reason: "Welcome credit".into(),
        amount: money("2"),
        starts_at: now - Duration::days(1),
        ends_at: now + Duration::days(10),
        budget_count: 100,
        budget_sum: money("200"),
        first_top_up_only: false,
        smallest_top_up: None,
        credit_days: 30,
    };
    change(&mut terms);
    let campaign_id = Uuid::now_v7();
    for _ in 0..2 {
        books
            .ledger
            .create_campaign(campaign_id, terms.clone(), "olga@example.com")
            .await
            .unwrap();
    }
    campaign_id
}

async fn refused(books: &Books, wallet_id: WalletId, with: Option<WithTopUp>) -> PromoRefusal {
    match books
        .ledger
        .redeem_promo(wallet_id, "welcome10", with)
        .await
    {
        Err(Error::Declined(Declined::Promo(refusal))) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

async fn promotional(books: &Books, wallet_id: WalletId) -> Money {
    books.ledger.wallet(wallet_id).await.unwrap().promotional
}

#[sqlx::test(migrations = "../migrations")]
async fn a_code_gives_once_however_it_is_typed_and_its_credit_ends(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = Books::open(pool, database).await;
    campaign(&books, |_| {}).await;
    let wallet_id = books.wallet().await;
    let given = books
        .ledger
        .redeem_promo(wallet_id, " weLc0me 10 ", None)
        .await;
    assert_eq!(given.unwrap(), Redeemed::Given(money("2")));
    assert_eq!(refused(&books, wallet_id, None).await, PromoRefusal::Used);
    assert_eq!(promotional(&books, wallet_id).await, money("2"));
    let wrong = books
        .ledger
        .redeem_promo(wallet_id, "WELCOME-11", None)
        .await;
    assert!(matches!(
        wrong,
        Err(Error::Declined(Declined::Promo(PromoRefusal::Unknown)))
    ));
    books.clock.advance(Duration::days(31));
    books.ledger.expire_credit().await.unwrap();
    assert_eq!(promotional(&books, wallet_id).await, Money::ZERO);
    books.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_thousand_redemptions_at_once_take_no_more_than_the_budget(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = Books::open(pool, database).await;
    campaign(&books, |_| {}).await;
    sqlx::query(
        "insert into wallet (wallet_id) select gen_random_uuid() from generate_series(1, 1000)",
    )
    .execute(&books.owner)
    .await
    .unwrap();
    let wallets: Vec<WalletId> = sqlx::query_scalar("select wallet_id from wallet")
        .fetch_all(&books.owner)
        .await
        .unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for wallet_id in wallets {
        let ledger = books.ledger.clone();
        tasks.spawn(async move {
            // Too busy is no answer: the person tries again.
            for _ in 0..100 {
                match ledger.redeem_promo(wallet_id, "WELCOME-10", None).await {
                    Err(Error::Busy) => {}
                    Err(Error::Declined(Declined::Promo(PromoRefusal::BudgetGone))) => {
                        return false;
                    }
                    Ok(Redeemed::Given(_)) => return true,
                    other => panic!("unexpected: {other:?}"),
                }
            }
            panic!("busy for too long");
        });
    }
    let answers = tasks.join_all().await;
    assert_eq!(answers.len(), 1_000);
    assert_eq!(answers.into_iter().filter(|given| *given).count(), 100);
    let (given, sum): (i64, Money) =
        sqlx::query_as("select count(*), sum(amount) from transfer where kind = 'promo'")
            .fetch_one(&books.owner)
            .await
            .unwrap();
    assert_eq!((given, sum), (100, money("200")));
    books.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_code_for_a_first_top_up_comes_with_it_or_goes_back(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = Books::open(pool, database).await;
    let campaign_id = campaign(&books, |terms| {
        terms.first_top_up_only = true;
        terms.smallest_top_up = Some(money("20"));
        terms.budget_count = 1;
    })
    .await;
    let wallet_id = books.wallet().await;
    let minimum = PromoRefusal::Minimum {
        smallest: money("20"),
    };
    let with = |amount| {
        Some(WithTopUp {
            top_up_id: TopUpId(Uuid::now_v7()),
            amount: money(amount),
        })
    };
    assert_eq!(refused(&books, wallet_id, None).await, minimum);
    assert_eq!(refused(&books, wallet_id, with("19.99")).await, minimum);
    let first = with("20");
    for _ in 0..2 {
        let waits = books
            .ledger
            .redeem_promo(wallet_id, "WELCOME-10", first)
            .await;
        assert_eq!(waits.unwrap(), Redeemed::WithTopUp(money("2")));
    }
    // Another checkout page takes the promise along; another customer finds the budget gone.
    let second = with("25");
    books
        .ledger
        .redeem_promo(wallet_id, "WELCOME-10", second)
        .await
        .unwrap();
    let other = books.wallet().await;
    assert_eq!(
        refused(&books, other, with("20")).await,
        PromoRefusal::BudgetGone
    );
    // Never paid: the budget has it back.
    books.clock.advance(Duration::hours(3));
    books.ledger.settle_promos().await.unwrap();
    let third = with("20");
    books
        .ledger
        .redeem_promo(other, "WELCOME-10", third)
        .await
        .unwrap();
    let taken: i32 = sqlx::query_scalar("select taken_count from campaign where campaign_id = $1")
        .bind(campaign_id)
        .fetch_one(&books.owner)
        .await
        .unwrap();
    assert_eq!(taken, 1);
    assert_eq!(promotional(&books, other).await, Money::ZERO);
    let bought = books.funded("10", "0").await;
    assert_eq!(
        refused(&books, bought, with("20")).await,
        PromoRefusal::NotEligible
    );
    books.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn codes_that_look_alike_are_one_and_a_stopped_campaign_gives_nothing(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = Books::open(pool, database).await;
    campaign(&books, |_| {}).await;
    let wallet_id = books.funded("10", "0").await;
    let now = books.clock.now();
    let same = Campaign {
        code: "WELC0ME1O".into(),
        reason: "Another".into(),
        amount: money("1"),
        starts_at: now,
        ends_at: now + Duration::days(1),
        budget_count: 1,
        budget_sum: money("1"),
        first_top_up_only: false,
        smallest_top_up: None,
        credit_days: 1,
    };
    let taken = books
        .ledger
        .create_campaign(Uuid::now_v7(), same, "olga@example.com")
        .await;
    assert!(matches!(
        taken,
        Err(Error::Declined(Declined::Campaign(
            CampaignRefusal::CodeTaken
        )))
    ));
    for _ in 0..2 {
        books.ledger.stop_campaign("welcome 10").await.unwrap();
    }
    assert_eq!(
        refused(&books, wallet_id, None).await,
        PromoRefusal::Expired
    );
    books.assert_clean().await;
}
