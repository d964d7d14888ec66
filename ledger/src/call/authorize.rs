//! Before the phone rings.

use std::sync::Arc;

use domain::call::{self, CallRefusal, Grant};
use domain::rate::{Rate, RateKind};
use domain::{Money, Wallet, WalletId};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::hold::write_hold;
use super::{AuthorizeCall, Authorized, CallRate, CallRef, refusal, row, spent};
use crate::Ledger;
use crate::error::{Error, Fault};
use crate::freeze;
use crate::rates::Book;

/// What becomes of a call whose balance is short although auto-refill can help.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Short {
    Refuse,
    RefillFirst,
}

impl AuthorizeCall {
    fn reference(&self) -> CallRef {
        CallRef {
            wallet_id: self.wallet_id,
            call_id: self.call_id.clone(),
            switch_id: self.switch_id.clone(),
        }
    }

    /// Tells a repeat from another request under the same name.
    pub(super) fn hash(&self) -> Vec<u8> {
        let mut hash = Sha256::new();
        for part in [
            Some(self.switch_id.as_str()),
            self.caller.as_deref(),
            Some(self.callee.as_str()),
        ] {
            let part = part.map_or(&[][..], str::as_bytes);
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.finalize().to_vec()
    }
}

impl Ledger {
    /// Holds credit for a call and says how long it may be talked. Asked again, the first answer
    /// again; the same id with other content is `Conflict` and changes nothing.
    pub async fn authorize_call(&self, ask: AuthorizeCall) -> Result<Authorized, Error> {
        self.act(move |ledger| {
            let ask = ask.clone();
            async move {
                let answer = ledger.authorize(&ask, Short::Refuse).await?;
                answer.ok_or(Fault::Inconsistent(
                    "a short call was neither refused nor granted",
                ))
            }
        })
        .await
    }

    /// The same, but a call that is short is not refused while auto-refill can help: none says that
    /// nothing was decided. Then [`Ledger::refill_for_call`], and ask again.
    pub async fn authorize_unless_short(
        &self,
        ask: AuthorizeCall,
    ) -> Result<Option<Authorized>, Error> {
        self.act(move |ledger| {
            let ask = ask.clone();
            async move { ledger.authorize(&ask, Short::RefillFirst).await }
        })
        .await
    }

    async fn authorize(
        &self,
        ask: &AuthorizeCall,
        short: Short,
    ) -> Result<Option<Authorized>, Fault> {
        let book = self.book().await;
        let rate = book
            .find(&ask.callee, self.clock().now())
            .filter(|rate| !rate.blocked);
        let answer = match &rate {
            Some(rate) => self.authorize_at_once(ask, &book, rate).await?,
            None => None,
        };
        let answer = match answer {
            Some(answer) => Some(answer),
            None => self.authorize_by_the_rules(ask, short).await?,
        };
        if let Some(answer) = &answer {
            self.inner.memo.keep(ask.reference(), answer.rate.pricing);
            self.changes().tell(ask.wallet_id);
        }
        Ok(answer)
    }

