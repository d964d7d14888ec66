//! What customers see on the payment provider's side: plain pages that work without JavaScript.

mod checkout;
mod checkout_form;
pub(crate) mod html;
mod invoice;
mod portal;
mod receipt;
mod submission;
mod three_d_secure;

use crate::world::Shared;
use axum::{Router, routing::get};

pub(crate) use submission::pay_for_customer;

/// The shop that all payments are for.
pub(crate) const MERCHANT: &str = "Talkala Wallet";

pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route("/c/pay/{session}", get(checkout::show).post(checkout::pay))
        .route(
            "/3ds/{intent}",
            get(three_d_secure::show).post(three_d_secure::answer),
        )
        .route("/i/{token}", get(invoice::show))
        .route("/i/{token}/pdf", get(invoice::download))
        .route("/p/session/{token}", get(portal::show).post(portal::change))
        .route("/receipts/{token}", get(receipt::show))
}
