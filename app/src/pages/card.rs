//! What is asked about saved cards; they are listed on written pages.

use leptos::prelude::*;
use uuid::Uuid;

use crate::error::AppError;

/// Leads to Stripe's page that saves a card, and from there back to where it was asked.
#[server(endpoint = "save_card")]
pub(crate) async fn save_card(
    card_setup_id: Uuid,
    #[server(default)] for_refill: bool,
) -> Result<(), AppError> {
    use crate::context;
    use crate::speech;
    use ledger::SavedFrom;
    let visitor = context::visitor().await?;
    let from = if for_refill {
        SavedFrom::AutoRefill
    } else {
        SavedFrom::Account
    };
    let address = context::ledger()
        .start_card_setup(visitor.wallet_id, card_setup_id, from, speech::language())
        .await
        .map_err(context::refused)?;
    context::redirect_to_payment(&address)
}

#[server(endpoint = "choose_card")]
pub(crate) async fn choose_card(payment_method_id: String) -> Result<(), AppError> {
    use crate::context;
    let visitor = context::visitor().await?;
    context::ledger()
        .choose_card(visitor.wallet_id, &payment_method_id)
        .await
        .map_err(context::refused)
}

#[server(endpoint = "remove_card")]
pub(crate) async fn remove_card(payment_method_id: String) -> Result<(), AppError> {
    use crate::context;
    let visitor = context::recent_visitor("/account").await?;
    context::ledger()
        .remove_card(visitor.wallet_id, &payment_method_id)
        .await
        .map_err(context::refused)
}
