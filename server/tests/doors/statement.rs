//! Statements as files: for their owner, in three forms that say the same.

use domain::Money;
use domain::top_up::TopUpState;
use language::{Language, tell};
use serde_json::Value;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use time::OffsetDateTime;

use crate::world::{Person, VISA, World, money};

/// Somebody who bought $25 with a bonus of 50 cents, and was corrected by support for a reason
/// that a spreadsheet would take for a formula.
async fn somebody(world: &World) -> Person {
    let ana = world.person().await;
    let (top_up_id, session_id) = world.start_top_up(ana.wallet_id, "25").await;
    world.pay(&session_id, VISA).await;
    world
        .until(ana.wallet_id, top_up_id, TopUpState::Settled)
        .await;
    let correction = ledger::Adjust {
        wallet_id: ana.wallet_id,
        adjustment_id: uuid::Uuid::now_v7(),
        amount: money("-0.5"),
        reason: "=HYPERLINK(\"https://evil.example\")".into(),
        author: "Ines".into(),
        credit_expires_at: None,
    };
    world.ledger.adjust(correction).await.unwrap();
    ana
}

fn this_month() -> String {
    let now = OffsetDateTime::now_utc();
    format!("{}-{:02}", now.year(), u8::from(now.month()))
}

#[sqlx::test(migrations = "../migrations")]
async fn the_three_forms_add_up_to_the_balance(pool: PgPoolOptions, database: PgConnectOptions) {
    let world = World::start(pool, database).await;
    let ana = somebody(&world).await;
    let balance = world
        .ledger
        .wallet(ana.wallet_id)
        .await
        .unwrap()
        .available();
    assert_eq!(balance, money("25"));
    let month = this_month();
    let fetch = async |ending: &str| {
        let path = format!("/wallet/statements/{month}.{ending}");
        let answer = world.get(&path, Some(&ana)).await;
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        let name = answer.headers()["content-disposition"].to_str().unwrap();
        assert!(
            name.contains(&format!("talkala-{month}.{ending}")),
            "{name}"
        );
        answer.bytes().await.unwrap()
    };

    let file = fetch("csv").await;
    let mut rows = csv::Reader::from_reader(&file[..]);
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    let change: Money = rows[1..rows.len() - 1]
        .iter()
        .map(|row| money(&row[5]))
        .sum();
    assert_eq!(money(&rows[0][8]) + change, money(&rows[rows.len() - 1][8]));
    assert_eq!(money(&rows[rows.len() - 1][8]), balance);
    assert!(rows.iter().any(|row| row[3].starts_with("'=HYPERLINK")));
    assert!(rows.iter().all(|row| !row[3].starts_with('=')));

    let file: Value = serde_json::from_slice(&fetch("json").await).unwrap();
    let entries = file["entries"].as_array().unwrap();
    let change: Money = entries
        .iter()
        .map(|e| money(e["change"].as_str().unwrap()))
        .sum();
    assert_eq!(file["closing"]["available"], balance.to_string());
    assert_eq!(
        money(file["opening"]["available"].as_str().unwrap()) + change,
        balance
    );
    assert_eq!(entries.len(), rows.len() - 2);

    let paper = lopdf::Document::load_mem(&fetch("pdf").await).unwrap();
    let pages: Vec<u32> = paper.get_pages().into_keys().collect();
    let text = paper.extract_text(&pages).unwrap();
    assert_eq!(pages.len(), 1);
    for said in [
        "Statement, ",
        "Opening balance",
        "Closing balance",
        "$25.00",
        "Top-up",
        "Bonus",
    ] {
        assert!(text.contains(said), "{said} is not in: {text}");
    }
    // What the entries changed, as printed, leads from the printed opening to the printed closing.
    let changes = ["+$25.00", "+$0.50", "−$0.50"];
    let printed: Money = changes
        .iter()
        .map(|change| {
            assert!(text.contains(change), "{change} is not in: {text}");
            money(&change.replace(['+', '$'], "").replace('−', "-"))
        })
        .sum();
    assert_eq!(printed, balance);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_statement_is_its_owners_and_of_a_month_with_a_past(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::start(pool, database).await;
    let ana = somebody(&world).await;
    let ben = world.person().await;
    let month = this_month();
    for (path, person, status) in [
        (format!("/wallet/statements/{month}.csv"), Some(&ana), 200),
        // Nothing has moved in Ben's wallet, ever.
        (format!("/wallet/statements/{month}.csv"), Some(&ben), 404),
        (format!("/wallet/statements/{month}.csv"), None, 303),
        (format!("/wallet/statements/{month}.exe"), Some(&ana), 404),
        (format!("/wallet/statements/{month}"), Some(&ana), 404),
        ("/wallet/statements/2020-01.pdf".into(), Some(&ana), 404),
        ("/wallet/statements/2999-01.json".into(), Some(&ana), 404),
        ("/wallet/statements/x.json".into(), Some(&ana), 404),
    ] {
        let answer = world.get(&path, person).await;
        assert_eq!(answer.status().as_u16(), status, "{path}");
    }
}

/// The words of a file, as programs that read aloud find them.
fn said(file: &[u8]) -> String {
    let paper = lopdf::Document::load_mem(file).unwrap();
    let pages: Vec<u32> = paper.get_pages().into_keys().collect();
    paper.extract_text(&pages).unwrap()
}

#[sqlx::test(migrations = "../migrations")]
async fn the_paper_is_in_the_language_of_its_reader(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::start(pool, database).await;
    let ana = somebody(&world).await;
    let path = format!("/wallet/statements/{}.pdf", this_month());
    for language in Language::ALL {
        let cookie = format!("{}; language={}", ana.cookie, language.tag());
        let reader = Person { cookie, ..ana };
        let file = world.get(&path, Some(&reader)).await.bytes().await.unwrap();
        if let Ok(folder) = std::env::var("KEEP_STATEMENTS") {
            let name = format!("{folder}/{}.pdf", language.tag());
            std::fs::write(name, &file).unwrap();
        }
        let text = said(&file);
        let amount = language::exact(money("25"), language);
        let amount = amount.trim_matches(|c| matches!(c, '\u{2066}' | '\u{2069}'));
        let plain = |text: &str| text.replace(['\u{a0}', '\u{202f}'], " ");
        assert!(plain(&text).contains(&plain(amount)), "{amount}: {text}");
        let opening = tell!(language, statements::OPENING);
        // Joined letters come back in the order they are drawn, so only the others are looked for.
        if matches!(
            language,
            Language::English | Language::Spanish | Language::French
        ) {
            assert!(text.contains(&opening), "{opening}: {text}");
        } else {
            assert!(!text.contains("Opening"), "{text}");
        }
    }
}
