//! Signed events. Only what is needed to ask Stripe again is read from them.

use secrecy::ExposeSecret;
use serde::Deserialize;
use stripe_webhook::{Webhook, WebhookError};

use super::{Stripe, Tags};

/// Stripe's word that a card network suspects fraud. It is followed by the charge it is about: the warning
/// itself says nothing that the charge does not.
pub(crate) const FRAUD_WARNING: &str = "radar.early_fraud_warning.created";

/// An event whose signature is right, whatever it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SignedEvent {
    pub(crate) event_id: String,
    pub(crate) event_type: String,
    pub(crate) object_id: String,
    pub(crate) livemode: bool,
    pub(crate) tags: Option<Tags>,
    /// Whether the pinned version of Stripe's types can read the whole of it.
    pub(crate) is_understood: bool,
}

/// Why an event is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unsigned {
    /// No configured secret made a signature of it, or it is older than five minutes.
    Signature,
    /// Signed, but without what every event has: an id, a type, an object.
    Shape,
}

#[derive(Deserialize)]
struct Envelope {
    id: String,
    r#type: String,
    livemode: bool,
    data: EnvelopeData,
}

#[derive(Deserialize)]
struct EnvelopeData {
    object: EnvelopeObject,
}

#[derive(Deserialize)]
struct EnvelopeObject {
    #[serde(default)]
    id: String,
    /// What a warning is about: an id, or the whole charge with its own.
    #[serde(default)]
    charge: Option<serde_json::Value>,
    #[serde(default)]
    metadata: Option<std::collections::HashMap<String, String>>,
}

impl EnvelopeObject {
    fn charge_id(&self) -> Option<&str> {
        let charge = self.charge.as_ref()?;
        charge.as_str().or_else(|| charge["id"].as_str())
    }
}

impl Stripe {
    /// Checks the raw body against every signature in the header and every secret we have.
    ///
    /// An authentic event of a shape we cannot read is still taken: the object is asked for by id.
    pub(crate) fn signed_event(
        &self,
        body: &[u8],
        signature: &str,
    ) -> Result<SignedEvent, Unsigned> {
        let text = std::str::from_utf8(body).map_err(|_| Unsigned::Signature)?;
        let mut is_understood = None;
        for secret in &self.webhook_secrets {
            match Webhook::construct_event(text, signature, secret.expose_secret()) {
                Ok(_) => is_understood = Some(true),
                Err(WebhookError::BadParse(_)) => is_understood = Some(false),
                Err(_) => continue,
            }
            break;
        }
        let is_understood = is_understood.ok_or(Unsigned::Signature)?;
        let envelope: Envelope = serde_json::from_str(text).map_err(|_| Unsigned::Shape)?;
        let object = &envelope.data.object;
        let object_id = if envelope.r#type == FRAUD_WARNING {
            object.charge_id().unwrap_or_default().to_owned()
        } else {
            object.id.clone()
        };
        Ok(SignedEvent {
            event_id: envelope.id,
            event_type: envelope.r#type,
            object_id,
            livemode: envelope.livemode,
            tags: envelope
                .data
                .object
                .metadata
                .and_then(|metadata| self.read_tags(&metadata)),
            is_understood,
        })
    }
}
