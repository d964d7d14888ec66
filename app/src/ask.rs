//! Questions to the server, and its replies as they were sent.
//!
//! A page asks through one resource of one type, whatever it asks for: the reply stays text until
//! the page reads it. A resource of its own type for every question would be the larger half of
//! what the browser has to load.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::str::FromStr;

use leptos::prelude::*;
use leptos::serde_json;
use leptos::server::codee::string::FromToStringCodec;
use leptos::server_fn::ServerFn;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::browser;
use crate::error::AppError;

/// What the server replied: the JSON of a `Result`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply(String);

impl Reply {
    fn written<T: Serialize>(result: &Result<T, AppError>) -> Self {
        let written = serde_json::to_string(result);
        Self(written.expect("what is sent to pages has string keys only"))
    }

    /// From the body of an answer, which is the inside of the result.
    pub(crate) fn received(result: &str, body: &str) -> Self {
        Self(format!("{{\"{result}\":{body}}}"))
    }

    pub(crate) fn refusal(error: AppError) -> Self {
        Self::written::<()>(&Err(error))
    }

    /// The reply as the page expects it. One that reads differently is from another version of us.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, AppError> {
        serde_json::from_str::<Result<T, AppError>>(&self.0).unwrap_or(Err(AppError::Outdated))
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Reply {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

/// The reply to a question, asked again whenever the question or the count of hints changes.
pub(crate) type Asked = Resource<Reply, FromToStringCodec>;

type Replying = Pin<Box<dyn Future<Output = Reply> + Send>>;

#[derive(Clone)]
struct Question {
    address: &'static str,
    /// The question itself, as JSON.
    body: String,
    hints: u64,
    /// Answers it without a request, where the server asks itself to draw a page.
    here: fn(String) -> Replying,
}

impl PartialEq for Question {
    fn eq(&self, other: &Self) -> bool {
        (self.address, &self.body, self.hints) == (other.address, &other.body, other.hints)
    }
}

/// Asks a server function (one with `input = Json`), again when what the closure reads changes.
pub(crate) fn ask<F>(question: impl Fn() -> (F, u64) + Send + Sync + 'static) -> Asked
where
    F: ServerFn<Error = AppError> + Serialize + DeserializeOwned,
    F::Output: Serialize,
{
    asked(Box::new(move || {
        let (question, hints) = question();
        let body = serde_json::to_string(&question);
        let body = body.expect("questions have string keys only");
        Question {
            address: F::PATH,
            body,
            hints,
            here: here::<F>,
        }
    }))
}

fn asked(question: Box<dyn Fn() -> Question + Send + Sync>) -> Asked {
    Resource::new_str(question, |question| {
        if cfg!(feature = "ssr") {
            (question.here)(question.body)
        } else {
            Box::pin(browser::ask(question.address, question.body))
        }
    })
}

fn here<F>(body: String) -> Replying
where
    F: ServerFn<Error = AppError> + DeserializeOwned,
    F::Output: Serialize,
{
    Box::pin(async move {
        let question: F = serde_json::from_str(&body).expect("written by `ask`");
        Reply::written(&question.run_body().await)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_read_back() {
        let reply = Reply::written(&Ok(7));
        assert_eq!(reply.read::<i32>(), Ok(7));
        assert_eq!(reply, Reply::received("Ok", "7"));
        assert_eq!(
            Reply::refusal(AppError::Busy).read::<i32>(),
            Err(AppError::Busy)
        );
        assert_eq!(
            Reply::received("Err", "\"busy\"").read::<i32>(),
            Err(AppError::Busy)
        );
    }

    #[test]
    fn what_cannot_be_read_is_from_another_version() {
        for body in ["", "<html>", "{\"a\":1}"] {
            assert_eq!(
                Reply::received("Ok", body).read::<i32>(),
                Err(AppError::Outdated)
            );
        }
    }
}
