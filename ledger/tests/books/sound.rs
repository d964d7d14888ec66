//! The quick look at a row finds sound what its domain finds sound, and nothing else: tried with real rows
//! in which every two values that are judged are made small, large, absent, not a number or another word.

use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::call::open;
use crate::support::calls::{LANDLINE, ask, call};

/// The tables, with the columns their domains speak of.
const JUDGED: &[(&str, &str)] = &[
    (
        "wallet",
        "currency, version, paid, promotional, held, debt, running_calls, call_spend, frozen_at, frozen_reason",
    ),
    (
        "transfer",
        "seq, kind, from_account, to_account, currency, amount, promotional, available_after, held_after,
         promotional_after, debt_after, subject, subject_id, step, expires_at",
    ),
    (
        "call",
        "call_id, state, kind, held, first_seconds, granted_seconds, confirmed_seconds, ended_at, talked_seconds,
         billed_seconds, charge, released, shrinkage",
    ),
];

/// How many changed rows were judged, how many of them were sound, and where the two differ. A row is found
/// sound by the quick look alone where it is found so although the domain would refuse it.
const COMPARE: &str = "
    create function compare_TABLE(row_of TABLE) returns text language plpgsql as $$
    declare
        quick boolean;
        slow boolean;
    begin
        begin
            quick := TABLE_is_sound(row_of);
        exception when check_violation then
            quick := false;
        end;
        begin
            slow := num_nulls(row_of::sound_TABLE) = 0;
        exception when check_violation then
            slow := false;
        end;
        return case when quick is distinct from slow then 'different' when slow then 'sound' else 'unsound' end;
    end $$";

const ROWS: &str = r#"
    with judged as (
        select attname::text as name, typname::text as type from pg_attribute join pg_type on pg_type.oid = atttypid
        where attrelid = 'TABLE'::regclass and attname = any (string_to_array(regexp_replace('COLUMNS', '\s', '', 'g'), ','))
    ), patch as (
        select name, jsonb_build_object(name, value) as changed from judged, jsonb_array_elements(case type
            when 'numeric' then '[-0.0001, 0, 0.05, 1000000, 1000000.0001, 1000000001, "NaN", null]'::jsonb
            when 'int4' then '[-1, 0, 1, 100000, null]'
            when 'int8' then '[-1, 0, 1, 100000, null]'
            when 'timestamptz' then '["2026-01-01", null]'
            when 'bpchar' then '["USD", "EUR", null]'
            else '["", "x", "hold", "release", "bonus", "available", "held", "call", "authorized", "ended", "expired",
                "special", null]'::jsonb
                || to_jsonb(array[repeat('y', 129), repeat('y', 501)])
            end) as value
    ), judgement as (
        select compare_TABLE(jsonb_populate_record(real, one.changed || other.changed)) as said,
            one.changed || other.changed as changed
        from TABLE as real, patch as one, patch as other where one.name <= other.name
    )
    select count(*), count(*) filter (where said = 'sound'), min(changed::text) filter (where said = 'different')
    from judgement"#;

async fn compare(owner: &PgPool, table: &str, columns: &str) -> (i64, i64, Option<String>) {
    let make = COMPARE.replace("TABLE", table);
    sqlx::raw_sql(sqlx::AssertSqlSafe(make))
        .execute(owner)
        .await
        .unwrap();
    let ask = ROWS.replace("TABLE", table).replace("COLUMNS", columns);
    sqlx::query_as(sqlx::AssertSqlSafe(ask))
        .fetch_one(owner)
        .await
        .unwrap()
}

#[sqlx::test(migrations = "../migrations")]
async fn the_quick_look_and_the_domain_find_the_same_rows_sound(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let wallet_id = books.funded("25", "0").await;
    for name in ["running", "ended"] {
        let ask = ask(wallet_id, name, LANDLINE);
        books.ledger.authorize_call(ask).await.unwrap();
    }
    let call = call(wallet_id, "ended");
    books.ledger.end_call(call, 60, "normal").await.unwrap();
    for (table, columns) in JUDGED {
        let (judged, sound, different) = compare(&books.owner, table, columns).await;
        println!("{table}: {judged} rows judged, {sound} of them sound");
        assert_eq!(different, None, "{table}");
        assert!(judged > 500 && sound > 50 && sound < judged, "{table}");
    }
}
