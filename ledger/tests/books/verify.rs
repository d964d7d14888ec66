//! Planted corruptions, each found by name: what the owner of the database can break, the check sees.

use domain::WalletId;
use ledger::Adjust;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use uuid::Uuid;

use super::corruptions::CORRUPTIONS;
use crate::support::calls::{FREE, LANDLINE, ask, call};
use crate::support::{Books, money};

/// Takes away what stops the corruption at the door, as somebody with the owner's rights would.
const DEFENSES: &str = "
    alter domain sound_transfer drop constraint transfer_route_is_known;
    alter domain sound_transfer drop constraint transfer_amount_is_positive;
    alter domain sound_transfer drop constraint transfer_available_never_negative;
    alter domain sound_transfer drop constraint transfer_held_never_negative;
    alter domain sound_transfer drop constraint transfer_debt_never_negative;
    alter domain sound_transfer drop constraint transfer_promotional_never_negative;
    alter domain sound_transfer drop constraint transfer_promotional_is_part_of_amount;
    alter table transfer drop constraint transfer_happens_once;
    alter domain sound_wallet drop constraint wallet_never_overdrawn;
    alter domain sound_wallet drop constraint wallet_paid_never_negative;
    alter domain sound_wallet drop constraint wallet_held_never_negative;
    alter domain sound_wallet drop constraint wallet_debt_never_negative;";

#[sqlx::test(migrations = "../migrations")]
async fn each_planted_corruption_is_found_by_name(pool: PgPoolOptions, database: PgConnectOptions) {
    let books = Books::open(pool, database).await;
    let wallet_id = books.funded("25", "0.50").await;
    live(&books, wallet_id).await;
    books.assert_clean().await;
    sqlx::raw_sql(KEEP).execute(&books.owner).await.unwrap();
    sqlx::raw_sql(DEFENSES).execute(&books.owner).await.unwrap();
    let mut found = 0;
    for (name, sql, expected) in CORRUPTIONS {
        books.corrupt(sql).await;
        let report = books.ledger.verify(None).await.unwrap();
        for statement in *expected {
            assert!(
                report.violated().contains(statement),
                "{name}: {statement} should not hold, but only these failed: {:?}",
                report.violated()
            );
        }
        println!("{name}: {}", report.violated().join(", "));
        found += 1;
        sqlx::raw_sql(PUT_BACK).execute(&books.owner).await.unwrap();
        assert!(
            books.ledger.verify(None).await.unwrap().is_clean(),
            "{name}"
        );
    }
    assert_eq!(found, CORRUPTIONS.len());
}

#[sqlx::test(migrations = "../migrations")]
async fn the_quick_check_sees_what_changed_since_and_nothing_before(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = Books::open(pool, database).await;
    books.funded("25", "0.50").await;
    let since = sqlx::query_scalar("select clock_timestamp()")
        .fetch_one(&books.owner)
        .await
        .unwrap();
    let later = books.funded("10", "0").await;
    let report = books.ledger.verify(Some(since)).await.unwrap();
    assert!(report.is_clean(), "{report:#?}");
    sqlx::query("update wallet set paid = paid + 1 where wallet_id = $1")
        .bind(later)
        .execute(&books.owner)
        .await
        .unwrap();
    let report = books.ledger.verify(Some(since)).await.unwrap();
    assert_eq!(report.violated(), ["V3", "V4", "V23"]);
    assert_eq!(
        report.checked[2].violations, 1,
        "only the wallet that changed"
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn the_quick_check_sees_a_call_that_moved_nothing(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = Books::open(pool, database).await;
    books.add_rates().await;
    let wallet_id = books.funded("5", "0").await;
    let since = sqlx::query_scalar("select clock_timestamp()")
        .fetch_one(&books.owner)
        .await
        .unwrap();
    let asked = ask(wallet_id, "free", FREE);
    books.ledger.authorize_call(asked).await.unwrap();
    let free = call(wallet_id, "free");
    books.ledger.end_call(free, 60, "normal").await.unwrap();
    let report = books.ledger.verify(Some(since)).await.unwrap();
    assert!(report.is_clean(), "{report:#?}");
    sqlx::query("update call set charge = 0.25 where call_id = 'free'")
        .execute(&books.owner)
        .await
        .unwrap();
    let report = books.ledger.verify(Some(since)).await.unwrap();
    assert_eq!(report.violated(), ["V7", "V20"]);
}

/// A call that ended, one that runs, a correction: something of everything.
async fn live(books: &Books, wallet_id: WalletId) {
    books.add_rates().await;
    for name in ["ended", "running"] {
        let ask = ask(wallet_id, name, LANDLINE);
        books.ledger.authorize_call(ask).await.unwrap();
    }
    let ended = call(wallet_id, "ended");
    books.ledger.end_call(ended, 120, "normal").await.unwrap();
    let adjust = Adjust {
        wallet_id,
        adjustment_id: Uuid::now_v7(),
        amount: money("1"),
        reason: "goodwill".into(),
        author: "Ines".into(),
        credit_expires_at: None,
    };
    books.ledger.adjust(adjust).await.unwrap();
}

/// Keeps the tables as they are, to be put back after each corruption.
const KEEP: &str = "
    create schema kept;
    create table kept.wallet as table wallet; create table kept.top_up as table top_up;
    create table kept.transfer as table transfer; create table kept.call as table call;
    create table kept.adjustment as table adjustment;";

const PUT_BACK: &str = "
    truncate wallet, transfer, call cascade; delete from stripe_event;
    insert into wallet table kept.wallet; insert into top_up table kept.top_up;
    insert into transfer table kept.transfer; insert into call table kept.call;
    insert into adjustment table kept.adjustment;";
