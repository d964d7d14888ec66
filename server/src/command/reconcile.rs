//! `server reconcile`: our books beside Stripe's objects, for a period.

use anyhow::{Context, ensure};
use clap::Args;
use ledger::{Comparison, Ledger, Sides};
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

use super::staff::CONSOLE;

#[derive(Args, Debug)]
pub(super) struct Options {
    /// From this day or moment on (UTC): `2026-11-01` or `2026-11-01T12:00:00Z`.
    #[arg(long, value_parser = moment)]
    from: OffsetDateTime,
    /// Up to this day or moment, which is not part of it; now, if it is left out.
    #[arg(long, value_parser = moment)]
    to: Option<OffsetDateTime>,
}

fn moment(text: &str) -> Result<OffsetDateTime, String> {
    if let Ok(day) = Date::parse(text, format_description!("[year]-[month]-[day]")) {
        return Ok(day.midnight().assume_utc());
    }
    OffsetDateTime::parse(text, &Rfc3339)
        .map_err(|_| "expected a day like 2026-11-01 or a moment like 2026-11-01T12:00:00Z".into())
}

pub(super) async fn run(ledger: &Ledger, options: Options) -> anyhow::Result<()> {
    let until = options.to.unwrap_or_else(|| ledger.clock().now());
    ensure!(
        options.from < until,
        "read --from and --to: the period is empty"
    );
    let comparison = ledger
        .reconcile_noted(options.from, until, CONSOLE)
        .await
        .context("compare the books with Stripe")?;
    println!("{}", text(&comparison));
    let count = comparison.differences.len();
    ensure!(
        count == 0,
        "compare the books with Stripe: {count} differences; a person must look at each, nothing was changed"
    );
    Ok(())
}

fn text(comparison: &Comparison) -> String {
    let mut lines = vec![format!(
        "{:<10} {:>8} {:>16} {:>16} {:>16}",
        "", "compared", "books", "Stripe", "difference"
    )];
    for (name, sides) in [
        ("payments", comparison.payments),
        ("refunds", comparison.refunds),
        ("disputes", comparison.disputes),
    ] {
        lines.push(line(name, sides));
    }
    lines.extend(comparison.differences.iter().map(|difference| {
        format!(
            "{}: {} (books {}, Stripe {}{})",
            difference.id,
            difference.reason,
            difference.books.exact_text(),
            difference.stripe.exact_text(),
            difference
                .wallet_id
                .map(|wallet_id| format!(", wallet {wallet_id}"))
                .unwrap_or_default()
        )
    }));
    lines.push(format!(
        "{} differences, {} refunds under way",
        comparison.differences.len(),
        comparison.under_way
    ));
    lines.join("\n")
}

fn line(name: &str, sides: Sides) -> String {
    format!(
        "{name:<10} {:>8} {:>16} {:>16} {:>16}",
        sides.compared,
        sides.books.exact_text(),
        sides.stripe.exact_text(),
        (sides.books - sides.stripe).exact_text()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_utc() {
        let day = moment("2026-11-01").unwrap();
        assert_eq!(day, moment("2026-11-01T00:00:00Z").unwrap());
        assert!(moment("November").is_err());
    }
}
