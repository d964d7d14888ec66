//! Folding a wallet's transfers into the credit that is left, from the last snapshot on.

use std::collections::HashMap;

use domain::lots::{Lots, Share};
use domain::{Money, WalletId};
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::error::{Error, Fault};
use crate::memory::Memory;
use crate::{Ledger, entry};

/// Entries folded before the result is kept for the next time.
const SNAPSHOT_EVERY: i64 = 500;
/// Entries read at a time.
const CHUNK: i64 = 1_000;

/// Given credit that ends at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CreditEnd {
    pub at: OffsetDateTime,
    pub amount: Money,
}

/// What ends next, by the version of the wallet.
pub(crate) type CreditEnds = Memory<i64, Option<CreditEnd>>;

impl Ledger {
    /// What is left of every credit now: what each purchase still holds, what expires when.
    pub async fn lots(&self, wallet_id: WalletId) -> Result<Lots, Error> {
        let mut connection = self.web().acquire().await?;
        Ok(fold(&mut connection, wallet_id, i64::MAX).await?.0)
    }

    /// The given credit that ends next, of the entries up to the version of the wallet that was read.
    ///
    /// Entries do not change, so what was folded from them once is not folded again.
    pub async fn next_end(
        &self,
        wallet_id: WalletId,
        version: i64,
    ) -> Result<Option<CreditEnd>, Error> {
        if let Some(end) = self.inner.credit_ends.find(wallet_id, &version) {
            return Ok(end);
        }
        let mut connection = self.web().acquire().await?;
        let (lots, _) = fold(&mut connection, wallet_id, version).await?;
        let end = next_end(&lots);
        self.inner.credit_ends.keep(wallet_id, version, end);
        Ok(end)
    }

    /// Which credit paid for each of a thing's outflows, by `seq`; for *paid by* and refunds.
    pub async fn paid_by(
        &self,
        wallet_id: WalletId,
        seqs: &[i64],
    ) -> Result<HashMap<i64, Vec<Share>>, Error> {
        let mut connection = self.web().acquire().await?;
        let mut paid_by = HashMap::new();
        for &seq in seqs {
            paid_by.insert(seq, fold(&mut connection, wallet_id, seq).await?.1);
        }
        Ok(paid_by)
    }
}

fn next_end(lots: &Lots) -> Option<CreditEnd> {
    let at = lots.left().filter_map(|lot| lot.expires_at).min()?;
    let ending = lots.left().filter(|lot| lot.expires_at == Some(at));
    Some(CreditEnd {
        at,
        amount: ending.map(|lot| lot.left).sum(),
    })
}

/// What is left after entry `until`, and what that entry spent.
pub(crate) async fn fold(
    connection: &mut PgConnection,
    wallet_id: WalletId,
    until: i64,
) -> Result<(Lots, Vec<Share>), Fault> {
    let kept = sqlx::query_scalar!(
        "select lots from lots_snapshot where wallet_id = $1 and seq < $2 order by seq desc limit 1",
        wallet_id as WalletId,
        until
    )
    .fetch_optional(&mut *connection)
    .await?;
    let mut lots: Lots = match kept {
        Some(kept) => serde_json::from_value(kept)
            .map_err(|_| Fault::Inconsistent("a kept fold cannot be read"))?,
        None => Lots::default(),
    };
    let start = lots.seq;
    let mut shares = Vec::new();
    loop {
        let entries = entry::after(&mut *connection, wallet_id, lots.seq, until, CHUNK).await?;
        let is_last = entries.len() < usize::try_from(CHUNK).expect("a chunk is small");
        for entry in &entries {
            shares = lots
                .apply(entry)
                .map_err(|_| Fault::Inconsistent("the entries do not follow from each other"))?;
        }
        if is_last {
            break;
        }
    }
    if lots.seq - start >= SNAPSHOT_EVERY {
        keep(connection, wallet_id, &lots).await?;
    }
    Ok((lots, shares))
}

/// What is left after entry `until`, folded from the first entry on and kept nowhere; none if the entries
/// do not follow from each other.
pub(crate) async fn fold_anew(
    connection: &mut PgConnection,
    wallet_id: WalletId,
    until: i64,
) -> Result<Option<Lots>, Fault> {
    let mut lots = Lots::default();
    loop {
        let entries = entry::after(&mut *connection, wallet_id, lots.seq, until, CHUNK).await?;
        for entry in &entries {
            if lots.apply(entry).is_err() {
                return Ok(None);
            }
        }
        if entries.len() < usize::try_from(CHUNK).expect("a chunk is small") {
            return Ok(Some(lots));
        }
    }
}

/// Keeps the fold. Losing it costs time, never a fact: it is made from transfers, which do not change.
async fn keep(
    connection: &mut PgConnection,
    wallet_id: WalletId,
    lots: &Lots,
) -> Result<(), Fault> {
    let mut kept = lots.clone();
    kept.compact();
    let value =
        serde_json::to_value(&kept).map_err(|_| Fault::Inconsistent("a fold cannot be written"))?;
    sqlx::query!(
        "insert into lots_snapshot (wallet_id, seq, lots) values ($1, $2, $3)
         on conflict (wallet_id, seq) do nothing",
        wallet_id as WalletId,
        kept.seq,
        value
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Until when the given credit that entry `seq` spent last could be spent.
pub(crate) async fn last_expiry_spent(
    connection: &mut PgConnection,
    wallet_id: WalletId,
    seq: i64,
) -> Result<Option<OffsetDateTime>, Fault> {
    let (_, shares) = fold(&mut *connection, wallet_id, seq).await?;
    let Some(share) = shares
        .iter()
        .rfind(|share| share.is_promotional && share.amount > Money::ZERO)
    else {
        return Ok(None);
    };
    Ok(sqlx::query_scalar!(
        "select expires_at from transfer where wallet_id = $1 and seq = $2",
        wallet_id as WalletId,
        share.lot_seq
    )
    .fetch_one(connection)
    .await?)
}
