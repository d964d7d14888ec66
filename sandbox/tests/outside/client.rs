//! The client library itself, as the wallet uses it: its own decoders and its own requests.

use crate::harness::{KEY, Outside};
use stripe::{IdempotencyKey, RequestStrategy, StripeError, StripeRequest};
use stripe_checkout::{
    CheckoutSessionMode,
    checkout_session::{
        CreateCheckoutSession, CreateCheckoutSessionInvoiceCreation,
        CreateCheckoutSessionLineItems, CreateCheckoutSessionLineItemsPriceData,
        CreateCheckoutSessionPaymentIntentData,
        CreateCheckoutSessionPaymentIntentDataSetupFutureUsage, ExpireCheckoutSession, ProductData,
        RetrieveCheckoutSession,
    },
};
use stripe_core::{
    customer::CreateCustomer,
    payment_intent::{CreatePaymentIntent, CreatePaymentIntentOffSession, ListPaymentIntent},
    refund::CreateRefund,
};
use stripe_shared::{ApiErrorsType, CheckoutSessionPaymentStatus, PaymentIntentStatus};
use stripe_types::{Currency, RangeQueryTs};

fn client(outside: &Outside) -> stripe::Client {
    stripe::ClientBuilder::new(KEY)
        .url(outside.url("/"))
        .build()
        .unwrap()
}

fn checkout(customer: &str) -> CreateCheckoutSession {
    let mut price = CreateCheckoutSessionLineItemsPriceData::new(Currency::USD);
    price.unit_amount = Some(2500);
    price.product_data = Some(ProductData::new("Wallet credit"));
    let mut line = CreateCheckoutSessionLineItems::new();
    line.quantity = Some(1);
    line.price_data = Some(price);
    let mut data = CreateCheckoutSessionPaymentIntentData::new();
    data.setup_future_usage =
        Some(CreateCheckoutSessionPaymentIntentDataSetupFutureUsage::OffSession);
    CreateCheckoutSession::new()
        .mode(CheckoutSessionMode::Payment)
        .customer(customer)
        .client_reference_id("topup-1")
        .line_items(vec![line])
        .payment_intent_data(data)
        .invoice_creation(CreateCheckoutSessionInvoiceCreation::new(true))
        .cancel_url("http://wallet.test/back")
        .success_url("http://wallet.test/return?session_id={CHECKOUT_SESSION_ID}")
}

#[tokio::test]
async fn the_client_pays_refills_and_refunds() {
    let outside = Outside::start().await;
    let client = client(&outside);
    let customer = CreateCustomer::new()
        .email("ana@example.com")
        .send(&client)
        .await
        .unwrap();
    let keyed = || {
        let key = IdempotencyKey::new("topup:1").unwrap();
        let request = checkout(customer.id.as_str());
        request
            .customize()
            .request_strategy(RequestStrategy::Idempotent(key))
    };
    let session = keyed().send(&client).await.unwrap();
    assert_eq!(keyed().send(&client).await.unwrap().id, session.id);

    let url = session.url.clone().unwrap();
    let form = [
        ("card_number", "4242424242424242"),
        ("expiry", "12/34"),
        ("cvc", "123"),
        ("name", "Ana"),
    ];
    outside.client.post(url).form(&form).send().await.unwrap();
    let paid = RetrieveCheckoutSession::new(session.id.clone())
        .expand(vec!["payment_intent.latest_charge".to_owned()])
        .send(&client)
        .await
        .unwrap();
    assert_eq!(paid.payment_status, CheckoutSessionPaymentStatus::Paid);
    assert!(paid.invoice.is_some());
    let intent = paid.payment_intent.unwrap();
    let intent = intent.as_object().unwrap();
    assert_eq!(intent.amount_received, 2500);
    let charge = intent.latest_charge.as_ref().unwrap().as_object().unwrap();
    assert!(charge.receipt_url.is_some());

    let method = intent.payment_method.as_ref().unwrap().id().as_str();
    let refill = CreatePaymentIntent::new(2000, Currency::USD)
        .customer(customer.id.as_str())
        .payment_method(method)
        .confirm(true)
        .off_session(CreatePaymentIntentOffSession::Bool(true))
        .expand(vec!["latest_charge".to_owned()])
        .send(&client)
        .await
        .unwrap();
    assert_eq!(refill.status, PaymentIntentStatus::Succeeded);
    let since = RangeQueryTs::gte(refill.created - 60);
    let listed = ListPaymentIntent::new()
        .customer(customer.id.as_str())
        .created(since)
        .limit(100);
    assert_eq!(listed.send(&client).await.unwrap().data.len(), 2);
    let refund = CreateRefund::new()
        .payment_intent(refill.id.as_str())
        .amount(500)
        .send(&client)
        .await
        .unwrap();
    assert_eq!(refund.status.as_deref(), Some("succeeded"));
}

#[tokio::test]
async fn the_client_understands_a_decline() {
    let outside = Outside::start().await;
    let client = client(&outside);
    let error = CreatePaymentIntent::new(2000, Currency::USD)
        .payment_method("pm_card_chargeDeclined")
        .confirm(true)
        .send(&client)
        .await
        .expect_err("declined");
    let StripeError::Stripe(error, 402) = error else {
        panic!("another error: {error:?}");
    };
    assert_eq!(error.type_, ApiErrorsType::CardError);
    assert_eq!(error.decline_code.as_deref(), Some("generic_decline"));
    assert!(error.payment_intent.is_some());
}

#[tokio::test]
async fn the_client_expires_a_session() {
    let outside = Outside::start().await;
    let client = client(&outside);
    let customer = CreateCustomer::new().send(&client).await.unwrap();
    let session = checkout(customer.id.as_str()).send(&client).await.unwrap();
    let expired = ExpireCheckoutSession::new(session.id)
        .send(&client)
        .await
        .unwrap();
    assert_eq!(
        expired.status,
        Some(stripe_shared::CheckoutSessionStatus::Expired)
    );
}
