//! Invitations: a code of one's own, friends who entered it, and what both get for it.
//!
//! An invitation belongs to two wallets, so it is a row of neither. What each of the two gets is a
//! transaction of its own wallet, by the name of the invitation: after a crash the rest follows.

mod facts;
mod reward;
mod show;

use domain::WalletId;
use domain::campaign::Code;
use domain::referral::ReferralRefusal;
use rand::RngExt;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::{Error, Fault};
use crate::{Ledger, books, promo};

pub use show::{Invitation, Invited};

/// Letters and digits that nobody takes for one another.
const LETTERS: &[u8] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Of 8 characters there are 10^12: none is met by trying.
const LENGTH: usize = 8;

impl Ledger {
    /// The code a customer shares; made at the first look, the same ever after.
    pub async fn referral_code(&self, wallet_id: WalletId) -> Result<String, Error> {
        for _ in 0..3 {
            let found = sqlx::query_scalar!(
                "select code from referral_code where wallet_id = $1",
                wallet_id as WalletId
            )
            .fetch_optional(self.web())
            .await?;
            if let Some(code) = found {
                return Ok(code);
            }
            sqlx::query!(
                "insert into referral_code (wallet_id, code, created_at)
                 select $1, $2, $3 where not exists (select from campaign where code_key = $2)
                 on conflict do nothing",
                wallet_id as WalletId,
                new_code(),
                self.clock().now()
            )
            .execute(self.web())
            .await?;
        }
        Err(Fault::Inconsistent("three new codes were taken").into())
    }

    /// Accepts a friend's invitation, before the first purchase. Again with the same code changes
    /// nothing.
    pub async fn accept_invitation(&self, wallet_id: WalletId, typed: &str) -> Result<(), Error> {
        let code = Code::read(typed).ok_or_else(|| Fault::from(ReferralRefusal::Unknown))?;
        self.act(move |ledger| {
            let code = code.clone();
            async move { ledger.accept(wallet_id, &code).await }
        })
        .await
    }

    async fn accept(&self, wallet_id: WalletId, code: &Code) -> Result<(), Fault> {
        let mut tx = self.web().begin().await?;
        // A purchase that is being settled has the same lock.
        books::lock(&mut tx, wallet_id).await?;
        let inviter = sqlx::query_scalar!(
            r#"select wallet_id as "wallet_id: WalletId" from referral_code where code = $1"#,
            code.as_str()
        )
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(ReferralRefusal::Unknown)?;
        if inviter == wallet_id {
            return Err(ReferralRefusal::Own.into());
        }
        let known = sqlx::query_scalar!(
            r#"select inviter_wallet_id as "wallet_id: WalletId" from referral where friend_wallet_id = $1"#,
            wallet_id as WalletId
        )
        .fetch_optional(&mut *tx)
        .await?;
        match known {
            Some(known) if known == inviter => return Ok(()),
            Some(_) => return Err(ReferralRefusal::Already.into()),
            None => {}
        }
        if promo::has_bought(&mut tx, wallet_id).await? {
            return Err(ReferralRefusal::TooLate.into());
        }
        sqlx::query!(
            "insert into referral (referral_id, friend_wallet_id, inviter_wallet_id, state, entered_at)
             values ($1, $2, $3, 'open', $4)",
            Uuid::now_v7(),
            wallet_id as WalletId,
            inviter as WalletId,
            self.clock().now()
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Whether a code is a customer's.
    pub(crate) async fn is_invitation(&self, code: &Code) -> Result<bool, Error> {
        Ok(sqlx::query_scalar!(
            r#"select exists(select from referral_code where code = $1) as "is!""#,
            code.as_str()
        )
        .fetch_one(self.web())
        .await?)
    }
}

/// A friend's purchase was paid, refunded, disputed, or its dispute was won: the invitation is looked
/// at anew. For the transaction that books it, so that nothing waits for the next look.
pub(crate) async fn look_now(tx: &mut PgConnection, friend: WalletId) -> Result<(), Fault> {
    sqlx::query!(
        "update referral set next_check_at = now()
         where friend_wallet_id = $1 and state in ('open', 'rewarded')",
        friend as WalletId
    )
    .execute(tx)
    .await?;
    Ok(())
}

fn new_code() -> String {
    let mut random = rand::rng();
    (0..LENGTH)
        .map(|_| char::from(LETTERS[random.random_range(0..LETTERS.len())]))
        .collect()
}

impl From<ReferralRefusal> for Fault {
    fn from(refusal: ReferralRefusal) -> Self {
        Self::Declined(refusal.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_code_is_its_own_normal_form() {
        for _ in 0..100 {
            let code = new_code();
            let read = Code::read(&code);
            assert_eq!(read.as_ref().map(Code::as_str), Some(code.as_str()));
        }
    }
}
