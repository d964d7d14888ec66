//! Faults on request: what a network and a busy server do to a caller.

use serde::{Deserialize, Serialize};

/// Faults waiting for their requests.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    planned: Vec<Fault>,
}

/// One plan: the next `n` requests to `path` fail this way.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Fault {
    /// `/v1/refunds` is that path alone; `/v1/payment_intents/*` all below; `*` everything.
    pub(crate) path: String,
    /// POST unless told otherwise; `*` for any.
    #[serde(default = "post")]
    pub(crate) method: String,
    #[serde(default = "once")]
    pub(crate) n: u32,
    pub(crate) kind: Kind,
    /// How long `slow`, `late` and `timeout_after_commit` keep the caller waiting.
    #[serde(default = "long")]
    pub(crate) milliseconds: u64,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) enum Kind {
    /// Nothing is executed; the failure is kept under the key, as Stripe keeps it.
    #[serde(rename = "500_before")]
    ErrorBefore,
    /// Executed, but the answer, now and under the key, is a failure.
    #[serde(rename = "500_after_commit")]
    ErrorAfterCommit,
    /// Executed and kept; the answer comes too late.
    #[serde(rename = "timeout_after_commit")]
    TimeoutAfterCommit,
    /// The connection breaks before anything is executed.
    #[serde(rename = "reset")]
    Reset,
    /// Executed and kept; the connection breaks before the answer.
    #[serde(rename = "reset_after_commit")]
    ResetAfterCommit,
    #[serde(rename = "429")]
    RateLimit,
    #[serde(rename = "409")]
    Conflict,
    /// A gateway in between answers with a page.
    #[serde(rename = "html_502")]
    BadGateway,
    /// Executed and kept; half of the answer arrives.
    #[serde(rename = "truncated_body")]
    TruncatedBody,
    /// Executed and kept after a while, during which the key is in use.
    #[serde(rename = "slow")]
    Slow,
    /// Executed at once; the answer, true when it was made, comes late.
    #[serde(rename = "late")]
    Late,
}

impl Faults {
    pub(crate) fn plan(&mut self, fault: Fault) {
        self.planned.push(fault);
    }

    pub(crate) fn planned(&self) -> &[Fault] {
        &self.planned
    }

    pub(crate) fn clear(&mut self) {
        self.planned.clear();
    }

    /// The fault for this request, used up.
    pub(crate) fn take(&mut self, method: &str, path: &str) -> Option<Fault> {
        let fits = |fault: &Fault| {
            (fault.method == "*" || fault.method.eq_ignore_ascii_case(method))
                && match fault.path.strip_suffix('*') {
                    Some(prefix) => path.starts_with(prefix),
                    None => fault.path == path,
                }
        };
        let at = self.planned.iter().position(fits)?;
        let fault = self.planned[at].clone();
        if fault.n <= 1 {
            self.planned.remove(at);
        } else {
            self.planned[at].n -= 1;
        }
        Some(fault)
    }
}

fn post() -> String {
    "POST".to_owned()
}

fn once() -> u32 {
    1
}

fn long() -> u64 {
    30_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_used_up_by_the_requests_it_fits() {
        let mut faults = Faults::default();
        faults.plan(
            serde_json::from_str(r#"{"path":"/v1/refunds","n":2,"kind":"429"}"#).expect("a fault"),
        );
        assert!(faults.take("GET", "/v1/refunds").is_none());
        assert!(faults.take("POST", "/v1/refunds/re_1").is_none());
        assert!(faults.take("POST", "/v1/refunds").is_some());
        assert!(faults.take("POST", "/v1/refunds").is_some());
        assert!(faults.take("POST", "/v1/refunds").is_none());
    }
}
