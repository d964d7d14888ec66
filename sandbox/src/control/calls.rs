//! The telephone switch on the control page.

use super::{
    page::select,
    tables::{SHOWN, button, code, row, table},
};
use crate::{
    pages::html::escape,
    state::State,
    switch::{Call, Outcome},
};

pub(super) fn section(state: &State) -> String {
    let board = &state.switch;
    let rows: Vec<String> = board.calls().iter().rev().take(SHOWN).map(shown).collect();
    let columns = [
        "Call", "Wallet", "To", "Plan", "Stage", "Talked", "Granted", "Charge", "Acts",
    ];
    let calls = table("Calls", &columns, &rows, "No call yet.");
    let planned: Vec<&str> = board.plans().iter().map(|plan| plan.name()).collect();
    let planned = if planned.is_empty() {
        "Calls are answered after some seconds and talked until somebody hangs up.".to_owned()
    } else {
        format!("Next calls: {}.", planned.join(", "))
    };
    format!(
        "{calls}<p>{planned} A second is {pace} simulated here.</p>\
         <form class=\"row\" method=\"post\" action=\"/_sandbox/switch/next\">\
         <label>Next call {}</label>\
         <label>After seconds <input name=\"after\" inputmode=\"numeric\"></label>\
         <label>Talked seconds <input name=\"talk\" inputmode=\"numeric\"></label>\
         <button>Plan call</button></form>\
         <form class=\"row\" method=\"post\" action=\"/_sandbox/switch/pace\">\
         <label>Simulated seconds in a real one <input name=\"factor\" value=\"{pace}\" \
         inputmode=\"numeric\"></label><button>Set pace</button></form>",
        select("outcome", &Outcome::NAMES, ""),
        pace = board.pace(),
    )
}

fn shown(call: &Call) -> String {
    let acts = if call.can_hang_up() {
        button("switch/hangup", "Hang up", &[("call_id", &call.call_id)])
    } else {
        String::new()
    };
    let seconds = |seconds: u64| format!("{seconds} s");
    let granted = call.granted_seconds.map_or_else(String::new, seconds);
    let last = if call.is_final { ", the last" } else { "" };
    row(&[
        &code(&call.call_id),
        &code(&call.wallet),
        &escape(&call.to),
        call.plan.name(),
        &escape(&stage(call)),
        &seconds(call.talked_seconds),
        &format!("{granted}{last}"),
        &escape(call.charge.as_deref().unwrap_or_default()),
        &acts,
    ])
}

/// The stage with its reason: "ended: busy".
fn stage(call: &Call) -> String {
    let said = [&call.refusal, &call.outcome, &call.cause];
    let reason = said.into_iter().flatten().next();
    let stage = call.stage.name();
    reason.map_or_else(|| stage.to_owned(), |reason| format!("{stage}: {reason}"))
}
