//! Ana's friends: an invitation in every state, and the dispute that took one reward back.

use std::time::Duration as Pause;

use anyhow::{Context, anyhow, bail};
use domain::campaign::PromoRefusal;
use domain::{Declined, Email, TopUpId, WalletId};
use ledger::{AskRefund, Error, Ledger, RefundBy};
use sqlx::{Connection, PgConnection};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::buy::{self, Purchase, Sandbox, VISA};
use super::{REWARDED, Thing, calls, day, desk, named};

/// How far a friend came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Far {
    /// Accepted the invitation.
    Invited,
    /// Bought, and used a part of what must be used.
    Using,
    /// Used enough; the purchase has not stood for long enough.
    Waiting,
    Rewarded,
    /// Rewarded; then the bank took the purchase back.
    Disputed,
    /// Had the purchase refunded before the reward.
    Refunded,
    /// Paid with a card of another wallet.
    Shared,
}

/// Who, how far, with what card, and how many days ago they bought.
const FRIENDS: [(&str, Far, &str, i64); 7] = [
    ("friend@example.com", Far::Invited, "", 0),
    ("luis@example.com", Far::Using, "5200828282828210", 5),
    ("grace@example.com", Far::Waiting, "6011111111111117", 3),
    ("omar@example.com", Far::Rewarded, "4000056655665556", 29),
    ("nina@example.com", Far::Disputed, "3056930009020004", 28),
    ("pablo@example.com", Far::Refunded, "3566002020360505", 4),
    ("zoe@example.com", Far::Shared, VISA, 27),
];
const DOLLARS: u32 = 20;

/// Everything until the rewards that Ana had between two of her top-ups.
pub(super) async fn until_rewarded(
    ledger: &Ledger,
    sandbox: &Sandbox,
    connection: &mut PgConnection,
    ana: WalletId,
) -> anyhow::Result<()> {
    let code = ledger.referral_code(ana).await?;
    for (number, (email, far, card, days_ago)) in FRIENDS.into_iter().enumerate() {
        let friend = ledger.open_customer(&Email::parse(email)?).await?.wallet_id;
        ledger.accept_invitation(friend, &code).await?;
        let accepted = day(days_ago + 1) + Duration::hours(18);
        sqlx::query("update referral set entered_at = $2 where friend_wallet_id = $1")
            .bind(friend.0)
            .bind(accepted)
            .execute(&mut *connection)
            .await?;
        if far == Far::Invited {
            continue;
        }
        let purchase = Purchase {
            wallet_id: friend,
            top_up_id: purchase_of(ana, number),
            dollars: DOLLARS,
            card,
            at: day(days_ago) + Duration::hours(10),
        };
        buy::purchase(ledger, sandbox, connection, &purchase).await?;
        let talked = match far {
            Far::Using => 600,
            Far::Refunded => 0,
            _ => 1_800,
        };
        if talked > 0 {
            calls::friends_call(ledger, connection, friend, day(days_ago), talked).await?;
        }
    }
    reward(ledger, connection, ana).await?;
    date_back(connection, ana, day(REWARDED) + Duration::hours(11)).await
}

fn purchase_of(ana: WalletId, number: usize) -> TopUpId {
    TopUpId(named(ana, Thing::FriendsTopUp, number))
}

/// Looks at the invitations as a worker does, until the two that are due were rewarded.
async fn reward(
    ledger: &Ledger,
    connection: &mut PgConnection,
    ana: WalletId,
) -> anyhow::Result<()> {
    let due = FRIENDS
        .iter()
        .filter(|(_, far, ..)| matches!(far, Far::Rewarded | Far::Disputed));
    let due = i64::try_from(due.count())?;
    for _ in 0..50 {
        ledger.settle_referrals().await?;
        let done: i64 = sqlx::query_scalar(
            "select count(*) from referral
             where inviter_wallet_id = $1 and state in ('rewarded', 'taking_back', 'taken_back')",
        )
        .bind(ana.0)
        .fetch_one(&mut *connection)
        .await?;
        if done == due {
            return Ok(());
        }
        tokio::time::sleep(Pause::from_millis(100)).await;
    }
    bail!("reward the demo's friends: the books do not agree that it is due")
}

