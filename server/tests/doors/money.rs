//! Ways of tests to money that came and goes back.

use domain::refund::{RefundRefusal, RefundState};
use domain::top_up::TopUpState;
use domain::{Declined, Money, TopUpId, WalletId};
use ledger::{Adjust, AskRefund, Error, RefundBy};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::world::{Person, VISA, World, money};

impl World {
    /// Pays a top-up with this card and reads Stripe's answer itself: workers may rest.
    pub(crate) async fn bought(&self, person: &Person, amount: &str, card: &str) -> TopUpId {
        let started = self.start_top_up(person.wallet_id, amount).await;
        self.paid(person, started, card).await
    }

    /// As [`Self::bought`], with an invoice.
    pub(crate) async fn bought_with_invoice(&self, person: &Person, amount: &str) -> TopUpId {
        let started = self.start_with_invoice(person.wallet_id, amount).await;
        self.paid(person, started, VISA).await
    }

    async fn paid(
        &self,
        person: &Person,
        (top_up_id, session_id): (TopUpId, String),
        card: &str,
    ) -> TopUpId {
        let body = json!({ "card": card });
        self.control(&format!("sessions/{session_id}/pay"), body)
            .await;
        // A card that is disputed at once may be settled by a worker already.
        let _ = self.ledger.nudge_top_up(person.wallet_id, top_up_id).await;
        self.clock.advance(time::Duration::seconds(31));
        self.control("clock/advance", json!({ "seconds": 31 }))
            .await;
        let _ = self.ledger.nudge_top_up(person.wallet_id, top_up_id).await;
        self.until(person.wallet_id, top_up_id, TopUpState::Settled)
            .await;
        top_up_id
    }

    /// Spends credit as support would take it: given credit first, like a call.
    pub(crate) async fn spend(&self, wallet_id: WalletId, amount: &str) {
        let taking = Adjust {
            wallet_id,
            adjustment_id: Uuid::now_v7(),
            amount: -money(amount),
            reason: "spent in a test".into(),
            author: "Ines".into(),
            credit_expires_at: None,
        };
        let posted = self.ledger.adjust(taking.clone()).await.unwrap();
        if posted == domain::adjustment::AdjustmentState::Waiting {
            self.ledger
                .decide_adjustment(wallet_id, taking.adjustment_id, "Raul", true)
                .await
                .unwrap();
        }
    }

    /// Gives credit that ends in a month.
    pub(crate) async fn give(&self, wallet_id: WalletId, amount: &str) {
        let giving = Adjust {
            wallet_id,
            adjustment_id: Uuid::now_v7(),
            amount: money(amount),
            reason: "given in a test".into(),
            author: "Ines".into(),
            credit_expires_at: Some(self.clock.now() + time::Duration::days(30)),
        };
        self.ledger.adjust(giving).await.unwrap();
    }

    pub(crate) async fn refund(
        &self,
        wallet_id: WalletId,
        top_up_id: TopUpId,
        credit: &str,
    ) -> Result<RefundState, RefundRefusal> {
        let ask = AskRefund {
            top_up_id,
            refund_id: self.ledger.new_refund_id(),
            credit: money(credit),
            by: RefundBy::Customer,
        };
        match self.ledger.ask_refund(wallet_id, ask).await {
            Ok(state) => Ok(state),
            Err(Error::Declined(Declined::Refund(refusal))) => Err(refusal),
            Err(error) => panic!("neither done nor declined: {error}"),
        }
    }

    /// The charge behind a top-up.
    pub(crate) async fn charge_of(&self, top_up_id: TopUpId) -> String {
        sqlx::query_scalar("select stripe_charge_id from top_up where top_up_id = $1")
            .bind(top_up_id)
            .fetch_one(&self.owner)
            .await
            .unwrap()
    }

    /// Stripe's name of the payment of a top-up.
    pub(crate) async fn payment_of(&self, top_up_id: TopUpId) -> String {
        sqlx::query_scalar("select stripe_payment_id from top_up where top_up_id = $1")
            .bind(top_up_id)
            .fetch_one(&self.owner)
            .await
            .unwrap()
    }

    /// Time goes by, here and at Stripe.
    pub(crate) async fn pass(&self, time: time::Duration) {
        self.clock.advance(time);
        let seconds = json!({ "seconds": time.whole_seconds() });
        self.control("clock/advance", seconds).await;
    }

    /// A refund from Stripe's dashboard; its id.
    pub(crate) async fn refund_by_hand(&self, top_up_id: TopUpId, cents: i64) -> String {
        let charge = self.charge_of(top_up_id).await;
        let body = json!({ "amount": cents });
        let refund = self
            .control(&format!("charges/{charge}/refund"), body)
            .await;
        refund["id"].as_str().unwrap().to_owned()
    }

    /// A bank disputes the payment; the id of the dispute.
    pub(crate) async fn dispute(&self, top_up_id: TopUpId, kind: &str) -> String {
        let charge = self.charge_of(top_up_id).await;
        let body = json!({ "kind": kind });
        let dispute = self
            .control(&format!("charges/{charge}/dispute"), body)
            .await;
        dispute["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn end_dispute(&self, dispute_id: &str, how: &str) -> Value {
        self.control(&format!("disputes/{dispute_id}/{how}"), json!({}))
            .await
    }

    /// Finds what no event told and follows it, until nothing is left to do.
    pub(crate) async fn catch_up(&self) {
        self.ledger.find_lost_events().await.unwrap();
        while self.ledger.process_events().await.unwrap() > 0 {}
        while self.ledger.send_refunds().await.unwrap() > 0 {}
    }

    /// As after typing a code.
    pub(crate) async fn signed_in_just_now(&self, person: &Person) {
        sqlx::query(
            "update session set data = jsonb_set(data, '{signed_in_at}', to_jsonb($2::bigint)) where customer_id = $1",
        )
        .bind(person.customer_id)
        .bind(self.clock.now().unix_timestamp())
        .execute(&self.owner)
        .await
        .unwrap();
    }

    /// Paid, promotional, held and debt.
    pub(crate) async fn balances(&self, wallet_id: WalletId) -> [Money; 4] {
        let wallet = self.ledger.wallet(wallet_id).await.unwrap();
        [wallet.paid, wallet.promotional, wallet.held, wallet.debt]
    }
}

/// Paid, promotional, held and debt, as a test expects them.
pub(crate) fn balances(expected: [&str; 4]) -> [Money; 4] {
    expected.map(money)
}
