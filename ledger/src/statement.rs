//! Statements: a stretch of a wallet's books, added up before it leaves.

use domain::history::{Entry, Thing};
use domain::statement::{self, Line, Statement};
use domain::{Subject, TopUpId, Wallet, WalletId};
use language::{Language, tell};
use time::{Duration, OffsetDateTime};

use crate::error::{Error, Fault};
use crate::history::items;
use crate::{Ledger, entry};

/// Entries read at a time.
const BATCH: i64 = 1_000;

impl Ledger {
    /// Opening, entries and closing of the time from `from` up to `until`, which may be to come.
    ///
    /// Entries never change and are read up to a number known at the start, so the answer is of one
    /// moment without a snapshot. One that does not add up is refused, as trouble of ours. What entries are
    /// about is told in the language.
    pub async fn statement(
        &self,
        wallet_id: WalletId,
        from: OffsetDateTime,
        until: OffsetDateTime,
        language: Language,
    ) -> Result<Statement, Error> {
        let opening = self.balances_before(wallet_id, from).await?;
        let closing = self.balances_before(wallet_id, until).await?;
        let entries = self
            .entries_between(wallet_id, opening.version, closing.version)
            .await?;
        let lines = self.lines(wallet_id, entries, language).await?;
        let statement = Statement::new(from, until, opening, closing, lines);
        Ok(statement.map_err(Fault::from)?)
    }

    /// When the first entry was written; none while nothing has moved.
    pub async fn first_entry_at(
        &self,
        wallet_id: WalletId,
    ) -> Result<Option<OffsetDateTime>, Error> {
        Ok(sqlx::query_scalar!(
            "select created_at from transfer where wallet_id = $1 and seq = 1",
            wallet_id as WalletId
        )
        .fetch_optional(self.web())
        .await?)
    }

    /// The balances as they were when this moment began.
    async fn balances_before(
        &self,
        wallet_id: WalletId,
        moment: OffsetDateTime,
    ) -> Result<Wallet, Error> {
        // The database counts microseconds.
        let last = self
            .balance_at(wallet_id, moment - Duration::microseconds(1))
            .await?;
        Ok(last.as_ref().map(statement::after).unwrap_or_default())
    }

    pub(crate) async fn entries_between(
        &self,
        wallet_id: WalletId,
        after: i64,
        until: i64,
    ) -> Result<Vec<Entry>, Fault> {
        let mut connection = self.web().acquire().await?;
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let last = entries.last().map_or(after, |entry| entry.seq);
            if last >= until {
                return Ok(entries);
            }
            let batch = entry::after(&mut connection, wallet_id, last, until, BATCH).await?;
            if batch.is_empty() {
                return Ok(entries);
            }
            entries.extend(batch);
        }
    }

    /// The entries with what their things are about.
    async fn lines(
        &self,
        wallet_id: WalletId,
        entries: Vec<Entry>,
        language: Language,
    ) -> Result<Vec<Line>, Fault> {
        let mut places: Vec<(Subject, &str)> = entries
            .iter()
            .map(|entry| (entry.subject, entry.subject_id.as_str()))
            .collect();
        places.sort_unstable();
        places.dedup();
        let mut connection = self.web().acquire().await?;
        let things = items::things(&mut connection, wallet_id, &places).await?;
        let line = |entry: Entry| {
            let thing = things.get(&(entry.subject, entry.subject_id.clone()));
            let about = thing
                .map(|thing| about(thing, language))
                .unwrap_or_default();
            Line { entry, about }
        };
        Ok(entries.into_iter().map(line).collect())
    }
}

/// What the owner knows the thing by, without a whole telephone number: files are passed on.
fn about(thing: &Thing, language: Language) -> String {
    let of_top_up =
        |id: TopUpId| tell!(language, statements::OF_TOP_UP, reference = id.to_string());
    match thing {
        Thing::TopUp(top_up) => match (&top_up.card_brand, &top_up.card_last4) {
            (Some(brand), Some(last4)) => format!("{brand} {last4}"),
            _ => String::new(),
        },
        Thing::Call(call) => call.destination.clone(),
        Thing::Message(message) => {
            let sender = message.sender.as_deref();
            sender
                .map(|number| ending(number, language))
                .unwrap_or_default()
        }
        Thing::Refund(refund) => of_top_up(refund.top_up_id),
        Thing::Dispute(dispute) => of_top_up(dispute.top_up_id),
        Thing::Grant(grant) => grant.reason.clone(),
        Thing::Adjustment(adjustment) => adjustment.reason.clone(),
    }
}

/// `number ending 90`
fn ending(number: &str, language: Language) -> String {
    let from = number.len().saturating_sub(2);
    let digits = number.get(from..).unwrap_or_default();
    tell!(language, statements::NUMBER_ENDING, digits = digits)
}