/// Moves the rewards to their day, in all wallets.
async fn date_back(
    connection: &mut PgConnection,
    ana: WalletId,
    at: OffsetDateTime,
) -> anyhow::Result<()> {
    let mut tx = connection.begin().await?;
    for sql in [
        "update transfer set created_at = $2, expires_at = $2 + interval '365 days'
         from referral
         where inviter_wallet_id = $1 and wallet_id in (inviter_wallet_id, friend_wallet_id)
           and kind = 'referral' and subject_id = 'referral-' || referral_id",
        "update credit_grant set granted_at = $2, expires_at = $2 + interval '365 days'
         from referral
         where inviter_wallet_id = $1 and wallet_id in (inviter_wallet_id, friend_wallet_id)
           and grant_id = 'referral-' || referral_id",
        "update referral set rewarded_at = $2 where inviter_wallet_id = $1 and rewarded_at is not null",
    ] {
        sqlx::query(sql)
            .bind(ana.0)
            .bind(at)
            .execute(&mut *tx)
            .await?;
    }
    tx.commit().await?;
    Ok(())
}

/// What happened to friends lately: a gift, a refund, and a dispute that took the rewards back.
pub(super) async fn lately(
    ledger: &Ledger,
    sandbox: &Sandbox,
    connection: &mut PgConnection,
    ana: WalletId,
) -> anyhow::Result<()> {
    desk::campaigns(ledger, ana).await?;
    for (number, (email, far, ..)) in FRIENDS.into_iter().enumerate() {
        let friend = ledger.open_customer(&Email::parse(email)?).await?.wallet_id;
        let top_up_id = purchase_of(ana, number);
        match far {
            Far::Using => gift(ledger, friend).await?,
            Far::Refunded => {
                let refund_id = named(ana, Thing::Refund, number);
                refund(ledger, friend, top_up_id, refund_id).await?;
            }
            Far::Disputed => dispute(ledger, sandbox, connection, top_up_id).await?,
            _ => {}
        }
    }
    Ok(())
}

/// Redeems the code for everybody, once.
async fn gift(ledger: &Ledger, friend: WalletId) -> anyhow::Result<()> {
    match ledger.redeem_promo(friend, desk::EVERYBODY, None).await {
        Ok(_) | Err(Error::Declined(Declined::Promo(PromoRefusal::Used))) => Ok(()),
        Err(error) => Err(error).context("redeem a code of the demo"),
    }
}

async fn refund(
    ledger: &Ledger,
    friend: WalletId,
    top_up_id: TopUpId,
    refund_id: Uuid,
) -> anyhow::Result<()> {
    let draft = ledger
        .refund_draft(friend, top_up_id, RefundBy::Customer)
        .await?;
    if draft.refunds.is_empty() {
        let best = draft
            .best
            .map_err(|why| anyhow!("refund a demo purchase: {why:?}"))?;
        let ask = AskRefund {
            top_up_id,
            refund_id,
            credit: best.credit,
            by: RefundBy::Customer,
        };
        ledger.ask_refund(friend, ask).await?;
    }
    Ok(())
}

/// The bank takes the money back, Stripe tells, and the rewards follow.
async fn dispute(
    ledger: &Ledger,
    sandbox: &Sandbox,
    connection: &mut PgConnection,
    top_up_id: TopUpId,
) -> anyhow::Result<()> {
    let payment_id: String =
        sqlx::query_scalar("select stripe_payment_id from top_up where top_up_id = $1")
            .bind(top_up_id.0)
            .fetch_one(&mut *connection)
            .await?;
    sandbox.dispute(&payment_id).await?;
    for _ in 0..100 {
        ledger.find_lost_events().await?;
        while ledger.process_events().await? > 0 {}
        while ledger.send_refunds().await? > 0 {}
        ledger.settle_referrals().await?;
        let is_done: bool = sqlx::query_scalar(
            "select exists(select from referral where top_up_id = $1 and state = 'taken_back')",
        )
        .bind(top_up_id.0)
        .fetch_one(&mut *connection)
        .await?;
        if is_done {
            return Ok(());
        }
        tokio::time::sleep(Pause::from_millis(100)).await;
    }
    bail!("take a demo reward back: the sandbox did not tell of the dispute in time")
}
