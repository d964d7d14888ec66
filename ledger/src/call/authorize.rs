//! Before the phone rings.

use std::sync::Arc;

use domain::call::{self, CallRefusal, Grant, Quote};
use domain::rate::{Rate, RateKind};
use domain::wallet::Move;
use domain::{Account, Money, Subject, TransferKind, Wallet, WalletId};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{AuthorizeCall, Authorized, CallRate, CallRef, row};
use crate::Ledger;
use crate::books::{self, Draft};
use crate::error::{Error, Fault};
use crate::rates::Book;

impl AuthorizeCall {
    fn reference(&self) -> CallRef {
        CallRef {
            wallet_id: self.wallet_id,
            call_id: self.call_id.clone(),
            switch_id: self.switch_id.clone(),
        }
    }

    /// Tells a repeat from another request under the same name.
    fn hash(&self) -> Vec<u8> {
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
    /// What a call to this number (E.164 digits) takes, and whether the wallet has it. Writes nothing.
    pub async fn quote_call(
        &self,
        wallet_id: WalletId,
        digits: &str,
    ) -> Result<(Arc<Rate>, Quote), Error> {
        let rate = self
            .rate(digits)
            .await?
            .ok_or_else(|| Fault::from(CallRefusal::NoRate))?;
        let wallet = self.wallet(wallet_id).await?;
        let running = sqlx::query_scalar!(
            "select running_calls from wallet where wallet_id = $1",
            wallet_id as WalletId
        )
        .fetch_one(self.web())
        .await?;
        let rules = &self.rules().call;
        let mut quote = call::quote(
            &rate.pricing,
            rate.kind,
            &wallet,
            rules,
            running.unsigned_abs(),
        );
        if rate.blocked {
            quote.refusal = Some(CallRefusal::BlockedDestination);
        }
        Ok((rate, quote))
    }

    /// Holds credit for a call and says how long it may be talked. Asked again, the first answer
    /// again; the same id with other content is `Conflict` and changes nothing.
    pub async fn authorize_call(&self, ask: AuthorizeCall) -> Result<Authorized, Error> {
        self.act(move |ledger| {
            let ask = ask.clone();
            async move { ledger.authorize(&ask).await }
        })
        .await
    }

    async fn authorize(&self, ask: &AuthorizeCall) -> Result<Authorized, Fault> {
        let book = self.book().await;
        let rate = book
            .find(&ask.callee, self.clock().now())
            .filter(|rate| !rate.blocked);
        let answer = match &rate {
            Some(rate) => self.authorize_at_once(ask, &book, rate).await?,
            None => None,
        };
        let answer = match answer {
            Some(answer) => answer,
            None => self.authorize_by_the_rules(ask).await?,
        };
        self.inner.memo.keep(ask.reference(), answer.rate.pricing);
        self.changes().tell(ask.wallet_id);
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
        let rules = &self.rules().call;
        let held = call::hold_amount(&rate.pricing, rules);
        if held.is_zero() {
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
            lease
        )
        .fetch_optional(self.switch())
        .await;
        match written {
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
    async fn authorize_by_the_rules(&self, ask: &AuthorizeCall) -> Result<Authorized, Fault> {
        let book = self.read_book().await?;
        let mut tx = self.begin_switch().await?;
        let (wallet, running) = super::lock_wallet(&mut tx, ask.wallet_id).await?;
        if let Some(known) = row::read_any(&mut tx, ask.wallet_id, &ask.call_id).await? {
            return if known.request_hash == ask.hash() {
                known.first_answer()
            } else {
                Err(CallRefusal::Conflict.into())
            };
        }
        let rate = book
            .find(&ask.callee, self.clock().now())
            .ok_or(CallRefusal::NoRate)?;
        if rate.blocked {
            return Err(CallRefusal::BlockedDestination.into());
        }
        let rules = &self.rules().call;
        let grant = call::authorize(&rate.pricing, rate.kind, &wallet, rules, running)?;
        let expires_at = self.now_in(&mut tx).await?
            + time::Duration::seconds(i64::from(grant.seconds))
            + rules.grace;
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
        self.insert_call(&mut tx, ask, &answer).await?;
        tx.commit().await?;
        Ok(answer)
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

    async fn insert_call(
        &self,
        tx: &mut PgConnection,
        ask: &AuthorizeCall,
        answer: &Authorized,
    ) -> Result<(), Fault> {
        let terms = domain::rate::UncheckedPricing::from(answer.rate.pricing);
        sqlx::query!(
            "insert into call (wallet_id, call_id, switch_id, caller, callee, request_hash, prefix,
                 destination, kind, per_minute, connection_fee, initial_seconds, increment_seconds,
                 max_seconds, first_held, first_seconds, first_final, first_expires_at, held,
                 granted_seconds, is_final, expires_at, authorized_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                 $15, $16, $17, $18, now() + $19::bigint * interval '1 microsecond')",
            ask.wallet_id as WalletId,
            ask.call_id,
            ask.switch_id,
            ask.caller,
            ask.callee,
            ask.hash(),
            answer.rate.prefix,
            answer.rate.destination,
            answer.rate.kind.word(),
            terms.per_minute,
            terms.connection_fee as Money,
            terms.initial_seconds.cast_signed(),
            terms.increment_seconds.cast_signed(),
            terms.max_seconds.cast_signed(),
            answer.held as Money,
            answer.granted_seconds.cast_signed(),
            answer.is_final,
            answer.expires_at,
            self.offset()
        )
        .execute(tx)
        .await?;
        Ok(())
    }
}

/// Sets the first hold aside; a free call holds nothing and moves nothing.
async fn write_hold(
    tx: &mut PgConnection,
    ask: &AuthorizeCall,
    wallet: Wallet,
    grant: &Grant,
) -> Result<(), Fault> {
    if grant.held.is_zero() {
        return Ok(());
    }
    let hold = hold(&ask.call_id, TransferKind::Hold, grant.held, 0);
    books::post(tx, ask.wallet_id, wallet, &[hold]).await?;
    Ok(())
}

/// Credit set aside for a call.
pub(super) fn hold(call_id: &str, kind: TransferKind, amount: Money, number: i32) -> Draft {
    Draft {
        step: Move {
            kind,
            from: Account::Available,
            to: Account::Held,
            amount,
            promotional: Money::ZERO,
        },
        subject: Subject::Call,
        subject_id: call_id.to_owned(),
        number,
        expires_at: None,
    }
}
