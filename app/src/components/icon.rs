//! Small signs beside words, each with a shape of its own: color is never the only difference.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Sign {
    Added,
    Waiting,
    Declined,
    NotPaid,
    Check,
    Filter,
    Call,
    Message,
}

impl Sign {
    /// Strokes on a field of 24 by 24.
    const fn strokes(self) -> &'static str {
        match self {
            Self::Added => "M12 5v14M5 12h14",
            Self::Waiting => "M12 7v5l3.5 2M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17Z",
            Self::Declined => "m7 7 10 10M17 7 7 17",
            Self::NotPaid => "M6 12h12",
            Self::Check => "m5 12.5 4.5 4.5L19 7.5",
            Self::Filter => "M4 7h16M7 12h10M10 17h4",
            Self::Call => "M7 17 17 7M9 7h8v8",
            Self::Message => "M4 6h16v11H9l-5 4Z",
        }
    }
}

/// Silent for screen readers: the word stands beside it.
#[component]
pub(crate) fn Icon(sign: Sign) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=sign.strokes() />
        </svg>
    }
}
