//! History: one row per thing that happened, by keyset, each with its transfers.

use std::collections::HashMap;

use domain::history::{Cursor, Entry, HistoryFilter, HistoryItem, HistoryPage, Thing, TopUpItem};
use domain::{Money, Subject, WalletId};
use sqlx::PgPool;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::{Error, Fault};
use crate::{Ledger, entry};

/// Things on one page.
const PAGE: usize = 50;

/// Where a thing stands in the order of history.
struct Place {
    id: Uuid,
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
        let mut places = places(self.web(), wallet_id, filter, after).await?;
        let next = (places.len() > PAGE).then(|| {
            places.truncate(PAGE);
            let last = places.last().expect("a full page has a last thing");
            Cursor {
                at_micros: micros(last.at),
                id: last.id.to_string(),
            }
        });
        let items = self.items(wallet_id, &places).await?;
        Ok(HistoryPage { items, next })
    }

    async fn items(
        &self,
        wallet_id: WalletId,
        places: &[Place],
    ) -> Result<Vec<HistoryItem>, Fault> {
        let ids: Vec<Uuid> = places.iter().map(|place| place.id).collect();
        let mut things: HashMap<Uuid, TopUpItem> = self
            .top_up_items(wallet_id, &ids)
            .await?
            .into_iter()
            .map(|item| (item.top_up_id.0, item))
            .collect();
        let subjects = vec![Subject::TopUp.word(); ids.len()];
        let subject_ids: Vec<String> = ids.iter().map(Uuid::to_string).collect();
        let mut entries: HashMap<String, Vec<Entry>> = HashMap::new();
        for entry in entry::of_things(self.web(), wallet_id, &subjects, &subject_ids).await? {
            entries
                .entry(entry.subject_id.clone())
                .or_default()
                .push(entry);
        }
        Ok(places
            .iter()
            .filter_map(|place| {
                let thing = Thing::TopUp(things.remove(&place.id)?);
                let entries = entries.remove(&place.id.to_string()).unwrap_or_default();
                Some(HistoryItem {
                    thing,
                    at: place.at,
                    entries,
                })
            })
            .collect())
    }
}

/// One more place than a page holds, so that the last page is known as such.
async fn places(
    pool: &PgPool,
    wallet_id: WalletId,
    filter: &HistoryFilter,
    after: Option<&Cursor>,
) -> Result<Vec<Place>, Fault> {
    let after_at = after.and_then(|cursor| from_micros(cursor.at_micros));
    let after_id = after.and_then(|cursor| cursor.id.parse::<Uuid>().ok());
    let text = filter.text.as_deref().map(like);
    let limit = i64::try_from(PAGE + 1).expect("a page is small");
    macro_rules! in_order {
        ($sql:literal) => {
            sqlx::query_as!(
                Place,
                $sql,
                wallet_id as WalletId,
                filter.state.map(|state| state.word()),
                filter.from,
                filter.until,
                filter.at_least as Option<Money>,
                filter.at_most as Option<Money>,
                text,
                after_at,
                after_id as Option<Uuid>,
                limit
            )
            .fetch_all(pool)
            .await?
        };
    }
    Ok(if filter.oldest_first {
        in_order!(
            r#"select top_up_id as "id!", started_at as "at!" from top_up
               where wallet_id = $1
                 and ($2::text is null or state = $2 or ($2 = 'failed' and state = 'expired'))
                 and ($3::timestamptz is null or started_at >= $3)
                 and ($4::timestamptz is null or started_at < $4)
                 and ($5::numeric is null or amount + bonus >= $5)
                 and ($6::numeric is null or amount + bonus <= $6)
                 and ($7::text is null or concat_ws(' ', 'top-up', top_up_id, card_brand, card_last4) ilike $7)
                 and ($8::timestamptz is null or (started_at, top_up_id) > ($8, $9))
               order by started_at, top_up_id limit $10"#
        )
    } else {
        in_order!(
            r#"select top_up_id as "id!", started_at as "at!" from top_up
               where wallet_id = $1
                 and ($2::text is null or state = $2 or ($2 = 'failed' and state = 'expired'))
                 and ($3::timestamptz is null or started_at >= $3)
                 and ($4::timestamptz is null or started_at < $4)
                 and ($5::numeric is null or amount + bonus >= $5)
                 and ($6::numeric is null or amount + bonus <= $6)
                 and ($7::text is null or concat_ws(' ', 'top-up', top_up_id, card_brand, card_last4) ilike $7)
                 and ($8::timestamptz is null or (started_at, top_up_id) < ($8, $9))
               order by started_at desc, top_up_id desc limit $10"#
        )
    })
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
