//! Words on Stripe's objects that are not true: whoever has access to the account can write them. Money
//! follows the payment, never the words.

use domain::refund::RefundState;
use domain::{TopUpId, WalletId};
use serde_json::Value;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use time::Duration;

use crate::money::balances;
use crate::world::{VISA, World};

impl World {
    /// A refund that another program makes, with words on it.
    async fn refund_with_words(&self, top_up_id: TopUpId, cents: &str, words: &[(&str, String)]) {
        let payment = self.payment_of(top_up_id).await;
        let words: Vec<(String, &str)> = words
            .iter()
            .map(|(name, value)| (format!("metadata[{name}]"), value.as_str()))
            .collect();
        let mut form = vec![("payment_intent", payment.as_str()), ("amount", cents)];
        form.extend(words.iter().map(|(name, value)| (name.as_str(), *value)));
        self.stripe_does("refunds", &form).await;
    }
}

/// Our words about a purchase.
fn words(wallet_id: WalletId, top_up_id: TopUpId) -> Vec<(&'static str, String)> {
    vec![
        ("app", "talkala-wallet".into()),
        ("env", "test".into()),
        ("wallet_id", wallet_id.to_string()),
        ("topup_id", top_up_id.to_string()),
    ]
}

#[sqlx::test(migrations = "../migrations")]
async fn a_refund_that_names_another_wallet_is_booked_where_the_payment_was(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let (ana, ben) = (world.person().await, world.person().await);
    let bought = world.bought(&ana, "25", VISA).await;
    let other = world.bought(&ben, "25", VISA).await;
    let lie = words(ben.wallet_id, other);
    world.refund_with_words(bought, "1000", &lie).await;
    world.catch_up().await;
    assert_eq!(
        world.balances(ana.wallet_id).await,
        balances(["15", "0", "0", "0"])
    );
    assert_eq!(
        world.balances(ben.wallet_id).await,
        balances(["25", "0.5", "0", "0"])
    );
    world.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_refund_with_the_name_of_another_one_is_booked_beside_it(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let from = world.clock.now() - Duration::minutes(1);
    let ana = world.person().await;
    let bought = world.bought(&ana, "100", VISA).await;
    let state = world.refund(ana.wallet_id, bought, "20").await;
    assert_eq!(state, Ok(RefundState::Succeeded));
    let refunds = world.stripe("refunds").await;
    let ours = refunds["data"][0]["metadata"]["refund_id"]
        .as_str()
        .unwrap();
    // Once with the name of one that is done, and once with one that never was.
    for refund_id in [ours, "nobody-knows-it"] {
        let mut copied = words(ana.wallet_id, bought);
        copied.push(("refund_id", refund_id.to_owned()));
        world.refund_with_words(bought, "2000", &copied).await;
        for _ in 0..2 {
            world.catch_up().await;
        }
    }
    // $40 of $100 are left, and the bonus that $40 earn.
    assert_eq!(
        world.balances(ana.wallet_id).await,
        balances(["40", "0.8", "0", "0"])
    );
    let until = world.clock.now() + Duration::minutes(1);
    let compared = world.ledger.compare_with_stripe(from, until).await.unwrap();
    assert_eq!(compared.differences, []);
    assert_eq!(compared.refunds.compared, 3);
    world.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_second_payment_of_one_top_up_is_not_taken_for_the_first(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let from = world.clock.now() - Duration::minutes(1);
    let ana = world.person().await;
    let bought = world.bought(&ana, "25", VISA).await;
    let customer = world.stripe_customer(&ana).await;
    let lie = words(ana.wallet_id, bought);
    let lie: Vec<(String, &str)> = lie
        .iter()
        .map(|(name, value)| (format!("metadata[{name}]"), value.as_str()))
        .collect();
    let method = world
        .stripe_does(
            "payment_methods",
            &[
                ("type", "card"),
                ("card[number]", VISA),
                ("card[exp_month]", "12"),
                ("card[exp_year]", "2035"),
                ("card[cvc]", "123"),
            ],
        )
        .await;
    let method = method["id"].as_str().unwrap().to_owned();
    let attach = format!("payment_methods/{method}/attach");
    world.stripe_does(&attach, &[("customer", &customer)]).await;
    let mut form = vec![
        ("amount", "2500"),
        ("currency", "usd"),
        ("customer", customer.as_str()),
        ("payment_method", method.as_str()),
        ("confirm", "true"),
    ];
    form.extend(lie.iter().map(|(name, value)| (name.as_str(), *value)));
    let second: Value = world.stripe_does("payment_intents", &form).await;
    assert_eq!(second["status"], "succeeded");
    world.catch_up().await;
    assert_eq!(
        world.balances(ana.wallet_id).await,
        balances(["25", "0.5", "0", "0"])
    );
    let until = world.clock.now() + Duration::minutes(1);
    let compared = world.ledger.compare_with_stripe(from, until).await.unwrap();
    let found: Vec<_> = compared
        .differences
        .iter()
        .map(|one| (one.id.as_str(), one.reason))
        .collect();
    assert_eq!(
        found,
        [(second["id"].as_str().unwrap(), "not in the books")]
    );
    assert_eq!(
        world.ledger.alarms().await.unwrap().len(),
        1,
        "and its event"
    );
}
