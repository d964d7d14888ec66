//! Ana's saved card and her auto-refill, by the acts of the pages.

use anyhow::Context;
use domain::refill::{RefillState, RefillTerms};
use domain::{Money, WalletId};
use language::Language;
use ledger::{ArmRefill, Ledger, SavedFrom};

use super::{Sandbox, Thing, VISA, named};

/// What she agreed to: rarely needed, so that the demo charges nothing by itself.
const TERMS: RefillTerms = RefillTerms {
    threshold: Money::from_dollars(2),
    amount: Money::from_dollars(25),
    monthly_cap: Money::from_dollars(100),
};

/// Saves a card as a person does and turns auto-refill on.
pub(super) async fn card_and_rule(
    ledger: &Ledger,
    sandbox: &Sandbox,
    wallet_id: WalletId,
) -> anyhow::Result<()> {
    let id = named(wallet_id, Thing::Card, 0);
    let page = ledger
        .start_card_setup(wallet_id, id, SavedFrom::Account, Language::English)
        .await
        .context("save the demo card: is the sandbox running? `cargo xtask run` starts it")?;
    sandbox.finish(&page, VISA).await?;
    ledger.check_card_setup(wallet_id, id).await?;
    let refill = ledger.refill(wallet_id).await?;
    if refill.state == RefillState::Off && refill.available >= TERMS.threshold {
        let arm = ArmRefill {
            terms: TERMS,
            charge_now: false,
            language: Language::English,
        };
        ledger.arm_refill(wallet_id, arm).await?;
    }
    Ok(())
}
