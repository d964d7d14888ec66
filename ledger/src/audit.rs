//! Who looked at what and did what. Rows are only ever added: one before an act, one with its outcome.

use domain::WalletId;
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::Ledger;
use crate::error::{Error, Fault};

/// Rows of one page.
const PAGE: i64 = 50;

/// What somebody is about to look at or do.
#[derive(Clone, Debug, PartialEq)]
pub struct Deed {
    /// The e-mail address of a person at the desk, or of the operator at the console.
    pub actor: String,
    /// A short, stable word: `view_customer`, `adjust`.
    pub act: &'static str,
    /// What it is about: `wallet`, `campaign`.
    pub subject: &'static str,
    pub subject_id: String,
    pub wallet_id: Option<WalletId>,
    /// Amounts and reasons; never what is personal.
    pub detail: Value,
    /// The session it is asked from; none at the console.
    pub session_id: Option<Uuid>,
}

/// A row of the log, with its outcome if there is one.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditRow {
    pub audit_id: Uuid,
    pub at: OffsetDateTime,
    pub actor: String,
    pub act: String,
    pub subject: String,
    pub subject_id: String,
    pub wallet_id: Option<WalletId>,
    pub detail: Value,
    pub outcome: Option<String>,
}

/// Which rows to show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    pub wallet_id: Option<WalletId>,
    pub actor: Option<String>,
    /// Rows before this one.
    pub before: Option<Uuid>,
}

impl Ledger {
    /// Notes that somebody looked at something. What was not noted is not shown.
    pub async fn note_view(&self, deed: Deed) -> Result<(), Error> {
        let mut connection = self.web().acquire().await?;
        write(&mut connection, &deed).await?;
        Ok(())
    }

    /// Does something in somebody's name: notes it before, and what became of it after. A crash in
    /// between leaves an act without an outcome, never an outcome without an act.
    pub async fn deed<T>(
        &self,
        deed: Deed,
        act: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let mut connection = self.web().acquire().await?;
        let of = write(&mut connection, &deed).await?;
        drop(connection);
        let done = act.await;
        let outcome = match &done {
            Ok(_) => "done".to_owned(),
            Err(Error::Declined(why)) => format!("declined: {why:?}"),
            Err(error) => error.to_string(),
        };
        sqlx::query!(
            "insert into audit (audit_id, actor, act, subject, subject_id, wallet_id, detail, session_id,
                 outcome_of, outcome)
             values ($1, $2, $3, $4, $5, $6, '{}', $7, $8, $9)",
            Uuid::now_v7(),
            deed.actor,
            deed.act,
            deed.subject,
            deed.subject_id,
            deed.wallet_id as Option<WalletId>,
            deed.session_id,
            of,
            outcome
        )
        .execute(self.web())
        .await?;
        done
    }

    /// The log, newest first.
    pub async fn audit_log(&self, filter: &AuditFilter) -> Result<Vec<AuditRow>, Error> {
        Ok(sqlx::query_as!(
            AuditRow,
            r#"select audit.audit_id, audit.at, audit.actor, audit.act, audit.subject, audit.subject_id,
                      audit.wallet_id as "wallet_id: WalletId", audit.detail, ending.outcome as "outcome?"
               from audit left join audit ending on ending.outcome_of = audit.audit_id
               where audit.outcome_of is null
                 and ($1::uuid is null or audit.wallet_id = $1)
                 and ($2::text is null or audit.actor = $2)
                 and ($3::uuid is null or audit.audit_id < $3)
               order by audit.audit_id desc limit $4"#,
            filter.wallet_id as Option<WalletId>,
            filter.actor,
            filter.before,
            PAGE
        )
        .fetch_all(self.web())
        .await?)
    }
}

async fn write(connection: &mut PgConnection, deed: &Deed) -> Result<Uuid, Fault> {
    let audit_id = Uuid::now_v7();
    sqlx::query!(
        "insert into audit (audit_id, actor, act, subject, subject_id, wallet_id, detail, session_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        audit_id,
        deed.actor,
        deed.act,
        deed.subject,
        deed.subject_id,
        deed.wallet_id as Option<WalletId>,
        deed.detail,
        deed.session_id
    )
    .execute(connection)
    .await?;
    Ok(audit_id)
}
