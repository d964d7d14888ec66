//! The price book: lists go in whole or not at all, and the demo's covers the world.

use ledger::{ImportError, ImportRates, PriceDiff};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use time::{Duration, OffsetDateTime};

use crate::support::Switch;

const DEMO: &str = include_str!("../../data/demo_prices.csv");

async fn import(
    switch: &Switch,
    text: &str,
    effective: Option<OffsetDateTime>,
) -> Result<PriceDiff, ImportError> {
    let import = ImportRates {
        name: "list".into(),
        text: text.into(),
        effective,
        complete: false,
        author: "test".into(),
        dry_run: false,
    };
    switch.ledger.import_rates(import).await
}

async fn price(switch: &Switch, digits: &str) -> Option<String> {
    let rate = switch.ledger.rate(digits).await.unwrap()?;
    Some(format!(
        "{} {}",
        rate.destination,
        rate.pricing.per_minute()
    ))
}

#[sqlx::test(migrations = "../migrations")]
async fn a_list_with_one_bad_line_changes_nothing(pool: PgPoolOptions, database: PgConnectOptions) {
    let switch = Switch::open(pool, database).await;
    let before = switch.ledger.price_list().await.unwrap();
    let list = "prefix,destination,rate\n52,Mexico,0.05\n53,Cuba,abc\n,Nowhere,1\n";
    let Err(ImportError::Bad(lines)) = import(&switch, list, None).await else {
        panic!("a bad list was imported");
    };
    assert_eq!(
        lines.iter().map(|line| line.line).collect::<Vec<_>>(),
        [3, 4]
    );
    assert_eq!(switch.ledger.price_list().await.unwrap(), before);
    assert_eq!(price(&switch, "525512345678").await.unwrap(), "Mexico 0.1");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_scheduled_price_is_announced_and_then_valid_and_none_overlap(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let switch = Switch::open(pool, database).await;
    let soon = OffsetDateTime::now_utc() + Duration::days(3);
    let later = soon + Duration::days(3);
    let list = |price: &str| format!("prefix,destination,rate\n52,Mexico,{price}\n");
    import(&switch, &list("0.20"), Some(later)).await.unwrap();
    // One that comes in between ends when the later one begins.
    let diff = import(&switch, &list("0.15"), Some(soon)).await.unwrap();
    assert_eq!((diff.version, diff.changes.len()), (Some(3), 1));
    let again = import(&switch, &list("0.15"), Some(soon)).await.unwrap();
    assert_eq!((again.version, again.unchanged), (None, 1));
    let clash = import(&switch, &list("0.16"), Some(soon)).await;
    assert!(matches!(clash, Err(ImportError::Bad(lines)) if lines[0].line == 2));

    let offers = switch.ledger.rates_search("MÉXICO").await.unwrap();
    assert_eq!(
        offers[0].upcoming.unwrap().pricing.per_minute().to_string(),
        "0.15"
    );
    for (days, expected) in [(0, "Mexico 0.1"), (4, "Mexico 0.15"), (3, "Mexico 0.2")] {
        switch.clock.advance(Duration::days(days));
        assert_eq!(price(&switch, "525512345678").await.unwrap(), expected);
    }
    let overlaps: i64 = sqlx::query_scalar(
        "select count(*) from rate as a join rate as b on a.prefix = b.prefix and a.valid_from < b.valid_from
             and (a.valid_to is null or a.valid_to > b.valid_from)",
    )
    .fetch_one(&switch.owner)
    .await
    .unwrap();
    assert_eq!(overlaps, 0);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_complete_list_ends_what_it_does_not_name_and_a_dry_run_only_tells(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let switch = Switch::open(pool, database).await;
    let mut whole = ImportRates {
        name: "whole".into(),
        text: "prefix,destination,rate\n52,Mexico,0.05\n7,Russia,0.04\n".into(),
        effective: None,
        complete: true,
        author: "test".into(),
        dry_run: true,
    };
    let told = switch.ledger.import_rates(whole.clone()).await.unwrap();
    assert_eq!((told.version, told.changes.len()), (None, 6));
    assert_eq!(
        price(&switch, "442071234567").await.unwrap(),
        "United Kingdom 0.2"
    );
    whole.dry_run = false;
    let done = switch.ledger.import_rates(whole).await.unwrap();
    assert_eq!(done.version, Some(2));
    assert_eq!(price(&switch, "442071234567").await, None);
    assert_eq!(price(&switch, "525512345678").await.unwrap(), "Mexico 0.05");
    assert_eq!(
        price(&switch, "5215512345678").await.unwrap(),
        "Mexico 0.05"
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn two_imports_at_once_are_one_after_the_other(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let switch = Switch::open(pool, database).await;
    let lists: Vec<String> = (1..=4)
        .map(|n| format!("prefix,destination,rate\n52,Mexico,0.{n}5\n4{n},Land {n},0.3\n"))
        .collect();
    let imports = lists.iter().map(|list| import(&switch, list, None));
    let mut versions: Vec<Option<i64>> = futures_util::future::join_all(imports)
        .await
        .into_iter()
        .filter_map(Result::ok)
        .map(|diff| diff.version)
        .collect();
    versions.sort();
    assert!(!versions.is_empty());
    let open: i64 =
        sqlx::query_scalar("select count(*) from rate where prefix = '52' and valid_to is null")
            .fetch_one(&switch.owner)
            .await
            .unwrap();
    assert_eq!(open, 1);
    let newest = switch.ledger.price_list().await.unwrap();
    assert_eq!(versions.last().copied().flatten(), newest);
}

#[sqlx::test(migrations = "../migrations")]
async fn the_demo_prices_cover_the_world_and_block_what_fraud_uses(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let switch = Switch::open(pool, database).await;
    let diff = import(&switch, DEMO, None).await.unwrap();
    assert!(diff.changes.len() > 4_000, "{}", diff.changes.len());
    for (digits, kind, blocked) in [
        ("12125550123", "landline", false),
        ("14165550123", "landline", false),
        ("442071838750", "landline", false),
        ("447400123456", "mobile", false),
        ("498912345678", "landline", false),
        ("4915112345678", "mobile", false),
        ("919876543210", "mobile", false),
        ("234802123456", "mobile", false),
        ("390669812345", "landline", false),
        ("19005551234", "special", true),
        ("449098790123", "special", true),
        ("881612345678", "special", true),
        ("870773111632", "special", true),
        ("979123456789", "special", true),
    ] {
        let rate = switch.ledger.rate(digits).await.unwrap().unwrap();
        assert_eq!(
            (rate.kind.word(), rate.blocked),
            (kind, blocked),
            "{digits}: {rate:?}"
        );
    }
    for (text, first) in [
        ("mexico", "Mexico"),
        ("MÉXICO", "Mexico"),
        ("cote d", "Côte d’Ivoire"),
        ("curacao", "Curaçao"),
        ("kingdom", "United Kingdom"),
        ("UK", "United Kingdom"),
        ("usa", "United States"),
        ("España", "Spain"),
        ("Holland", "Netherlands"),
        ("+44 20 7183 8750", "United Kingdom"),
        ("0044 7400 123456", "United Kingdom, mobile"),
        ("(212) 555-0123", "United States"),
    ] {
        let found = switch.ledger.rates_search(text).await.unwrap();
        assert_eq!(
            found.first().map(|offer| offer.destination.as_str()),
            Some(first),
            "{text}"
        );
    }
    assert!(
        switch
            .ledger
            .rates_search("xyzzy")
            .await
            .unwrap()
            .is_empty()
    );
    assert!(switch.ledger.rates_search("").await.unwrap().len() == 100);
    let again = import(&switch, DEMO, None).await.unwrap();
    assert_eq!((again.version, again.changes.len()), (None, 0));
}

#[sqlx::test(migrations = "../migrations")]
async fn lists_put_into_a_folder_are_taken_in_or_put_aside_with_every_bad_line(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let switch = Switch::open(pool, database).await;
    let folder = std::env::temp_dir().join(format!("price-lists-{}", uuid::Uuid::now_v7()));
    std::fs::create_dir_all(&folder).unwrap();
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(60);
    for (name, text) in [
        ("a good.csv", "prefix,destination,rate\n52,Mexico,0.05\n"),
        (
            "b bad.csv",
            "prefix,destination,rate\n52,Mexico,0.01\n53,Cuba,abc\n",
        ),
        (
            "2099-01-01 later.csv",
            "prefix,destination,rate\n52,Mexico,0.09\n",
        ),
        ("notes.txt", "not a list"),
    ] {
        std::fs::write(folder.join(name), text).unwrap();
        let file = std::fs::File::options()
            .append(true)
            .open(folder.join(name));
        file.unwrap().set_modified(old).unwrap();
    }
    std::fs::write(folder.join("c still being written.csv"), "prefix").unwrap();
    let taken = server::take_in_price_lists(&switch.ledger, &folder).await;
    assert_eq!(taken.unwrap(), 3);
    assert_eq!(price(&switch, "525512345678").await.unwrap(), "Mexico 0.05");
    let offers = switch.ledger.rates_search("mexico").await.unwrap();
    assert_eq!(
        offers[0].upcoming.unwrap().from.date().to_string(),
        "2099-01-01"
    );
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "2099-01-01 later.csv.imported",
            "2099-01-01 later.csv.report.txt",
            "a good.csv.imported",
            "a good.csv.report.txt",
            "b bad.csv.refused",
            "b bad.csv.report.txt",
            "c still being written.csv",
            "notes.txt",
        ]
    );
    let report = std::fs::read_to_string(folder.join("b bad.csv.report.txt")).unwrap();
    assert!(report.starts_with("line 3:"), "{report}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[sqlx::test(migrations = "../migrations")]
async fn a_call_authorized_just_before_a_price_change_keeps_its_price_and_one_just_after_pays_the_new(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let switch = Switch::open(pool, database).await;
    let wallet = switch.funded("25", "0").await;
    let change = switch.clock.now() + Duration::minutes(10);
    import(
        &switch,
        "prefix,destination,rate\n52,Mexico,0.80\n",
        Some(change),
    )
    .await
    .unwrap();
    // A second before, and as long as a slow machine may take to ask.
    let second = Duration::seconds(1);
    switch
        .clock
        .advance(change - switch.clock.now() - second * 5);
    let to = crate::support::LANDLINE;
    let before = switch.authorize(wallet, "before", to).await.expect(201);
    assert!(switch.clock.now() < change, "asked in time");
    switch.answer(wallet, "before").await.expect(200);
    switch.clock.advance(change - switch.clock.now() + second);
    let after = switch.authorize(wallet, "after", to).await.expect(201);
    assert_eq!(
        (&before["rate"]["per_minute"], &after["rate"]["per_minute"],),
        (&"0.1000".into(), &"0.8000".into())
    );
    let old = switch.end(wallet, "before", 90).await.expect(200);
    let new = switch.end(wallet, "after", 90).await.expect(200);
    assert_eq!(
        (&old["charge"], &new["charge"]),
        (&"0.1500".into(), &"1.2000".into())
    );
    switch.assert_clean().await;
}
