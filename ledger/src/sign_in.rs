//! Signing in with a code sent by e-mail: eight digits, ten minutes, five tries, one use.
//!
//! Answers are the same whether or not an account exists: every address gets a code, and the
//! first sign-in opens an empty wallet.

use domain::{CustomerId, Declined, Email};
use language::{Language, tell};
use rand::RngExt;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use subtle::ConstantTimeEq;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::Ledger;
use crate::attempt::Limit;
use crate::email::{self, Letter, in_language};
use crate::error::{Error, Fault};

const CODE_VALID_FOR: Duration = Duration::minutes(10);
const TRIES: i16 = 5;

/// Codes one address may be sent: enough for a person who mistypes, too few to flood a mailbox.
const CODES_PER_EMAIL: Limit = Limit {
    scope: "code_email",
    most: 5,
    window: Duration::minutes(15),
};
/// Codes asked for from one network address.
const CODES_PER_CLIENT: Limit = Limit {
    scope: "code_client",
    most: 30,
    window: Duration::minutes(15),
};
/// Wrong codes for one address, over all its codes: guessing ten of 10⁸ in a quarter of an hour.
const GUESSES_PER_EMAIL: Limit = Limit {
    scope: "guess_email",
    most: 10,
    window: Duration::minutes(15),
};

impl Ledger {
    /// Sends a new code to this address; the ones before it stop working.
    ///
    /// `browser` binds the code to the browser that asked, `client` is its network address, and
    /// `language` what it reads: nobody knows yet whose address this is.
    pub async fn request_code(
        &self,
        email: &Email,
        browser: &str,
        client: &str,
        language: Language,
    ) -> Result<(), Error> {
        let (email, browser, client) = (email.clone(), browser.to_owned(), client.to_owned());
        self.act(move |ledger| {
            let (email, browser, client) = (email.clone(), browser.clone(), client.clone());
            async move {
                let now = ledger.clock().now();
                let mut connection = ledger.web().acquire().await?;
                // Counted before and outside the transaction: a refusal is a try too.
                CODES_PER_CLIENT
                    .count(&mut connection, &client, now)
                    .await?;
                CODES_PER_EMAIL
                    .count(&mut connection, email.as_str(), now)
                    .await?;
                drop(connection);
                let mut tx = ledger.web().begin().await?;
                let code = issue(&mut tx, &email, &browser, now).await?;
                send(&mut tx, &email, &code, language, now).await?;
                tx.commit().await?;
                Ok(())
            }
        })
        .await
    }

    /// Takes the code and tells who it is. A right code works once; a wrong one costs a try.
    pub async fn sign_in_with_code(
        &self,
        email: &Email,
        code: &str,
        browser: &str,
    ) -> Result<CustomerId, Error> {
        self.redeem_code(email, code, browser).await?;
        Ok(self.open_customer(email).await?.customer_id)
    }

    /// Takes the code: whoever has it receives the mail of this address.
    pub(crate) async fn redeem_code(
        &self,
        email: &Email,
        code: &str,
        browser: &str,
    ) -> Result<(), Error> {
        let (email, code, browser) = (email.clone(), code.trim().to_owned(), browser.to_owned());
        if code.len() != 8 || !code.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Error::Declined(Declined::CodeShape));
        }
        self.act(move |ledger| {
            let (email, code, browser) = (email.clone(), code.clone(), browser.clone());
            async move {
                let now = ledger.clock().now();
                let mut tx = ledger.web().begin().await?;
                let outcome = redeem(&mut tx, &email, &code, &browser, now).await?;
                // Committed also when declined: the try is used up.
                tx.commit().await?;
                outcome.map_err(Fault::from)
            }
        })
        .await
    }
}

async fn issue(
    tx: &mut PgConnection,
    email: &Email,
    browser: &str,
    now: OffsetDateTime,
) -> Result<String, Fault> {
    let code = format!("{:08}", rand::rng().random_range(0..100_000_000_u32));
    let code_id = Uuid::now_v7();
    sqlx::query!("delete from sign_in_code where email = $1", email.as_str())
        .execute(&mut *tx)
        .await?;
    sqlx::query!(
        "insert into sign_in_code (sign_in_code_id, email, code_hash, browser_hash, tries_left, expires_at)
         values ($1, $2, $3, $4, $5, $6)",
        code_id,
        email.as_str(),
        hash(code_id, &code),
        hash(code_id, browser),
        TRIES,
        now + CODE_VALID_FOR
    )
    .execute(tx)
    .await?;
    Ok(code)
}

async fn send(
    tx: &mut PgConnection,
    email: &Email,
    code: &str,
    language: Language,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    let spaced = format!("{} {}", &code[..4], &code[4..]);
    let (yours, works, ignore) = (
        tell!(language, letter::YOUR_CODE),
        tell!(language, letter::CODE_WORKS),
        tell!(language, letter::CODE_IGNORE),
    );
    let text = format!("{yours} {spaced}\n\n{works}\n{ignore}\n");
    let html = in_language(
        language,
        &format!(
            "<p>{yours}</p>\
             <p style=\"font-size:28px;font-weight:650;letter-spacing:2px\"><bdi>{spaced}</bdi></p>\
             <p>{works}</p><p>{ignore}</p>"
        ),
    );
    let letter = Letter {
        recipient: email,
        subject: &tell!(language, letter::CODE_SUBJECT, code = spaced),
        text: &text,
        html: &html,
        unsubscribe_url: None,
        give_up_at: now + CODE_VALID_FOR,
        notice_id: None,
    };
    email::write(tx, &letter, now).await
}

/// The outer result is trouble, the inner one the decision.
async fn redeem(
    tx: &mut PgConnection,
    email: &Email,
    code: &str,
    browser: &str,
    now: OffsetDateTime,
) -> Result<Result<(), Declined>, Fault> {
    match GUESSES_PER_EMAIL.count(tx, email.as_str(), now).await {
        Err(Fault::Declined(declined)) => return Ok(Err(declined)),
        counted => counted?,
    }
    let issued = sqlx::query!(
        "select sign_in_code_id, code_hash, browser_hash, tries_left, expires_at
         from sign_in_code where email = $1 order by created_at desc limit 1 for update",
        email.as_str()
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(issued) = issued.filter(|issued| issued.expires_at > now && issued.tries_left > 0)
    else {
        return Ok(Err(Declined::CodeGone));
    };
    let code_id = issued.sign_in_code_id;
    if !same(&issued.browser_hash, &hash(code_id, browser)) {
        return Ok(Err(Declined::CodeGone));
    }
    if same(&issued.code_hash, &hash(code_id, code)) {
        sqlx::query!("delete from sign_in_code where email = $1", email.as_str())
            .execute(tx)
            .await?;
        return Ok(Ok(()));
    }
    sqlx::query!(
        "update sign_in_code set tries_left = tries_left - 1 where sign_in_code_id = $1",
        code_id
    )
    .execute(tx)
    .await?;
    let tries_left = u32::try_from(issued.tries_left - 1).unwrap_or_default();
    Ok(Err(if tries_left == 0 {
        Declined::CodeGone
    } else {
        Declined::CodeWrong { tries_left }
    }))
}

/// Salted with the row's id: equal codes of two people look different.
fn hash(code_id: Uuid, secret: &str) -> Vec<u8> {
    Sha256::new()
        .chain_update(code_id.as_bytes())
        .chain_update(secret.as_bytes())
        .finalize()
        .to_vec()
}

fn same(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}
