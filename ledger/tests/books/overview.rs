//! The wallet as one page shows it: everything of one moment.

use domain::history::HistoryFilter;
use domain::{CustomerId, Email, Money};
use ledger::{Overview, Wanted};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use time::{Duration, OffsetDateTime};

use super::call::open;
use crate::support::calls::{LANDLINE, ask, call};
use crate::support::{Books, money};

pub(super) async fn customer(books: &Books) -> (CustomerId, domain::WalletId) {
    let email = Email::parse("ana@example.com").unwrap();
    let customer = books.ledger.open_customer(&email).await.unwrap();
    (customer.customer_id, customer.wallet_id)
}

fn wanted() -> Wanted {
    Wanted {
        bought_since: OffsetDateTime::now_utc() - Duration::days(30),
        history: Some((HistoryFilter::default(), None)),
        known: None,
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn an_overview_is_what_single_looks_say(pool: PgPoolOptions, database: PgConnectOptions) {
    let books = open(pool, database).await;
    let ledger = &books.ledger;
    let (customer_id, wallet_id) = customer(&books).await;
    let look = async || -> Overview {
        let overview = ledger.overview(customer_id, wallet_id, &wanted()).await;
        overview.unwrap()
    };
    let empty = look().await;
    assert_eq!(empty.wallet.available(), Money::ZERO);
    assert!(empty.talk_rate.is_none() && empty.calls.is_empty() && empty.bought.is_empty());
    assert_eq!(empty.level, money("5"));

    let (paid, bonus) = (money("100"), money("8"));
    books.settled_top_up(wallet_id, paid, bonus).await;
    ledger.choose_destination(customer_id, "52").await.unwrap();
    ledger
        .authorize_call(ask(wallet_id, "one", LANDLINE))
        .await
        .unwrap();
    ledger.answer_call(call(wallet_id, "one")).await.unwrap();
    let full = look().await;
    assert_eq!(full.wallet, ledger.wallet(wallet_id).await.unwrap());
    assert_eq!(full.calls.len(), 1);
    assert_eq!(full.bought[0].amount, paid);
    assert_eq!(
        full.talk_rate.as_ref().map(|rate| rate.prefix.as_str()),
        Some("52")
    );
    let (all, first) = wanted().history.unwrap();
    let page = ledger.history(wallet_id, &all, first.as_ref()).await;
    assert_eq!(full.history.unwrap(), page.unwrap());
    let told = ledger.unread_notices(wallet_id).await.unwrap();
    assert_eq!(full.notices, told);
    // Without history it is not read.
    let alone = Wanted {
        history: None,
        ..wanted()
    };
    let overview = ledger.overview(customer_id, wallet_id, &alone).await;
    assert!(overview.unwrap().history.is_none());
}

#[sqlx::test(migrations = "../migrations")]
async fn balance_and_history_are_of_one_moment_while_calls_go_on(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let (customer_id, wallet_id) = customer(&books).await;
    let (paid, bonus) = (money("100"), money("0"));
    books.settled_top_up(wallet_id, paid, bonus).await;
    let ledger = books.ledger.clone();
    let calls = tokio::spawn(async move {
        for number in 0..40 {
            let call_id = format!("call/{number}");
            let asked = ask(wallet_id, &call_id, LANDLINE);
            ledger.authorize_call(asked).await.unwrap();
            let ended = ledger.end_call(call(wallet_id, &call_id), 30, "normal");
            ended.await.unwrap();
        }
    });
    let (mut looks, wanted) = (0, wanted());
    while !calls.is_finished() {
        let overview = books.ledger.overview(customer_id, wallet_id, &wanted);
        let overview = overview.await.unwrap();
        let items = overview.history.unwrap().items;
        let entries = items.iter().flat_map(|item| &item.entries);
        let last = entries.max_by_key(|entry| entry.seq).unwrap();
        assert_eq!(last.seq, overview.wallet.version);
        assert_eq!(last.available_after, overview.wallet.available());
        looks += 1;
    }
    calls.await.unwrap();
    assert!(looks > 3, "only {looks} looks");
}

#[sqlx::test(migrations = "../migrations")]
async fn the_credit_that_ends_next_is_told_by_the_version(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let wallet_id = books.funded("10", "0").await;
    let ledger = &books.ledger;
    let version = ledger.wallet(wallet_id).await.unwrap().version;
    assert_eq!(ledger.next_end(wallet_id, version).await.unwrap(), None);
    let ends = OffsetDateTime::now_utc() + Duration::days(9);
    for (grant_id, amount, days) in [("a", "3", 9), ("b", "2", 0), ("c", "4", 1)] {
        let grant = ledger::GrantCredit {
            wallet_id,
            grant_id: grant_id.into(),
            source: ledger::GrantSource::Promo,
            amount: money(amount),
            reason: "For a test".into(),
            expires_at: Some(ends + Duration::days(days)),
        };
        ledger.grant_credit(grant).await.unwrap();
    }
    let version = ledger.wallet(wallet_id).await.unwrap().version;
    for _ in 0..2 {
        let end = ledger.next_end(wallet_id, version).await.unwrap().unwrap();
        assert_eq!(end.amount, money("2"));
    }
    // An older version has what it had.
    let before = ledger.next_end(wallet_id, version - 1).await.unwrap();
    assert_eq!(before.unwrap().amount, money("2"));
    let first = ledger.next_end(wallet_id, version - 2).await.unwrap();
    assert_eq!(first.unwrap().amount, money("3"));
}
