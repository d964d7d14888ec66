//! People at the desk, two campaigns and corrections, made and noted as they make them.

use domain::adjustment::AdjustmentState;
use domain::campaign::Campaign;
use domain::staff::Role;
use domain::{Email, Money, WalletId};
use ledger::{Adjust, Ledger};
use serde_json::json;
use time::Duration;

use super::{CONSOLE, Thing, named};
use crate::command::staff::{deed, deed_on};

const SUPPORT: &str = "support@example.com";
const COLLEAGUE: &str = "colleague@example.com";
const OPERATOR: &str = "operator@example.com";
const AUDITOR: &str = "auditor@example.com";

/// The code of the campaign for everybody.
pub(super) const EVERYBODY: &str = "HELLO-2";

pub(super) async fn people(ledger: &Ledger) -> anyhow::Result<()> {
    for (address, role) in [
        (SUPPORT, Role::Support),
        (COLLEAGUE, Role::Support),
        (OPERATOR, Role::Operator),
        (AUDITOR, Role::Auditor),
    ] {
        let email = Email::parse(address)?;
        if ledger.roles_of(&email).await?.contains(&role) {
            continue;
        }
        let detail = json!({ "role": role });
        let deed = deed(CONSOLE, "grant_role", "staff", address, detail);
        let granted = ledger.grant_role(&email, role, CONSOLE);
        ledger.deed(deed, granted).await?;
    }
    println!("Demo desk: /desk as {SUPPORT}, {COLLEAGUE}, {OPERATOR} or {AUDITOR}");
    Ok(())
}

/// One for everybody and one for a first top-up.
pub(super) async fn campaigns(ledger: &Ledger, ana: WalletId) -> anyhow::Result<()> {
    let now = ledger.clock().now();
    let everybody = Campaign {
        code: EVERYBODY.into(),
        reason: "A gift to try a call".into(),
        amount: Money::from_dollars(2),
        starts_at: now - Duration::days(1),
        ends_at: now + Duration::days(60),
        budget_count: 500,
        budget_sum: Money::from_dollars(1_000),
        first_top_up_only: false,
        smallest_top_up: None,
        credit_days: 30,
    };
    let first = Campaign {
        code: "FIRST-5".into(),
        reason: "With a first top-up".into(),
        amount: Money::from_dollars(5),
        first_top_up_only: true,
        smallest_top_up: Some(Money::from_dollars(20)),
        ..everybody.clone()
    };
    let known = ledger.campaigns(None).await?;
    for (number, terms) in [everybody, first].into_iter().enumerate() {
        let campaign_id = named(ana, Thing::Campaign, number);
        if known.iter().any(|row| row.campaign_id == campaign_id) {
            continue;
        }
        let detail = json!({ "amount": terms.amount, "reason": terms.reason });
        let code = terms.code.clone();
        let deed = deed(OPERATOR, "create_campaign", "campaign", code, detail);
        let created = ledger.create_campaign(campaign_id, terms, OPERATOR);
        ledger.deed(deed, created).await?;
    }
    Ok(())
}

/// What support asks for, and what a colleague says to it: nothing yet, yes, or no.
const CORRECTIONS: [(u32, &str, Option<bool>); 4] = [
    (3, "A call to Mexico was cut off", None),
    (55, "A week of calls that were cut off", Some(true)),
    (75, "A month without service", Some(false)),
    (60, "Two days without service", None),
];

/// Corrections in every state there is. The last things that happened.
pub(super) async fn corrections(ledger: &Ledger, ana: WalletId) -> anyhow::Result<()> {
    let known = ledger.adjustments(ana).await?;
    for (number, (dollars, reason, decision)) in CORRECTIONS.into_iter().enumerate() {
        let adjustment_id = named(ana, Thing::Correction, number);
        let is = |state| {
            known
                .iter()
                .any(|row| row.adjustment_id == adjustment_id && row.state == state)
        };
        if is(AdjustmentState::Posted) || is(AdjustmentState::Refused) {
            continue;
        }
        if !is(AdjustmentState::Waiting) {
            let ask = Adjust {
                wallet_id: ana,
                adjustment_id,
                amount: Money::from_dollars(dollars),
                reason: reason.into(),
                author: SUPPORT.into(),
                credit_expires_at: None,
            };
            let detail =
                json!({ "adjustment": adjustment_id, "amount": ask.amount, "reason": reason });
            let deed = deed_on(SUPPORT, "correct", ana, detail);
            ledger.deed(deed, ledger.adjust(ask)).await?;
        }
        if let Some(approve) = decision {
            let act = if approve { "approve" } else { "refuse" };
            let deed = deed_on(COLLEAGUE, act, ana, json!({ "adjustment": adjustment_id }));
            let decided = ledger.decide_adjustment(ana, adjustment_id, COLLEAGUE, approve);
            ledger.deed(deed, decided).await?;
        }
    }
    Ok(())
}
