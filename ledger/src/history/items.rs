//! The things of a page of history, each kind in one query.

use std::collections::HashMap;

use domain::call::CallState;
use domain::dispute::DisputeState;
use domain::history::{
    AdjustmentItem, CallItem, DisputeItem, GrantItem, MessageItem, RefundItem, Thing,
};
use domain::message::MessageState;
use domain::rate::RateKind;
use domain::refund::RefundState;
use domain::{Money, Subject, TopUpId, WalletId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::Fault;
use crate::{rates, top_up};

/// What kind a place is, told by the letter its id begins with.
pub(super) fn subject(place_id: &str) -> Option<(Subject, &str)> {
    let letter = place_id.get(..1)?;
    let subject = match letter {
        "t" => Subject::TopUp,
        "c" => Subject::Call,
        "m" => Subject::Message,
        "g" => Subject::Campaign,
        "a" => Subject::Adjustment,
        "r" => Subject::Refund,
        "d" => Subject::Dispute,
        _ => return None,
    };
    Some((subject, place_id.get(1..)?))
}

/// The things at these places, by subject and id.
pub(crate) async fn things(
    connection: &mut PgConnection,
    wallet_id: WalletId,
    places: &[(Subject, &str)],
) -> Result<HashMap<(Subject, String), Thing>, Fault> {
    let mut found = HashMap::with_capacity(places.len());
    for subject in [
        Subject::TopUp,
        Subject::Call,
        Subject::Message,
        Subject::Campaign,
        Subject::Adjustment,
        Subject::Refund,
        Subject::Dispute,
    ] {
        let ids: Vec<String> = places
            .iter()
            .filter(|place| place.0 == subject)
            .map(|place| place.1.to_owned())
            .collect();
        if ids.is_empty() {
            continue;
        }
        let things = of_one_kind(connection, wallet_id, subject, &ids).await?;
        found.extend(
            things
                .into_iter()
                .map(|thing| ((subject, thing.subject_id()), thing)),
        );
    }
    Ok(found)
}

async fn of_one_kind(
    connection: &mut PgConnection,
    wallet_id: WalletId,
    subject: Subject,
    ids: &[String],
) -> Result<Vec<Thing>, Fault> {
    let uuids = || -> Vec<Uuid> { ids.iter().filter_map(|id| id.parse().ok()).collect() };
    Ok(match subject {
        Subject::TopUp => {
            let items = top_up::items(connection, wallet_id, &uuids()).await?;
            items.into_iter().map(Thing::TopUp).collect()
        }
        Subject::Call => calls(connection, wallet_id, ids).await?,
        Subject::Message => messages(connection, wallet_id, ids).await?,
        Subject::Campaign => grants(connection, wallet_id, ids).await?,
        Subject::Refund => refunds(connection, wallet_id, ids).await?,
        Subject::Dispute => disputes(connection, wallet_id, ids).await?,
        Subject::Adjustment => adjustments(connection, wallet_id, &uuids()).await?,
    })
}

async fn calls(
    connection: &mut PgConnection,
    wallet_id: WalletId,
    ids: &[String],
) -> Result<Vec<Thing>, Fault> {
    let rows = sqlx::query!(
        r#"select call_id, state as "state: CallState", callee, destination, kind as "kind: RateKind",
                  per_minute, connection_fee as "connection_fee: Money", initial_seconds,
                  increment_seconds, max_seconds, held as "held: Money", answered_at, ended_at,
                  talked_seconds, billed_seconds, charge as "charge: Money", estimated, corrected_at
           from call where wallet_id = $1 and call_id = any($2)"#,
        wallet_id as WalletId,
        ids
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let steps = [row.initial_seconds, row.increment_seconds, row.max_seconds];
            Ok(Thing::Call(CallItem {
                call_id: row.call_id,
                state: row.state,
                callee: row.callee,
                destination: row.destination,
                kind: row.kind,
                pricing: rates::pricing(row.per_minute, row.connection_fee, steps)?,
                held: row.held,
                answered_at: row.answered_at,
                ended_at: row.ended_at,
                talked_seconds: row.talked_seconds,
                billed_seconds: row.billed_seconds,
                charge: row.charge,
                estimated: row.estimated,
                corrected: row.corrected_at.is_some(),
            }))
        })
        .collect()
}

async fn messages(
    connection: &mut PgConnection,
    wallet_id: WalletId,
    ids: &[String],
) -> Result<Vec<Thing>, Fault> {
    let rows = sqlx::query!(
        r#"select message_id, state as "state: MessageState", sender, segments, charge as "charge: Money",
                  delivered_at
           from message where wallet_id = $1 and message_id = any($2)"#,
        wallet_id as WalletId,
        ids
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            Thing::Message(MessageItem {
                message_id: row.message_id,
                state: row.state,
                sender: row.sender,
                segments: row.segments.unsigned_abs(),
                charge: row.charge,
                delivered_at: row.delivered_at,
            })
        })
        .collect())
}

async fn grants(
    connection: &mut PgConnection,
    wallet_id: WalletId,
    ids: &[String],
) -> Result<Vec<Thing>, Fault> {
    let items = sqlx::query_as!(
        GrantItem,
        r#"select grant_id, reason, amount as "amount: Money", expires_at
           from credit_grant where wallet_id = $1 and grant_id = any($2)"#,
        wallet_id as WalletId,
        ids
    )
    .fetch_all(connection)
    .await?;
    Ok(items.into_iter().map(Thing::Grant).collect())
}

async fn adjustments(
    connection: &mut PgConnection,
    wallet_id: WalletId,
    ids: &[Uuid],
) -> Result<Vec<Thing>, Fault> {
    let items = sqlx::query_as!(
        AdjustmentItem,
        r#"select adjustment_id, reason, amount as "amount: Money"
           from adjustment where wallet_id = $1 and adjustment_id = any($2)"#,
        wallet_id as WalletId,
        ids
    )
    .fetch_all(connection)
    .await?;
    Ok(items.into_iter().map(Thing::Adjustment).collect())
}

async fn refunds(
    connection: &mut PgConnection,
    wallet_id: WalletId,
    ids: &[String],
) -> Result<Vec<Thing>, Fault> {
    let items = sqlx::query_as!(
        RefundItem,
        r#"select refund_id, top_up_id as "top_up_id: TopUpId", state as "state: RefundState",
                  credit as "credit: Money", clawback as "clawback: Money", amount as "amount: Money", asked_at
           from refund where wallet_id = $1 and refund_id = any($2)"#,
        wallet_id as WalletId,
        &last_parts(ids)
    )
    .fetch_all(connection)
    .await?;
    Ok(items.into_iter().map(Thing::Refund).collect())
}

async fn disputes(
    connection: &mut PgConnection,
    wallet_id: WalletId,
    ids: &[String],
) -> Result<Vec<Thing>, Fault> {
    let items = sqlx::query_as!(
        DisputeItem,
        r#"select dispute_id, top_up_id as "top_up_id: TopUpId", state as "state: DisputeState",
                  amount as "amount: Money", withdrawn as "withdrawn: Money"
           from dispute where wallet_id = $1 and dispute_id = any($2)"#,
        wallet_id as WalletId,
        &last_parts(ids)
    )
    .fetch_all(connection)
    .await?;
    Ok(items.into_iter().map(Thing::Dispute).collect())
}

/// Their own ids, behind those of their purchases.
fn last_parts(ids: &[String]) -> Vec<String> {
    let last = |id: &String| id.rsplit('/').next().unwrap_or_default().to_owned();
    ids.iter().map(last).collect()
}
