//! What customers are told: once for each event, on the page and by e-mail.

use domain::notice::{Notice, NoticeKind};
use domain::{Money, WalletId};
use ledger::Adjust;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use time::Duration;
use uuid::Uuid;

use crate::support::{Books, money};

impl Books {
    async fn correct(&self, wallet_id: WalletId, amount: &str) {
        let correction = Adjust {
            wallet_id,
            adjustment_id: Uuid::now_v7(),
            amount: money(amount),
            reason: "a test of notices".into(),
            author: "Ines".into(),
            credit_expires_at: None,
        };
        self.ledger.adjust(correction).await.unwrap();
    }

    /// Subject and way out of every letter, oldest first.
    async fn letters(&self) -> Vec<(String, Option<String>)> {
        sqlx::query_as("select subject, unsubscribe_url from email order by email_id")
            .fetch_all(&self.owner)
            .await
            .unwrap()
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_balance_that_falls_below_its_level_is_told_once_for_each_credit(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = Books::open(pool, database).await;
    let wallet_id = books.funded("10", "0").await;
    assert_eq!(books.ledger.tell_low_balances().await.unwrap(), 0);
    books.correct(wallet_id, "-6").await;
    let (one, two) = tokio::join!(
        books.ledger.tell_low_balances(),
        books.ledger.tell_low_balances()
    );
    assert_eq!(one.unwrap() + two.unwrap(), 1, "two servers look at once");
    books.correct(wallet_id, "-1").await;
    assert_eq!(books.ledger.tell_low_balances().await.unwrap(), 0);
    let unread = books.ledger.unread_notices(wallet_id).await.unwrap();
    assert_eq!(
        unread[0].notice,
        Notice::LowBalance {
            available: money("4"),
            level: money("5")
        }
    );
    assert_eq!(books.letters().await.len(), 1);
    let stranger = books.wallet().await;
    for (wallet, left) in [(stranger, 1), (wallet_id, 0), (wallet_id, 0)] {
        books
            .ledger
            .dismiss_notice(wallet, unread[0].notice_id)
            .await
            .unwrap();
        let unread = books.ledger.unread_notices(wallet_id).await.unwrap();
        assert_eq!(unread.len(), left);
    }

    books.correct(wallet_id, "7").await;
    books.correct(wallet_id, "-6").await;
    assert_eq!(books.ledger.tell_low_balances().await.unwrap(), 1);
}

#[sqlx::test(migrations = "../migrations")]
async fn the_level_is_the_customers_own(pool: PgPoolOptions, database: PgConnectOptions) {
    let books = Books::open(pool, database).await;
    let (careful, careless) = (books.funded("30", "0").await, books.funded("30", "0").await);
    books
        .ledger
        .set_low_balance_level(careful, money("25"))
        .await
        .unwrap();
    books
        .ledger
        .set_low_balance_level(careless, Money::ZERO)
        .await
        .unwrap();
    for wallet_id in [careful, careless] {
        books.correct(wallet_id, "-29").await;
    }
    assert_eq!(books.ledger.tell_low_balances().await.unwrap(), 1);
    assert_eq!(books.ledger.unread_notices(careful).await.unwrap().len(), 1);
    let settings = books.ledger.notice_settings(careful).await.unwrap();
    assert_eq!(settings[0].level, Some(money("25")));
}

#[sqlx::test(migrations = "../migrations")]
async fn the_level_is_where_auto_refill_steps_in_unless_it_was_chosen(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = Books::open(pool, database).await;
    let levels = [("armed", "15"), ("suspended", "15"), ("off", "5")];
    for (state, level) in levels {
        let wallet_id = books.funded("30", "0").await;
        sqlx::query(
            "insert into refill_rule (wallet_id, state, reason, threshold, amount, monthly_cap, consent, armed_at, changed_at)
             values ($1, $2, case $2 when 'suspended' then 'fuse' end, 15, 25, 100, 'agreed', now(), now())",
        )
        .bind(wallet_id)
        .bind(state)
        .execute(&books.owner)
        .await
        .unwrap();
        let settings = books.ledger.notice_settings(wallet_id).await.unwrap();
        assert_eq!(settings[0].level, Some(money(level)), "{state}");
        books.correct(wallet_id, "-16").await;
        let told = books.ledger.tell_low_balances().await.unwrap();
        assert_eq!(told, usize::from(state != "off"), "{state}");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn credit_about_to_end_is_told_fourteen_and_two_days_before(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = Books::open(pool, database).await;
    let (told, spent) = (
        books.funded("100", "8").await,
        books.funded("25", "0.5").await,
    );
    books.correct(spent, "-20").await;
    assert_eq!(books.ledger.tell_expiring_credit().await.unwrap(), 0);
    let mut said = Vec::new();
    for (days, expected) in [(350, 0), (2, 1), (10, 0), (2, 1), (1, 0)] {
        books.clock.advance(Duration::days(days));
        let count = books.ledger.tell_expiring_credit().await.unwrap();
        assert_eq!(count, expected, "{days} days later");
    }
    for unread in books.ledger.unread_notices(told).await.unwrap() {
        if let Notice::CreditExpiring { amount, days, .. } = unread.notice {
            said.push((amount, days));
        }
    }
    assert_eq!(said, [(money("8"), 2), (money("8"), 14)]);
    assert!(books.ledger.unread_notices(spent).await.unwrap().is_empty());
}

#[sqlx::test(migrations = "../migrations")]
async fn letters_of_a_kind_end_by_the_address_in_one_of_them(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = Books::open(pool, database).await;
    let wallet_id = books.funded("10", "0").await;
    books.correct(wallet_id, "-6").await;
    books.ledger.tell_low_balances().await.unwrap();
    let notice_id = books.ledger.unread_notices(wallet_id).await.unwrap()[0].notice_id;
    let way_out = format!("http://localhost:3000/unsubscribe/{wallet_id}/{notice_id}");
    assert_eq!(
        books.letters().await,
        [("Your balance is $4.00".to_owned(), Some(way_out))]
    );
    let stranger = books.wallet().await;
    let elsewhere = books.ledger.unsubscribe(stranger, notice_id).await;
    assert_eq!(elsewhere.unwrap(), None);
    for _ in 0..2 {
        let stopped = books.ledger.unsubscribe(wallet_id, notice_id).await;
        assert_eq!(stopped.unwrap(), Some(NoticeKind::LowBalance));
    }
    books.correct(wallet_id, "7").await;
    books.correct(wallet_id, "-8").await;
    books.ledger.tell_low_balances().await.unwrap();
    assert_eq!(books.letters().await.len(), 1);
    assert_eq!(
        books.ledger.unread_notices(wallet_id).await.unwrap().len(),
        2,
        "the page still says it"
    );
    books
        .ledger
        .mail_notices(wallet_id, NoticeKind::Dispute, false)
        .await
        .unwrap();
    let settings = books.ledger.notice_settings(wallet_id).await.unwrap();
    let mailed = |kind| {
        let setting = settings.iter().find(|setting| setting.kind == kind);
        setting.unwrap().by_email
    };
    assert!(mailed(NoticeKind::Dispute), "this one is always sent");
    assert!(!mailed(NoticeKind::LowBalance));
}
