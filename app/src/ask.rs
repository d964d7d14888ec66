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
use crate::sheet::{LoadSheet, Sheet};
use crate::wire;

/// What the server replied: an answer or a refusal, still as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    kind: Kind,
    text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Answer,
    Refusal,
    /// A sheet that is written into the document, and what its markup sums up to.
    Sheet(u32),
    /// The same in the browser: its name came along, and what its markup sums up to.
    There(u32),
}

impl Reply {
    fn written<T: Serialize>(result: &Result<T, AppError>) -> Self {
        let (kind, text) = match result {
            Ok(answer) => (Kind::Answer, wire::write(answer)),
            Err(error) => (Kind::Refusal, wire::write(error)),
        };
        Self { kind, text }
    }

    /// From the body of an answer, or of a refusal.
    pub(crate) fn received(is_answer: bool, text: String) -> Self {
        let kind = if is_answer {
            Kind::Answer
        } else {
            Kind::Refusal
        };
        Self { kind, text }
    }

    pub(crate) fn refusal(error: AppError) -> Self {
        Self::written::<()>(&Err(error))
    }

    /// The reply as the page expects it. One that reads differently is from another version of us.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, AppError> {
        match self.kind {
            Kind::Answer | Kind::Sheet(_) | Kind::There(_) => {
                wire::read(&self.text).map_err(|_| AppError::Outdated)
            }
            Kind::Refusal => Err(self.why()),
        }
    }

    /// The reply of someone who asked for a sheet. Its markup is empty where the page was loaded
    /// with it.
    pub(crate) fn sheet(&self) -> Result<Sheet, AppError> {
        match self.kind {
            Kind::Answer => Ok(Sheet::read(&self.text)),
            Kind::Sheet(sum) | Kind::There(sum) => Ok(Sheet::summed(&self.text, sum)),
            Kind::Refusal => Err(self.why()),
        }
    }

    /// What the markup that stands in the document sums up to.
    pub(crate) const fn there(&self) -> Option<u32> {
        match self.kind {
            Kind::There(sum) => Some(sum),
            _ => None,
        }
    }

    fn why(&self) -> AppError {
        wire::read(&self.text).unwrap_or(AppError::Outdated)
    }
}

/// As it is sent with the page: `+` before an answer, `-` before a refusal, `=` before a sheet's sum and name.
impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Answer => write!(f, "+{}", self.text),
            Kind::Refusal => write!(f, "-{}", self.text),
            Kind::Sheet(sum) | Kind::There(sum) => {
                let name = self.text.lines().next().unwrap_or_default();
                write!(f, "={sum} {name}")
            }
        }
    }
}

impl FromStr for Reply {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let rest = text.get(1..).unwrap_or_default();
        let (kind, text) = match text.as_bytes().first() {
            Some(b'+') => (Kind::Answer, rest),
            Some(b'=') => {
                let (sum, name) = rest.split_once(' ').unwrap_or_default();
                (Kind::There(sum.parse().unwrap_or_default()), name)
            }
            _ => (Kind::Refusal, rest),
        };
        Ok(Self {
            kind,
            text: text.to_owned(),
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

/// Asks for what the server writes at an address, again when what the closure reads changes.
pub(crate) fn ask_sheet(address: impl Fn() -> (String, u64) + Send + Sync + 'static) -> Asked {
    asked(Box::new(move || {
        let (address, hints) = address();
        Question {
            address: LoadSheet::PATH,
            body: wire::write(&LoadSheet { address }),
            hints,
            here: sheet_here,
        }
    }))
}

/// Asks for a sheet once.
pub(crate) async fn fetch_sheet(address: String) -> Result<Sheet, AppError> {
    let question = wire::write(&LoadSheet { address });
    browser::ask(LoadSheet::PATH, question).await.sheet()
}

fn sheet_here(body: String) -> Replying {
    Box::pin(async move {
        let question: LoadSheet = wire::read(&body).expect("written by `ask_sheet`");
        match question.run_body().await {
            Ok(sheet) => Reply {
                kind: Kind::Sheet(sheet.sum),
                text: sheet.to_string(),
            },
            Err(error) => Reply::refusal(error),
        }
    })
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
    fn only_the_name_of_a_sheet_is_sent_beside_it() {
        let sheet = Sheet::new("Rates".into(), "<h1>Rates</h1>".into());
        let here = Reply {
            kind: Kind::Sheet(sheet.sum),
            text: sheet.to_string(),
        };
        assert_eq!(here.sheet().as_ref(), Ok(&sheet));
        let there: Reply = here.to_string().parse().unwrap();
        let named = there.sheet().unwrap();
        assert_eq!((named.name.as_str(), named.markup.as_str()), ("Rates", ""));
        assert_eq!(there.there(), Some(sheet.sum));
        assert_eq!(here.there(), None);
        let later = Reply::received(true, here.text.clone());
        assert_eq!(later.sheet(), here.sheet());
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
