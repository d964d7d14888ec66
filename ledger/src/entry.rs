//! Reading transfers as the entries that history shows.

use domain::history::Entry;
use domain::{Account, Money, Subject, TransferKind, WalletId};
use sqlx::PgConnection;

use crate::Ledger;
use crate::error::{Error, Fault};

/// Entries on one page of *every entry*.
const PAGE: i64 = 100;

impl Ledger {
    /// Raw transfers, newest first, 100 a page; `before_seq` is the last one of the page before.
    pub async fn entries(
        &self,
        wallet_id: WalletId,
        before_seq: Option<i64>,
    ) -> Result<Vec<Entry>, Error> {
        let entries = sqlx::query_as!(
            Entry,
            r#"select seq, kind as "kind: TransferKind", from_account as "from: Account",
                      to_account as "to: Account", amount as "amount: Money",
                      promotional as "promotional: Money", available_after as "available_after: Money",
                      held_after as "held_after: Money", promotional_after as "promotional_after: Money",
                      debt_after as "debt_after: Money", subject as "subject: Subject", subject_id,
                      expires_at, created_at as at
               from transfer
               where wallet_id = $1 and seq < coalesce($2, 9223372036854775807)
               order by seq desc limit $3"#,
            wallet_id as WalletId,
            before_seq,
            PAGE
        )
        .fetch_all(self.web())
        .await?;
        Ok(entries)
    }
}

/// All entries of these things, in order of `seq`.
pub(crate) async fn of_things(
    connection: &mut PgConnection,
    wallet_id: WalletId,
    subjects: &[&str],
    subject_ids: &[String],
) -> Result<Vec<Entry>, Fault> {
    let entries = sqlx::query_as!(
        Entry,
        r#"select seq, kind as "kind: TransferKind", from_account as "from: Account",
                  to_account as "to: Account", amount as "amount: Money",
                  promotional as "promotional: Money", available_after as "available_after: Money",
                  held_after as "held_after: Money", promotional_after as "promotional_after: Money",
                  debt_after as "debt_after: Money", transfer.subject as "subject: Subject",
                  transfer.subject_id, expires_at, created_at as at
           from transfer
           join unnest($2::text[], $3::text[]) as thing (subject, subject_id)
             on transfer.subject = thing.subject and transfer.subject_id = thing.subject_id
           where wallet_id = $1
           order by seq"#,
        wallet_id as WalletId,
        subjects as &[&str],
        subject_ids
    )
    .fetch_all(connection)
    .await?;
    Ok(entries)
}

/// Entries after one number and up to another, in order.
pub(crate) async fn after(
    connection: &mut PgConnection,
    wallet_id: WalletId,
    after_seq: i64,
    until_seq: i64,
    limit: i64,
) -> Result<Vec<Entry>, Fault> {
    let entries = sqlx::query_as!(
        Entry,
        r#"select seq, kind as "kind: TransferKind", from_account as "from: Account",
                  to_account as "to: Account", amount as "amount: Money",
                  promotional as "promotional: Money", available_after as "available_after: Money",
                  held_after as "held_after: Money", promotional_after as "promotional_after: Money",
                  debt_after as "debt_after: Money", subject as "subject: Subject", subject_id,
                  expires_at, created_at as at
           from transfer
           where wallet_id = $1 and seq > $2 and seq <= $3
           order by seq limit $4"#,
        wallet_id as WalletId,
        after_seq,
        until_seq,
        limit
    )
    .fetch_all(connection)
    .await?;
    Ok(entries)
}
