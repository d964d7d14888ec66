//! Planted corruptions, each found by name: what the owner of the database can break, the check sees.

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::Books;

/// Takes away what stops the corruption at the door, as somebody with the owner's rights would.
const DEFENSES: &str = "
    alter table transfer drop constraint transfer_route_is_known;
    alter table transfer drop constraint transfer_amount_is_positive;
    alter table transfer drop constraint transfer_available_never_negative;
    alter table transfer drop constraint transfer_held_never_negative;
    alter table transfer drop constraint transfer_debt_never_negative;
    alter table transfer drop constraint transfer_promotional_never_negative;
    alter table transfer drop constraint transfer_promotional_is_part_of_amount;
    alter table transfer drop constraint transfer_happens_once;
    alter table wallet drop constraint wallet_never_overdrawn;
    alter table wallet drop constraint wallet_paid_never_negative;
    alter table wallet drop constraint wallet_held_never_negative;
    alter table wallet drop constraint wallet_debt_never_negative;";

/// What is done to the books, and the statements that stop holding; all of them are expected.
const CORRUPTIONS: &[(&str, &str, &[&str])] = &[
    (
        "an amount raised",
        "update transfer set amount = amount + 1 where kind = 'top_up'",
        &["V2", "V3", "V10", "V11"],
    ),
    (
        "a balance raised",
        "update wallet set paid = paid + 1",
        &["V3", "V4"],
    ),
    (
        "a promotional share lowered",
        "update transfer set promotional = promotional - 1 where kind = 'bonus'",
        &["V2", "V3"],
    ),
    (
        "a transfer removed",
        "delete from transfer where kind = 'top_up'",
        &["V2", "V3", "V10"],
    ),
    (
        "a running balance changed",
        "update transfer set available_after = available_after + 1 where kind = 'top_up'",
        &["V2"],
    ),
    (
        "a route that does not exist",
        "update transfer set from_account = 'breakage' where kind = 'top_up'",
        &["V1", "V11"],
    ),
    (
        "an amount without a number",
        "update transfer set amount = 'NaN' where kind = 'top_up'",
        &["V1", "V2", "V3", "V10", "V11"],
    ),
    (
        "a debt nobody has",
        "update wallet set debt = debt + 5",
        &["V3", "V4"],
    ),
    (
        "a payment never credited",
        "insert into top_up (wallet_id, top_up_id, source, state, amount, bonus, idempotency_key,
             checkout_expires_at, return_origin, next_check_at, settled_at, stripe_payment_id)
         select wallet_id, gen_random_uuid(), 'manual', 'settled', 25, 0, 'k', now(), '', now(), now(), 'pi_x' from wallet",
        &["V10"],
    ),
    (
        "a payment credited to two wallets",
        "with thief as (insert into wallet (wallet_id) values (gen_random_uuid()) returning wallet_id)
         insert into top_up (wallet_id, top_up_id, source, state, amount, bonus, idempotency_key,
             checkout_expires_at, return_origin, next_check_at, stripe_payment_id)
         select thief.wallet_id, gen_random_uuid(), 'manual', 'pending', 25, 0, 'k', now(), '', now(), stripe_payment_id
         from thief, top_up",
        &["V9"],
    ),
    (
        "a bonus that was not promised",
        "update top_up set bonus = 0",
        &["V10"],
    ),
    (
        "a consistent forgery: credit nobody paid for",
        "with richer as (
             update wallet set paid = paid + 5, version = version + 1
             returning wallet_id, version, paid, promotional, held, debt
         )
         insert into transfer (wallet_id, seq, kind, from_account, to_account, amount, promotional,
             available_after, held_after, promotional_after, debt_after, subject, subject_id)
         select wallet_id, version, 'top_up', 'stripe_clearing', 'available', 5, 0,
             paid + promotional - held, held, promotional, debt, 'top_up', 'forged' from richer",
        &["V10", "V11"],
    ),
    (
        "money held for nothing known",
        "with held as (
             update wallet set held = held + 1, version = version + 1
             returning wallet_id, version, paid, promotional, held, debt
         )
         insert into transfer (wallet_id, seq, kind, from_account, to_account, amount, promotional,
             available_after, held_after, promotional_after, debt_after, subject, subject_id)
         select wallet_id, version, 'hold', 'available', 'held', 1, 0,
             paid + promotional - held, held, promotional, debt, 'message', 'x' from held",
        &["V6"],
    ),
    (
        "a hold while in debt",
        "with owing as (
             update wallet set debt = 3, held = held + 1, version = version + 2
             returning wallet_id, version, paid, promotional, held, debt
         )
         insert into transfer (wallet_id, seq, kind, from_account, to_account, amount, promotional,
             available_after, held_after, promotional_after, debt_after, subject, subject_id)
         select wallet_id, version - 1, 'dispute', 'debt', 'stripe_clearing', 3, 0,
             paid + promotional - held + 1, held - 1, promotional, debt, 'dispute', 'd' from owing
         union all
         select wallet_id, version, 'refund_hold', 'available', 'held', 1, 0,
             paid + promotional - held, held, promotional, debt, 'refund', 'r' from owing",
        &["V24"],
    ),
    (
        "a balance below zero, written twice alike",
        "with poorer as (
             update wallet set paid = paid - 100, version = version + 1
             returning wallet_id, version, paid, promotional, held, debt
         )
         insert into transfer (wallet_id, seq, kind, from_account, to_account, amount, promotional,
             available_after, held_after, promotional_after, debt_after, subject, subject_id)
         select wallet_id, version, 'message', 'available', 'message_revenue', 100, 0,
             paid + promotional - held, held, promotional, debt, 'message', 'm' from poorer",
        &["V5"],
    ),
    (
        "an event nobody processed",
        "insert into stripe_event (event_id, event_type, object_id, body, received_at)
         values ('evt_1', 'charge.updated', 'ch_1', '', now() - interval '6 minutes')",
        &["V12"],
    ),
];

