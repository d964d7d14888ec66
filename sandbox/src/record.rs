//! Each distinct exchange, written down for witnesses in other languages.

use crate::{config::Config, form, idempotency::Answer, state::text};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    sync::{Mutex, PoisonError},
};

/// Shapes already written by this process.
static SEEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Writes `NNN.json` when a recording is wanted and the exchange has a new shape.
pub(crate) fn keep(config: &Config, method: &str, path: &str, params: &Value, answer: &Answer) {
    let Some(directory) = &config.record_dir else {
        return;
    };
    let shape = shape(method, path, params, answer);
    let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    if !seen.insert(shape) {
        return;
    }
    let request = if params.as_object().is_some_and(|map| map.is_empty()) {
        Value::Null
    } else {
        params.clone()
    };
    let exchange = json!({
        "method": method,
        "path": path,
        "request": request,
        "status": answer.status,
        "response": answer.body,
    });
    if let Err(error) = write(directory, &exchange) {
        tracing::warn!(%error, "cannot record an exchange");
    }
}

fn write(directory: &Path, exchange: &Value) -> std::io::Result<()> {
    fs::create_dir_all(directory)?;
    let text = serde_json::to_string_pretty(exchange)?;
    // Several test processes may record at once: the first free number is taken atomically.
    for number in 1..100_000 {
        let path = directory.join(format!("{number:03}.json"));
        match fs::File::create_new(&path) {
            Ok(mut file) => return std::io::Write::write_all(&mut file, text.as_bytes()),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// What makes an exchange distinct: its route without ids, the names of its parameters, its
/// status and the state of what it answered.
fn shape(method: &str, path: &str, params: &Value, answer: &Answer) -> String {
    let step = |step: &str| {
        if step.contains('_') && step.len() > 20 {
            "{id}"
        } else {
            step
        }
        .to_owned()
    };
    let route: Vec<String> = path.split('/').map(step).collect();
    let names: BTreeSet<String> = form::leaves(params)
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    let state = ["object", "status", "mode", "payment_status"].map(|name| text(&answer.body, name));
    format!(
        "{method} {} {names:?} {} {state:?}",
        route.join("/"),
        answer.status
    )
}
