//! The endpoints, one file for each noun.

pub(crate) mod balance_transaction;
pub(crate) mod billing_portal;
pub(crate) mod charge;
pub(crate) mod customer;
pub(crate) mod dispute;
pub(crate) mod event;
pub(crate) mod invoice;
pub(crate) mod method_card;
pub(crate) mod payment_intent;
pub(crate) mod payment_method;
pub(crate) mod refund;
pub(crate) mod session;
pub(crate) mod session_params;
pub(crate) mod setup_intent;
pub(crate) mod webhook_endpoint;

use crate::{
    error::{ApiError, ApiResult},
    params::Params,
    state::State,
};

/// The version of the API that the bodies have; any other is refused.
pub(crate) const API_VERSION: &str = "2026-09-30.endive";

/// Answers one request: a method, a path such as `/v1/customers`, parameters.
pub(crate) fn answer(state: &mut State, method: &str, path: &str, params: Params<'_>) -> ApiResult {
    let unknown = || ApiError::unknown_route(method, path);
    let rest = path.strip_prefix("/v1/").ok_or_else(unknown)?;
    let steps: Vec<&str> = rest.split('/').collect();
    let (noun, steps) = steps.split_first().ok_or_else(unknown)?;
    let answer = match (*noun, steps) {
        ("balance_transactions", steps) => {
            balance_transaction::answer(state, method, steps, params)
        }
        ("billing_portal", steps) => billing_portal::answer(state, method, steps, params),
        ("charges", steps) => charge::answer(state, method, steps, params),
        ("checkout", ["sessions", steps @ ..]) => session::answer(state, method, steps, params),
        ("customers", [customer, "payment_methods", steps @ ..]) => {
            payment_method::answer_of_customer(state, method, customer, steps, params)
        }
        ("customers", steps) => customer::answer(state, method, steps, params),
        ("disputes", steps) => dispute::answer(state, method, steps, params),
        ("events", steps) => event::answer(state, method, steps, params),
        ("invoice_payments", steps) => invoice::answer_payments(state, method, steps, params),
        ("invoices", steps) => invoice::answer(state, method, steps, params),
        ("payment_intents", steps) => payment_intent::answer(state, method, steps, params),
        ("payment_methods", steps) => payment_method::answer(state, method, steps, params),
        ("refunds", steps) => refund::answer(state, method, steps, params),
        ("setup_intents", steps) => setup_intent::answer(state, method, steps, params),
        ("webhook_endpoints", steps) => webhook_endpoint::answer(state, method, steps, params),
        _ => None,
    };
    answer.unwrap_or_else(|| Err(unknown()))
}
