//! What a page can be told instead of an answer: closed, serializable, nothing from below.

use domain::Declined;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::wire::Encoded;
use crate::words;

/// The answer of a server function that did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppError {
    /// A *no* the person understands, with what was typed, so that a page loaded anew
    /// (a form sent without JavaScript) can show it again.
    Declined {
        why: Declined,
        #[serde(default)]
        typed: Option<String>,
    },
    /// Nobody is signed in, or no longer.
    SignedOut,
    /// Signed in, but too long ago for this: the person signs in again and comes back.
    SignInAgain,
    /// Absent, or another's: the two look alike.
    NotFound,
    /// Not now; the same request may be sent again.
    Busy,
    /// Something is broken; the person can quote the reference.
    Unavailable { reference: Uuid },
    /// The server was not reached.
    Unreachable,
    /// Page and server do not understand each other: the page is from an older version.
    Outdated,
}

impl AppError {
    /// The whole of it in words: what happened, and what to do.
    pub fn text(&self) -> String {
        match self {
            Self::Declined { why, .. } => words::declined(why),
            Self::SignedOut => "You are signed out. Sign in again to go on.".into(),
            Self::SignInAgain => "Sign in again to confirm that it is you, then go on.".into(),
            Self::NotFound => "There is nothing here under this address.".into(),
            Self::Busy => "We are busy right now. Try again in a moment.".into(),
            Self::Unavailable { .. } => {
                "Something went wrong on our side. Nothing was charged. Try again in a moment."
                    .into()
            }
            Self::Unreachable => {
                "We could not be reached. Check your connection and try again.".into()
            }
            Self::Outdated => {
                "This page is from an older version of the wallet. Load it again.".into()
            }
        }
    }

    /// What to quote to support, where there is something to quote.
    pub fn reference(&self) -> Option<String> {
        match self {
            Self::Unavailable { reference } => Some(reference.to_string()),
            _ => None,
        }
    }

    /// The refusal, if it is one.
    pub fn why(&self) -> Option<&Declined> {
        match self {
            Self::Declined { why, .. } => Some(why),
            _ => None,
        }
    }

    /// What was typed, if the refusal came back with it.
    pub fn typed(&self) -> Option<&str> {
        match self {
            Self::Declined { typed, .. } => typed.as_deref(),
            _ => None,
        }
    }
}

impl std::fmt::Display for AppError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text())
    }
}

impl FromServerFnError for AppError {
    type Encoder = Encoded;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => Self::Unreachable,
            _ => Self::Outdated,
        }
    }
}
