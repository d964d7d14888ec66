//! What became of the notices of a wallet, and sending the letter of one again.

use domain::notice::{self, LastLetter, LetterState, Notice, ResendRefusal};
use domain::{Declined, WalletId};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{letter, setting};
use crate::error::{Error, Fault};
use crate::{Ledger, books, email};

/// Notices of one list.
const MOST: i64 = 50;

/// A notice with its letters.
#[derive(Clone, Debug, PartialEq)]
pub struct NoticeTrace {
    pub notice_id: Uuid,
    /// The word of its kind.
    pub kind: String,
    /// None for one that a newer version of this program wrote.
    pub notice: Option<Notice>,
    pub at: OffsetDateTime,
    /// When the customer took it off the page.
    pub read_at: Option<OffsetDateTime>,
    /// Letters of the last 90 days.
    pub letters: i64,
    pub letter: Option<LetterState>,
    /// When the last was sent, or else written.
    pub letter_at: Option<OffsetDateTime>,
}

impl Ledger {
    /// What a customer was told, newest first.
    pub async fn notice_traces(&self, wallet_id: WalletId) -> Result<Vec<NoticeTrace>, Error> {
        let rows = sqlx::query!(
            r#"select notice.notice_id, kind, facts, notice.created_at, read_at, written.letters as "letters!",
                      letter.state as "letter?: LetterState", letter.at as "letter_at?"
               from notice
               cross join lateral (
                   select count(*) as letters from email where email.notice_id = notice.notice_id
               ) as written
               left join lateral (
                   select state, coalesce(sent_at, created_at) as at from email
                   where email.notice_id = notice.notice_id order by created_at desc limit 1
               ) as letter on true
               where wallet_id = $1 order by notice.created_at desc, notice.notice_id desc limit $2"#,
            wallet_id as WalletId,
            MOST
        )
        .fetch_all(self.web())
        .await?;
        let trace = rows.into_iter().map(|row| NoticeTrace {
            notice_id: row.notice_id,
            kind: row.kind,
            notice: serde_json::from_value(row.facts).ok(),
            at: row.created_at,
            read_at: row.read_at,
            letters: row.letters,
            letter: row.letter,
            letter_at: row.letter_at,
        });
        Ok(trace.collect())
    }

    /// Writes the letter of a notice anew: to the address and in the language of today. Refused while
    /// one is on its way, so a repeat writes none.
    pub async fn resend_notice(&self, wallet_id: WalletId, notice_id: Uuid) -> Result<(), Error> {
        self.act(move |ledger| async move { ledger.resend(wallet_id, notice_id).await })
            .await
    }

    async fn resend(&self, wallet_id: WalletId, notice_id: Uuid) -> Result<(), Fault> {
        let now = self.clock().now();
        let refused = |why: ResendRefusal| Fault::from(Declined::Resend(why));
        let mut tx = self.web().begin().await?;
        // Of two who ask at once the second sees the letter of the first.
        books::lock(&mut tx, wallet_id).await?;
        let facts = sqlx::query_scalar!(
            "select facts from notice where wallet_id = $1 and notice_id = $2",
            wallet_id as WalletId,
            notice_id
        )
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(Fault::NotFound)?;
        let (recipient, language) = letter::recipient(&mut tx, wallet_id)
            .await?
            .ok_or_else(|| refused(ResendRefusal::Closed))?;
        let notice: Notice =
            serde_json::from_value(facts).map_err(|_| refused(ResendRefusal::Unreadable))?;
        let is_wanted = setting::is_mailed(&mut tx, wallet_id, notice.kind()).await?;
        let last = sqlx::query_as!(
            LastLetter,
            r#"select state as "state: LetterState", coalesce(sent_at, created_at) as "at!" from email
               where notice_id = $1 order by created_at desc limit 1"#,
            notice_id
        )
        .fetch_optional(&mut *tx)
        .await?;
        notice::resend(is_wanted, last, now).map_err(refused)?;
        let origin = &self.inner.public_origin;
        let written = letter::write(origin, wallet_id, notice_id, &notice, language);
        email::write(&mut tx, &written.to(&recipient, now), now).await?;
        tx.commit().await?;
        Ok(())
    }
}
