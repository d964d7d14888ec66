//! What the customer does with auto-refill: looks at it, turns it on and off, answers the bank.

use domain::refill::{RefillRefusal, RefillState, RefillTerms, SuspendReason};
use domain::{Declined, Money, TopUpId, WalletId};
use language::{Language, tell};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Step, go, note, row};
use crate::card::{SavedCard, default_card};
use crate::error::{Error, Fault};
use crate::{Ledger, StartTopUp, books};

/// Turning auto-refill on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArmRefill {
    pub terms: RefillTerms,
    /// Whether the customer agreed to a charge at once, should the balance be below the threshold.
    pub charge_now: bool,
    /// In which the customer read what will happen.
    pub language: Language,
}

/// Auto-refill as its page shows it.
#[derive(Clone, Debug)]
pub struct RefillView {
    pub state: RefillState,
    pub reason: Option<SuspendReason>,
    /// Until when the state lasts by itself.
    pub until: Option<OffsetDateTime>,
    /// None before it was turned on for the first time.
    pub terms: Option<RefillTerms>,
    /// What the customer agreed to, word by word, and when.
    pub consent: Option<(String, OffsetDateTime)>,
    /// Charged this month (UTC).
    pub used: Money,
    /// The bank's word on the last decline, while it matters.
    pub decline_code: Option<String>,
    /// The card that is charged.
    pub card: Option<SavedCard>,
    pub available: Money,
}

impl Ledger {
    /// Auto-refill of a wallet, as it stands.
    pub async fn refill(&self, wallet_id: WalletId) -> Result<RefillView, Error> {
        Ok(self.view_refill(wallet_id).await?)
    }

    async fn view_refill(&self, wallet_id: WalletId) -> Result<RefillView, Fault> {
        let now = self.clock().now();
        let mut connection = self.web().acquire().await?;
        let available = sqlx::query_scalar!(
            r#"select paid + promotional - held as "available!: Money" from wallet where wallet_id = $1"#,
            wallet_id as WalletId
        )
        .fetch_optional(&mut *connection)
        .await?
        .ok_or(Fault::NotFound)?;
        let rule = row::find(&mut connection, wallet_id).await?;
        let incoming = row::incoming(&mut connection, wallet_id, now).await?;
        let card = default_card(&mut connection, wallet_id).await?;
        let decline_code = sqlx::query_scalar!(
            "select decline_code from refill_attempt where wallet_id = $1 and ended_at is not null
             order by ended_at desc limit 1",
            wallet_id as WalletId
        )
        .fetch_optional(&mut *connection)
        .await?
        .flatten();
        let terms = rule.as_ref().map(row::RuleRow::terms);
        let state = rule.as_ref().map_or(RefillState::Off, |rule| rule.state);
        Ok(RefillView {
            state,
            reason: rule.as_ref().and_then(|rule| rule.reason),
            until: rule.as_ref().and_then(|rule| rule.wait_until),
            terms,
            consent: rule.map(|rule| (rule.consent, rule.armed_at)),
            used: incoming.in_month_of(now),
            decline_code,
            card,
            available,
        })
    }

    /// Turns auto-refill on, or on again, under these terms; keeps the sentence that is agreed to.
    ///
    /// Declined outside of the limits, without a saved card, in debt, and with `ChargesNow` when the
    /// balance is below the threshold and the customer did not agree to a charge at once.
    pub async fn arm_refill(&self, wallet_id: WalletId, arm: ArmRefill) -> Result<(), Error> {
        self.inner
            .rules
            .refill
            .check(arm.terms)
            .map_err(|refusal| Error::Declined(refusal.into()))?;
        self.act(move |ledger| async move { ledger.arm(wallet_id, arm).await })
            .await
    }

    async fn arm(&self, wallet_id: WalletId, arm: ArmRefill) -> Result<(), Fault> {
        let now = self.clock().now();
        let mut tx = self.web().begin().await?;
        let wallet = books::lock(&mut tx, wallet_id).await?;
        if wallet.debt.is_positive() {
            return Err(Declined::from(RefillRefusal::Owes).into());
        }
        let Some(card) = default_card(&mut tx, wallet_id).await? else {
            return Err(Declined::from(RefillRefusal::NoCard).into());
        };
        let charges_now = wallet.available() < arm.terms.threshold;
        if charges_now && !arm.charge_now {
            let amount = arm.terms.amount;
            return Err(Declined::from(RefillRefusal::ChargesNow { amount }).into());
        }
        let consent = consent(&arm, &card.card.name());
        write_rule(&mut tx, wallet_id, &arm.terms, &consent, now).await?;
        let under_way = row::open(&mut tx, wallet_id).await?.is_some();
        let state = if under_way {
            RefillState::Charging
        } else {
            RefillState::Armed
        };
        go(&mut tx, wallet_id, Step::to(state), now).await?;
        // Also when there is enough: the month may be full, which the page then says.
        note(&mut tx, wallet_id, now).await?;
        tx.commit().await?;
        self.changes().tell(wallet_id);
        Ok(())
    }

