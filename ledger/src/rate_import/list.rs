//! The versions of the price book, as the desk lists them, and lists that are looked at first.

use domain::Declined;
use domain::price_list::{LONGEST_LIST, PriceRefusal};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{ImportError, ImportRates};
use crate::Ledger;
use crate::error::{Error, Fault};

/// Versions of one page.
const PAGE: i64 = 20;
/// How long an uploaded list waits to be taken in.
const DRAFT_LASTS: Duration = Duration::DAY;

/// One version of the price book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceListRow {
    pub version: i64,
    pub name: String,
    pub author: Option<String>,
    pub imported_at: OffsetDateTime,
    pub effective_at: Option<OffsetDateTime>,
    /// Prices that it changed; none for lists of before this was counted.
    pub changes: Option<i32>,
    pub rolls_back_to: Option<i64>,
    /// Whether a price of it is valid now, and whether one begins later.
    pub is_in_force: bool,
    pub is_scheduled: bool,
}

/// A list that was uploaded and not taken in yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceDraft {
    pub draft_id: Uuid,
    pub name: String,
    pub text: String,
    pub author: String,
    pub created_at: OffsetDateTime,
}

impl From<ImportError> for Error {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Bad(lines) => Self::Declined(Declined::Prices(PriceRefusal::BadLines {
                count: lines.len(),
                first: lines.first().map_or(0, |bad| bad.line),
            })),
            ImportError::Ledger(error) => error,
        }
    }
}

impl Ledger {
    /// Versions of the price book, newest first; with a number, those before it.
    pub async fn price_lists(&self, before: Option<i64>) -> Result<Vec<PriceListRow>, Error> {
        Ok(sqlx::query_as!(
            PriceListRow,
            r#"select price_list_id as version, name, author, imported_at, effective_at, changes, rolls_back_to,
                      exists (select from rate where rate.price_list_id = price_list.price_list_id
                          and valid_from <= $2 and (valid_to is null or valid_to > $2)) as "is_in_force!",
                      exists (select from rate where rate.price_list_id = price_list.price_list_id
                          and valid_from > $2) as "is_scheduled!"
               from price_list
               where source <> 'guard' and ($1::bigint is null or price_list_id < $1)
               order by price_list_id desc limit $3"#,
            before,
            self.clock().now(),
            PAGE
        )
        .fetch_all(self.web())
        .await?)
    }

    /// Keeps an uploaded list for a day, so that what is taken in is what was looked at.
    pub async fn keep_price_draft(
        &self,
        draft_id: Uuid,
        name: &str,
        bytes: Vec<u8>,
        author: &str,
    ) -> Result<(), Error> {
        let refused = |why: PriceRefusal| Error::Declined(Declined::Prices(why));
        if bytes.len() > LONGEST_LIST {
            return Err(refused(PriceRefusal::TooLong));
        }
        let text = String::from_utf8(bytes).map_err(|_| refused(PriceRefusal::NotText))?;
        // Postgres keeps no zero in a text.
        if text.contains('\0') {
            return Err(refused(PriceRefusal::NotText));
        }
        if text.trim().is_empty() {
            return Err(refused(PriceRefusal::NoFile));
        }
        let name: String = name.chars().filter(|c| !c.is_control()).take(200).collect();
        let name = match name.trim() {
            "" => "list",
            name => name,
        };
        sqlx::query!(
            "insert into price_draft (draft_id, name, author, body) values ($1, $2, $3, $4)
             on conflict (draft_id) do nothing",
            draft_id,
            name,
            author,
            text
        )
        .execute(self.web())
        .await?;
        Ok(())
    }

    /// An uploaded list; one that is older than a day is *not found*.
    pub async fn price_draft(&self, draft_id: Uuid) -> Result<PriceDraft, Error> {
        sqlx::query_as!(
            PriceDraft,
            "select draft_id, name, body as text, author, created_at from price_draft where draft_id = $1",
            draft_id
        )
        .fetch_optional(self.web())
        .await?
        .ok_or(Error::NotFound)
    }

    /// Removes uploaded lists that are a day old. Part of [`Ledger::tidy`].
    pub(crate) async fn forget_price_drafts(&self) -> Result<(), Fault> {
        sqlx::query!(
            "delete from price_draft where created_at < $1",
            self.clock().now() - DRAFT_LASTS
        )
        .execute(self.worker())
        .await?;
        Ok(())
    }
}

impl ImportRates {
    /// What a draft becomes.
    pub fn of(draft: PriceDraft, author: &str) -> Self {
        Self {
            name: draft.name,
            text: draft.text,
            author: author.to_owned(),
            effective: None,
            complete: false,
            dry_run: true,
        }
    }
}
