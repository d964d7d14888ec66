//! What the trial came to: Stripe's record beside the books, and how long things took.

use std::collections::HashMap;
use std::fmt;

use domain::{Money, WalletId};
use serde_json::Value;
use time::{Duration, OffsetDateTime};

use super::trial::Case;
use super::world::World;

/// When a wallet was credited with its purchase, and when its refill was first asked for.
pub(crate) struct Credit {
    settled_at: OffsetDateTime,
    first_sent_at: Option<OffsetDateTime>,
}

#[derive(Debug, Default)]
pub(crate) struct Figures {
    cases: usize,
    /// Charges beyond the one that each case asked for.
    double_charged: usize,
    /// Charges that the books do not have, or have differently.
    uncredited: usize,
    /// Cases that came to nothing.
    uncharged: usize,
    trigger_to_charge: Vec<f64>,
    success_to_credit: Vec<f64>,
    untold_to_credit: Vec<f64>,
}

/// The credit of every wallet that has one.
pub(crate) async fn credits(world: &World) -> HashMap<WalletId, Credit> {
    let rows: Vec<(WalletId, OffsetDateTime, Option<OffsetDateTime>)> = sqlx::query_as(
        "select wallet_id, settled_at, refill_attempt.first_sent_at
         from top_up left join refill_attempt using (wallet_id, top_up_id)
         where top_up.state = 'settled'",
    )
    .fetch_all(&world.owner)
    .await
    .unwrap();
    let credit = |(wallet_id, settled_at, first_sent_at)| {
        let credit = Credit {
            settled_at,
            first_sent_at,
        };
        (wallet_id, credit)
    };
    rows.into_iter().map(credit).collect()
}

impl Figures {
    /// Times, while the clock is still that of the wall.
    pub(crate) async fn measured(world: &World, cases: &[Case]) -> Self {
        let delays = world.ledger.refill_delays(Duration::hours(6)).await;
        let mut figures = Self {
            cases: cases.len(),
            trigger_to_charge: delays.unwrap().into_iter().map(milliseconds).collect(),
            ..Self::default()
        };
        let credits = credits(world).await;
        for case in cases {
            let Some(credit) = credits.get(&case.wallet_id) else {
                continue;
            };
            // The charge happened after this moment, so what is measured is at least what it took.
            let since = match (case.is_refill, credit.first_sent_at) {
                (false, _) => case.begun,
                (true, Some(sent)) if case.charges_at_once => sent,
                (true, _) => continue,
            };
            let took = milliseconds(credit.settled_at - since);
            if case.is_told {
                figures.success_to_credit.push(took);
            } else {
                figures.untold_to_credit.push(took);
            }
        }
        figures
    }

    /// Stripe's record beside the books; the books must be sound by themselves, too.
    pub(crate) async fn compared(mut self, world: &World, cases: &[Case]) -> Self {
        let charges = charges(world).await;
        let mut charged: HashMap<WalletId, usize> = HashMap::new();
        let booked = booked(world).await;
        for (payment_id, (wallet_id, amount)) in &charges {
            *charged.entry(*wallet_id).or_default() += 1;
            if booked.get(payment_id) != Some(amount) {
                self.uncredited += 1;
            }
        }
        self.double_charged = charged.values().map(|count| count - 1).sum();
        let is_uncharged = |case: &&Case| !charged.contains_key(&case.wallet_id);
        self.uncharged = cases.iter().filter(is_uncharged).count();
        let report = world.ledger.verify(None).await.unwrap();
        assert!(report.is_clean(), "{report:#?}");
        self
    }

    pub(crate) fn holds(&self) -> bool {
        self.double_charged + self.uncredited + self.uncharged == 0
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let untold = &self.untold_to_credit;
        let (count, p99) = (untold.len(), percentile(untold));
        writeln!(f, "without webhooks: {count} credited, p99 {p99:.0} ms")?;
        if self.uncharged > 0 {
            writeln!(f, "{} cases came to nothing", self.uncharged)?;
        }
        write!(
            f,
            "{{\"cases\":{},\"double_charged\":{},\"uncredited\":{},\"trigger_to_charge_p99_ms\":{:.1},\
             \"success_to_credit_p99_ms\":{:.1}}}",
            self.cases,
            self.double_charged,
            self.uncredited,
            percentile(&self.trigger_to_charge),
            percentile(&self.success_to_credit),
        )
    }
}

/// Every payment that succeeded at Stripe: its wallet and what it brought.
async fn charges(world: &World) -> HashMap<String, (WalletId, Money)> {
    let mut charges = HashMap::new();
    let mut after = String::new();
    loop {
        let page = world
            .stripe(&format!("payment_intents?limit=100{after}"))
            .await;
        let payments = page["data"].as_array().unwrap();
        for payment in payments {
            if payment["status"] == "succeeded" {
                let wallet_id = text(&payment["metadata"]["wallet_id"]).parse().unwrap();
                let cents = payment["amount_received"].as_i64().unwrap();
                let charge = (wallet_id, Money::from_cents(cents));
                charges.insert(text(&payment["id"]).to_owned(), charge);
            }
        }
        match payments.last() {
            Some(last) if page["has_more"] == true => {
                after = format!("&starting_after={}", text(&last["id"]));
            }
            _ => return charges,
        }
    }
}

/// What the books credited for each payment of Stripe's.
async fn booked(world: &World) -> HashMap<String, Money> {
    let rows: Vec<(String, Money)> = sqlx::query_as(
        "select stripe_payment_id, sum(transfer.amount)
         from top_up join transfer on transfer.wallet_id = top_up.wallet_id and transfer.kind = 'top_up'
             and transfer.subject = 'top_up' and transfer.subject_id = top_up_id::text
         where stripe_payment_id is not null group by stripe_payment_id",
    )
    .fetch_all(&world.owner)
    .await
    .unwrap();
    rows.into_iter().collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_seconds_f64() * 1e3
}

/// The 99th percentile; zero of nothing.
fn percentile(times: &[f64]) -> f64 {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    let last = times.len().saturating_sub(1);
    times
        .get((last as f64 * 0.99).ceil() as usize)
        .copied()
        .unwrap_or_default()
}
