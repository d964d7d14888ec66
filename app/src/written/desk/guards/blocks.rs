//! Prefixes nobody may call: by an operator, or by the price list itself.

use domain::staff::Right;
use ledger::Block;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use serde_json::json;
use uuid::Uuid;

use super::{Query, cell, short, table};
use crate::context::{self, LocalTime};
use crate::error::AppError;

#[server(endpoint = "desk_block_destination")]
pub(crate) async fn desk_block_destination(prefix: String, reason: String) -> Result<(), AppError> {
    let clerk = context::acting_clerk(Right::SetGuards).await?;
    let ledger = context::ledger();
    let mut deed = clerk.deed("block_destination", "prefix", short(&prefix));
    deed.detail = json!({ "reason": reason });
    let blocked = ledger.block_destination(&prefix, &reason, &clerk.email);
    let done = ledger.deed(deed, blocked).await;
    done.map_err(|error| context::refused_beside(error, &prefix))
}

#[server(endpoint = "desk_lift_block")]
pub(crate) async fn desk_lift_block(prefix: String, reason: String) -> Result<(), AppError> {
    let clerk = context::acting_clerk(Right::SetGuards).await?;
    let ledger = context::ledger();
    let mut deed = clerk.deed("lift_block", "prefix", short(&prefix));
    deed.detail = json!({ "reason": reason });
    let lifted = ledger.lift_block(&prefix, &reason, &clerk.email);
    ledger.deed(deed, lifted).await.map_err(context::refused)
}

pub(super) async fn blocked(query: &Query, may_set: bool) -> Result<AnyView, AppError> {
    let before: Option<Uuid> = query.get("before").parse().ok();
    let blocks = context::ledger()
        .blocks(before)
        .await
        .map_err(context::refused)?;
    let older = (blocks.len() == 50)
        .then(|| blocks.last())
        .flatten()
        .map(|last| format!("/desk/guards?before={}", last.block_id));
    let rows = blocks
        .into_iter()
        .map(|block| row(block, may_set))
        .collect();
    let form = may_set.then(|| {
        view! {
            <form method="post" action=DeskBlockDestination::PATH>
                <p class="field">
                    <label for="block-prefix">"Prefix"</label>
                    <input id="block-prefix" name="prefix" inputmode="tel" maxlength="24" required />
                    <span class="hint">
                        "Every number that begins like this: +881, or +52 55 1234 5678 alone. Running calls go on."
                    </span>
                </p>
                <p class="field">
                    <label for="block-reason">"Reason, for the log"</label>
                    <input id="block-reason" name="reason" minlength="3" maxlength="500" required />
                </p>
                <button class="button" type="submit">
                    "Block"
                </button>
            </form>
        }
    });
    Ok(view! {
        {table(
            "Blocked destinations",
            &["Prefix", "Reason", "Blocked", "By", "State"],
            rows,
            "Nobody has blocked a destination here.",
        )}
        {older.map(|address| view! { <a class="quiet-button" href=address>"Older"</a> })}
        {form}
    }
    .into_any())
}

fn row(block: Block, may_set: bool) -> Vec<AnyView> {
    let clock = LocalTime::of_request();
    let state = match (block.lifted_at, block.lifted_by, block.lifted_reason) {
        (Some(at), Some(by), Some(why)) => {
            cell(format!("Lifted {} by {by}: {why}", clock.lately(at)))
        }
        _ if may_set => {
            let id = format!("lift-{}", block.prefix);
            let label = format!("Lift +{}", block.prefix);
            view! {
                <form method="post" action=DeskLiftBlock::PATH>
                    <input type="hidden" name="prefix" value=block.prefix.clone() />
                    <p class="field">
                        <label for=id.clone()>"Reason to lift it"</label>
                        <input id=id name="reason" minlength="3" maxlength="500" required />
                    </p>
                    <button class="text-button" type="submit" aria-label=label>
                        "Lift"
                    </button>
                </form>
            }
            .into_any()
        }
        _ => cell("Blocked"),
    };
    vec![
        cell(format!("+{}", block.prefix)),
        cell(block.reason),
        cell(clock.lately(block.blocked_at)),
        cell(block.blocked_by),
        state,
    ]
}

pub(super) async fn listed(query: &Query) -> Result<AnyView, AppError> {
    let after = Some(query.get("after")).filter(|text| !text.is_empty());
    let listed = context::ledger()
        .listed_blocks(after)
        .await
        .map_err(context::refused)?;
    let more = (listed.len() == 50)
        .then(|| listed.last())
        .flatten()
        .map(|last| format!("/desk/guards?after={}", last.prefix));
    let rows = listed
        .into_iter()
        .map(|block| vec![cell(format!("+{}", block.prefix)), cell(block.destination)])
        .collect();
    Ok(view! {
        <p class="hint">"A price list opens them again: a line of the prefix with blocked = no."</p>
        {table(
            "Blocked by the price list",
            &["Prefix", "Destination"],
            rows,
            "The price list in force blocks nothing.",
        )}
        {more.map(|address| view! { <a class="quiet-button" href=address>"More"</a> })}
    }
    .into_any())
}
