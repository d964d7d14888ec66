//! Price lists from outside of the desk: taken in under the same log, and told in lines.

use ledger::{BadLine, Deed, Error, ImportError, ImportRates, Ledger, PriceChange, PriceDiff};
use serde_json::json;
use time::format_description::well_known::Rfc3339;

/// Changes that are told one by one.
const SHOWN: usize = 40;

/// The first changes, then how many of each sort.
pub(crate) fn report(diff: &PriceDiff) -> String {
    let mut lines: Vec<String> = diff.changes.iter().take(SHOWN).map(line).collect();
    if diff.changes.len() > SHOWN {
        lines.push(format!("… and {} more", diff.changes.len() - SHOWN));
    }
    lines.push(diff.summary());
    lines.push(match diff.version {
        Some(version) => format!("Imported as price list {version}."),
        None => "Nothing was written.".to_owned(),
    });
    lines.join("\n")
}

fn line(change: &PriceChange) -> String {
    format!(
        "{:<15} {:<40} {} → {} from {}",
        change.prefix,
        change.destination(),
        PriceChange::told(change.before.as_ref()),
        PriceChange::told(change.after.as_ref()),
        change.from.format(&Rfc3339).unwrap_or_default()
    )
}

/// Takes a list in, in somebody's name; a look at what it would change is noted as a look.
pub(crate) async fn import_noted(
    ledger: &Ledger,
    actor: &str,
    import: ImportRates,
) -> Result<PriceDiff, ImportError> {
    let deed = Deed {
        actor: actor.to_owned(),
        act: if import.dry_run {
            "view_price_list"
        } else {
            "import_prices"
        },
        subject: "price_list",
        subject_id: import.name.clone(),
        wallet_id: None,
        detail: json!({ "complete": import.complete, "from": import.effective.map(|at| at.to_string()) }),
        session_id: None,
    };
    if import.dry_run {
        ledger.note_view(deed).await?;
        return ledger.import_rates(import).await;
    }
    // The log keeps the refusal; whoever sent the list wants every line of it.
    let mut bad: Vec<BadLine> = Vec::new();
    let act = async {
        let outcome = ledger.import_rates(import).await;
        if let Err(ImportError::Bad(lines)) = &outcome {
            bad.clone_from(lines);
        }
        outcome.map_err(Error::from)
    };
    let done = ledger.deed(deed, act).await;
    if bad.is_empty() {
        Ok(done?)
    } else {
        Err(ImportError::Bad(bad))
    }
}
