//! What Stripe's refusals and silences mean for money.

use ::stripe::{ApiErrorsType, StripeError};

use super::payment::decline_code;

const STRIPE_FAILED: &str = "stripe failed";

/// Why Stripe did not do what was asked, sorted by what we may conclude.
///
/// Never holds the whole object that Stripe sent: it would end in a log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The bank said no (402).
    #[error("card declined: {decline_code}")]
    CardDeclined {
        decline_code: String,
        /// What the network advises, if anything.
        advice_code: Option<String>,
        payment_id: Option<String>,
    },
    /// Not executed, and repeating it changes nothing (400, 404).
    #[error("refused: {code}, parameter {param}")]
    Refused { code: String, param: String },
    /// Not executed now; the same request later (409, 429).
    #[error("busy")]
    Busy,
    /// Our key or address is wrong: an operator must act.
    #[error("not configured: {0}")]
    BadConfig(String),
    /// No answer that says what happened: it may have been done.
    #[error("unknown outcome: {0}")]
    Unknown(&'static str),
}

impl Trouble {
    /// Whether Stripe may have acted although we did not hear it.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_))
    }

    /// Whether Stripe answered that it failed, and so is done with the request: what it did of it can
    /// be looked up now, and it will say the same for the life of the key.
    pub(crate) fn is_failure_of_stripe(&self) -> bool {
        *self == Self::Unknown(STRIPE_FAILED)
    }
}

impl From<StripeError> for Trouble {
    fn from(error: StripeError) -> Self {
        match error {
            StripeError::Stripe(error, status) => match (status, &error.type_) {
                (_, ApiErrorsType::CardError) => Self::CardDeclined {
                    decline_code: decline_code(&error).unwrap_or_else(|| "card_declined".into()),
                    payment_id: error.payment_intent.map(|payment| payment.id.to_string()),
                    advice_code: error.advice_code,
                },
                (401 | 403, _) => Self::BadConfig(format!("stripe answered {status}")),
                (409 | 429, _) => Self::Busy,
                (_, ApiErrorsType::IdempotencyError) => {
                    Self::Unknown("parameters of a stored key changed")
                }
                (400 | 404, _) => Self::Refused {
                    code: error
                        .code
                        .map_or_else(|| "invalid_request".into(), |code| code.as_str().to_owned()),
                    param: error.param.unwrap_or_default(),
                },
                _ => Self::Unknown(STRIPE_FAILED),
            },
            StripeError::Timeout => Self::Unknown("no answer in time"),
            StripeError::ClientError(_) => Self::Unknown("connection lost"),
            StripeError::JSONDeserialize(_) => Self::Unknown("answer not understood"),
            StripeError::ConfigError(reason) => Self::BadConfig(reason),
        }
    }
}
