//! Counting: how many tests passed, failed, were skipped.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};

use anyhow::{Context, Result};
use serde::Deserialize;

/// The outcome of some tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Tally {
    pub(crate) fn passed_one() -> Self {
        Self {
            passed: 1,
            ..Self::default()
        }
    }

    pub(crate) fn failed_one() -> Self {
        Self {
            failed: 1,
            ..Self::default()
        }
    }

    /// Adds up the summaries of `cargo test`: one line per test program.
    ///
    /// ```text
    /// test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s
    /// ```
    pub(crate) fn of_libtest(output: &str) -> Self {
        output
            .lines()
            .filter(|line| line.starts_with("test result: "))
            .map(|line| Self {
                passed: count_before(line, " passed"),
                failed: count_before(line, " failed"),
                skipped: count_before(line, " ignored"),
            })
            .sum()
    }

    /// Reads Playwright's JSON report. A flaky test passed only at a second try: it failed.
    pub(crate) fn of_playwright(report: &str) -> Result<Self> {
        let report: Report = serde_json::from_str(report).context("not a Playwright report")?;
        let Stats {
            expected,
            unexpected,
            flaky,
            skipped,
        } = report.stats;
        let broken = u64::try_from(report.errors.len())?;
        Ok(Self {
            passed: expected,
            failed: unexpected + flaky + broken,
            skipped,
        })
    }

    /// A program that failed though none of its tests did has failed as one.
    pub(crate) fn with_exit(self, success: bool) -> Self {
        if success || self.failed > 0 {
            self
        } else {
            self + Self::failed_one()
        }
    }
}

#[derive(Deserialize)]
struct Report {
    stats: Stats,
    /// What went wrong outside of any test.
    #[serde(default)]
    errors: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Stats {
    expected: u64,
    unexpected: u64,
    flaky: u64,
    skipped: u64,
}

fn count_before(line: &str, word: &str) -> u64 {
    let number = line
        .split(word)
        .next()
        .and_then(|before| before.split(' ').next_back());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} passed, {} failed, {} skipped",
            self.passed, self.failed, self.skipped
        )
    }
}

impl Add for Tally {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
        }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Tally {
    fn sum<I: Iterator<Item = Self>>(tallies: I) -> Self {
        tallies.fold(Self::default(), Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summaries_of_several_test_programs_add_up() {
        let output = "running 2 tests\ntest a ... ok\n\
            test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s\n\
            test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1s\n";
        let tally = Tally::of_libtest(output);
        assert_eq!(
            tally,
            Tally {
                passed: 15,
                failed: 2,
                skipped: 1
            }
        );
        assert_eq!(tally.to_string(), "15 passed, 2 failed, 1 skipped");
    }

    #[test]
    fn a_program_that_fails_outside_its_tests_counts() {
        assert_eq!(
            Tally::of_libtest("error: could not compile")
                .with_exit(false)
                .failed,
            1
        );
        assert_eq!(Tally::failed_one().with_exit(false).failed, 1);
        assert_eq!(Tally::passed_one().with_exit(true).failed, 0);
    }

    #[test]
    fn flaky_journeys_and_errors_outside_of_journeys_count_as_failed() {
        let report = r#"{"errors":[{"message":"x"}],
            "stats":{"expected":5,"unexpected":1,"flaky":1,"skipped":2,"duration":3.5}}"#;
        let tally = Tally::of_playwright(report).expect("reads");
        assert_eq!(
            tally,
            Tally {
                passed: 5,
                failed: 3,
                skipped: 2
            }
        );
        assert!(Tally::of_playwright("{}").is_err());
    }
}
