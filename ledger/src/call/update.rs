//! The heartbeat of a running call.

use domain::call::{self, CallRefusal, Grant};
use domain::{Money, TransferKind, WalletId};
use sqlx::PgConnection;
use time::Duration;

use super::extend::confirmed;
use super::hold::hold;
use super::row::CallRow;
use super::{CallRef, Updated, row, spent};
use crate::Ledger;
use crate::books;
use crate::error::{Error, Fault};
use crate::freeze;
use crate::rates::Book;

impl Ledger {
    /// Notes the seconds talked so far and, when little is left, holds more. `seq` counts the
    /// switch's updates of this call: an old one is answered as it was, a gap is accepted, the same
    /// one with other seconds is `Conflict`. A call that is over is `CallEnded`.
    pub async fn update_call(
        &self,
        call: CallRef,
        seq: i64,
        talked: u32,
    ) -> Result<Updated, Error> {
        self.act(move |ledger| {
            let call = call.clone();
            async move {
                let updated = ledger.update(&call, seq, talked).await?;
                ledger.changes().tell(call.wallet_id);
                Ok(updated)
            }
        })
        .await
    }

    async fn update(&self, call: &CallRef, seq: i64, talked: u32) -> Result<Updated, Fault> {
        if let Some(updated) = self.update_at_once(call, seq, talked).await? {
            return Ok(updated);
        }
        match self.extend_at_once(call, seq, talked).await? {
            Some(grant) => Ok(updated(seq, &grant)),
            None => self.update_by_the_rules(call, seq, talked).await,
        }
    }

