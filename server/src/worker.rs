//! Work without a request: events, reconciliation, auto-refill, letters, silent calls, parked messages, expiry,
//! tidying. Each kind polls, so that
//! nothing is lost when a hint is.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ledger::{DueEmail, Error, Ledger, SealingKey};
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::price_folder::take_in;
use crate::push::Pusher;

/// Pause of a worker that found nothing to do.
const POLL: Duration = Duration::from_millis(500);
/// A charge is asked for within two seconds of the call that made it needed.
const REFILL_POLL: Duration = Duration::from_millis(250);
/// Each sends a few charges at once and waits for all of their answers: while Stripe keeps one waiting,
/// others send what became due meanwhile.
const REFILL_SENDERS: usize = 4;
/// Cards that were removed are let go at Stripe soon, and again when that failed.
const CARDS_EVERY: Duration = Duration::from_secs(10);
/// Pause of a worker that failed: the database may be restarting.
const AFTER_FAILURE: Duration = Duration::from_secs(2);
/// Promotional credit ends by the day, not by the second.
const EXPIRE_EVERY: Duration = Duration::from_secs(60);
/// Promised credit is given soon after its top-up is paid.
const REWARDS_EVERY: Duration = Duration::from_secs(2);
/// How long an entry may stand unsealed. Each checkpoint is also a line in the log.
const SEAL_EVERY: Duration = Duration::from_secs(600);
/// How soon a balance that fell below its level is told.
const LOW_BALANCE_EVERY: Duration = Duration::from_secs(2);
/// How soon a price list that was put into its folder is taken in.
const LISTS_EVERY: Duration = Duration::from_secs(10);
/// How often it is looked whether a check of the books is due. The first look waits as long: a server that
/// has just started has other things to do.
const CHECKS_EVERY: Duration = Duration::from_secs(300);
/// How soon it is noticed that the machine's clock was set, or runs away.
const CLOCK_EVERY: Duration = Duration::from_secs(30);
/// How often Stripe's list is read for events that were lost.
const LOOK_EVERY: Duration = Duration::from_secs(30);
const TIDY_EVERY: Duration = Duration::from_secs(3600);

/// What the workers need.
#[derive(Clone)]
pub struct Workers {
    pub ledger: Ledger,
    pub mail: AsyncSmtpTransport<Tokio1Executor>,
    pub mail_from: Mailbox,
    /// Signs the checkpoints of the books.
    pub sealing_key: Arc<SealingKey>,
    /// Sends notices to browsers; none where no key is configured.
    pub push: Option<Pusher>,
    /// The folder that price lists are put into, if there is one.
    pub price_lists: Option<PathBuf>,
    pub stop: CancellationToken,
}

