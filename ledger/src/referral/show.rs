//! What the page of invitations shows: where each friend stands, never who it is.

use domain::WalletId;
use domain::referral::{Standing, standing};
use time::OffsetDateTime;

use super::{facts, reward};
use crate::Ledger;
use crate::error::Error;

/// Friends of one page.
const PAGE: i64 = 50;

/// A friend who entered one's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invitation {
    pub entered_at: OffsetDateTime,
    pub standing: Standing,
}

/// What a customer sees of invitations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invited {
    /// One's own code.
    pub code: String,
    /// Friends who entered it, newest first.
    pub friends: Vec<Invitation>,
    /// The invitation one accepted.
    pub accepted: Option<Invitation>,
    /// Whether one may still accept one.
    pub may_accept: bool,
}

impl Ledger {
    /// Everything about a customer's invitations, both ways.
    pub async fn invitations(&self, wallet_id: WalletId) -> Result<Invited, Error> {
        let code = self.referral_code(wallet_id).await?;
        let (rules, now) = (&self.rules().referral, self.clock().now());
        let mut connection = self.web().acquire().await?;
        let ids = sqlx::query_scalar!(
            "select referral_id from referral where friend_wallet_id = $1 or inviter_wallet_id = $1
             order by entered_at desc limit $2",
            wallet_id as WalletId,
            PAGE
        )
        .fetch_all(&mut *connection)
        .await?;
        let (mut friends, mut accepted) = (Vec::new(), None);
        for referral_id in ids {
            let row = reward::read(&mut connection, referral_id).await?;
            let (known, _) = facts::of(&mut connection, &row, rules, now).await?;
            let invitation = Invitation {
                entered_at: row.entered_at,
                standing: standing(&known, rules, now),
            };
            if row.friend == wallet_id {
                accepted = Some(invitation);
            } else {
                friends.push(invitation);
            }
        }
        let has_bought = crate::promo::has_bought(&mut connection, wallet_id).await?;
        Ok(Invited {
            code,
            friends,
            may_accept: accepted.is_none() && !has_bought,
            accepted,
        })
    }
}
