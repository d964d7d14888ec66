//! Invitations against what undoes a purchase, as banks and Stripe do it.

use domain::WalletId;
use domain::referral::Standing;
use ledger::{AuthorizeCall, CallRef};
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use time::Duration;
use uuid::Uuid;

use crate::switchboard::LANDLINE;
use crate::world::{Person, VISA, World, money};

/// What may happen to a purchase that earns a reward.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    /// The seven days are over.
    Week,
    Refund,
    Dispute,
    Won,
}

/// All orders that Stripe knows: a dispute comes before it is won, and meanwhile nothing is refunded.
fn orders() -> Vec<Vec<Event>> {
    use Event::{Dispute, Refund, Week, Won};
    let mut orders = vec![Vec::new()];
    for event in [Week, Refund, Dispute, Won] {
        orders = orders
            .into_iter()
            .flat_map(|order: Vec<Event>| {
                (0..=order.len()).map(move |at| {
                    let mut longer = order.clone();
                    longer.insert(at, event);
                    longer
                })
            })
            .collect();
    }
    let at = |order: &[Event], event| order.iter().position(|other| *other == event);
    orders.retain(|order| {
        let (opened, won) = (at(order, Dispute), at(order, Won));
        let refunded = at(order, Refund);
        opened < won && (refunded < opened || won < refunded)
    });
    orders
}

/// What should have become of the reward, from what happened so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Expected {
    is_due: bool,
    is_refunded: bool,
    is_disputed: bool,
    is_given: bool,
    is_taken_back: bool,
}

impl Expected {
    fn after(mut self, event: Event) -> Self {
        match event {
            Event::Week => self.is_due = true,
            Event::Refund => self.is_refunded = true,
            Event::Dispute => self.is_disputed = true,
            Event::Won => self.is_disputed = false,
        }
        let is_undone = self.is_refunded || self.is_disputed;
        self.is_given |= self.is_due && !is_undone;
        self.is_taken_back |= self.is_given && is_undone;
        self
    }
}

impl World {
    /// Talks for two dollars.
    pub(crate) async fn talk(&self, wallet_id: WalletId) {
        let call_id = Uuid::now_v7().to_string();
        let asked = AuthorizeCall {
            wallet_id,
            call_id: call_id.clone(),
            switch_id: "sandbox".into(),
            caller: None,
            callee: LANDLINE.into(),
        };
        self.ledger.authorize_call(asked).await.unwrap();
        let call = CallRef {
            wallet_id,
            call_id,
            switch_id: "sandbox".into(),
        };
        self.ledger.answer_call(call.clone()).await.unwrap();
        self.ledger.end_call(call, 1_200, "").await.unwrap();
    }

    async fn settle_rewards(&self) {
        for _ in 0..3 {
            self.ledger.settle_referrals().await.unwrap();
        }
    }

    async fn rewards(&self, person: &Person, kind: &str) -> i64 {
        sqlx::query_scalar(
            "select count(*) from transfer where wallet_id = $1 and kind = $2 and subject = 'campaign'",
        )
        .bind(person.wallet_id)
        .bind(kind)
        .fetch_one(&self.owner)
        .await
        .unwrap()
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn rewards_follow_refunds_and_disputes_in_every_order(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    world.open_switch(1).await;
    let orders = orders();
    assert_eq!(orders.len(), 8);
    for (number, order) in orders.iter().enumerate() {
        let (inviter, friend) = (world.person().await, world.person().await);
        let code = world.ledger.referral_code(inviter.wallet_id).await.unwrap();
        world
            .ledger
            .accept_invitation(friend.wallet_id, &code)
            .await
            .unwrap();
        let top_up_id = world.bought(&friend, "20", VISA).await;
        // One card is one person's: each friend has another. Calls are dated by the database's clock, so
        // the purchase before them is too.
        sqlx::query(
            "update top_up set card_fingerprint = $2, settled_at = now() where top_up_id = $1",
        )
        .bind(top_up_id)
        .bind(format!("card-{number}"))
        .execute(&world.owner)
        .await
        .unwrap();
        world.talk(friend.wallet_id).await;
        // Calls are dated by the database's clock, which did not follow ours.
        for sql in [
            "update top_up set settled_at = $2 where wallet_id = $1",
            "update transfer set created_at = $2 where wallet_id = $1 and kind = 'capture'",
        ] {
            let dated = sqlx::query(sql).bind(friend.wallet_id);
            dated
                .bind(world.clock.now())
                .execute(&world.owner)
                .await
                .unwrap();
        }
        let mut expected = Expected::default();
        let mut dispute_id = None;
        for event in order {
            match event {
                Event::Week => {
                    world.clock.advance(Duration::days(8));
                    let week = json!({ "seconds": Duration::days(8).whole_seconds() });
                    world.control("clock/advance", week).await;
                }
                Event::Refund => {
                    world.refund_by_hand(top_up_id, 500).await;
                }
                Event::Dispute => dispute_id = Some(world.dispute(top_up_id, "chargeback").await),
                Event::Won => {
                    let dispute_id = dispute_id
                        .as_ref()
                        .expect("a dispute is opened before it is won");
                    world.end_dispute(dispute_id, "win").await;
                }
            }
            world.catch_up().await;
            // At once: the act that undoes a purchase has the invitation looked at.
            world.settle_rewards().await;
            expected = expected.after(*event);
            let invited = world.ledger.invitations(inviter.wallet_id).await.unwrap();
            let standing = invited.friends[0].standing;
            let said = format!("{event:?} of {order:?}: {expected:?}, {standing:?}");
            for person in [&inviter, &friend] {
                assert_eq!(
                    world.rewards(person, "referral").await,
                    i64::from(expected.is_given),
                    "{said}"
                );
            }
            let left = if expected.is_given && !expected.is_taken_back {
                "5"
            } else {
                "0"
            };
            let wallet = world.ledger.wallet(inviter.wallet_id).await.unwrap();
            assert_eq!(wallet.promotional, money(left), "{said}");
        }
        let invited = world.ledger.invitations(inviter.wallet_id).await.unwrap();
        let standing = invited.friends[0].standing;
        assert!(
            matches!(standing, Standing::TakenBack { .. }) == expected.is_taken_back
                && matches!(standing, Standing::Undone) != expected.is_given,
            "{order:?}: {standing:?}"
        );
        assert_eq!(
            world.rewards(&inviter, "clawback").await,
            i64::from(expected.is_taken_back)
        );
    }
    world.assert_clean().await;
}
