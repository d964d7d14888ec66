//! Messages that come in: charged once, or parked until there is credit.

mod list;

pub use list::MessageLine;

use domain::message::{Delivery, MessageRules, MessageState};
use domain::wallet::Move;
use domain::{Account, Declined, Money, Subject, TransferKind, Wallet, WalletId};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::books::{self, Draft};
use crate::error::{Error, Fault};
use crate::freeze;
use crate::{Ledger, blocked_sender};

/// Parked messages delivered in one transaction: a wallet is not locked for longer.
const DELIVERED_AT_ONCE: i64 = 50;
/// By so much later than it should a worker may let go of what waited too long.
const OVERDUE: time::Duration = time::Duration::hours(8);
/// Wallets asked for at a time.
const BATCH: usize = 100;

/// A message as the provider hands it over.
#[derive(Clone, Debug)]
pub struct IncomingMessage {
    pub wallet_id: WalletId,
    /// The provider's own name of the message.
    pub message_id: String,
    pub switch_id: String,
    pub sender: String,
    pub recipient: String,
    pub segments: u32,
    pub body: String,
    /// Price of one segment on the number that received it.
    pub price: Money,
}

/// What the provider is answered; a repeat gets the first answer again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageAnswer {
    Delivered { charge: Money },
    Parked { expires_at: OffsetDateTime },
}

struct Stored {
    request_hash: Vec<u8>,
    charge: Money,
    parked_until: Option<OffsetDateTime>,
}

struct Parked {
    message_id: String,
    segments: i32,
    price: Money,
}

impl IncomingMessage {
    fn hash(&self) -> Vec<u8> {
        let mut hash = Sha256::new();
        let segments = self.segments.to_string();
        for part in [&self.sender, &self.recipient, &segments, &self.body] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.finalize().to_vec()
    }
}

fn cost(price: Money, segments: u32) -> Money {
    (0..segments).map(|_| price).sum()
}

impl Ledger {
    /// Takes a message in: charged and delivered, or parked. Asked again, the first answer again;
    /// the same id with other content is `MessageChanged`. *Not found* if its number is rented to
    /// another wallet.
    pub async fn charge_message(&self, message: IncomingMessage) -> Result<MessageAnswer, Error> {
        self.act(move |ledger| {
            let message = message.clone();
            async move { ledger.take_in(&message).await }
        })
        .await
    }

    async fn take_in(&self, message: &IncomingMessage) -> Result<MessageAnswer, Fault> {
        let rules = &self.rules().message;
        let segments = message.segments.clamp(1, rules.most_segments);
        let mut tx = self.begin_switch().await?;
        let wallet = books::lock(&mut tx, message.wallet_id).await?;
        if let Some(stored) = find(&mut tx, message.wallet_id, &message.message_id).await? {
            return if stored.request_hash == message.hash() {
                Ok(stored.answer())
            } else {
                Err(Declined::MessageChanged.into())
            };
        }
        // A switch may remember whose a number was. What is written to it is for whoever has it now.
        if is_anothers(&mut tx, message.wallet_id, &message.recipient).await? {
            return Err(Fault::NotFound);
        }
        let now = self.now_in(&mut tx).await?;
        if blocked_sender::find(&mut tx, message.wallet_id, &message.sender).await? {
            let blocked = (MessageState::Blocked, Money::ZERO);
            self.insert_message(&mut tx, message, segments, blocked, now)
                .await?;
            tx.commit().await?;
            // The sender is not told: to the provider it is a message that cost nothing.
            return Ok(MessageAnswer::Delivered {
                charge: Money::ZERO,
            });
        }
        let charged_today = charged_today(&mut tx, message.wallet_id, rules, now).await?;
        let mut delivery = rules.deliver(&wallet, cost(message.price, segments), charged_today);
        if freeze::is_frozen(&mut tx, message.wallet_id).await? {
            delivery = Delivery::Parked;
        }
        let answer = match delivery {
            Delivery::Delivered { charge } => {
                let delivered = (MessageState::Delivered, charge);
                self.insert_message(&mut tx, message, segments, delivered, now)
                    .await?;
                post(
                    &mut tx,
                    message.wallet_id,
                    wallet,
                    &message.message_id,
                    charge,
                )
                .await?;
                MessageAnswer::Delivered { charge }
            }
            Delivery::Parked => {
                let parked = (MessageState::Parked, Money::ZERO);
                self.insert_message(&mut tx, message, segments, parked, now)
                    .await?;
                MessageAnswer::Parked {
                    expires_at: now + rules.parked_for,
                }
            }
        };
        tx.commit().await?;
        self.changes().tell(message.wallet_id);
        Ok(answer)
    }

