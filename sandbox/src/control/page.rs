//! The control page, for people.

use super::{calls, tables};
use crate::{
    clock,
    pages::html::{self, escape},
    state::State as Everything,
    world::Shared,
};
use axum::{extract::State, response::Response};

const FAULTS: [&str; 11] = [
    "500_before",
    "500_after_commit",
    "timeout_after_commit",
    "reset",
    "reset_after_commit",
    "429",
    "409",
    "html_502",
    "truncated_body",
    "late",
    "slow",
];
const MODES: [&str; 6] = [
    "normal",
    "duplicate",
    "reorder",
    "drop",
    "delay",
    "bad_signature",
];

pub(super) async fn show(State(world): State<Shared>) -> Response {
    let state = world.state();
    let body = format!(
        "<h1>Sandbox</h1><p class=\"soft\">The payment provider, the mailbox and the telephone switch, simulated. \
         <a href=\"/_sandbox\">Look again</a> · <a href=\"/mail\">Mail</a> · \
         <a href=\"/_sandbox/log\">Log as JSON</a></p>{}{}{}{}{}{}{}{}{}{}{}",
        time(&state),
        ways(&state),
        faults(&state),
        calls::section(&state),
        tables::sessions(&state),
        tables::payments(&state),
        tables::refunds(&state),
        tables::disputes(&state),
        tables::deliveries(&state),
        tables::requests(&state),
        "<h2>Start over</h2><form method=\"post\" action=\"/_sandbox/reset\">\
         <button>Forget everything</button></form>",
    );
    html::page("Sandbox", &body)
}

fn time(state: &Everything) -> String {
    let skip = |days: u32, label: &str| {
        format!(
            "<form class=\"inline\" method=\"post\" action=\"/_sandbox/clock/advance\">\
             <input type=\"hidden\" name=\"hours\" value=\"{days}\"><button class=\"small\">{label}</button></form> "
        )
    };
    format!(
        "<h2>Clock</h2><p>It is {} here. {}{}{}</p>",
        clock::date_and_time(state.now()),
        skip(1, "An hour later"),
        skip(24, "A day later"),
        skip(24 * 31, "31 days later"),
    )
}

fn ways(state: &Everything) -> String {
    let paused = state.webhooks.paused;
    let mode = serde_json::to_value(&state.webhooks.mode).unwrap_or_default();
    let mode = mode["mode"].as_str().unwrap_or_default();
    let (act, label) = if paused {
        ("resume", "Resume")
    } else {
        ("pause", "Pause")
    };
    format!(
        "<h2>Webhooks</h2><p>{}, {} waiting, mode: {}.</p>\
         <form class=\"row\" method=\"post\" action=\"/_sandbox/webhooks/mode\"><label>Mode {}</label>\
         <button>Set mode</button><button formaction=\"/_sandbox/webhooks/{act}\">{label}</button></form>",
        if paused { "Paused" } else { "Delivering" },
        state.webhooks.waiting(),
        escape(mode),
        select("mode", &MODES, mode),
    )
}

fn faults(state: &Everything) -> String {
    let planned: String = state
        .faults
        .planned()
        .iter()
        .map(|fault| {
            let kind = serde_json::to_value(fault.kind).unwrap_or_default();
            format!(
                "<li>{} {}: {} × {}</li>",
                escape(&fault.method),
                escape(&fault.path),
                escape(kind.as_str().unwrap_or_default()),
                fault.n,
            )
        })
        .collect();
    let planned = if planned.is_empty() {
        "<li>None planned.</li>".to_owned()
    } else {
        planned
    };
    format!(
        "<h2>Faults</h2><ul>{planned}</ul>\
         <form class=\"row\" method=\"post\" action=\"/_sandbox/faults\">\
         <label>Path <input name=\"path\" value=\"/v1/checkout/sessions\"></label>\
         <label>Kind {}</label><label>Times <input name=\"n\" value=\"1\" inputmode=\"numeric\"></label>\
         <button>Plan fault</button><button formaction=\"/_sandbox/faults/clear\">Clear all</button></form>",
        select("kind", &FAULTS, ""),
    )
}

pub(super) fn select(name: &str, values: &[&str], chosen: &str) -> String {
    let options: String = values
        .iter()
        .map(|value| {
            format!(
                "<option{}>{value}</option>",
                if *value == chosen { " selected" } else { "" }
            )
        })
        .collect();
    format!("<select name=\"{name}\">{options}</select>")
}
