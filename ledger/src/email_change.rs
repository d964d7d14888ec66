//! Moving an account to another e-mail address: proven by a code sent there, told to the old one.

use domain::{CustomerId, Declined, Email};
use language::{Language, tell};
use time::Duration;

use crate::Ledger;
use crate::email::{self, Letter};
use crate::error::{Error, Fault};

/// How long a letter about the change is worth sending.
const GIVE_UP_AFTER: Duration = Duration::days(3);

impl Ledger {
    /// Moves the account to this address, to which a code was sent in this browser.
    ///
    /// The old address is told. An address of another account is declined, but only to someone who
    /// has just proven to receive its mail.
    pub async fn change_email(
        &self,
        customer_id: CustomerId,
        email: &Email,
        code: &str,
        browser: &str,
    ) -> Result<(), Error> {
        self.redeem_code(email, code, browser).await?;
        let email = email.clone();
        let language = self.language(customer_id).await?.unwrap_or_default();
        self.act(move |ledger| {
            let email = email.clone();
            async move { ledger.move_to(customer_id, &email, language).await }
        })
        .await
    }

    async fn move_to(
        &self,
        customer_id: CustomerId,
        email: &Email,
        language: Language,
    ) -> Result<(), Fault> {
        let now = self.clock().now();
        let mut tx = self.web().begin().await?;
        let old = sqlx::query_scalar!(
            r#"select email as "email: Email" from customer
               where customer_id = $1 and closed_at is null for update"#,
            customer_id as CustomerId
        )
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(Fault::NotFound)?;
        if old == *email {
            return Ok(());
        }
        let moved = sqlx::query!(
            "update customer set email = $2
             where customer_id = $1 and not exists (select from customer where email = $2)",
            customer_id as CustomerId,
            email as &Email
        )
        .execute(&mut *tx)
        .await;
        match moved {
            Ok(done) if done.rows_affected() == 1 => {}
            Ok(_) => return Err(Declined::EmailTaken.into()),
            // Somebody opened an account there in the same moment.
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
                return Err(Declined::EmailTaken.into());
            }
            Err(error) => return Err(error.into()),
        }
        let (moved, codes, not_you) = (
            tell!(language, letter::MOVED, email = email.as_str()),
            tell!(language, letter::MOVED_CODES),
            tell!(language, letter::MOVED_NOT_YOU),
        );
        let text = format!("{moved}\n\n{codes}\n{not_you}\n");
        let html = email::in_language(
            language,
            &format!("<p>{}</p><p>{codes}</p><p>{not_you}</p>", escaped(&moved)),
        );
        let letter = Letter {
            recipient: &old,
            subject: &tell!(language, letter::MOVED_SUBJECT),
            text: &text,
            html: &html,
            give_up_at: now + GIVE_UP_AFTER,
            unsubscribe_url: None,
            notice_id: None,
        };
        email::write(&mut tx, &letter, now).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// An address may hold characters that mean something in HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
