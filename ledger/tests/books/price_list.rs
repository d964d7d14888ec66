//! Versions of the price book: taken in whole or not at all, listed, gone back to.

use std::fmt::Write;

use domain::Declined;
use domain::price_list::{LONGEST_LIST, PriceRefusal};
use ledger::{Error, ImportError, ImportRates, PriceDiff, RollBack};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::support::Books;

const MEXICO: &str = "525512345678";
const LONDON: &str = "442071234567";
const BERLIN: &str = "493012345678";

impl Books {
    async fn list(&self, prices: &[(&str, &str)]) -> PriceDiff {
        self.list_from(prices, None, false).await
    }

    async fn list_from(
        &self,
        prices: &[(&str, &str)],
        effective: Option<OffsetDateTime>,
        complete: bool,
    ) -> PriceDiff {
        let mut text = "prefix,destination,rate\n".to_owned();
        for (prefix, price) in prices {
            writeln!(text, "{prefix},Land {prefix},{price}").unwrap();
        }
        let import = ImportRates {
            name: "a list".into(),
            text,
            author: "olga@example.com".into(),
            effective,
            complete,
            dry_run: false,
        };
        self.ledger.import_rates(import).await.unwrap()
    }

    async fn back_to(&self, version: i64) -> Result<PriceDiff, Error> {
        let back = RollBack {
            version,
            author: "olga@example.com".into(),
            dry_run: false,
        };
        self.ledger.roll_back_prices(back).await
    }

