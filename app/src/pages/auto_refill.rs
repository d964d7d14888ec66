//! What is asked about auto-refill; its page is written on the server.

use leptos::prelude::*;

use crate::error::AppError;

/// Turns auto-refill on. Terms that would charge at once lead to a page that asks for that, terms outside of
/// the limits to one that says so.
#[server(endpoint = "arm_refill")]
pub(crate) async fn arm_refill(
    #[server(default)] threshold: String,
    #[server(default)] amount: String,
    #[server(default)] cap: String,
    #[server(default)] charge_now: bool,
) -> Result<(), AppError> {
    use crate::address::{ReturnTo, escape};
    use crate::context;
    use domain::refill::{RefillRefusal, RefillTerms};
    use domain::{Declined, Money};

    let (threshold, amount, cap) = (threshold.trim(), amount.trim(), cap.trim());
    let here = format!(
        "/auto-refill?threshold={}&amount={}&cap={}",
        escape(threshold),
        escape(amount),
        escape(cap)
    );
    let visitor = context::recent_visitor(&here).await?;
    // What cannot be read is nothing, which no limit allows.
    let typed = |text: &str| Money::from_typed(text).unwrap_or_default();
    let terms = RefillTerms {
        threshold: typed(threshold),
        amount: typed(amount),
        monthly_cap: typed(cap),
    };
    let arm = ledger::ArmRefill {
        terms,
        charge_now,
        language: crate::speech::language(),
    };
    let armed = context::ledger().arm_refill(visitor.wallet_id, arm).await;
    let next = match armed {
        Err(ledger::Error::Declined(Declined::Refill(RefillRefusal::ChargesNow { .. }))) => {
            format!("{here}&ask=now")
        }
        // The form comes back as it was filled in, with the reason beside the field.
        Err(ledger::Error::Declined(Declined::Refill(refusal))) if refusal.field().is_some() => {
            format!("{here}&wrong=yes")
        }
        armed => {
            armed.map_err(context::refused)?;
            "/auto-refill".to_owned()
        }
    };
    context::redirect_to(&ReturnTo::read(&next));
    Ok(())
}

#[server(endpoint = "turn_off_refill")]
pub(crate) async fn turn_off_refill() -> Result<(), AppError> {
    use crate::context;
    let visitor = context::visitor().await?;
    context::ledger()
        .turn_off_refill(visitor.wallet_id)
        .await
        .map_err(context::refused)?;
    context::redirect_to(&crate::address::ReturnTo::read("/auto-refill"));
    Ok(())
}

/// Leads to Stripe's page, where the customer confirms what the bank wants confirmed.
#[server(endpoint = "answer_refill")]
pub(crate) async fn answer_refill() -> Result<(), AppError> {
    use crate::context;
    let visitor = context::visitor().await?;
    let address = context::ledger()
        .answer_refill(visitor.wallet_id, crate::speech::language())
        .await
        .map_err(context::refused)?;
    context::redirect_to_payment(&address)
}
