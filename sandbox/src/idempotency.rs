//! Idempotency keys as Stripe has them: the first answer is replayed, failures of the server too.

use crate::{error::ApiError, link::DAY};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use std::collections::HashMap;

/// Answers by key, for a day of the sandbox clock.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct Keys {
    #[serde(serialize_with = "answered")]
    kept: HashMap<String, Kept>,
}

#[derive(Debug, Deserialize, Serialize)]
struct Kept {
    route: String,
    params: Value,
    since: i64,
    /// `None` while the first request is being answered.
    answer: Option<Answer>,
}

/// A status and a body that were sent, or would have been.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

/// What a request with a key may do.
#[derive(Debug)]
pub(crate) enum Begun {
    Execute,
    Replay(Answer),
    Refuse(ApiError),
}

impl Keys {
    /// Takes the key for this request, unless it was used before.
    pub(crate) fn begin(&mut self, key: &str, route: &str, params: &Value, now: i64) -> Begun {
        if key.is_empty() || key.len() > 255 {
            let message = "Idempotency keys are between 1 and 255 characters long.";
            return Begun::Refuse(ApiError::idempotency(message));
        }
        self.kept.retain(|_, kept| now - kept.since < DAY);
        let Some(kept) = self.kept.get(key) else {
            let kept = Kept {
                route: route.to_owned(),
                params: params.clone(),
                since: now,
                answer: None,
            };
            self.kept.insert(key.to_owned(), kept);
            return Begun::Execute;
        };
        if kept.route != route || kept.params != *params {
            return Begun::Refuse(ApiError::idempotency(format!(
                "Keys for idempotent requests can only be used with the same parameters they were \
                 first used with. Try using a key other than '{key}' if you meant to execute a \
                 different request."
            )));
        }
        match &kept.answer {
            Some(answer) => Begun::Replay(answer.clone()),
            None => Begun::Refuse(ApiError::key_in_use()),
        }
    }

    /// Keeps the answer for repeats.
    pub(crate) fn keep(&mut self, key: &str, answer: Answer) {
        if let Some(kept) = self.kept.get_mut(key) {
            kept.answer = Some(answer);
        }
    }

    /// Frees the key: nothing was executed.
    pub(crate) fn release(&mut self, key: &str) {
        self.kept.remove(key);
    }
}

/// Keys in use are not written down: what they were taken for was not executed yet, and after a
/// restart nobody executes it.
fn answered<S: Serializer>(kept: &HashMap<String, Kept>, to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(kept.iter().filter(|(_, kept)| kept.answer.is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_key_lives_for_a_day() {
        let mut keys = Keys::default();
        let params = json!({ "amount": "100" });
        assert!(matches!(
            keys.begin("k", "POST /v1/refunds", &params, 0),
            Begun::Execute
        ));
        assert!(matches!(
            keys.begin("k", "POST /v1/refunds", &params, 1),
            Begun::Refuse(_)
        ));
        keys.keep(
            "k",
            Answer {
                status: 200,
                body: json!({}),
            },
        );
        let last = keys.begin("k", "POST /v1/refunds", &params, DAY - 1);
        assert!(matches!(last, Begun::Replay(_)));
        assert!(matches!(
            keys.begin("k", "POST /v1/refunds", &params, DAY),
            Begun::Execute
        ));
    }

    #[test]
    fn a_key_is_bound_to_its_route_and_parameters() {
        let mut keys = Keys::default();
        let params = json!({ "amount": "100" });
        assert!(matches!(
            keys.begin("k", "POST /v1/refunds", &params, 0),
            Begun::Execute
        ));
        for (route, params) in [
            ("POST /v1/customers", json!({ "amount": "100" })),
            ("POST /v1/refunds", json!({ "amount": "101" })),
        ] {
            let Begun::Refuse(error) = keys.begin("k", route, &params, 0) else {
                panic!("{route} {params} took the key");
            };
            assert_eq!(error.body()["error"]["type"], "idempotency_error");
        }
    }
}