    async fn price(&self, digits: &str) -> String {
        let rate = self.ledger.rate(digits).await.unwrap();
        rate.map_or("none".into(), |rate| rate.pricing.per_minute().to_string())
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn going_back_undoes_newer_lists_and_what_they_announced(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = Books::open(pool, database).await;
    let ledger = &books.ledger;
    books.list(&[("52", "0.10"), ("44", "0.20")]).await;
    books.list(&[("52", "0.12"), ("49", "0.30")]).await;
    let soon = ledger.clock().now() + Duration::days(3);
    books.list_from(&[("52", "0.15")], Some(soon), false).await;
    books.list_from(&[("52", "0.33")], None, true).await;
    assert_eq!(books.price(LONDON).await, "none");

    let told = RollBack {
        version: 2,
        author: "olga@example.com".into(),
        dry_run: true,
    };
    let told = ledger.roll_back_prices(told).await.unwrap();
    assert_eq!((told.version, told.changes.len()), (None, 4));
    assert_eq!(books.price(MEXICO).await, "0.33", "only told");

    // Two at once: one goes back, the other finds it done.
    let (one, two) = tokio::join!(books.back_to(2), books.back_to(2));
    let versions = [one.unwrap().version, two.unwrap().version];
    assert_eq!(versions.iter().flatten().collect::<Vec<_>>(), [&5]);
    for days in [0, 4] {
        books.clock.advance(Duration::days(days));
        for (digits, price) in [(MEXICO, "0.12"), (LONDON, "0.2"), (BERLIN, "0.3")] {
            assert_eq!(books.price(digits).await, price, "{days}");
        }
    }
    assert_eq!(books.back_to(2).await.unwrap().changes, []);

    let lists = ledger.price_lists(None).await.unwrap();
    let said: Vec<_> = lists
        .iter()
        .map(|list| (list.version, list.rolls_back_to, list.is_in_force))
        .collect();
    let expected = [
        (5, Some(2), true),
        (4, None, false),
        (3, None, false),
        (2, None, false),
        (1, None, false),
    ];
    assert_eq!(said, expected);
    assert!(matches!(
        books.back_to(5).await,
        Err(Error::Declined(Declined::Prices(PriceRefusal::Newest)))
    ));
    assert!(matches!(books.back_to(99).await, Err(Error::NotFound)));
    let overlaps: i64 = sqlx::query_scalar(
        "select count(*) from rate as a join rate as b on a.prefix = b.prefix and a.valid_from < b.valid_from
             and (a.valid_to is null or a.valid_to > b.valid_from)",
    )
    .fetch_one(&books.owner)
    .await
    .unwrap();
    assert_eq!(overlaps, 0);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_complete_list_takes_back_what_was_announced_for_prefixes_it_does_not_name(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = Books::open(pool, database).await;
    books
        .list(&[("52", "0.10"), ("44", "0.20"), ("49", "0.30")])
        .await;
    let change = books.clock.now() + Duration::days(10);
    let sooner = change - Duration::days(5);
    for (prefix, price) in [("44", "0.25"), ("49", "0.35")] {
        books
            .list_from(&[(prefix, price)], Some(change), false)
            .await;
    }
    books
        .list_from(&[("49", "0.33")], Some(sooner), false)
        .await;
    // From the very moment of the announced change on, only Mexico and Germany are called.
    let diff = books
        .list_from(&[("52", "0.11"), ("49", "0.35")], Some(change), true)
        .await;
    let told: Vec<_> = diff
        .changes
        .iter()
        .map(|change| (change.prefix.as_str(), change.after.is_some()))
        .collect();
    assert_eq!(told, [("52", true), ("44", false)]);
    let london = books.ledger.rates_search("Land 44").await.unwrap();
    let end = london[0].upcoming.unwrap();
    assert_eq!(
        (end.blocked, (end.from - change).whole_seconds()),
        (true, 0)
    );
    for (days, mexico, london) in [(0, "0.1", "0.2"), (11, "0.11", "none")] {
        books.clock.advance(Duration::days(days));
        assert_eq!(books.price(MEXICO).await, mexico);
        assert_eq!(books.price(LONDON).await, london);
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn going_back_announces_again_what_newer_lists_took_back(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = Books::open(pool, database).await;
    books
        .list(&[("52", "0.10"), ("44", "0.20"), ("49", "0.30")])
        .await;
    let soon = books.clock.now() + Duration::days(3);
    let later = soon + Duration::days(7);
    books.list_from(&[("44", "0.25")], Some(soon), false).await;
    books.list_from(&[("44", "0.28")], Some(later), false).await;
    // London is called no longer, and then at a price that nobody keeps.
    books.list_from(&[("52", "0.10")], None, true).await;
    books.list_from(&[("44", "0.99")], Some(later), false).await;
    assert_eq!(books.price(LONDON).await, "none");
    let diff = books.back_to(3).await.unwrap();
    let told: Vec<_> = diff
        .changes
        .iter()
        .map(|change| {
            let after = change.after.as_ref().map(|rate| rate.pricing.per_minute());
            (change.prefix.as_str(), after.unwrap().to_string())
        })
        .collect();
    let expected = [("44", "0.25"), ("44", "0.28"), ("44", "0.2"), ("49", "0.3")];
    assert_eq!(
        told,
        expected.map(|(prefix, price)| (prefix, price.to_owned()))
    );
    assert_eq!(books.back_to(3).await.unwrap().changes, [], "it is done");
    // Forth and back: taken back by a going back, announced by the next.
    books.back_to(1).await.unwrap();
    let version = books.ledger.price_list().await.unwrap().unwrap();
    assert_eq!(version, 7);
    assert_eq!(books.back_to(6).await.unwrap().changes.len(), 2);
    for (days, london) in [(0, "0.2"), (4, "0.25"), (7, "0.28")] {
        books.clock.advance(Duration::days(days));
        assert_eq!(books.price(LONDON).await, london, "{days}");
        assert_eq!(books.price(BERLIN).await, "0.3");
    }
    // What was taken back before it began would be in force by now.
    books.back_to(5).await.unwrap();
    assert_eq!(books.price(LONDON).await, "0.99");
    books.back_to(3).await.unwrap();
    assert_eq!(books.price(LONDON).await, "0.28");
    let overlaps: i64 = sqlx::query_scalar(
        "select count(*) from rate as a join rate as b on a.prefix = b.prefix and a.valid_from < b.valid_from
             and (a.valid_to is null or a.valid_to > b.valid_from)",
    )
    .fetch_one(&books.owner)
    .await
    .unwrap();
    assert_eq!(overlaps, 0);
}

#[sqlx::test(migrations = "../migrations")]
async fn the_end_of_a_price_is_announced_with_what_comes_after_it(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = Books::open(pool, database).await;
    books.list(&[("52", "0.10"), ("521", "0.20")]).await;
    let soon = books.clock.now() + Duration::days(3);
    books.list_from(&[("52", "0.10")], Some(soon), true).await;
    let mobile = books.ledger.rates_search("Land 521").await.unwrap();
    let upcoming = mobile[0].upcoming.unwrap();
    let price = upcoming.pricing.per_minute().to_string();
    assert_eq!((upcoming.blocked, price.as_str()), (false, "0.1"));
    let landline = books.ledger.rates_search("Land 52").await.unwrap();
    assert!(landline.iter().any(|offer| offer.upcoming.is_none()));
}

#[sqlx::test(migrations = "../migrations")]
async fn a_list_that_came_into_force_meanwhile_is_what_one_goes_back_to(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = Books::open(pool, database).await;
    books.list(&[("52", "0.10"), ("44", "0.20")]).await;
    let soon = books.ledger.clock().now() + Duration::days(3);
    let later = soon + Duration::days(30);
    books.list_from(&[("52", "0.15")], Some(soon), false).await;
    books.list_from(&[("52", "0.18")], Some(later), false).await;
    books.clock.advance(Duration::days(4));
    books.list(&[("52", "0.50"), ("44", "0.90")]).await;
    let diff = books.back_to(3).await.unwrap();
    assert_eq!((diff.version, diff.changes.len()), (Some(5), 2));
    for (days, price) in [(0, "0.15"), (40, "0.18")] {
        books.clock.advance(Duration::days(days));
        assert_eq!(books.price(MEXICO).await, price, "what was announced stays");
        assert_eq!(books.price(LONDON).await, "0.2");
    }
    // A complete list that is gone back to still sells nothing else.
    books.list_from(&[("52", "0.20")], None, true).await;
    books.list(&[("44", "0.21")]).await;
    books.back_to(6).await.unwrap();
    assert_eq!(books.price(LONDON).await, "none");
    assert_eq!(books.price(MEXICO).await, "0.2");
}

#[sqlx::test(migrations = "../migrations")]
async fn one_bad_line_among_fifty_thousand_is_named_and_nothing_is_taken_in(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = Books::open(pool, database).await;
    let mut text = "prefix,destination,rate\n".to_owned();
    for n in 0..50_000 {
        let price = if n == 43_210 { "0.2.5" } else { "0.25" };
        writeln!(text, "{},Somewhere,{price}", 10_000_000 + n).unwrap();
    }
    let import = ImportRates {
        name: "fifty thousand".into(),
        text,
        author: "olga@example.com".into(),
        effective: None,
        complete: false,
        dry_run: false,
    };
    let Err(ImportError::Bad(lines)) = books.ledger.import_rates(import).await else {
        panic!("a bad list was taken in");
    };
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].line, 43_212);
    assert_eq!(books.ledger.price_list().await.unwrap(), None);
    let refused = Error::from(ImportError::Bad(lines));
    let Error::Declined(Declined::Prices(PriceRefusal::BadLines { count, first })) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!((count, first), (1, 43_212));
}

#[sqlx::test(migrations = "../migrations")]
async fn an_uploaded_list_waits_for_a_day(pool: PgPoolOptions, database: PgConnectOptions) {
    let books = Books::open(pool, database).await;
    let ledger = &books.ledger;
    let id = Uuid::now_v7();
    for (bytes, refusal) in [
        (vec![0xff, 0xfe], PriceRefusal::NotText),
        (b"a\0b".to_vec(), PriceRefusal::NotText),
        (b" \n".to_vec(), PriceRefusal::NoFile),
        (vec![b'1'; LONGEST_LIST + 1], PriceRefusal::TooLong),
    ] {
        let kept = ledger.keep_price_draft(id, "list.csv", bytes, "olga@example.com");
        let outcome = kept.await;
        assert!(
            matches!(&outcome, Err(Error::Declined(Declined::Prices(why))) if *why == refusal),
            "{outcome:?}"
        );
    }
    for text in ["prefix,destination,rate\n52,Mexico,0.1\n", "another"] {
        let kept = ledger.keep_price_draft(id, "list\u{7}.csv", text.into(), "olga@example.com");
        kept.await.unwrap();
    }
    let draft = ledger.price_draft(id).await.unwrap();
    assert_eq!(draft.name, "list.csv");
    assert!(draft.text.starts_with("prefix"), "the first stays");
    ledger.tidy().await.unwrap();
    assert!(ledger.price_draft(id).await.is_ok());
    books.clock.advance(Duration::hours(25));
    ledger.tidy().await.unwrap();
    assert!(matches!(ledger.price_draft(id).await, Err(Error::NotFound)));
}