    /// Turns auto-refill off, at once: a charge that was decided but not sent is not sent. One that
    /// is at Stripe is settled as ever. Again changes nothing.
    pub async fn turn_off_refill(&self, wallet_id: WalletId) -> Result<(), Error> {
        self.act(move |ledger| async move {
            let now = ledger.clock().now();
            let mut tx = ledger.web().begin().await?;
            books::lock(&mut tx, wallet_id).await?;
            super::turn_off(&mut tx, wallet_id, now).await?;
            withdraw(&mut tx, wallet_id, now).await?;
            tx.commit().await?;
            ledger.changes().tell(wallet_id);
            Ok(())
        })
        .await
    }

    /// Opens Stripe's page for the refill the bank would not allow without the customer, and tells
    /// its address. Paid there, the bank knows the card and auto-refill goes on. Declined when
    /// nothing waits for the customer.
    pub async fn answer_refill(
        &self,
        wallet_id: WalletId,
        language: Language,
    ) -> Result<String, Error> {
        let start = self
            .act(move |ledger| async move { ledger.answer_top_up(wallet_id, language).await })
            .await?;
        self.start_top_up(wallet_id, start).await
    }

    /// The top-up that answers: the same for every click, until it is over.
    async fn answer_top_up(
        &self,
        wallet_id: WalletId,
        language: Language,
    ) -> Result<StartTopUp, Fault> {
        let mut tx = self.web().begin().await?;
        books::lock(&mut tx, wallet_id).await?;
        let rule = row::find(&mut tx, wallet_id).await?;
        let asks = |rule: &row::RuleRow| rule.state == RefillState::ActionRequired;
        let Some(rule) = rule.filter(asks) else {
            return Err(Declined::TopUpOver.into());
        };
        let open = sqlx::query_scalar!(
            r#"select rule.answer_top_up_id as "top_up_id!: TopUpId" from refill_rule as rule
               left join top_up on top_up.wallet_id = rule.wallet_id and top_up.top_up_id = rule.answer_top_up_id
               where rule.wallet_id = $1 and rule.answer_top_up_id is not null
                 and (top_up.state is null or (top_up.state = 'pending' and top_up.amount = rule.amount))"#,
            wallet_id as WalletId
        )
        .fetch_optional(&mut *tx)
        .await?;
        let top_up_id = open.unwrap_or_else(|| TopUpId(Uuid::now_v7()));
        sqlx::query!(
            "update refill_rule set answer_top_up_id = $2 where wallet_id = $1",
            wallet_id as WalletId,
            top_up_id as TopUpId
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(StartTopUp {
            top_up_id,
            amount: rule.amount,
            save_card: Some(language),
            wants_invoice: false,
        })
    }
}

/// The sentence the customer agrees to, with everything that will happen in it.
fn consent(arm: &ArmRefill, card: &str) -> String {
    let (terms, language) = (&arm.terms, arm.language);
    tell!(
        language,
        auto_refill::CONSENT,
        threshold = language::exact(terms.threshold, language),
        amount = language::exact(terms.amount, language),
        card = card,
        cap = language::exact(terms.monthly_cap, language)
    )
}

async fn write_rule(
    tx: &mut PgConnection,
    wallet_id: WalletId,
    terms: &RefillTerms,
    consent: &str,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    sqlx::query!(
        "insert into refill_rule (wallet_id, state, threshold, amount, monthly_cap, consent, armed_at, changed_at)
         values ($1, 'armed', $2, $3, $4, $5, $6, $6)
         on conflict (wallet_id) do update set threshold = excluded.threshold, amount = excluded.amount,
             monthly_cap = excluded.monthly_cap, consent = excluded.consent, armed_at = excluded.armed_at,
             declines = 0, declined_at = null, answer_top_up_id = null",
        wallet_id as WalletId,
        terms.threshold as Money,
        terms.amount as Money,
        terms.monthly_cap as Money,
        consent,
        now
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into refill_consent (wallet_id, consented_at, consent) values ($1, $2, $3)
         on conflict (wallet_id, consented_at) do nothing",
        wallet_id as WalletId,
        now,
        consent
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Closes a charge that was decided and never sent.
async fn withdraw(
    tx: &mut PgConnection,
    wallet_id: WalletId,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    sqlx::query!(
        "with withdrawn as (
             update refill_attempt set state = 'closed', ended_at = $2
             where wallet_id = $1 and state = 'created' returning top_up_id
         )
         update top_up set state = 'expired' from withdrawn
         where top_up.wallet_id = $1 and top_up.top_up_id = withdrawn.top_up_id and top_up.state = 'pending'",
        wallet_id as WalletId,
        now
    )
    .execute(tx)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_customer_agrees_to_all_of_it_in_the_language_of_the_page() {
        let dollars = Money::from_dollars;
        let arm = |language| ArmRefill {
            terms: RefillTerms {
                threshold: dollars(10),
                amount: dollars(25),
                monthly_cap: dollars(100),
            },
            charge_now: false,
            language,
        };
        assert_eq!(
            consent(&arm(Language::English), "Visa ····4242"),
            "When my balance drops below $10.00, Talkala Wallet may charge $25.00 to Visa ····4242 \
             without asking me again, at most $100.00 a month, until I turn it off."
        );
        for language in Language::ALL {
            let said = consent(&arm(language), "Visa ····4242");
            for part in ["10", "25", "100", "4242"] {
                assert!(said.contains(part), "{said}");
            }
        }
    }
}
