//! A transfer as it is sealed: every column, in one fixed form.

use domain::WalletId;
use rust_decimal::Decimal;
use serde::Serialize;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::tree::{self, Hash};
use crate::error::Fault;

/// Field order is part of the form: never change it, add a version instead.
#[derive(Serialize)]
struct Leaf {
    wallet_id: WalletId,
    seq: i64,
    kind: String,
    from_account: String,
    to_account: String,
    currency: String,
    amount: String,
    promotional: String,
    available_after: String,
    held_after: String,
    promotional_after: String,
    debt_after: String,
    subject: String,
    subject_id: String,
    step: i32,
    expires_at_micros: Option<i64>,
    created_at_micros: i64,
}

fn micros(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1_000).expect("a stored time is before year 9999")
}

fn money(amount: Decimal) -> String {
    format!("{amount:.4}")
}

/// The sealed form of a range of a wallet's transfers, in order.
pub(crate) async fn texts(
    connection: &mut PgConnection,
    wallet_id: WalletId,
    first_seq: i64,
    last_seq: i64,
) -> Result<Vec<String>, Fault> {
    let rows = sqlx::query!(
        "select seq, kind, from_account, to_account, currency, amount, promotional, available_after,
             held_after, promotional_after, debt_after, subject, subject_id, step, expires_at, created_at
         from transfer where wallet_id = $1 and seq between $2 and $3 order by seq",
        wallet_id as WalletId,
        first_seq,
        last_seq
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let leaf = Leaf {
                wallet_id,
                seq: row.seq,
                kind: row.kind,
                from_account: row.from_account,
                to_account: row.to_account,
                currency: row.currency,
                amount: money(row.amount),
                promotional: money(row.promotional),
                available_after: money(row.available_after),
                held_after: money(row.held_after),
                promotional_after: money(row.promotional_after),
                debt_after: money(row.debt_after),
                subject: row.subject,
                subject_id: row.subject_id,
                step: row.step,
                expires_at_micros: row.expires_at.map(micros),
                created_at_micros: micros(row.created_at),
            };
            serde_json::to_string(&leaf)
                .map_err(|_| Fault::Inconsistent("a transfer cannot be written down"))
        })
        .collect()
}

pub(crate) fn hashes(texts: &[String]) -> Vec<Hash> {
    texts
        .iter()
        .map(|text| tree::leaf(text.as_bytes()))
        .collect()
}
