//! V23: what is shown of a wallet's credit is what its balances say.

use domain::WalletId;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::Check;
use crate::error::Fault;
use crate::lots;

/// Wallets looked at in one check, and in its quick form: each is folded anew, so not all.
const SAMPLE: i64 = 100;
const QUICK_SAMPLE: i64 = 10;
/// Transfers of the longest wallet that is folded: longer ones would make the check long.
const LONGEST: i64 = 20_000;
/// Places shown.
const EXAMPLES: usize = 5;

/// Folds the credit of a sample of wallets, other ones each time, and compares what is left of it, bought
/// and given apart, with the balances. In the quick form, of those that changed since then.
pub(super) async fn credit(
    snapshot: &mut PgConnection,
    since: Option<OffsetDateTime>,
) -> Result<Check, Fault> {
    let mut check = Check {
        name: "V23",
        statement: "what is left of each credit, folded from the transfers, is what the wallet has (a sample)",
        violations: 0,
        examples: Vec::new(),
    };
    let sample = sqlx::query!(
        r#"with scope as (
               (select distinct wallet_id from transfer
                where $1::timestamptz is not null and created_at >= $1 limit $4)
               union all
               -- From a random place on, and from the beginning when the end is reached.
               (select wallet_id from wallet where $1 is null order by wallet_id < $2, wallet_id limit $4)
           )
           select wallet_id as "wallet_id!: WalletId", paid::text as "paid!", promotional::text as "promotional!",
                  version
           from scope join wallet using (wallet_id) where version between 1 and $3"#,
        since,
        Uuid::from_u128(rand::random()),
        LONGEST,
        if since.is_some() { QUICK_SAMPLE } else { SAMPLE }
    )
    .fetch_all(&mut *snapshot)
    .await?;
    for wallet in sample {
        // An entry that cannot even be read is as wrong as one that does not add up.
        let folded = lots::fold_anew(snapshot, wallet.wallet_id, wallet.version).await;
        let shown = (wallet.paid.parse(), wallet.promotional.parse());
        let is_right = folded.is_ok_and(|lots| {
            lots.is_some_and(|lots| shown == (Ok(lots.total(false)), Ok(lots.total(true))))
        });
        if !is_right {
            check.violations += 1;
            if check.examples.len() < EXAMPLES {
                check.examples.push(format!("wallet {}", wallet.wallet_id));
            }
        }
    }
    Ok(check)
}
