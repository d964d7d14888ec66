//! What a page can be told instead of an answer: closed, serializable, nothing from below.

use domain::Declined;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::wire::{self, Encoded};

/// The answer of a server function that did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppError {
    /// A *no* the person understands, with what was typed, so that a page loaded anew
    /// (a form sent without JavaScript) can show it again.
    Declined {
        why: Why,
        /// The same in words, in the language of the request.
        said: String,
        /// Whether a form with a new id cures it.
        used_up: bool,
        /// Whether a promo code or an invitation is what is wrong.
        is_code: bool,
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

/// A refusal as the server writes it for itself: the browser's half shows the words and need not be
/// able to read all that can be refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Why(String);

impl Why {
    pub(crate) fn of(why: &Declined) -> Self {
        Self(wire::write(why))
    }

    /// None for what was not written by this version. Called on the server.
    pub(crate) fn read(&self) -> Option<Declined> {
        wire::read(&self.0).ok()
    }
}

impl AppError {
    /// The whole of it in words: what happened, and what to do.
    pub fn text(&self) -> String {
        match self {
            Self::Declined { said, .. } => said.clone(),
            Self::SignedOut => say!(refusal::SIGNED_OUT),
            Self::SignInAgain => say!(refusal::SIGN_IN_AGAIN),
            Self::NotFound => say!(refusal::NOT_FOUND),
            Self::Busy => say!(refusal::BUSY),
            Self::Unavailable { .. } => say!(refusal::UNAVAILABLE),
            Self::Unreachable => say!(refusal::UNREACHABLE),
            Self::Outdated => say!(refusal::OUTDATED),
        }
    }

    /// What to quote to support, where there is something to quote.
    pub fn reference(&self) -> Option<String> {
        match self {
            Self::Unavailable { reference } => Some(reference.to_string()),
            _ => None,
        }
    }

    /// The refusal, if it is one. Called on the server.
    pub(crate) fn why(&self) -> Option<Declined> {
        match self {
            Self::Declined { why, .. } => why.read(),
            _ => None,
        }
    }

    /// Whether it is about a promo code or an invitation.
    pub(crate) const fn is_about_a_code(&self) -> bool {
        matches!(self, Self::Declined { is_code: true, .. })
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
