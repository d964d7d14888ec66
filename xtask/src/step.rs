//! Progress: every step says what it does, how long it took, and, when it fails, what to do next.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::{Error, Result};

/// A step that did not work, with the way out.
#[derive(Debug)]
pub(crate) struct Failure {
    what: String,
    advice: String,
    cause: Error,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "✗ {} failed: {:#}\n  What to do: {}",
            self.what, self.cause, self.advice
        )
    }
}

impl std::error::Error for Failure {}

/// Does one step of a longer act, saying so before and after.
///
/// `advice` completes "What to do:" when the step fails.
pub(crate) fn step<T>(what: &str, advice: &str, act: impl FnOnce() -> Result<T>) -> Result<T> {
    eprintln!("▸ {what} …");
    let started = Instant::now();
    match act() {
        Ok(value) => {
            eprintln!("✓ {what} ({})", shown(started.elapsed()));
            Ok(value)
        }
        // The inner step already says what to do, and knows it better.
        Err(cause) if cause.is::<Failure>() => Err(cause),
        Err(cause) => Err(Failure {
            what: what.to_owned(),
            advice: advice.to_owned(),
            cause,
        }
        .into()),
    }
}

/// Something a person should know, though the act goes on.
pub(crate) fn warn(text: &str) {
    eprintln!("! {text}");
}

/// A duration in seconds to a tenth, in minutes from two of them on.
pub(crate) fn shown(time: Duration) -> String {
    let tenths = time.as_millis() / 100;
    if tenths < 1200 {
        format!("{}.{} s", tenths / 10, tenths % 10)
    } else {
        format!("{} min {} s", tenths / 600, tenths % 600 / 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_in_seconds_and_then_in_minutes() {
        assert_eq!(shown(Duration::from_millis(1_260)), "1.2 s");
        assert_eq!(shown(Duration::from_millis(119_900)), "119.9 s");
        assert_eq!(shown(Duration::from_secs(125)), "2 min 5 s");
    }

    #[test]
    fn a_failed_step_says_what_to_do_and_the_innermost_advice_wins() {
        let failed = step("Outer", "outer advice", || {
            step::<()>("Inner", "inner advice", || anyhow::bail!("broken"))
        });
        let text = failed.expect_err("the inner step fails").to_string();
        assert!(text.contains("Inner failed: broken"), "{text}");
        assert!(text.contains("What to do: inner advice"), "{text}");
    }
}