    async fn insert_message(
        &self,
        tx: &mut PgConnection,
        message: &IncomingMessage,
        segments: u32,
        (state, charge): (MessageState, Money),
        now: OffsetDateTime,
    ) -> Result<(), Fault> {
        let is_parked = state == MessageState::Parked;
        let body = (state != MessageState::Blocked).then_some(&message.body);
        sqlx::query!(
            "insert into message (wallet_id, message_id, switch_id, state, request_hash, sender, recipient,
                 body, segments, price, charge, received_at, parked_until, delivered_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
            message.wallet_id as WalletId,
            message.message_id,
            message.switch_id,
            state.word(),
            message.hash(),
            message.sender,
            message.recipient,
            body,
            segments.cast_signed(),
            message.price as Money,
            charge as Money,
            now,
            is_parked.then(|| now + self.rules().message.parked_for),
            (state == MessageState::Delivered).then_some(now)
        )
        .execute(tx)
        .await?;
        Ok(())
    }

    /// Delivers what is parked and can be paid now, oldest first, and lets go of what waited too
    /// long. A worker does this; any number of them may. Returns how many messages changed.
    ///
    /// Looks at every wallet once: those that have reached the cap of their day keep nobody waiting.
    pub async fn deliver_parked(&self) -> Result<usize, Error> {
        let (mut changed, mut last) = (0, None);
        loop {
            let wallets = self.waiting_wallets(last).await?;
            for &wallet_id in &wallets {
                let outcome = self
                    .act(move |ledger| async move { ledger.deliver_of(wallet_id).await })
                    .await;
                // One that fails must not keep the others waiting.
                changed += outcome.unwrap_or(0);
            }
            match wallets.last() {
                Some(&wallet_id) if wallets.len() == BATCH => last = Some(wallet_id),
                _ => return Ok(changed),
            }
        }
    }

    /// The next wallets with a message that may be paid for, or that waited too long.
    async fn waiting_wallets(&self, last: Option<WalletId>) -> Result<Vec<WalletId>, Error> {
        Ok(sqlx::query_scalar!(
            r#"select distinct message.wallet_id as "wallet_id: WalletId"
               from message join wallet on wallet.wallet_id = message.wallet_id
               where state = 'parked' and ($3::uuid is null or message.wallet_id > $3)
                 and (parked_until <= now() + $1::bigint * interval '1 microsecond'
                      or (debt = 0 and frozen_at is null and paid + promotional - held >= price * segments))
               order by message.wallet_id limit $2"#,
            self.offset(),
            BATCH as i64,
            last as Option<WalletId>
        )
        .fetch_all(self.worker())
        .await?)
    }

    async fn deliver_of(&self, wallet_id: WalletId) -> Result<usize, Fault> {
        let mut tx = self.worker().begin().await?;
        let mut wallet = books::lock(&mut tx, wallet_id).await?;
        let now = self.now_in(&mut tx).await?;
        let lapsed =
            lapse(&mut tx, wallet_id, now).await? + drop_blocked(&mut tx, wallet_id).await?;
        let mut today = charged_today(&mut tx, wallet_id, &self.rules().message, now).await?;
        let mut delivered = 0;
        let is_frozen = freeze::is_frozen(&mut tx, wallet_id).await?;
        for parked in parked(&mut tx, wallet_id).await? {
            let charge = cost(parked.price, parked.segments.unsigned_abs());
            let delivery = self.rules().message.deliver(&wallet, charge, today);
            if is_frozen || delivery == Delivery::Parked {
                break;
            }
            wallet = post(&mut tx, wallet_id, wallet, &parked.message_id, charge).await?;
            mark_delivered(&mut tx, wallet_id, &parked.message_id, charge, now).await?;
            today += charge;
            delivered += 1;
        }
        tx.commit().await?;
        if lapsed + delivered > 0 {
            self.changes().tell(wallet_id);
        }
        Ok(lapsed + delivered)
    }
}

impl Stored {
    /// Parked at first stays parked in the answer, whatever became of it.
    fn answer(&self) -> MessageAnswer {
        match self.parked_until {
            Some(expires_at) => MessageAnswer::Parked { expires_at },
            None => MessageAnswer::Delivered {
                charge: self.charge,
            },
        }
    }
}