impl Workers {
    /// Starts all workers; they end when told to stop, each after the item it is at.
    pub fn start(&self) -> JoinSet<()> {
        let mut tasks = JoinSet::new();
        let clock = self.clone();
        tasks.spawn(async move {
            clock
                .repeat("clock", CLOCK_EVERY, || async {
                    clock.ledger.follow_clock().await.map(|_| 0)
                })
                .await
        });
        let events = self.clone();
        tasks.spawn(async move {
            events
                .repeat("events", POLL, || events.ledger.process_events())
                .await
        });
        let payments = self.clone();
        tasks.spawn(async move {
            payments
                .repeat("top-ups", POLL, || payments.ledger.reconcile_top_ups())
                .await
        });
        let refills = self.clone();
        tasks.spawn(async move {
            refills
                .repeat("refills", REFILL_POLL, || async {
                    let decided = refills.ledger.decide_refills().await?;
                    Ok(decided + refills.ledger.end_unanswered_refills().await?)
                })
                .await
        });
        for _ in 0..REFILL_SENDERS {
            let charges = self.clone();
            tasks.spawn(async move {
                charges
                    .repeat("refill charges", REFILL_POLL, || {
                        charges.ledger.send_refills()
                    })
                    .await
            });
        }
        let cards = self.clone();
        tasks.spawn(async move {
            cards
                .repeat("cards", CARDS_EVERY, || async {
                    cards.ledger.detach_removed_cards().await.map(|_| 0)
                })
                .await
        });
        let refunds = self.clone();
        tasks.spawn(async move {
            refunds
                .repeat("refunds", POLL, || refunds.ledger.send_refunds())
                .await
        });
        let disputes = self.clone();
        tasks.spawn(async move {
            disputes
                .repeat("disputes", LOOK_EVERY, || {
                    disputes.ledger.reconcile_disputes()
                })
                .await
        });
        let lost = self.clone();
        tasks.spawn(async move {
            lost.repeat("lost events", LOOK_EVERY, || async {
                lost.ledger.find_lost_events().await.map(|_| 0)
            })
            .await
        });
        let letters = self.clone();
        tasks.spawn(async move {
            letters
                .repeat("letters", POLL, || letters.send_letters())
                .await
        });
        if let Some(pusher) = self.push.clone() {
            let pushes = self.clone();
            tasks.spawn(async move {
                pushes
                    .repeat("pushes", POLL, || pushes.send_pushes(&pusher))
                    .await
            });
        }
        // What these three find may have to wait, for a call to end or for credit: found again at
        // once, it would keep them busy for nothing.
        let calls = self.clone();
        tasks.spawn(async move {
            calls
                .repeat("calls", POLL, || async {
                    calls.ledger.expire_calls().await.map(|_| 0)
                })
                .await
        });
        let messages = self.clone();
        tasks.spawn(async move {
            messages
                .repeat("messages", POLL, || async {
                    messages.ledger.deliver_parked().await.map(|_| 0)
                })
                .await
        });
        let credit = self.clone();
        tasks.spawn(async move {
            credit
                .repeat("expiry", EXPIRE_EVERY, || async {
                    credit.ledger.expire_credit().await.map(|_| 0)
                })
                .await
        });
        let promos = self.clone();
        tasks.spawn(async move {
            promos
                .repeat("promos", REWARDS_EVERY, || async {
                    promos.ledger.settle_promos().await.map(|_| 0)
                })
                .await
        });
        let referrals = self.clone();
        tasks.spawn(async move {
            referrals
                .repeat("referrals", REWARDS_EVERY, || async {
                    referrals.ledger.settle_referrals().await.map(|_| 0)
                })
                .await
        });
        let seal = self.clone();
        tasks.spawn(async move {
            seal.repeat("seal", SEAL_EVERY, || async {
                seal.ledger.seal(seal.sealing_key.clone()).await.map(|_| 0)
            })
            .await
        });
        let notices = self.clone();
        tasks.spawn(async move {
            notices
                .repeat("low balances", LOW_BALANCE_EVERY, || async {
                    notices.ledger.tell_low_balances().await.map(|_| 0)
                })
                .await
        });
        let expiring = self.clone();
        tasks.spawn(async move {
            expiring
                .repeat("expiring credit", TIDY_EVERY, || async {
                    expiring.ledger.tell_expiring_credit().await.map(|_| 0)
                })
                .await
        });
        let tidy = self.clone();
        tasks.spawn(async move {
            tidy.repeat("tidy", TIDY_EVERY, || async {
                tidy.ledger.tidy().await?;
                tidy.ledger.forget_dialed().await?;
                tidy.ledger.forget_refusals().await.map(|_| 0)
            })
            .await
        });
        let checks = self.clone();
        tasks.spawn(async move {
            tokio::select! {
                () = checks.stop.cancelled() => return,
                () = tokio::time::sleep(CHECKS_EVERY) => {}
            }
            checks
                .repeat("checks", CHECKS_EVERY, || async {
                    checks.ledger.run_due_checks().await.map(|_| 0)
                })
                .await
        });
        if let Some(folder) = self.price_lists.clone() {
            let prices = self.clone();
            tasks.spawn(async move {
                prices
                    .repeat("price lists", LISTS_EVERY, || {
                        take_in(&prices.ledger, &folder)
                    })
                    .await
            });
        }
        let changes = self.clone();
        tasks.spawn(async move { changes.ledger.changes().relay(changes.stop.clone()).await });
        tasks
    }

    /// Does one kind of work again and again: at once while there is some, then after a pause.
    async fn repeat<F: Future<Output = Result<usize, Error>>>(
        &self,
        name: &str,
        pause: Duration,
        work: impl Fn() -> F,
    ) {
        while !self.stop.is_cancelled() {
            let wait = match work().await {
                Ok(0) => pause,
                Ok(_) => Duration::ZERO,
                Err(error) => {
                    tracing::error!(%error, name, "worker failed, trying again");
                    AFTER_FAILURE
                }
            };
            tokio::select! {
                () = self.stop.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    async fn send_pushes(&self, pusher: &Pusher) -> Result<usize, Error> {
        let pushes = self.ledger.take_pushes().await?;
        for push in &pushes {
            let outcome = pusher.send(push, self.ledger.clock().now()).await;
            self.ledger.push_ended(push, outcome).await?;
        }
        Ok(pushes.len())
    }

    async fn send_letters(&self) -> Result<usize, Error> {
        let letters = self.ledger.take_emails().await?;
        for letter in &letters {
            match self.send(letter).await {
                Ok(()) => self.ledger.email_sent(letter).await?,
                Err(error) => {
                    tracing::warn!(%error, email_id = %letter.email_id, "letter not sent, trying again");
                    self.ledger.email_failed(letter).await?;
                }
            }
        }
        Ok(letters.len())
    }

    async fn send(&self, letter: &DueEmail) -> anyhow::Result<()> {
        let mut message = Message::builder()
            .from(self.mail_from.clone())
            .to(letter.recipient.parse()?)
            .subject(letter.subject.clone())
            .multipart(MultiPart::alternative_plain_html(
                letter.text.clone(),
                letter.html.clone().unwrap_or_default(),
            ))?;
        if let Some(url) = &letter.unsubscribe_url {
            // Mail programs show a button for it, and send a POST there (RFC 8058).
            for (name, value) in [
                ("List-Unsubscribe", format!("<{url}>")),
                (
                    "List-Unsubscribe-Post",
                    "List-Unsubscribe=One-Click".to_owned(),
                ),
            ] {
                let name = HeaderName::new_from_ascii(name.to_owned())?;
                message
                    .headers_mut()
                    .insert_raw(HeaderValue::new(name, value));
            }
        }
        self.mail.send(message).await?;
        Ok(())
    }
}
