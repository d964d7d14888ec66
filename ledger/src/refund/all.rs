//! Everything of a wallet that can be refunded, for who closes the account.

use domain::refund::SELF_SERVICE;
use domain::{TopUpId, WalletId};

use super::{AskRefund, RefundBy, RefundDraft};
use crate::Ledger;
use crate::error::Error;

/// More purchases than anybody makes within the time in which they can be refunded.
const MOST: i64 = 200;

impl Ledger {
    /// The purchases of which something would go back to its card now, oldest first. Nothing is written.
    pub async fn refundable(&self, wallet_id: WalletId) -> Result<Vec<RefundDraft>, Error> {
        let mut drafts = Vec::new();
        for top_up_id in self.bought_lately(wallet_id).await? {
            let draft = self
                .refund_draft(wallet_id, top_up_id, RefundBy::Customer)
                .await?;
            if draft.best.is_ok() {
                drafts.push(draft);
            }
        }
        Ok(drafts)
    }

    /// Asks for the best refund of each of them. Again asks for nothing twice: what is on its way, and what
    /// was returned, leaves nothing to ask for.
    pub async fn refund_everything(&self, wallet_id: WalletId) -> Result<(), Error> {
        for top_up_id in self.bought_lately(wallet_id).await? {
            // Calculated anew each time: one refund may take bonus that another counted on.
            let draft = self
                .refund_draft(wallet_id, top_up_id, RefundBy::Customer)
                .await?;
            let Ok(best) = draft.best else { continue };
            let ask = AskRefund {
                top_up_id,
                refund_id: self.new_refund_id(),
                credit: best.credit,
                by: RefundBy::Customer,
            };
            match self.ask_refund(wallet_id, ask).await {
                // Another click was first, or something of it was spent meanwhile: then that is what holds.
                Ok(_) | Err(Error::Declined(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn bought_lately(&self, wallet_id: WalletId) -> Result<Vec<TopUpId>, Error> {
        Ok(sqlx::query_scalar!(
            r#"select top_up_id as "top_up_id: TopUpId" from top_up
               where wallet_id = $1 and state = 'settled' and settled_at >= $2
               order by settled_at limit $3"#,
            wallet_id as WalletId,
            self.clock().now() - SELF_SERVICE,
            MOST
        )
        .fetch_all(self.web())
        .await?)
    }
}
