//! Invoices: with an address and a tax id, for their owner, with links that work today.

use domain::top_up::TopUpState;
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::world::{Person, VISA, World};

/// Where this way of ours leads now.
async fn leads_to(world: &World, path: &str, person: &Person) -> String {
    let answer = world.get(path, Some(person)).await;
    assert_eq!(answer.status(), 303, "{path}");
    assert_eq!(answer.headers()["referrer-policy"], "no-referrer");
    answer.headers()["location"].to_str().unwrap().to_owned()
}

#[sqlx::test(migrations = "../migrations")]
async fn an_invoice_opens_for_its_owner_also_after_a_year(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::start(pool, database).await;
    let (ana, ben) = (world.person().await, world.person().await);
    let (top_up_id, session_id) = world.start_with_invoice(ana.wallet_id, "25").await;
    let page = format!("/top-ups/{top_up_id}/invoice");
    let file = format!("{page}.pdf");
    assert_eq!(world.get(&page, Some(&ana)).await.status(), 404, "not paid");
    let who = json!({ "card": VISA, "business_name": "Ana Ltd", "tax_id": "EU123456789" });
    world
        .control(&format!("sessions/{session_id}/pay"), who)
        .await;
    world
        .until(ana.wallet_id, top_up_id, TopUpState::Settled)
        .await;

    let mut links = Vec::new();
    for days in [0, 365] {
        world
            .control("clock/advance", json!({ "seconds": days * 86_400 }))
            .await;
        let (hosted, pdf) = (
            leads_to(&world, &page, &ana).await,
            leads_to(&world, &file, &ana).await,
        );
        let shown = world.http.get(&hosted).send().await.unwrap();
        let shown = shown.text().await.unwrap();
        for text in ["$25.00", "Ana Ltd", "EU123456789"] {
            assert!(shown.contains(text), "{text} after {days} days");
        }
        let written = world.http.get(&pdf).send().await.unwrap();
        assert_eq!(written.headers()["content-type"], "application/pdf");
        assert!(written.bytes().await.unwrap().starts_with(b"%PDF-1.4"));
        links.push(pdf);
    }
    let old = world.http.get(&links[0]).send().await.unwrap();
    assert_eq!(old.status(), 410, "the link itself expires");

    for path in [&page, &file] {
        let absent = path.replace(
            &top_up_id.to_string(),
            "01990000-0000-7000-8000-000000000000",
        );
        let foreign = world.get(path, Some(&ben)).await;
        let absent = world.get(&absent, Some(&ben)).await;
        assert_eq!(
            (foreign.status().as_u16(), absent.status().as_u16()),
            (404, 404)
        );
        let (foreign, absent) = (foreign.text().await.unwrap(), absent.text().await.unwrap());
        assert_eq!(foreign, absent, "another's looks like none");
        let stranger = world.get(path, None).await;
        let to = stranger.headers()["location"].to_str().unwrap();
        assert!(to.starts_with("/sign-in?next="), "{to}");
    }
    let shown = world
        .get(&format!("/top-ups/{top_up_id}"), Some(&ana))
        .await;
    let shown = shown.text().await.unwrap();
    assert!(
        shown.contains(&page) && shown.contains(&file),
        "both are linked"
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn a_top_up_without_an_invoice_has_none_and_one_not_written_yet_says_so(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::start(pool, database).await;
    let ana = world.person().await;
    let (top_up_id, session_id) = world.start_top_up(ana.wallet_id, "25").await;
    world.pay(&session_id, VISA).await;
    world
        .until(ana.wallet_id, top_up_id, TopUpState::Settled)
        .await;
    let page = format!("/top-ups/{top_up_id}/invoice");
    assert_eq!(world.get(&page, Some(&ana)).await.status(), 404);
    let shown = world
        .get(&format!("/top-ups/{top_up_id}"), Some(&ana))
        .await;
    assert!(!shown.text().await.unwrap().contains(&page), "no link");

    // Stripe has no invoice on the session yet, as in the moments after a payment.
    world
        .owner_does("update top_up set wants_invoice = true")
        .await;
    let answer = world.get(&page, Some(&ana)).await;
    assert_eq!(answer.status(), 503);
    assert!(
        answer
            .text()
            .await
            .unwrap()
            .contains("Try again in a minute")
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn two_clicks_with_an_invoice_ask_for_one_page(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::start(pool, database).await;
    let ana = world.person().await;
    let top_up_id = world.ledger.new_top_up_id().to_string();
    let mut pages = Vec::new();
    for _ in 0..2 {
        let fields = [
            ("top_up_id", top_up_id.as_str()),
            ("pack", "25"),
            ("invoice", "true"),
        ];
        let answer = world.post("/api/start_top_up", &ana, &fields).await;
        pages.push(answer.headers()["location"].to_str().unwrap().to_owned());
    }
    assert_eq!(pages[0], pages[1]);
    let session = world.stripe("checkout/sessions?limit=10").await;
    let sessions = session["data"].as_array().unwrap();
    assert_eq!(sessions.len(), 1);
    assert_eq!(sessions[0]["invoice_creation"]["enabled"], true);
    assert_eq!(sessions[0]["billing_address_collection"], "required");
    assert_eq!(sessions[0]["tax_id_collection"]["enabled"], true);
    let metadata = &sessions[0]["invoice_creation"]["invoice_data"]["metadata"];
    assert_eq!(metadata["topup_id"], top_up_id);
}
