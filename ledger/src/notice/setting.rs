//! Which notices a customer wants by e-mail, and below which balance to be told.

use domain::notice::{LOW_BALANCE, NoticeKind};
use domain::{Money, WalletId};
use sqlx::PgConnection;

use crate::Ledger;
use crate::error::{Error, Fault};

/// How one kind is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoticeSetting {
    pub kind: NoticeKind,
    pub by_email: bool,
    /// Of a low balance only: the customer's own, else where auto-refill steps in, else $5.
    pub level: Option<Money>,
}

impl Ledger {
    /// Every kind with what the customer chose, in the order of the settings page.
    pub async fn notice_settings(&self, wallet_id: WalletId) -> Result<Vec<NoticeSetting>, Error> {
        let chosen = sqlx::query!(
            r#"select kind, by_email, level as "level: Money" from notice_setting where wallet_id = $1"#,
            wallet_id as WalletId
        )
        .fetch_all(self.web())
        .await?;
        let threshold = sqlx::query_scalar!(
            r#"select threshold as "threshold: Money" from refill_rule where wallet_id = $1 and state <> 'off'"#,
            wallet_id as WalletId
        )
        .fetch_optional(self.web())
        .await?;
        let usual = threshold.unwrap_or(LOW_BALANCE);
        let setting = |kind: &NoticeKind| {
            let row = chosen.iter().find(|row| row.kind == kind.word());
            let level = row.and_then(|row| row.level);
            NoticeSetting {
                kind: *kind,
                by_email: !kind.is_optional() || row.is_none_or(|row| row.by_email),
                level: (*kind == NoticeKind::LowBalance).then(|| level.unwrap_or(usual)),
            }
        };
        Ok(NoticeKind::ALL.iter().map(setting).collect())
    }

    /// Sends letters of this kind, or does not. Those that are always sent stay so.
    pub async fn mail_notices(
        &self,
        wallet_id: WalletId,
        kind: NoticeKind,
        by_email: bool,
    ) -> Result<(), Error> {
        self.act(move |ledger| async move {
            sqlx::query!(
                "insert into notice_setting (wallet_id, kind, by_email) values ($1, $2, $3)
                 on conflict (wallet_id, kind) do update set by_email = excluded.by_email",
                wallet_id as WalletId,
                kind.word(),
                by_email || !kind.is_optional()
            )
            .execute(ledger.web())
            .await?;
            Ok(())
        })
        .await
    }

    /// Tells of a low balance below this level from now on; zero tells never. At most $1,000.
    pub async fn set_low_balance_level(
        &self,
        wallet_id: WalletId,
        level: Money,
    ) -> Result<(), Error> {
        self.act(move |ledger| async move {
            sqlx::query!(
                "insert into notice_setting (wallet_id, kind, level) values ($1, $2, $3)
                 on conflict (wallet_id, kind) do update set level = excluded.level",
                wallet_id as WalletId,
                NoticeKind::LowBalance.word(),
                level as Money
            )
            .execute(ledger.web())
            .await?;
            Ok(())
        })
        .await
    }
}

pub(super) async fn is_mailed(
    tx: &mut PgConnection,
    wallet_id: WalletId,
    kind: NoticeKind,
) -> Result<bool, Fault> {
    if !kind.is_optional() {
        return Ok(true);
    }
    let chosen = sqlx::query_scalar!(
        "select by_email from notice_setting where wallet_id = $1 and kind = $2",
        wallet_id as WalletId,
        kind.word()
    )
    .fetch_optional(tx)
    .await?;
    Ok(chosen.unwrap_or(true))
}
