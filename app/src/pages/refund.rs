//! What the page of a refund asks for; the page itself is written on the server.

use domain::TopUpId;
use leptos::prelude::*;
use uuid::Uuid;

use crate::error::AppError;

/// Sends a part of a top-up back to its card, if one signed in a moment ago.
#[server(endpoint = "ask_refund")]
pub(crate) async fn ask_refund(
    top_up_id: TopUpId,
    refund_id: Uuid,
    credit: String,
) -> Result<(), AppError> {
    use crate::address::ReturnTo;
    use crate::context;
    use domain::refund::RefundRefusal;
    let page = format!("/refunds/{top_up_id}");
    let visitor = context::recent_visitor(&format!("{page}?credit={credit}")).await?;
    let amount = domain::Money::from_typed(&credit);
    let amount =
        amount.map_err(|_| context::refused_typing(RefundRefusal::NotAnAmount, &credit))?;
    let ask = ledger::AskRefund {
        top_up_id,
        refund_id,
        credit: amount,
        by: ledger::RefundBy::Customer,
    };
    context::ledger()
        .ask_refund(visitor.wallet_id, ask)
        .await
        .map_err(context::refused)?;
    context::redirect_to(&ReturnTo::read(&page));
    Ok(())
}
