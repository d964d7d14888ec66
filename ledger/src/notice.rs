//! What customers are told: written with the event itself, once, for the page and as a letter.
//!
//! An act that is worth telling calls [`Ledger::notify`] inside its transaction. What nobody's act
//! says by itself (a balance that fell below a level, credit about to end) is found by
//! [`watch`], so that calls pay nothing for it.

mod letter;
mod resend;
mod setting;
mod watch;

use domain::WalletId;
use domain::notice::{Notice, NoticeKind};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::{Error, Fault};
use crate::{Ledger, email, push};

pub use resend::NoticeTrace;
pub use setting::NoticeSetting;

/// Notices shown at once; older ones come up when these are dismissed.
pub(crate) const SHOWN: i64 = 3;

/// A notice that was not dismissed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadNotice {
    pub notice_id: Uuid,
    pub notice: Notice,
}

impl UnreadNotice {
    /// As it was written. A notice of a newer version of this program cannot be said; its letter was.
    pub(crate) fn read(notice_id: Uuid, facts: serde_json::Value) -> Option<Self> {
        Some(Self {
            notice_id,
            notice: serde_json::from_value(facts).ok()?,
        })
    }
}

impl Ledger {
    /// Tells the customer of an event: a line on the wallet page, and a letter unless it was refused.
    ///
    /// Call it inside the transaction of the act that is the event, as the last thing before the
    /// commit; then tell [`crate::Changes`] as for any change. `event` names the event within its
    /// kind: the id of the top-up, of the refund and its outcome, of the attempt. Again changes
    /// nothing and returns false. Needs the rights of pages or workers: the charging API sees no
    /// addresses.
    ///
    /// ```text
    /// self.notify(&mut tx, wallet_id, &top_up_id.to_string(), &Notice::TopUpSettled { … }).await?;
    /// ```
    pub(crate) async fn notify(
        &self,
        tx: &mut PgConnection,
        wallet_id: WalletId,
        event: &str,
        notice: &Notice,
    ) -> Result<bool, Fault> {
        let now = self.clock().now();
        let notice_id = Uuid::now_v7();
        let facts = serde_json::to_value(notice)
            .map_err(|_| Fault::Inconsistent("a notice cannot be written"))?;
        let written = sqlx::query!(
            "insert into notice (wallet_id, notice_id, kind, event_key, facts, created_at)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (wallet_id, kind, event_key) do nothing",
            wallet_id as WalletId,
            notice_id,
            notice.kind().word(),
            event,
            facts,
            now
        )
        .execute(&mut *tx)
        .await?;
        if written.rows_affected() == 0 {
            return Ok(false);
        }
        let Some((recipient, language)) = letter::recipient(&mut *tx, wallet_id).await? else {
            return Ok(true);
        };
        push::write(&mut *tx, wallet_id, notice, language, now).await?;
        if setting::is_mailed(&mut *tx, wallet_id, notice.kind()).await? {
            let origin = &self.inner.public_origin;
            let written = letter::write(origin, wallet_id, notice_id, notice, language);
            email::write(tx, &written.to(&recipient, now), now).await?;
        }
        Ok(true)
    }

    /// What was not dismissed yet, newest first, three at most.
    pub async fn unread_notices(&self, wallet_id: WalletId) -> Result<Vec<UnreadNotice>, Error> {
        let rows = sqlx::query!(
            "select notice_id, facts from notice
             where wallet_id = $1 and read_at is null order by created_at desc, notice_id desc limit $2",
            wallet_id as WalletId,
            SHOWN
        )
        .fetch_all(self.web())
        .await?;
        let unread = rows
            .into_iter()
            .filter_map(|row| UnreadNotice::read(row.notice_id, row.facts));
        Ok(unread.collect())
    }

    /// Takes a notice off the page. One that is another's or gone already changes nothing.
    pub async fn dismiss_notice(&self, wallet_id: WalletId, notice_id: Uuid) -> Result<(), Error> {
        self.act(move |ledger| async move {
            sqlx::query!(
                "update notice set read_at = $3 where wallet_id = $1 and notice_id = $2 and read_at is null",
                wallet_id as WalletId,
                notice_id,
                ledger.clock().now()
            )
            .execute(ledger.web())
            .await?;
            ledger.changes().tell(wallet_id);
            Ok(())
        })
        .await
    }

    /// The kind of a notice whose letters its reader wants no more of, by the address in the letter.
    /// None if there is no such notice; those that must be sent stay as they are.
    pub async fn unsubscribe(
        &self,
        wallet_id: WalletId,
        notice_id: Uuid,
    ) -> Result<Option<NoticeKind>, Error> {
        let kind = sqlx::query_scalar!(
            "select kind from notice where wallet_id = $1 and notice_id = $2",
            wallet_id as WalletId,
            notice_id
        )
        .fetch_optional(self.web())
        .await?;
        let kind = kind.as_deref().and_then(NoticeKind::from_word);
        let Some(kind) = kind.filter(|kind| kind.is_optional()) else {
            return Ok(None);
        };
        self.mail_notices(wallet_id, kind, false).await?;
        Ok(Some(kind))
    }
}
