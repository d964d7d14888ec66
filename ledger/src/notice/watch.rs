//! Events that are found in the books: a balance that fell below a level, credit about to end.
//!
//! Found by a worker and not by the acts themselves: the statements of a call are one round trip,
//! and stay one.

use domain::notice::{EXPIRY_DAYS, LOW_BALANCE, Notice};
use domain::{Money, WalletId};
use time::{Date, Duration, OffsetDateTime};

use crate::error::{Error, Fault};
use crate::{Ledger, lots};

/// Looked at again each time: a transfer gets its time a moment before it is committed.
const OVERLAP: Duration = Duration::seconds(15);
/// How far back the first look goes.
const FIRST_LOOK: Duration = Duration::hours(1);

/// A wallet that went below its level.
struct Crossed {
    wallet_id: WalletId,
    level: Money,
}

/// Given credit that ends on a day.
struct Ending {
    wallet_id: WalletId,
    expires_at: OffsetDateTime,
}

impl Ledger {
    /// Tells of balances that fell below their level since the last look; returns how many.
    pub async fn tell_low_balances(&self) -> Result<usize, Error> {
        let now = self.inner.clock.now();
        // Times of transfers are the database's: in tests its clock is not the one that moves.
        let written_until = now - Duration::microseconds(self.inner.clock.offset_micros());
        let since = self.seen_until("low_balance", written_until).await? - OVERLAP;
        let crossed = sqlx::query_as!(
            Crossed,
            r#"select distinct entry.wallet_id as "wallet_id: WalletId", chosen.level as "level!: Money"
               from transfer as entry
               join transfer as before on before.wallet_id = entry.wallet_id and before.seq = entry.seq - 1
               left join notice_setting on notice_setting.wallet_id = entry.wallet_id
                   and notice_setting.kind = 'low_balance'
               left join refill_rule as rule on rule.wallet_id = entry.wallet_id and rule.state <> 'off'
               cross join lateral (
                   values (coalesce(notice_setting.level, rule.threshold, $2))
               ) as chosen (level)
               where entry.created_at >= $1 and entry.from_account = 'available'
                 and entry.available_after < chosen.level and before.available_after >= chosen.level"#,
            since,
            LOW_BALANCE as Money
        )
        .fetch_all(self.worker())
        .await?;
        let mut told = 0;
        for Crossed { wallet_id, level } in crossed {
            let is_told = self
                .act(move |ledger| async move { ledger.tell_low_balance(wallet_id, level).await })
                .await?;
            told += usize::from(is_told);
        }
        self.look_again_from("low_balance", written_until).await?;
        Ok(told)
    }

    /// Once for each time that credit came in: a hold that comes back is no event of its own.
    async fn tell_low_balance(&self, wallet_id: WalletId, level: Money) -> Result<bool, Fault> {
        let mut tx = self.worker().begin().await?;
        let low = sqlx::query!(
            r#"select paid + promotional - held as "available!: Money",
                      (select seq from transfer
                       where transfer.wallet_id = $1 and to_account = 'available' and from_account <> 'held'
                       order by seq desc limit 1) as last_inflow
               from wallet where wallet_id = $1 and paid + promotional - held < $2"#,
            wallet_id as WalletId,
            level as Money
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(low) = low else { return Ok(false) };
        let notice = Notice::LowBalance {
            available: low.available,
            level,
        };
        let event = format!("after {}", low.last_inflow.unwrap_or_default());
        let is_new = self.notify(&mut tx, wallet_id, &event, &notice).await?;
        tx.commit().await?;
        if is_new {
            self.changes().tell(wallet_id);
        }
        Ok(is_new)
    }

    /// Tells of promotional credit that ends in 14 and in 2 days, for each day it ends on.
    pub async fn tell_expiring_credit(&self) -> Result<usize, Error> {
        let now = self.inner.clock.now();
        let mut told = 0;
        for days in EXPIRY_DAYS {
            let name = format!("expiring_{days}");
            let since = self.seen_until(&name, now).await?;
            let ahead = Duration::days(days);
            let ending = sqlx::query_as!(
                Ending,
                r#"select wallet_id as "wallet_id: WalletId", expires_at as "expires_at!" from transfer
                   where expires_at is not null and expires_at > $1 and expires_at <= $2"#,
                since + ahead,
                now + ahead
            )
            .fetch_all(self.worker())
            .await?;
            let mut days_of_wallets: Vec<(WalletId, Date)> = ending
                .iter()
                .map(|ending| (ending.wallet_id, ending.expires_at.date()))
                .collect();
            days_of_wallets.sort();
            days_of_wallets.dedup();
            for (wallet_id, day) in days_of_wallets {
                let is_told =
                    self.act(move |ledger| async move {
                        ledger.tell_expiring(wallet_id, day, days).await
                    })
                    .await?;
                told += usize::from(is_told);
            }
            self.look_again_from(&name, now).await?;
        }
        Ok(told)
    }

    async fn tell_expiring(
        &self,
        wallet_id: WalletId,
        day: Date,
        days: i64,
    ) -> Result<bool, Fault> {
        let mut tx = self.worker().begin().await?;
        let (lots, _) = lots::fold(&mut tx, wallet_id, i64::MAX).await?;
        let ending = || {
            lots.left().filter(|lot| {
                lot.is_promotional && lot.expires_at.is_some_and(|at| at.date() == day)
            })
        };
        let amount: Money = ending().map(|lot| lot.left).sum();
        let Some(on) = ending().filter_map(|lot| lot.expires_at).min() else {
            return Ok(false);
        };
        let notice = Notice::CreditExpiring { amount, on, days };
        let event = format!("{day} {days}");
        let is_new = self.notify(&mut tx, wallet_id, &event, &notice).await?;
        tx.commit().await?;
        if is_new {
            self.changes().tell(wallet_id);
        }
        Ok(is_new)
    }

    /// How far this was looked for; a while ago if never.
    async fn seen_until(&self, name: &str, now: OffsetDateTime) -> Result<OffsetDateTime, Error> {
        let seen = sqlx::query_scalar!("select seen_until from notice_watch where name = $1", name)
            .fetch_optional(self.worker())
            .await?;
        Ok(seen.unwrap_or(now - FIRST_LOOK))
    }

    /// Never goes back: another server may have looked further.
    async fn look_again_from(&self, name: &str, until: OffsetDateTime) -> Result<(), Error> {
        sqlx::query!(
            "insert into notice_watch (name, seen_until) values ($1, $2)
             on conflict (name) do update set seen_until = greatest(notice_watch.seen_until, excluded.seen_until)",
            name,
            until
        )
        .execute(self.worker())
        .await?;
        Ok(())
    }
}