#[sqlx::test(migrations = "../migrations")]
async fn each_planted_corruption_is_found_by_name(pool: PgPoolOptions, database: PgConnectOptions) {
    let books = Books::open(pool, database).await;
    books.funded("25", "0.50").await;
    books.assert_clean().await;
    sqlx::raw_sql(DEFENSES).execute(&books.owner).await.unwrap();
    let mut found = 0;
    for (name, sql, expected) in CORRUPTIONS {
        let saved = save(&books).await;
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
        restore(&books, saved).await;
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
    assert_eq!(report.violated(), ["V3", "V4"]);
    assert_eq!(
        report.checked[2].violations, 1,
        "only the wallet that changed"
    );
}

/// The tables of the books as they are, to be put back: foreign keys point to `wallet`.
async fn save(books: &Books) -> Vec<(&'static str, serde_json::Value)> {
    let mut saved = Vec::new();
    for (table, sql) in [
        (
            "wallet",
            "select coalesce(jsonb_agg(wallet), '[]') from wallet",
        ),
        (
            "top_up",
            "select coalesce(jsonb_agg(top_up), '[]') from top_up",
        ),
        (
            "transfer",
            "select coalesce(jsonb_agg(transfer), '[]') from transfer",
        ),
    ] {
        let rows = sqlx::query_scalar(sql)
            .fetch_one(&books.owner)
            .await
            .unwrap();
        saved.push((table, rows));
    }
    saved
}

async fn restore(books: &Books, saved: Vec<(&'static str, serde_json::Value)>) {
    sqlx::raw_sql("truncate transfer, top_up, wallet cascade; delete from stripe_event")
        .execute(&books.owner)
        .await
        .unwrap();
    for (table, rows) in saved {
        let sql = match table {
            "wallet" => {
                "insert into wallet select * from jsonb_populate_recordset(null::wallet, $1)"
            }
            "top_up" => {
                "insert into top_up select * from jsonb_populate_recordset(null::top_up, $1)"
            }
            _ => "insert into transfer select * from jsonb_populate_recordset(null::transfer, $1)",
        };
        sqlx::query(sql)
            .bind(rows)
            .execute(&books.owner)
            .await
            .unwrap();
    }
}
