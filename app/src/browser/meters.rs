//! Running calls in the document, counted on between two answers of the server.
//!
//! The server writes a call with `data-meter` and `data-elapsed`, and into it the parts that count:
//! `data-count` names them, `data-soon` and `data-now` say what is told near the end. Here they are only
//! brought up to date; the sums are those of the books.

use std::time::Duration;

use domain::meter::{Meter, Nearness, clock};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::milliseconds;
use crate::speech::Told;

/// How often the shown seconds are looked at.
const TICK: Duration = Duration::from_millis(250);

/// Counts whatever meters the page shows, until the owner is gone. Call it in an effect.
pub(crate) fn keep_counting() {
    let ticking = set_interval_with_handle(count_all, TICK).ok();
    on_cleanup(move || {
        if let Some(ticking) = ticking {
            ticking.clear();
        }
    });
}

fn count_all() {
    let Ok(calls) = document().query_selector_all("[data-meter]") else {
        return;
    };
    for index in 0..calls.length() {
        let call = calls.get(index).and_then(|node| node.dyn_into().ok());
        // None is markup of another version: it stays as it was written.
        let _ = call.and_then(|call: Element| count(&call));
    }
}

fn count(call: &Element) -> Option<()> {
    let number = |name| call.get_attribute(name)?.parse::<i64>().ok();
    let meter: Meter = call.get_attribute("data-meter")?.parse().ok()?;
    let now = milliseconds();
    let since = number("data-since").unwrap_or_else(|| {
        // Seen for the first time. Fails only for names that are none.
        let _ = call.set_attribute("data-since", &now.to_string());
        now
    });
    let talked = u32::try_from((number("data-elapsed")? + now - since) / 1_000).ok()?;
    let left = meter.left(talked);
    let nearness = meter.nearness(talked);
    write(call, "talked", &clock(talked));
    write(call, "cost", &meter.cost(talked).exact_told());
    write(call, "left", &clock(left));
    let (class, warning) = match nearness {
        Nearness::Far => ("time-left", None),
        Nearness::Soon => ("time-left hold", call.get_attribute("data-soon")),
        Nearness::Now => ("time-left alert", call.get_attribute("data-now")),
    };
    write(call, "warning", &warning.unwrap_or_default());
    let line = call.query_selector("progress").ok().flatten()?;
    line.set_attribute("class", class).ok()?;
    line.set_attribute("value", &left.to_string()).ok()
}

/// Only what changed is written: a screen reader says a warning once.
fn write(call: &Element, name: &str, text: &str) {
    let part = call.query_selector(&format!("[data-count={name}]"));
    if let Some(part) = part.ok().flatten()
        && part.text_content().as_deref() != Some(text)
    {
        part.set_text_content(Some(text));
    }
}
