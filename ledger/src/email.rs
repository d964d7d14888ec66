//! Letters on their way out: written in the transaction that is their reason, sent by a worker.

use domain::Email;
use language::Language;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::Ledger;
use crate::error::{Error, Fault};

/// How long a worker may take with one letter before another may have it.
const LEASE: Duration = Duration::seconds(60);
/// Letters taken at once.
const BATCH: i64 = 20;

/// A letter to send now. The fence tells whether the lease still is ours when it was sent.
#[derive(Clone, Debug)]
pub struct DueEmail {
    pub email_id: Uuid,
    pub recipient: String,
    pub subject: String,
    pub text: String,
    pub html: Option<String>,
    /// Where its reader can refuse further ones of its kind, if that is possible.
    pub unsubscribe_url: Option<String>,
    fence: i64,
    attempts: i32,
}

/// A letter to write.
pub(crate) struct Letter<'a> {
    pub(crate) recipient: &'a Email,
    pub(crate) subject: &'a str,
    pub(crate) text: &'a str,
    pub(crate) html: &'a str,
    /// Where its reader can refuse further ones of its kind; none for letters that must be sent.
    pub(crate) unsubscribe_url: Option<&'a str>,
    /// When it is of no use any more.
    pub(crate) give_up_at: OffsetDateTime,
    /// The notice it tells of; none for codes and what an account is told of itself.
    pub(crate) notice_id: Option<Uuid>,
}

/// The body of a letter, marked with its language and direction.
pub(crate) fn in_language(language: Language, body: &str) -> String {
    let (tag, direction) = (language.tag(), language.direction());
    format!("<div lang=\"{tag}\" dir=\"{direction}\">{body}</div>")
}

pub(crate) async fn write(
    connection: &mut PgConnection,
    letter: &Letter<'_>,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    sqlx::query!(
        "insert into email (email_id, recipient, subject, body_text, body_html, next_at, give_up_at,
             unsubscribe_url, notice_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        Uuid::now_v7(),
        letter.recipient.as_str(),
        letter.subject,
        letter.text,
        letter.html,
        now,
        letter.give_up_at,
        letter.unsubscribe_url,
        letter.notice_id
    )
    .execute(connection)
    .await?;
    Ok(())
}

impl Ledger {
    /// Takes letters that are due, oldest first, each for a minute. Nobody else gets them meanwhile.
    pub async fn take_emails(&self) -> Result<Vec<DueEmail>, Error> {
        let now = self.inner.clock.now();
        let taken = sqlx::query!(
            r#"update email set lease_until = $1, fence = fence + 1, attempts = attempts + 1
               where email_id in (
                   select email_id from email
                   where state = 'due' and next_at <= $2 and (lease_until is null or lease_until < $2)
                   order by next_at limit $3 for update skip locked
               )
               returning email_id, recipient, subject, body_text, body_html, unsubscribe_url, fence, attempts"#,
            now + LEASE,
            now,
            BATCH
        )
        .fetch_all(self.worker())
        .await?;
        Ok(taken
            .into_iter()
            .map(|row| DueEmail {
                email_id: row.email_id,
                recipient: row.recipient,
                subject: row.subject,
                text: row.body_text.unwrap_or_default(),
                html: row.body_html,
                unsubscribe_url: row.unsubscribe_url,
                fence: row.fence,
                attempts: row.attempts,
            })
            .collect())
    }

    /// Marks a letter as sent and erases its text: it may hold a code.
    pub async fn email_sent(&self, letter: &DueEmail) -> Result<(), Error> {
        sqlx::query!(
            "update email set state = 'sent', body_text = null, body_html = null, sent_at = $3, lease_until = null
             where email_id = $1 and fence = $2",
            letter.email_id,
            letter.fence,
            self.inner.clock.now()
        )
        .execute(self.worker())
        .await?;
        Ok(())
    }

    /// Puts a letter back for later, or gives it up when it is of no use any more.
    pub async fn email_failed(&self, letter: &DueEmail) -> Result<(), Error> {
        let now = self.inner.clock.now();
        let pause =
            Duration::seconds(2) * 2_i32.pow(letter.attempts.clamp(1, 10).unsigned_abs() - 1);
        sqlx::query!(
            "update email set
                 state = case when give_up_at < $3 then 'dead' else 'due' end,
                 body_text = case when give_up_at < $3 then null else body_text end,
                 body_html = case when give_up_at < $3 then null else body_html end,
                 next_at = $4, lease_until = null
             where email_id = $1 and fence = $2",
            letter.email_id,
            letter.fence,
            now,
            now + pause
        )
        .execute(self.worker())
        .await?;
        Ok(())
    }
}