async fn find(
    tx: &mut PgConnection,
    wallet_id: WalletId,
    message_id: &str,
) -> Result<Option<Stored>, Fault> {
    Ok(sqlx::query_as!(
        Stored,
        r#"select request_hash, charge as "charge: Money", parked_until from message
           where wallet_id = $1 and message_id = $2"#,
        wallet_id as WalletId,
        message_id
    )
    .fetch_optional(tx)
    .await?)
}

/// Whether a number is rented to another wallet. One that is nobody's may be the operator's own, and one that
/// somebody calls from receives nothing here.
async fn is_anothers(
    tx: &mut PgConnection,
    wallet_id: WalletId,
    number: &str,
) -> Result<bool, Fault> {
    Ok(sqlx::query_scalar!(
        r#"select exists(
               select from phone_number where number = $1 and wallet_id <> $2 and kind = 'rented'
           ) as "is_anothers!""#,
        number,
        wallet_id as WalletId
    )
    .fetch_one(tx)
    .await?)
}

/// What messages cost this wallet since midnight (UTC); those that waited came in before it.
async fn charged_today(
    tx: &mut PgConnection,
    wallet_id: WalletId,
    rules: &MessageRules,
    now: OffsetDateTime,
) -> Result<Money, Fault> {
    let midnight = now.replace_time(time::Time::MIDNIGHT);
    let oldest = midnight - rules.parked_for - OVERDUE;
    Ok(sqlx::query_scalar!(
        r#"select coalesce(sum(charge), 0) as "charged!: Money" from message
           where wallet_id = $1 and received_at >= $3 and delivered_at >= $2"#,
        wallet_id as WalletId,
        midnight,
        oldest
    )
    .fetch_one(tx)
    .await?)
}

async fn parked(tx: &mut PgConnection, wallet_id: WalletId) -> Result<Vec<Parked>, Fault> {
    Ok(sqlx::query_as!(
        Parked,
        r#"select message_id, segments, price as "price: Money" from message
           where wallet_id = $1 and state = 'parked' order by received_at, message_id limit $2"#,
        wallet_id as WalletId,
        DELIVERED_AT_ONCE
    )
    .fetch_all(tx)
    .await?)
}

/// Messages that waited too long lose their text and are never charged.
async fn lapse(
    tx: &mut PgConnection,
    wallet_id: WalletId,
    now: OffsetDateTime,
) -> Result<usize, Fault> {
    let lapsed = sqlx::query!(
        "update message set state = 'lapsed', body = null
         where wallet_id = $1 and state = 'parked' and parked_until <= $2",
        wallet_id as WalletId,
        now
    )
    .execute(tx)
    .await?;
    Ok(usize::try_from(lapsed.rows_affected()).unwrap_or(usize::MAX))
}

/// Messages that wait, of senders blocked in the meantime, are let go of.
async fn drop_blocked(tx: &mut PgConnection, wallet_id: WalletId) -> Result<usize, Fault> {
    let dropped = sqlx::query!(
        "update message set state = 'blocked', body = null
         where wallet_id = $1 and state = 'parked'
           and sender in (select sender from blocked_sender where wallet_id = $1)",
        wallet_id as WalletId
    )
    .execute(tx)
    .await?;
    Ok(usize::try_from(dropped.rows_affected()).unwrap_or(usize::MAX))
}

async fn mark_delivered(
    tx: &mut PgConnection,
    wallet_id: WalletId,
    message_id: &str,
    charge: Money,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    sqlx::query!(
        "update message set state = 'delivered', charge = $3, delivered_at = $4
         where wallet_id = $1 and message_id = $2",
        wallet_id as WalletId,
        message_id,
        charge as Money,
        now
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Takes the charge, given credit first; a free message moves nothing.
async fn post(
    tx: &mut PgConnection,
    wallet_id: WalletId,
    wallet: Wallet,
    message_id: &str,
    charge: Money,
) -> Result<Wallet, Fault> {
    if charge.is_zero() {
        return Ok(wallet);
    }
    let draft = Draft {
        step: Move {
            kind: TransferKind::Message,
            from: Account::Available,
            to: Account::MessageRevenue,
            amount: charge,
            promotional: charge.min(wallet.promotional),
        },
        subject: Subject::Message,
        subject_id: message_id.to_owned(),
        number: 0,
        expires_at: None,
    };
    books::post(tx, wallet_id, wallet, &[draft]).await
}
