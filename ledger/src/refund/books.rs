//! What a refund does to a wallet. Each act sees the wallet locked and what the refund moved so far.

use domain::{Account, Money, TopUpId, TransferKind, Wallet, WalletId};
use sqlx::PgConnection;

use crate::error::Fault;
use crate::lots;
use crate::parts::{Part, SoFar, Thing};

use Account::{Available, Debt, Held, PromotionExpense, StripeClearing};

/// Sets the money aside, together with the bonus it no longer earns.
pub(super) async fn hold(
    tx: &mut PgConnection,
    thing: &Thing,
    wallet: Wallet,
    all: Money,
) -> Result<Wallet, Fault> {
    let so_far = thing.so_far(&mut *tx).await?;
    let part = Part::new(TransferKind::RefundHold, Available, Held, all);
    thing.post(tx, wallet, &so_far, [part]).await
}

/// What was set aside leaves; the bonus in it is taken back: from what is left of this purchase's,
/// then from paid credit, and from other given credit only where calls have spent the paid meanwhile.
pub(super) async fn finish(
    tx: &mut PgConnection,
    thing: &Thing,
    wallet: Wallet,
    so_far: &SoFar,
    top_up_id: TopUpId,
    amount: Money,
) -> Result<Wallet, Fault> {
    let clawback = so_far.set_aside - amount;
    let bonus_left = bonus_left(&mut *tx, thing.wallet_id, top_up_id).await?;
    // This refund is under way itself: its own amount is part of what is set aside.
    let paid_after = wallet.paid - set_aside(&mut *tx, thing.wallet_id).await?;
    let promotional = clawback
        .min(bonus_left)
        .max(clawback - paid_after)
        .min(wallet.promotional);
    let parts = [
        Part::new(TransferKind::Refund, Held, StripeClearing, amount),
        Part::new(TransferKind::Release, Held, Available, clawback),
        Part {
            promotional,
            ..Part::new(
                TransferKind::Clawback,
                Available,
                PromotionExpense,
                clawback,
            )
        },
    ];
    thing.post(tx, wallet, so_far, parts).await
}

/// Stripe did not do it: what was set aside comes back.
pub(super) async fn release(
    tx: &mut PgConnection,
    thing: &Thing,
    wallet: Wallet,
    so_far: &SoFar,
) -> Result<Wallet, Fault> {
    let part = Part::new(TransferKind::Release, Held, Available, so_far.set_aside);
    thing.post(tx, wallet, so_far, [part]).await
}

/// The money left without having been set aside, as with a refund made at Stripe: paid credit goes, but for
/// what other refunds set aside; what is missing is owed, and the bonus follows as far as it is there.
pub(super) async fn take(
    tx: &mut PgConnection,
    thing: &Thing,
    wallet: Wallet,
    so_far: &SoFar,
    amount: Money,
    bonus: Money,
) -> Result<Wallet, Fault> {
    let paid = wallet.paid - set_aside(&mut *tx, thing.wallet_id).await?;
    let taken = amount.min(wallet.available()).min(paid.max(Money::ZERO));
    let clawback = bonus
        .min(wallet.promotional)
        .min(wallet.available() - taken);
    let parts = [
        Part::new(TransferKind::Refund, Available, StripeClearing, taken),
        Part::new(TransferKind::Refund, Debt, StripeClearing, amount - taken),
        Part {
            promotional: clawback,
            ..Part::new(
                TransferKind::Clawback,
                Available,
                PromotionExpense,
                clawback,
            )
        },
    ];
    thing.post(tx, wallet, so_far, parts).await
}

/// The card's bank sent it back: gives back exactly what it took, what it is still owed for first.
pub(super) async fn give_back(
    tx: &mut PgConnection,
    thing: &Thing,
    wallet: Wallet,
    so_far: &SoFar,
    top_up_id: TopUpId,
) -> Result<Wallet, Fault> {
    let forgiven = so_far.owed.min(wallet.debt);
    let bonus_until = sqlx::query_scalar!(
        "select expires_at from transfer
         where wallet_id = $1 and subject = 'top_up' and subject_id = $2 and kind = 'bonus' and step = 0",
        thing.wallet_id as WalletId,
        top_up_id.to_string()
    )
    .fetch_optional(&mut *tx)
    .await?;
    let parts = [
        Part::new(TransferKind::Refund, StripeClearing, Debt, forgiven),
        Part::new(
            TransferKind::Refund,
            StripeClearing,
            Available,
            so_far.sent - forgiven,
        ),
        Part {
            promotional: so_far.clawed_back_given,
            expires_at: bonus_until.flatten(),
            ..Part::new(
                TransferKind::Clawback,
                PromotionExpense,
                Available,
                so_far.clawed_back,
            )
        },
    ];
    thing.post(tx, wallet, so_far, parts).await
}

/// Paid credit that is on its way to cards. It goes nowhere else: given credit cannot take its place.
pub(crate) async fn set_aside(tx: &mut PgConnection, wallet_id: WalletId) -> Result<Money, Fault> {
    Ok(sqlx::query_scalar!(
        r#"select coalesce(sum(amount), 0) as "amount!: Money" from refund
           where wallet_id = $1 and state in ('due', 'pending') and source <> 'stripe'"#,
        wallet_id as WalletId
    )
    .fetch_one(tx)
    .await?)
}

async fn bonus_left(
    tx: &mut PgConnection,
    wallet_id: WalletId,
    top_up_id: TopUpId,
) -> Result<Money, Fault> {
    let (lots, _) = lots::fold(tx, wallet_id, i64::MAX).await?;
    Ok(lots.given_left(&top_up_id.to_string()))
}
