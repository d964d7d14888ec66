//! Saved cards: kept by consent, chosen, renewed, removed here and at Stripe.

use domain::refill::SuspendReason;
use language::{Language, tell};
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use time::Duration;

use crate::world::{Person, VISA, World, session_of};
use ledger::{SavedFrom, StartTopUp};

const MASTERCARD: &str = "5555555555554444";

/// Saves a card on Stripe's page, authenticating it where the bank asks.
pub(crate) async fn saved_card(world: &World, person: &Person, card: &str) {
    let id = world.ledger.new_card_setup_id();
    let page = world
        .ledger
        .start_card_setup(person.wallet_id, id, SavedFrom::Account, Language::English)
        .await
        .unwrap();
    let session = session_of(&page);
    let mut paid = json!({ "card": card });
    if card.starts_with("400000")
        && ["3155", "3184", "3178"]
            .iter()
            .any(|end| card.ends_with(end))
    {
        paid["authenticate"] = true.into();
    }
    world
        .control(&format!("sessions/{session}/pay"), paid)
        .await;
    world
        .ledger
        .check_card_setup(person.wallet_id, id)
        .await
        .unwrap();
}

async fn names(world: &World, person: &Person) -> Vec<String> {
    let cards = world.ledger.cards(person.wallet_id).await.unwrap();
    cards.iter().map(|saved| saved.card.name()).collect()
}

#[sqlx::test(migrations = "../migrations")]
async fn a_card_is_saved_once_whoever_tells_first(pool: PgPoolOptions, database: PgConnectOptions) {
    let world = World::without_workers(pool, database).await;
    let ana = world.person().await;
    saved_card(&world, &ana, VISA).await;
    world.process_events().await;
    assert_eq!(names(&world, &ana).await, ["Visa ····4242"]);
    // The same card typed again takes the place of its older self, which Stripe lets go.
    saved_card(&world, &ana, VISA).await;
    assert_eq!(names(&world, &ana).await, ["Visa ····4242"]);
    assert_eq!(world.ledger.detach_removed_cards().await.unwrap(), 1);
    let customer = world.stripe_customer(&ana).await;
    let kept = world
        .stripe(&format!("payment_methods?customer={customer}&type=card"))
        .await;
    assert_eq!(kept["data"].as_array().unwrap().len(), 1);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_top_up_saves_its_card_by_consent_only(pool: PgPoolOptions, database: PgConnectOptions) {
    let world = World::without_workers(pool, database).await;
    for (save_card, expected) in [(None, 0), (Some(Language::Spanish), 1)] {
        let ana = world.person().await;
        let start = StartTopUp {
            top_up_id: world.ledger.new_top_up_id(),
            amount: "25".parse().unwrap(),
            save_card,
            wants_invoice: false,
        };
        let page = world
            .ledger
            .start_top_up(ana.wallet_id, start)
            .await
            .unwrap();
        world.pay(&session_of(&page), VISA).await;
        world.process_events().await;
        assert_eq!(names(&world, &ana).await.len(), expected, "{save_card:?}");
    }
    let consents: Vec<String> = sqlx::query_scalar("select consent from payment_method")
        .fetch_all(&world.owner)
        .await
        .unwrap();
    // As it was read.
    assert_eq!(consents, [tell!(Language::Spanish, add_credit::CONSENT)]);
}

#[sqlx::test(migrations = "../migrations")]
async fn cards_are_chosen_renewed_and_removed(pool: PgPoolOptions, database: PgConnectOptions) {
    let world = World::without_workers(pool, database).await;
    let ana = world.person().await;
    saved_card(&world, &ana, VISA).await;
    saved_card(&world, &ana, MASTERCARD).await;
    assert_eq!(
        names(&world, &ana).await,
        ["Visa ····4242", "Mastercard ····4444"]
    );
    let cards = world.ledger.cards(ana.wallet_id).await.unwrap();
    let (visa, mastercard) = (&cards[0].payment_method_id, &cards[1].payment_method_id);
    world
        .ledger
        .choose_card(ana.wallet_id, mastercard)
        .await
        .unwrap();
    assert_eq!(
        names(&world, &ana).await,
        ["Mastercard ····4444", "Visa ····4242"]
    );

    // The network renews one, and the other is removed at Stripe.
    let renewed = json!({ "exp_month": 1, "exp_year": 2040 });
    world
        .control(&format!("payment_methods/{mastercard}/update"), renewed)
        .await;
    world
        .control(&format!("payment_methods/{visa}/detach"), json!({}))
        .await;
    world.process_events().await;
    let cards = world.ledger.cards(ana.wallet_id).await.unwrap();
    assert_eq!(cards.len(), 1);
    assert_eq!((cards[0].card.exp_month, cards[0].card.exp_year), (1, 2040));

    // The one that auto-refill charges: it stops, and its owner is told, once.
    crate::refill::arm(&world, &ana, ("10", "25", "100")).await;
    let twice = json!({ "mode": "duplicate" });
    world.control("webhooks/mode", twice).await;
    let detach = format!("payment_methods/{mastercard}/detach");
    world.control(&detach, json!({})).await;
    world.process_events().await;
    let refill = world.ledger.refill(ana.wallet_id).await.unwrap();
    assert_eq!(refill.reason, Some(SuspendReason::CardRemoved));
    let unread = world.ledger.unread_notices(ana.wallet_id).await.unwrap();
    let said = unread
        .iter()
        .map(|unread| language::notice::detail(&unread.notice, language::Language::English));
    let said =
        said.filter(|detail| detail.contains("The card was removed at the payment processor"));
    assert_eq!(said.count(), 1);
    assert_eq!(names(&world, &ana).await.len(), 0);
    saved_card(&world, &ana, MASTERCARD).await;
    let cards = world.ledger.cards(ana.wallet_id).await.unwrap();
    let mastercard = &cards[0].payment_method_id;

    // Another person's card is not found.
    let bea = world.person().await;
    let foreign = world.ledger.remove_card(bea.wallet_id, mastercard).await;
    assert!(
        matches!(foreign, Err(ledger::Error::NotFound)),
        "{foreign:?}"
    );
    world.clock.advance(Duration::minutes(11));
    let fields = [("payment_method_id", mastercard.as_str())];
    let stale = world.post("/api/remove_card", &ana, &fields).await;
    assert_eq!(stale.headers()["location"], "/sign-in?next=/account");
    let recent = world.session_of(&ana).await;
    world.post("/api/remove_card", &recent, &fields).await;
    assert_eq!(names(&world, &ana).await.len(), 0);
    assert_eq!(world.ledger.detach_removed_cards().await.unwrap(), 1);
    let gone = world.stripe(&format!("payment_methods/{mastercard}")).await;
    assert!(gone["customer"].is_null());
}
