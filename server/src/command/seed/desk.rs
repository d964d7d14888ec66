//! People at the desk, two campaigns, corrections and an invitation, made as they make them.

use domain::campaign::Campaign;
use domain::staff::Role;
use domain::{Email, Money, WalletId};
use ledger::{Adjust, Ledger};
use time::Duration;
use uuid::Uuid;

const SUPPORT: &str = "support@example.com";
const COLLEAGUE: &str = "colleague@example.com";
const OPERATOR: &str = "operator@example.com";
const AUDITOR: &str = "auditor@example.com";

pub(super) async fn people(ledger: &Ledger, ana: WalletId) -> anyhow::Result<()> {
    for (email, role) in [
        (SUPPORT, Role::Support),
        (COLLEAGUE, Role::Support),
        (OPERATOR, Role::Operator),
        (AUDITOR, Role::Auditor),
    ] {
        ledger
            .grant_role(&Email::parse(email)?, role, "console")
            .await?;
    }
    campaigns(ledger).await?;
    let code = ledger.referral_code(ana).await?;
    let friend = ledger
        .open_customer(&Email::parse("friend@example.com")?)
        .await?;
    ledger.accept_invitation(friend.wallet_id, &code).await?;
    println!("Demo desk: /desk as {SUPPORT}, {COLLEAGUE}, {OPERATOR} or {AUDITOR}");
    Ok(())
}

/// One for everybody and one for a first top-up.
async fn campaigns(ledger: &Ledger) -> anyhow::Result<()> {
    let now = ledger.clock().now();
    let everybody = Campaign {
        code: "HELLO-2".into(),
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
    for terms in [everybody, first] {
        ledger
            .create_campaign(Uuid::now_v7(), terms, OPERATOR)
            .await?;
    }
    Ok(())
}

/// A correction that was posted, and one that waits for a colleague. The last things that happened.
pub(super) async fn corrections(ledger: &Ledger, ana: WalletId) -> anyhow::Result<()> {
    for (dollars, reason) in [
        (3, "A call to Mexico was cut off"),
        (60, "Two days without service"),
    ] {
        ledger
            .adjust(Adjust {
                wallet_id: ana,
                adjustment_id: Uuid::now_v7(),
                amount: Money::from_dollars(dollars),
                reason: reason.into(),
                author: SUPPORT.into(),
                credit_expires_at: None,
            })
            .await?;
    }
    Ok(())
}
