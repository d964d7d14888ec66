//! Refusals of banks: the codes, and the words for the customer.

use crate::error::ApiError;

/// Why a bank says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decline {
    pub(crate) code: &'static str,
    pub(crate) decline_code: Option<&'static str>,
    pub(crate) advice_code: Option<&'static str>,
    pub(crate) message: &'static str,
}

impl Decline {
    pub(crate) fn error(self) -> ApiError {
        ApiError::card(self.code, self.message).declined(self.decline_code, self.advice_code)
    }

    /// The decline of that `decline_code` (or `code`, where there is none).
    pub(crate) fn named(name: &str) -> Option<Self> {
        let fits = |decline: &&Self| decline.decline_code.unwrap_or(decline.code) == name;
        DECLINES.iter().find(fits).copied()
    }
}

const fn declined(
    decline_code: &'static str,
    advice_code: &'static str,
    message: &'static str,
) -> Decline {
    Decline {
        code: "card_declined",
        decline_code: Some(decline_code),
        advice_code: Some(advice_code),
        message,
    }
}

const fn wrong(code: &'static str, advice_code: &'static str, message: &'static str) -> Decline {
    Decline {
        code,
        decline_code: None,
        advice_code: Some(advice_code),
        message,
    }
}

pub(crate) const GENERIC: Decline = declined(
    "generic_decline",
    "try_again_later",
    "Your card was declined.",
);
pub(crate) const INSUFFICIENT_FUNDS: Decline = declined(
    "insufficient_funds",
    "try_again_later",
    "Your card has insufficient funds.",
);
pub(crate) const LOST: Decline =
    declined("lost_card", "do_not_try_again", "Your card was declined.");
pub(crate) const STOLEN: Decline =
    declined("stolen_card", "do_not_try_again", "Your card was declined.");
pub(crate) const EXPIRED: Decline = wrong(
    "expired_card",
    "confirm_card_data",
    "Your card has expired.",
);
pub(crate) const INCORRECT_CVC: Decline = wrong(
    "incorrect_cvc",
    "confirm_card_data",
    "Your card's security code is incorrect.",
);
pub(crate) const PROCESSING: Decline = wrong(
    "processing_error",
    "try_again_later",
    "An error occurred while processing your card. Try again in a little bit.",
);
pub(crate) const AUTHENTICATION_REQUIRED: Decline = Decline {
    code: "authentication_required",
    decline_code: Some("authentication_required"),
    advice_code: None,
    message: "Your card was declined. This transaction requires authentication.",
};

const DECLINES: &[Decline] = &[
    GENERIC,
    INSUFFICIENT_FUNDS,
    LOST,
    STOLEN,
    EXPIRED,
    INCORRECT_CVC,
    PROCESSING,
    AUTHENTICATION_REQUIRED,
    declined("pickup_card", "do_not_try_again", "Your card was declined."),
    declined("do_not_honor", "try_again_later", "Your card was declined."),
    declined(
        "do_not_try_again",
        "do_not_try_again",
        "Your card was declined.",
    ),
    declined(
        "card_velocity_exceeded",
        "try_again_later",
        "Your card was declined.",
    ),
    declined("fraudulent", "do_not_try_again", "Your card was declined."),
];
