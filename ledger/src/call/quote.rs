//! What a call would take, before anybody asks for it.

use std::sync::Arc;

use domain::call::{CallRefusal, Quote};
use domain::rate::{Pricing, Rate, RateKind};
use domain::{Money, Wallet, WalletId};
use sqlx::PgPool;

use super::spent;
use crate::Ledger;
use crate::error::{Error, Fault};
use crate::freeze;

impl Ledger {
    /// What a call to this number (E.164 digits) takes, and whether the wallet has it. Writes nothing.
    pub async fn quote_call(
        &self,
        wallet_id: WalletId,
        digits: &str,
    ) -> Result<(Arc<Rate>, Quote), Error> {
        self.quote(self.web(), wallet_id, digits).await
    }

    /// The same for a switch, on its own connections: a busy web side must not stop it.
    pub async fn quote_for_switch(
        &self,
        wallet_id: WalletId,
        digits: &str,
    ) -> Result<(Arc<Rate>, Quote), Error> {
        self.quote(self.switch(), wallet_id, digits).await
    }

    async fn quote(
        &self,
        pool: &PgPool,
        wallet_id: WalletId,
        digits: &str,
    ) -> Result<(Arc<Rate>, Quote), Error> {
        // Before a connection is taken: reading the book takes one itself.
        let book = self.newest_book().await?;
        let mut connection = pool.acquire().await?;
        let (wallet, running) = read(&mut connection, wallet_id).await?;
        let rate = book
            .find(digits, self.clock().now())
            .ok_or_else(|| Fault::from(CallRefusal::NoRate))?;
        let now = self.now_in(&mut connection).await?;
        let spent = spent::read(&mut connection, wallet_id, &rate.prefix, now).await?;
        let room = book.guards.spend.room(&rate.pricing, &spent, now);
        let rules = &book.guards.call;
        let mut quote = room.quote(&rate.pricing, rate.kind, &wallet, rules, running);
        if let Some(refusal) = quote.refusal.take() {
            let told = self.with_refill(&mut connection, wallet_id, &wallet, refusal, now);
            quote.refusal = Some(told.await?);
        }
        if let Err(frozen) = freeze::check(&mut connection, wallet_id).await? {
            quote.refusal = Some(frozen);
        }
        if rate.blocked {
            quote.refusal = Some(CallRefusal::BlockedDestination);
        }
        Ok((rate, quote))
    }
}

impl Ledger {
    /// The wallet as calls on this route may see it, and how many calls run: what is beyond a limit
    /// of the day looks set aside.
    pub(crate) async fn wallet_within_limits(
        &self,
        connection: &mut sqlx::PgConnection,
        wallet_id: WalletId,
        prefix: &str,
        pricing: &Pricing,
        kind: RateKind,
    ) -> Result<(Wallet, u32), Fault> {
        let (wallet, running) = read(connection, wallet_id).await?;
        let now = self.now_in(connection).await?;
        let spent = spent::read(connection, wallet_id, prefix, now).await?;
        let room = self
            .newest_book()
            .await?
            .guards
            .spend
            .room(pricing, &spent, now);
        Ok((room.within(&wallet, kind), running))
    }
}

async fn read(
    connection: &mut sqlx::PgConnection,
    wallet_id: WalletId,
) -> Result<(Wallet, u32), Fault> {
    let row = sqlx::query!(
        r#"select paid as "paid: Money", promotional as "promotional: Money", held as "held: Money",
                  debt as "debt: Money", version, running_calls
           from wallet where wallet_id = $1"#,
        wallet_id as WalletId
    )
    .fetch_optional(connection)
    .await?
    .ok_or(Fault::NotFound)?;
    let wallet = Wallet {
        paid: row.paid,
        promotional: row.promotional,
        held: row.held,
        debt: row.debt,
        version: row.version,
    };
    Ok((wallet, row.running_calls.unsigned_abs()))
}
