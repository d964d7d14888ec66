//! What a check says when it is through.

use crate::{Comparison, Report};

/// Differences that are told one by one.
const SHOWN: usize = 100;

#[derive(Clone)]
pub(super) struct Outcome {
    pub(super) checked: usize,
    pub(super) found: i64,
    pub(super) findings: Vec<String>,
}

impl From<&Report> for Outcome {
    fn from(report: &Report) -> Self {
        let bad = report.checked.iter().filter(|check| check.violations > 0);
        let findings = bad.flat_map(|check| {
            let name = format!("{} {}: {}", check.name, check.statement, check.violations);
            std::iter::once(name).chain(check.examples.iter().cloned())
        });
        Self {
            checked: report.checked.len(),
            found: report.checked.iter().map(|check| check.violations).sum(),
            findings: findings.collect(),
        }
    }
}

impl From<&Comparison> for Outcome {
    fn from(comparison: &Comparison) -> Self {
        let sides = [comparison.payments, comparison.refunds, comparison.disputes];
        let told = comparison.differences.iter().take(SHOWN).map(|difference| {
            format!(
                "{}: {} (books {}, Stripe {})",
                difference.id,
                difference.reason,
                difference.books.exact_text(),
                difference.stripe.exact_text()
            )
        });
        Self {
            checked: sides.iter().map(|side| side.compared).sum(),
            found: i64::try_from(comparison.differences.len()).unwrap_or(i64::MAX),
            findings: told.collect(),
        }
    }
}
