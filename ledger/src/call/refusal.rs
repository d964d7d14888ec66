//! Refusals, kept: a repeat of a refused request is refused again, whatever changed in between.

use domain::WalletId;
use domain::call::CallRefusal;
use sqlx::PgConnection;
use sqlx::types::Json;
use time::{Duration, OffsetDateTime};

use super::AuthorizeCall;
use crate::Ledger;
use crate::error::{Error, Fault};

/// How long a repeat may come.
const KEPT_FOR: Duration = Duration::days(30);

/// Refuses again what was refused before; the same id with other content is a conflict.
pub(super) async fn repeat(tx: &mut PgConnection, ask: &AuthorizeCall) -> Result<(), Fault> {
    let known = sqlx::query!(
        r#"select request_hash, refusal as "refusal: Json<CallRefusal>" from call_refusal
           where wallet_id = $1 and call_id = $2"#,
        ask.wallet_id as WalletId,
        ask.call_id
    )
    .fetch_optional(tx)
    .await?;
    match known {
        None => Ok(()),
        Some(row) if row.request_hash == ask.hash() => Err(row.refusal.0.into()),
        Some(_) => Err(CallRefusal::Conflict.into()),
    }
}

pub(super) async fn keep(
    tx: &mut PgConnection,
    ask: &AuthorizeCall,
    refusal: &CallRefusal,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    sqlx::query!(
        "insert into call_refusal (wallet_id, call_id, switch_id, request_hash, refusal, refused_at)
         values ($1, $2, $3, $4, $5, $6)",
        ask.wallet_id as WalletId,
        ask.call_id,
        ask.switch_id,
        ask.hash(),
        Json(refusal) as _,
        now
    )
    .execute(tx)
    .await?;
    Ok(())
}

impl Ledger {
    /// Forgets refusals that nobody repeats any more. Returns how many.
    pub async fn forget_refusals(&self) -> Result<u64, Error> {
        let done = sqlx::query!(
            "delete from call_refusal where refused_at < $1",
            self.clock().now() - KEPT_FOR
        )
        .execute(self.worker())
        .await?;
        Ok(done.rows_affected())
    }
}
