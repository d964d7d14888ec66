//! Calls as their customer watches them: those that run, and one that a page asks about by name.

use domain::call::{CallRefusal, CallState, Grant};
use domain::meter::Meter;
use domain::rate::RateKind;
use domain::{Money, WalletId};
use rust_decimal::Decimal;
use sqlx::PgConnection;
use sqlx::types::Json;

use crate::Ledger;
use crate::error::{Error, Fault};
use crate::rates;

/// How long a call that was asked for is shown without the switch having come back.
pub(crate) const DIALED_SECONDS: i64 = 45;

/// A call on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveCall {
    pub call_id: String,
    /// E.164 digits.
    pub callee: Option<String>,
    /// None as long as the books do not know the call.
    pub destination: Option<String>,
    pub stage: Stage,
}

/// How far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The switch was asked, and has not come back yet; or it never will.
    Dialing { is_late: bool },
    /// The books said no.
    Refused(CallRefusal),
    /// It rings; credit is set aside.
    Ringing { held: Money },
    /// It is talked.
    Talking {
        elapsed_milliseconds: i64,
        held: Money,
        meter: Meter,
        /// The call ends when the time left is used up, unless credit is added.
        is_final: bool,
    },
    /// It is over.
    Over {
        charge: Money,
        released: Money,
        talked_seconds: i64,
        is_estimated: bool,
    },
}

struct Row {
    call_id: String,
    callee: Option<String>,
    state: CallState,
    prefix: String,
    destination: String,
    kind: RateKind,
    per_minute: Decimal,
    connection_fee: Money,
    initial_seconds: i32,
    increment_seconds: i32,
    max_seconds: i32,
    held: Money,
    granted_seconds: i32,
    is_final: bool,
    confirmed_seconds: i32,
    elapsed_milliseconds: i64,
    charge: Option<Money>,
    released: Option<Money>,
    talked_seconds: Option<i64>,
    estimated: bool,
}

impl Ledger {
    /// The running calls, oldest first, and the one of this name whatever became of it.
    pub async fn live_calls(
        &self,
        wallet_id: WalletId,
        named: Option<&str>,
    ) -> Result<Vec<LiveCall>, Error> {
        let mut tx = self.snapshot().await?;
        let calls = self.live_calls_in(&mut tx, wallet_id, named).await?;
        tx.commit().await?;
        Ok(calls)
    }

    /// The same on a snapshot of the caller's.
    pub(crate) async fn live_calls_in(
        &self,
        connection: &mut PgConnection,
        wallet_id: WalletId,
        named: Option<&str>,
    ) -> Result<Vec<LiveCall>, Fault> {
        let rows = self.live_rows(connection, wallet_id, named).await?;
        let mut calls = Vec::new();
        for row in rows {
            calls.push(self.live_call(connection, wallet_id, row).await?);
        }
        calls.extend(self.dialed_calls(connection, wallet_id, named).await?);
        Ok(calls)
    }

    /// No call runs for longer than a day, so no more than a day's calls are looked at.
    async fn live_rows(
        &self,
        connection: &mut PgConnection,
        wallet_id: WalletId,
        named: Option<&str>,
    ) -> Result<Vec<Row>, Fault> {
        Ok(sqlx::query_as!(
            Row,
            r#"select call_id, callee, state as "state: CallState", prefix, destination,
                      kind as "kind: RateKind", per_minute, connection_fee as "connection_fee: Money",
                      initial_seconds, increment_seconds, max_seconds, held as "held: Money",
                      granted_seconds, is_final, confirmed_seconds,
                      coalesce(extract(epoch from now() + $3::bigint * interval '1 microsecond' - answered_at) * 1000, 0)::bigint
                          as "elapsed_milliseconds!",
                      charge as "charge: Money", released as "released: Money", talked_seconds, estimated
               from call
               where wallet_id = $1 and (call_id = $2 or (state in ('authorized', 'answered')
                 and authorized_at > now() + $3::bigint * interval '1 microsecond' - interval '26 hours'))
               order by authorized_at"#,
            wallet_id as WalletId,
            named,
            self.offset()
        )
        .fetch_all(connection)
        .await?)
    }

    async fn live_call(
        &self,
        connection: &mut PgConnection,
        wallet_id: WalletId,
        row: Row,
    ) -> Result<LiveCall, Fault> {
        let stage = match row.state {
            CallState::Authorized => Stage::Ringing { held: row.held },
            CallState::Answered => self.talking(connection, wallet_id, &row).await?,
            CallState::Ended | CallState::Expired => Stage::Over {
                charge: row.charge.unwrap_or_default(),
                released: row.released.unwrap_or_default(),
                talked_seconds: row.talked_seconds.unwrap_or_default(),
                is_estimated: row.estimated,
            },
        };
        Ok(LiveCall {
            call_id: row.call_id,
            callee: row.callee,
            destination: Some(row.destination),
            stage,
        })
    }

    async fn talking(
        &self,
        connection: &mut PgConnection,
        wallet_id: WalletId,
        row: &Row,
    ) -> Result<Stage, Fault> {
        let pricing = rates::pricing(
            row.per_minute,
            row.connection_fee,
            [row.initial_seconds, row.increment_seconds, row.max_seconds],
        )?;
        let (wallet, running) = self
            .wallet_within_limits(connection, wallet_id, &row.prefix, &pricing, row.kind)
            .await?;
        let grant = Grant {
            held: row.held,
            seconds: row.granted_seconds.unsigned_abs(),
            is_final: row.is_final,
        };
        let rules = &self.rules().call;
        // A switch that talks faster than our clock, as in a simulation, is ahead of it.
        let confirmed = i64::from(row.confirmed_seconds) * 1_000;
        let meter = Meter::of(pricing, row.kind, &wallet, rules, running, grant);
        Ok(Stage::Talking {
            elapsed_milliseconds: row.elapsed_milliseconds.max(confirmed),
            held: row.held,
            meter,
            is_final: meter.is_final(grant),
        })
    }

    /// Calls that were asked for and that the books know nothing of, or only that they refused them.
    async fn dialed_calls(
        &self,
        connection: &mut PgConnection,
        wallet_id: WalletId,
        named: Option<&str>,
    ) -> Result<Vec<LiveCall>, Fault> {
        let now = self.clock().now();
        let since = now - time::Duration::seconds(DIALED_SECONDS);
        let rows = sqlx::query!(
            r#"select dialed_call.call_id, callee, asked_at, refusal as "refusal?: Json<CallRefusal>"
               from dialed_call
               left join call_refusal on call_refusal.wallet_id = $1 and call_refusal.call_id = dialed_call.call_id
               where dialed_call.wallet_id = $1 and (dialed_call.call_id = $2 or asked_at > $3)
                 and not exists (select from call where call.wallet_id = $1 and call.call_id = dialed_call.call_id)
               order by asked_at"#,
            wallet_id as WalletId,
            named,
            since
        )
        .fetch_all(connection)
        .await?;
        let wanted = |call_id: &str| named == Some(call_id);
        Ok(rows
            .into_iter()
            // What was refused is told where it was asked for, not on every page.
            .filter(|row| row.refusal.is_none() || wanted(&row.call_id))
            .map(|row| LiveCall {
                stage: match row.refusal {
                    Some(Json(refusal)) => Stage::Refused(refusal),
                    None => Stage::Dialing {
                        is_late: row.asked_at <= since,
                    },
                },
                call_id: row.call_id,
                callee: row.callee,
                destination: None,
            })
            .collect())
    }
}
