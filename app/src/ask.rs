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
use leptos::server::codee::string::FromToStringCodec;
use leptos::server_fn::ServerFn;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::browser;
use crate::error::AppError;
use crate::wire;

/// What the server replied: an answer or a refusal, still as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    is_answer: bool,
    text: String,
}

impl Reply {
    fn written<T: Serialize>(result: &Result<T, AppError>) -> Self {
        let is_answer = result.is_ok();
        let text = match result {
            Ok(answer) => wire::write(answer),
            Err(error) => wire::write(error),
        };
        Self { is_answer, text }
    }

    /// From the body of an answer, or of a refusal.
    pub(crate) fn received(is_answer: bool, text: String) -> Self {
        Self { is_answer, text }
    }

    pub(crate) fn refusal(error: AppError) -> Self {
        Self::written::<()>(&Err(error))
    }

    /// The reply as the page expects it. One that reads differently is from another version of us.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, AppError> {
        if self.is_answer {
            return wire::read(&self.text).map_err(|_| AppError::Outdated);
        }
        Err(wire::read(&self.text).unwrap_or(AppError::Outdated))
    }
}

/// As it is sent with the page: `+` before an answer, `-` before a refusal.
impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.is_answer { '+' } else { '-' };
        write!(f, "{sign}{}", self.text)
    }
}

impl FromStr for Reply {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self {
            is_answer: text.starts_with('+'),
            text: text.get(1..).unwrap_or_default().to_owned(),
        })
    }
}

/// The reply to a question, asked again whenever the question or the count of hints changes.
pub(crate) type Asked = Resource<Reply, FromToStringCodec>;

type Replying = Pin<Box<dyn Future<Output = Reply> + Send>>;

#[derive(Clone)]
struct Question {
    address: &'static str,
    /// The question itself, as it is sent.
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

/// Asks a server function (one with `input = Wire, output = Wire`), again when what the closure reads changes.
pub(crate) fn ask<F>(question: impl Fn() -> (F, u64) + Send + Sync + 'static) -> Asked
where
    F: ServerFn<Error = AppError> + Serialize + DeserializeOwned,
    F::Output: Serialize,
{
    asked(Box::new(move || {
        let (question, hints) = question();
        let body = wire::write(&question);
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
        let question: F = wire::read(&body).expect("written by `ask`");
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
        assert_eq!(reply.to_string().parse::<Reply>(), Ok(reply));
        let refusal = Reply::refusal(AppError::Busy);
        assert_eq!(refusal.read::<i32>(), Err(AppError::Busy));
        assert_eq!(refusal.to_string().parse::<Reply>(), Ok(refusal));
    }

    #[test]
    fn what_cannot_be_read_is_from_another_version() {
        for body in ["", "<html>", "{\"a\":1}"] {
            for is_answer in [true, false] {
                let reply = Reply::received(is_answer, body.into());
                assert_eq!(reply.read::<i32>(), Err(AppError::Outdated));
            }
        }
    }
}