    /// The common case in one statement: enough is left, the wallet is not asked.
    ///
    /// Its commit does not wait for the disk. It promises nothing: what it answers was granted, and is on disk,
    /// before. Should the database crash within the next second, what the switch said may be forgotten, with
    /// everything that was written after it, and a repeat is answered the same from the same grant.
    async fn update_at_once(
        &self,
        call: &CallRef,
        seq: i64,
        talked: u32,
    ) -> Result<Option<Updated>, Fault> {
        let below = self.rules().call.extend_below_seconds;
        let needed = i64::from(talked) + i64::from(below);
        let mut lane = self.lane().await?;
        let row = sqlx::query!(
            r#"with beat as (
                   update call set confirmed_seconds = greatest(confirmed_seconds, $5::bigint)::integer, update_seq = $4
                   where wallet_id = $1 and call_id = $2 and switch_id = $3 and state = 'answered'
                     and update_seq < $4 and granted_seconds >= $6::bigint and not is_final
                   returning granted_seconds, held, is_final
               )
               insert into call_update (wallet_id, call_id, seq, talked_seconds, granted_seconds, held, is_final)
               select $1, $2, $4, $5::bigint::integer, granted_seconds, held, is_final
               from beat, (select set_config('synchronous_commit', 'off', true)) as without_waiting
               returning granted_seconds, held as "held: Money", is_final"#,
            call.wallet_id as WalletId,
            call.call_id,
            call.switch_id,
            seq,
            i64::from(talked),
            needed
        )
        .fetch_optional(lane.connection())
        .await;
        Ok(lane.done(row)?.map(|row| Updated {
            seq,
            granted_seconds: row.granted_seconds.unsigned_abs(),
            held: row.held,
            is_final: row.is_final,
        }))
    }

    async fn update_by_the_rules(
        &self,
        call: &CallRef,
        seq: i64,
        talked: u32,
    ) -> Result<Updated, Fault> {
        let book = self.newest_book().await?;
        let mut tx = self.begin_switch().await?;
        let row = row::lock(&mut tx, call).await?;
        if let Some((before, updated)) = answered_before(&mut tx, call, seq).await? {
            return if i64::from(before) == i64::from(talked) {
                Ok(updated)
            } else {
                Err(CallRefusal::Conflict.into())
            };
        }
        if !row.state.is_running() {
            return Err(CallRefusal::CallEnded.into());
        }
        if seq <= row.update_seq {
            // Late and never seen: it is told how things stand, and changes nothing.
            return Ok(updated(seq, &row.grant()));
        }
        let grant = self.extend(&mut tx, call, &row, talked, &book).await?;
        let answer = updated(seq, &grant);
        self.note_beat(&mut tx, call, &row, seq, talked, &grant)
            .await?;
        tx.commit().await?;
        Ok(answer)
    }

    /// Holds more if little is left, as the rules say.
    async fn extend(
        &self,
        tx: &mut PgConnection,
        call: &CallRef,
        row: &CallRow,
        talked: u32,
        book: &Book,
    ) -> Result<Grant, Fault> {
        let (wallet, running) = super::lock_wallet(tx, call.wallet_id).await?;
        let pricing = row.copied_rate()?.pricing;
        let confirmed = confirmed(row, talked);
        let rules = &book.guards.call;
        let before = row.grant();
        if freeze::is_frozen(tx, call.wallet_id).await? {
            return Ok(Grant {
                is_final: true,
                ..before
            });
        }
        let now = self.now_in(&mut *tx).await?;
        let spent = spent::read(&mut *tx, call.wallet_id, &row.prefix, now).await?;
        let room = book.guards.spend.room(&pricing, &spent, now);
        let seen = room.within(&wallet, row.kind);
        let grant = call::extend(&pricing, row.kind, &seen, rules, running, before, confirmed);
        let more = grant.held - before.held;
        if more.is_positive() {
            let draft = hold(
                &call.call_id,
                TransferKind::Extend,
                more,
                row.extensions + 1,
            );
            books::post(tx, call.wallet_id, wallet, &[draft]).await?;
        }
        Ok(grant)
    }

    async fn note_beat(
        &self,
        tx: &mut PgConnection,
        call: &CallRef,
        row: &CallRow,
        seq: i64,
        talked: u32,
        grant: &Grant,
    ) -> Result<(), Fault> {
        let now = self.now_in(&mut *tx).await?;
        // A switch that forgot to say so has been talking for as long as it says now.
        let answered_at = row
            .answered_at
            .unwrap_or(now - Duration::seconds(i64::from(talked)));
        let expires_at =
            answered_at + Duration::seconds(i64::from(grant.seconds)) + self.rules().call.grace;
        sqlx::query!(
            "with beat as (
                 update call set state = 'answered', answered_at = $4, held = $5, granted_seconds = $6,
                     is_final = $7, expires_at = greatest(expires_at, $8),
                     confirmed_seconds = greatest(confirmed_seconds, $9), update_seq = $3,
                     extensions = extensions + case when $5 > held then 1 else 0 end
                 where wallet_id = $1 and call_id = $2
             )
             insert into call_update (wallet_id, call_id, seq, talked_seconds, granted_seconds, held, is_final)
             values ($1, $2, $3, $9, $6, $5, $7)",
            call.wallet_id as WalletId,
            call.call_id,
            seq,
            answered_at,
            grant.held as Money,
            grant.seconds.cast_signed(),
            grant.is_final,
            expires_at,
            i32::try_from(talked).unwrap_or(i32::MAX)
        )
        .execute(tx)
        .await?;
        Ok(())
    }
}

fn updated(seq: i64, grant: &Grant) -> Updated {
    Updated {
        seq,
        granted_seconds: grant.seconds,
        held: grant.held,
        is_final: grant.is_final,
    }
}

/// The seconds and the answer of an update that was answered before.
async fn answered_before(
    tx: &mut PgConnection,
    call: &CallRef,
    seq: i64,
) -> Result<Option<(i32, Updated)>, Fault> {
    let row = sqlx::query!(
        r#"select talked_seconds, granted_seconds, held as "held: Money", is_final from call_update
           where wallet_id = $1 and call_id = $2 and seq = $3"#,
        call.wallet_id as WalletId,
        call.call_id,
        seq
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| {
        let answer = Updated {
            seq,
            granted_seconds: row.granted_seconds.unsigned_abs(),
            held: row.held,
            is_final: row.is_final,
        };
        (row.talked_seconds, answer)
    }))
}
