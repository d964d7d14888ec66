//! Everything Stripe has of a period: events that may have been lost, payments to compare.

use miniserde::json::Value;
use stripe_core::charge::RetrieveCharge;
use stripe_core::event::ListEvent;
use stripe_core::payment_intent::ListPaymentIntent;
use stripe_types::RangeQueryTs;
use time::OffsetDateTime;

use super::event::FRAUD_WARNING;
use super::{PaymentFact, Stripe, Trouble, pages};

/// An event as a list tells of it: enough to ask for its object.
#[derive(Clone, Debug)]
pub(crate) struct ListedEvent {
    pub(crate) event_id: String,
    pub(crate) event_type: String,
    pub(crate) object_id: String,
    pub(crate) created_at: OffsetDateTime,
}

impl Stripe {
    /// Events of our mode since a moment, newest first. Stripe keeps them for 30 days.
    pub(crate) async fn events_since(
        &self,
        from: OffsetDateTime,
    ) -> Result<Vec<ListedEvent>, Trouble> {
        let events = pages(|after: Option<String>| {
            let mut list = ListEvent::new()
                .created(RangeQueryTs::gte(from.unix_timestamp()))
                .limit(100);
            if let Some(after) = after {
                list = list.starting_after(after);
            }
            async move { list.send(&self.client).await }
        })
        .await?;
        let of_our_mode = events
            .into_iter()
            .filter(|event| event.livemode == self.livemode);
        Ok(of_our_mode
            .map(|event| ListedEvent {
                event_id: event.id.to_string(),
                event_type: event.type_.as_str().to_owned(),
                created_at: OffsetDateTime::from_unix_timestamp(event.created)
                    .unwrap_or(OffsetDateTime::UNIX_EPOCH),
                object_id: match event.type_.as_str() {
                    FRAUD_WARNING => text_of(&event.data.object, "charge"),
                    _ => text_of(&event.data.object, "id"),
                },
            })
            .collect())
    }

    /// Payments made in a period, ours and others'.
    pub(crate) async fn payments_between(
        &self,
        from: OffsetDateTime,
        until: OffsetDateTime,
    ) -> Result<Vec<PaymentFact>, Trouble> {
        let payments = pages(|after: Option<String>| {
            let mut list = ListPaymentIntent::new()
                .created(RangeQueryTs::gte(from.unix_timestamp()))
                .limit(100);
            if let Some(after) = after {
                list = list.starting_after(after);
            }
            async move { list.send(&self.client).await }
        })
        .await?;
        Ok(payments
            .iter()
            .filter(|payment| payment.created < until.unix_timestamp())
            .map(|payment| self.payment_fact(payment))
            .collect())
    }

    /// The payment a charge belongs to; none for charges made without one.
    pub(crate) async fn payment_of_charge(
        &self,
        charge_id: &str,
    ) -> Result<Option<String>, Trouble> {
        let charge = RetrieveCharge::new(charge_id).send(&self.client).await?;
        Ok(charge
            .payment_intent
            .map(|payment| payment.id().to_string()))
    }
}

/// A field of an object; nothing if there is no such text.
fn text_of(object: &Value, field: &str) -> String {
    match object {
        Value::Object(fields) => match fields.get(field) {
            Some(Value::String(text)) => text.clone(),
            _ => String::new(),
        },
        _ => String::new(),
    }
}
