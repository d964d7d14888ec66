//! A notice as a letter: text and HTML with the same words.

use domain::notice::Notice;
use domain::{Email, WalletId};
use language::{Language, notice as words, tell};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::email::{Letter, in_language};
use crate::error::Fault;

/// After this time a notice is old news.
const GIVE_UP_AFTER: Duration = Duration::days(3);

/// A letter without its reader.
pub(super) struct Written {
    subject: String,
    text: String,
    html: String,
    unsubscribe_url: Option<String>,
    notice_id: Uuid,
}

impl Written {
    pub(super) fn to<'a>(&'a self, recipient: &'a Email, now: OffsetDateTime) -> Letter<'a> {
        Letter {
            recipient,
            subject: &self.subject,
            text: &self.text,
            html: &self.html,
            unsubscribe_url: self.unsubscribe_url.as_deref(),
            give_up_at: now + GIVE_UP_AFTER,
            notice_id: Some(self.notice_id),
        }
    }
}

/// Whom to write to, and in which language. Nobody once the account is closed.
pub(super) async fn recipient(
    tx: &mut PgConnection,
    wallet_id: WalletId,
) -> Result<Option<(Email, Language)>, Fault> {
    let row = sqlx::query!(
        r#"select email as "email: Email", language from customer
           where wallet_id = $1 and closed_at is null"#,
        wallet_id as WalletId
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| {
        let language = row.language.as_deref().and_then(Language::from_tag);
        (row.email, language.unwrap_or_default())
    }))
}

pub(super) fn write(
    origin: &str,
    wallet_id: WalletId,
    notice_id: Uuid,
    notice: &Notice,
    language: Language,
) -> Written {
    let headline = words::headline(notice, language);
    let detail = words::detail(notice, language);
    let (path, go) = words::way_on(notice, language);
    let stop_said = tell!(language, letter::STOP);
    let is_optional = notice.kind().is_optional();
    let unsubscribe_url =
        is_optional.then(|| format!("{origin}/unsubscribe/{wallet_id}/{notice_id}"));
    let (why, stop) = match &unsubscribe_url {
        Some(url) => (
            tell!(language, letter::WHY_WALLET),
            format!("\n{stop_said}: {url}\n"),
        ),
        None => (tell!(language, letter::WHY_ALWAYS), String::new()),
    };
    let text = format!("{headline}\n\n{detail}\n\n{go}: {origin}{path}\n\n--\n{why}{stop}");
    let stop = unsubscribe_url.as_ref().map_or_else(String::new, |url| {
        format!(" <a href=\"{}\">{stop_said}</a>", escape(url))
    });
    let html = format!(
        "<p style=\"font-size:20px;font-weight:650\">{}</p><p>{}</p>\
         <p><a href=\"{}\">{go}</a></p><p style=\"color:#667\">{why}{stop}</p>",
        escape(&headline),
        escape(&detail),
        escape(&format!("{origin}{path}")),
    );
    Written {
        subject: headline,
        text,
        html: in_language(language, &html),
        unsubscribe_url,
        notice_id,
    }
}

/// Names of devices and cards come from outside.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Money;

    #[test]
    fn what_comes_from_outside_is_text_in_the_letter() {
        let notice = Notice::NewDevice {
            device: "<b>\"&".into(),
            at: OffsetDateTime::UNIX_EPOCH,
        };
        let letter = write(
            "https://w.example",
            WalletId(Uuid::nil()),
            Uuid::nil(),
            &notice,
            Language::English,
        );
        assert!(letter.html.contains("&lt;b&gt;&quot;&amp;"));
        assert!(!letter.html.contains("<b>"));
        assert_eq!(letter.unsubscribe_url, None, "about safety: always sent");
    }

    #[test]
    fn a_letter_that_may_be_refused_says_where() {
        let notice = Notice::LowBalance {
            available: Money::from_cents(123),
            level: Money::from_dollars(5),
        };
        let letter = write(
            "https://w.example",
            WalletId(Uuid::nil()),
            Uuid::nil(),
            &notice,
            Language::English,
        );
        let url = letter.unsubscribe_url.unwrap();
        assert!(letter.text.contains(&url) && letter.html.contains(&url));
        assert!(letter.text.starts_with("Your balance is $1.23\n"));
        assert!(
            letter
                .html
                .contains("href=\"https://w.example/add-credit\"")
        );
    }
}
