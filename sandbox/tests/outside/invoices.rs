//! Invoices, their links, and the portal.

use crate::harness::Outside;
use serde_json::{Value, json};

/// A session with an invoice, paid with an address and a tax id.
async fn paid_with_invoice(outside: &Outside, customer: &str) -> Value {
    let form = [
        ("customer", customer),
        ("customer_update[name]", "auto"),
        ("customer_update[address]", "auto"),
        ("billing_address_collection", "required"),
        ("tax_id_collection[enabled]", "true"),
        ("invoice_creation[enabled]", "true"),
        (
            "invoice_creation[invoice_data][metadata][topup_id]",
            "topup-1",
        ),
    ];
    let session = outside.session(&form).await;
    let id = session["id"].as_str().unwrap();
    let who = json!({ "business_name": "Ana Ltd", "tax_id": "EU123456789" });
    outside.control(&format!("sessions/{id}/pay"), who).await;
    outside
        .get(&format!(
            "/v1/checkout/sessions/{id}?expand[]=invoice.payments"
        ))
        .await
}

async fn status(outside: &Outside, url: &Value) -> u16 {
    outside
        .client
        .get(url.as_str().unwrap())
        .send()
        .await
        .unwrap()
        .status()
        .as_u16()
}

#[tokio::test]
async fn a_paid_session_brings_an_invoice_with_a_document() {
    let outside = Outside::start().await;
    let customer = outside.customer().await;
    let session = paid_with_invoice(&outside, &customer).await;
    let invoice = &session["invoice"];
    assert_eq!(
        (&invoice["status"], &invoice["amount_paid"]),
        (&json!("paid"), &json!(2500))
    );
    assert_eq!(invoice["customer_name"], "Ana Ltd");
    assert_eq!(invoice["customer_tax_ids"][0]["value"], "EU123456789");
    assert_eq!(invoice["metadata"]["topup_id"], "topup-1");
    let payment = &invoice["payments"]["data"][0]["payment"];
    assert_eq!(payment["payment_intent"], session["payment_intent"]);
    assert!(invoice["number"].as_str().unwrap().ends_with("-0001"));
    assert_eq!(
        outside.get(&format!("/v1/customers/{customer}")).await["name"],
        "Ana Ltd"
    );

    let page = outside
        .client
        .get(invoice["hosted_invoice_url"].as_str().unwrap());
    let page = page.send().await.unwrap().text().await.unwrap();
    assert!(page.contains("$25.00") && page.contains("Ana Ltd") && page.contains("Download PDF"));
    let document = outside
        .client
        .get(invoice["invoice_pdf"].as_str().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(document.headers()["content-type"], "application/pdf");
    let document = document.bytes().await.unwrap();
    assert!(document.starts_with(b"%PDF-1.4") && document.ends_with(b"%%EOF\n"));

    let kinds = outside.event_kinds().await;
    for kind in [
        "invoice.created",
        "invoice.finalized",
        "invoice.paid",
        "invoice.payment_succeeded",
    ] {
        assert!(kinds.iter().any(|other| other == kind), "{kind}");
    }
    let next = paid_with_invoice(&outside, &customer).await;
    assert!(
        next["invoice"]["number"]
            .as_str()
            .unwrap()
            .ends_with("-0002")
    );
    let listed = outside
        .get(&format!("/v1/invoices?customer={customer}&status=paid"))
        .await;
    assert_eq!(listed["data"].as_array().unwrap().len(), 2);
    let intent = session["payment_intent"].as_str().unwrap();
    let path = format!(
        "/v1/invoice_payments?payment[type]=payment_intent&payment[payment_intent]={intent}"
    );
    assert_eq!(
        outside.get(&path).await["data"][0]["invoice"],
        invoice["id"]
    );
}

#[tokio::test]
async fn links_to_invoices_expire_and_are_made_anew() {
    let outside = Outside::start().await;
    let customer = outside.customer().await;
    let session = paid_with_invoice(&outside, &customer).await;
    let old = session["invoice"].clone();
    outside.advance(11 * 86_400).await;
    assert_eq!(status(&outside, &old["hosted_invoice_url"]).await, 410);
    assert_eq!(status(&outside, &old["invoice_pdf"]).await, 410);
    let fresh = outside
        .get(&format!("/v1/invoices/{}", old["id"].as_str().unwrap()))
        .await;
    assert_eq!(status(&outside, &fresh["invoice_pdf"]).await, 200);
    assert_eq!(
        status(&outside, &json!(outside.url("/i/nonsense"))).await,
        404
    );
}

#[tokio::test]
async fn the_portal_shows_and_removes_cards() {
    let outside = Outside::start().await;
    let customer = outside.customer().await;
    let attach = "/v1/payment_methods/pm_card_visa/attach";
    let card = outside.post(attach, &[("customer", &customer)]).await;
    paid_with_invoice(&outside, &customer).await;
    let form = [
        ("customer", customer.as_str()),
        ("return_url", "http://wallet.test/account"),
    ];
    let portal = outside.post("/v1/billing_portal/sessions", &form).await;
    let url = portal["url"].as_str().unwrap();
    let page = outside
        .client
        .get(url)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(
        page.contains("ending in 4242")
            && page.contains("-0001")
            && page.contains("wallet.test/account")
    );

    let id = card["id"].as_str().unwrap();
    outside
        .client
        .post(url)
        .form(&[("default", id)])
        .send()
        .await
        .unwrap();
    let settings =
        outside.get(&format!("/v1/customers/{customer}")).await["invoice_settings"].clone();
    assert_eq!(settings["default_payment_method"], id);
    outside
        .client
        .post(url)
        .form(&[("remove", id)])
        .send()
        .await
        .unwrap();
    outside.inbox.wait_for("payment_method.detached", 1).await;
    let cards = outside
        .get(&format!("/v1/payment_methods?customer={customer}"))
        .await;
    assert_eq!(cards["data"], json!([]));
    outside.advance(3601).await;
    assert_eq!(status(&outside, &portal["url"]).await, 410);
}