    /// The common case in one statement: the whole hold is there and more. None says nothing about
    /// why not.
    async fn authorize_at_once(
        &self,
        ask: &AuthorizeCall,
        book: &Book,
        rate: &Rate,
    ) -> Result<Option<Authorized>, Fault> {
        let rules = &book.guards.call;
        let held = call::hold_amount(&rate.pricing, rules);
        let spend = &book.guards.spend;
        if held.is_zero() || spend.is_dear(&rate.pricing) {
            return Ok(None);
        }
        let seconds = rate.pricing.talk_time(held);
        let is_final = seconds >= rate.pricing.max_seconds();
        // With enough for one more step the grant is not final, whatever else is there.
        let enough = if is_final {
            held
        } else {
            rate.pricing.charge(seconds + 1)
        };
        let lease = i64::from(seconds) * 1_000_000
            + i64::try_from(rules.grace.whole_microseconds()).unwrap_or(i64::MAX / 4);
        let terms = domain::rate::UncheckedPricing::from(rate.pricing);
        let mut lane = self.lane_for(ask.wallet_id).await?;
        let written = sqlx::query_file!(
            "src/call/authorize.sql",
            ask.wallet_id as WalletId,
            ask.call_id,
            held as Money,
            enough as Money,
            rate.kind == RateKind::Special,
            i32::try_from(rules.calls_at_once).unwrap_or(i32::MAX),
            book.version,
            ask.switch_id,
            ask.caller,
            ask.callee,
            ask.hash(),
            rate.prefix,
            rate.destination,
            rate.kind.word(),
            terms.per_minute,
            terms.connection_fee as Money,
            terms.initial_seconds.cast_signed(),
            terms.increment_seconds.cast_signed(),
            terms.max_seconds.cast_signed(),
            seconds.cast_signed(),
            is_final,
            self.offset(),
            lease,
            spend.per_day as Money,
            spend.new_per_day.min(spend.per_day) as Money,
            i64::try_from(spend.new_for.whole_microseconds()).unwrap_or(i64::MAX / 4)
        )
        .fetch_optional(lane.connection())
        .await;
        match lane.done(written) {
            Ok(row) => Ok(row.map(|row| Authorized {
                granted_seconds: seconds,
                held,
                is_final,
                expires_at: row.expires_at,
                rate: CallRate {
                    prefix: rate.prefix.clone(),
                    destination: rate.destination.clone(),
                    kind: rate.kind,
                    pricing: rate.pricing,
                },
            })),
            // Authorized before: the rules find its answer.
            Err(sqlx::Error::Database(error)) if error.constraint() == Some("call_pkey") => {
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Every other case: looks whether the call is known before refusing it.
    async fn authorize_by_the_rules(
        &self,
        ask: &AuthorizeCall,
        short: Short,
    ) -> Result<Option<Authorized>, Fault> {
        let book = self.read_book().await?;
        let mut tx = self.begin_switch().await?;
        let (wallet, running) = super::lock_wallet(&mut tx, ask.wallet_id).await?;
        if let Some(known) = row::read_any(&mut tx, ask.wallet_id, &ask.call_id).await? {
            return if known.request_hash == ask.hash() {
                known.first_answer().map(Some)
            } else {
                Err(CallRefusal::Conflict.into())
            };
        }
        refusal::repeat(&mut tx, ask).await?;
        let now = self.now_in(&mut tx).await?;
        let (rate, grant) = match self
            .decide_call(&mut tx, ask, &book, wallet, running, now)
            .await?
        {
            Ok(decided) => decided,
            Err(CallRefusal::BelowMinimum {
                refill_possible: true,
                ..
            }) if short == Short::RefillFirst => return Ok(None),
            Err(refusal) => {
                refusal::keep(&mut tx, ask, &refusal, now).await?;
                tx.commit().await?;
                return Err(refusal.into());
            }
        };
        let expires_at =
            now + time::Duration::seconds(i64::from(grant.seconds)) + self.rules().call.grace;
        let answer = Authorized {
            granted_seconds: grant.seconds,
            held: grant.held,
            is_final: grant.is_final,
            expires_at,
            rate: CallRate {
                prefix: rate.prefix.clone(),
                destination: rate.destination.clone(),
                kind: rate.kind,
                pricing: rate.pricing,
            },
        };
        write_hold(&mut tx, ask, wallet, &grant).await?;
        super::count_running(&mut tx, ask.wallet_id, 1).await?;
        spent::count(&mut tx, ask.wallet_id, grant.held, now).await?;
        self.insert_call(&mut tx, ask, &answer).await?;
        tx.commit().await?;
        Ok(Some(answer))
    }

    /// The ladder of refusals, in the order we would explain them.
    async fn decide_call(
        &self,
        tx: &mut PgConnection,
        ask: &AuthorizeCall,
        book: &Book,
        wallet: Wallet,
        running: u32,
        now: OffsetDateTime,
    ) -> Result<Result<(Arc<Rate>, Grant), CallRefusal>, Fault> {
        let Some(rate) = book.find(&ask.callee, self.clock().now()) else {
            return Ok(Err(CallRefusal::NoRate));
        };
        if rate.blocked {
            return Ok(Err(CallRefusal::BlockedDestination));
        }
        if let Err(frozen) = freeze::check(tx, ask.wallet_id).await? {
            return Ok(Err(frozen));
        }
        let spent = spent::read(tx, ask.wallet_id, &rate.prefix, now).await?;
        let room = book.guards.spend.room(&rate.pricing, &spent, now);
        let rules = &book.guards.call;
        let granted = room.authorize(&rate.pricing, rate.kind, &wallet, rules, running);
        let granted = match granted {
            Ok(grant) => Ok(grant),
            Err(refusal) => Err(self
                .with_refill(tx, ask.wallet_id, &wallet, refusal, now)
                .await?),
        };
        Ok(granted.map(|grant| (rate, grant)))
    }

    /// The database's time, moved as far as this server's clock was.
    pub(crate) async fn now_in(
        &self,
        connection: &mut PgConnection,
    ) -> Result<OffsetDateTime, Fault> {
        Ok(sqlx::query_scalar!(
            r#"select now() + $1::bigint * interval '1 microsecond' as "now!""#,
            self.offset()
        )
        .fetch_one(connection)
        .await?)
    }
}
