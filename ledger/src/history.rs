//! History: one row per thing that happened, by keyset, each with its transfers.

pub(crate) mod items;

use std::collections::HashMap;

use domain::history::{Cursor, Entry, HistoryFilter, HistoryItem, HistoryPage};
use domain::{Money, Subject, WalletId};
use sqlx::{PgConnection, Postgres, Transaction};
use time::OffsetDateTime;

use crate::error::{Error, Fault};
use crate::{Ledger, entry};

/// Things on one page.
const PAGE: usize = 50;

/// Where a thing stands in the order of history: its id begins with a letter for its kind.
struct Place {
    id: String,
    at: OffsetDateTime,
}

impl Ledger {
    /// One page of what happened, in the order asked for, 50 things a page.
    pub async fn history(
        &self,
        wallet_id: WalletId,
        filter: &HistoryFilter,
        after: Option<&Cursor>,
    ) -> Result<HistoryPage, Error> {
        let mut tx = self.snapshot().await?;
        let page = page(&mut tx, wallet_id, filter, after).await?;
        tx.commit().await?;
        Ok(page)
    }

    /// A transaction that sees the books as they stand at its first statement, whatever is written
    /// meanwhile: what is read together agrees.
    pub(crate) async fn snapshot(&self) -> Result<Transaction<'static, Postgres>, Fault> {
        let begin = "begin isolation level repeatable read read only";
        Ok(self.web().begin_with(begin).await?)
    }
}

/// One page, read on one snapshot.
pub(crate) async fn page(
    connection: &mut PgConnection,
    wallet_id: WalletId,
    filter: &HistoryFilter,
    after: Option<&Cursor>,
) -> Result<HistoryPage, Fault> {
    let mut places = places(connection, wallet_id, filter, after).await?;
    let next = (places.len() > PAGE).then(|| {
        places.truncate(PAGE);
        let last = places.last().expect("a full page has a last thing");
        Cursor {
            at_micros: micros(last.at),
            id: last.id.clone(),
        }
    });
    let items = items(connection, wallet_id, &places).await?;
    Ok(HistoryPage { items, next })
}

async fn items(
    connection: &mut PgConnection,
    wallet_id: WalletId,
    places: &[Place],
) -> Result<Vec<HistoryItem>, Fault> {
    let references: Vec<(Subject, &str)> = places
        .iter()
        .filter_map(|place| items::subject(&place.id))
        .collect();
    let mut things = items::things(connection, wallet_id, &references).await?;
    let subjects: Vec<&str> = references.iter().map(|place| place.0.word()).collect();
    let subject_ids: Vec<String> = references.iter().map(|place| place.1.to_owned()).collect();
    let mut entries: HashMap<(Subject, String), Vec<Entry>> = HashMap::new();
    for entry in entry::of_things(connection, wallet_id, &subjects, &subject_ids).await? {
        let thing = (entry.subject, entry.subject_id.clone());
        entries.entry(thing).or_default().push(entry);
    }
    Ok(places
        .iter()
        .filter_map(|place| {
            let (subject, id) = items::subject(&place.id)?;
            let key = (subject, id.to_owned());
            Some(HistoryItem {
                thing: things.remove(&key)?,
                at: place.at,
                entries: entries.remove(&key).unwrap_or_default(),
            })
        })
        .collect())
}

/// One more place than a page holds, so that the last page is known as such.
async fn places(
    connection: &mut PgConnection,
    wallet_id: WalletId,
    filter: &HistoryFilter,
    after: Option<&Cursor>,
) -> Result<Vec<Place>, Fault> {
    let after_at = after.and_then(|cursor| from_micros(cursor.at_micros));
    let after_id = after.map(|cursor| cursor.id.as_str());
    let text = filter.text.as_deref().map(pattern);
    let limit = i64::try_from(PAGE + 1).expect("a page is small");
    macro_rules! in_order {
        ($file:literal) => {
            sqlx::query_file_as!(
                Place,
                $file,
                wallet_id as WalletId,
                filter.state.map(|state| state.word()),
                filter.from,
                filter.until,
                filter.at_least as Option<Money>,
                filter.at_most as Option<Money>,
                text,
                after_at,
                after_id,
                limit,
                filter.kind.map(|kind| kind.word())
            )
            .fetch_all(connection)
            .await?
        };
    }
    Ok(if filter.oldest_first {
        in_order!("src/history/oldest.sql")
    } else {
        in_order!("src/history/newest.sql")
    })
}

/// What finds the text. A telephone number is kept as its digits, and pasted as people write it or as
/// our own rows show it: `+52 55 1234 5678`, `+52 ···· 5678`.
fn pattern(text: &str) -> String {
    let is_number = text.starts_with('+')
        && text.contains(|c: char| c.is_ascii_digit())
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || c.is_whitespace() || "+-().·".contains(c));
    if !is_number {
        return like(text);
    }
    let mut digits = String::from("%");
    for c in text.chars() {
        if c.is_ascii_digit() {
            digits.push(c);
        } else if c == '·' && !digits.ends_with('%') {
            digits.push('%');
        }
    }
    digits.push('%');
    digits
}

/// A pattern that finds the text itself anywhere: its own wildcards are taken literally.
fn like(text: &str) -> String {
    let escaped = text
        .replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_");
    format!("%{escaped}%")
}

fn micros(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1_000).expect("a stored time is before year 9999")
}

fn from_micros(micros: i64) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_as_people_write_it() {
        for (typed, pattern_of_it) in [
            ("+52 55 1234-5678", "%525512345678%"),
            ("+1 (212) 555-0123", "%12125550123%"),
            ("+52\u{a0}····\u{a0}5678", "%52%5678%"),
            ("4242", "%4242%"),
            ("100% +", "%100\\% +%"),
            ("+", "%+%"),
        ] {
            assert_eq!(pattern(typed), pattern_of_it, "{typed:?}");
        }
    }
}
