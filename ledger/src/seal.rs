//! Sealing what was written: whoever changes it afterwards is found out.
//!
//! Each checkpoint covers, for every wallet that changed, the transfers after the last sealed one up
//! to its version on one snapshot. Numbers without gaps make that exact: no order between wallets is
//! needed, and a transfer that commits late is in the next one. The transfers of a wallet are a Merkle
//! tree, the wallets of a checkpoint another, the checkpoints a chain; each is signed.

mod leaf;
mod proof;
mod sum;
mod tree;

use domain::WalletId;
use ring::signature::{Ed25519KeyPair, KeyPair};
use sqlx::PgConnection;

use proof::Range;
pub use proof::{Checkpoint, NotProved, Proof};
use tree::Hash;

use crate::Ledger;
use crate::error::{Error, Fault};
use crate::verify::Check;

/// Places shown.
const EXAMPLES: usize = 5;

/// The operator's key. Kept outside the database, or it would seal nothing.
pub struct SealingKey(Ed25519KeyPair);

impl SealingKey {
    /// From 32 secret bytes; none if there are more or fewer.
    pub fn from_seed(seed: &[u8]) -> Option<Self> {
        Ed25519KeyPair::from_seed_unchecked(seed).ok().map(Self)
    }

    /// What is published, for everybody to check with.
    pub fn public_key(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }
}

impl Ledger {
    /// Seals what was written since the last checkpoint; none if nothing was. Of two that try at once
    /// one wins and the other is `Unavailable`, which changes nothing.
    pub async fn seal(&self, key: std::sync::Arc<SealingKey>) -> Result<Option<Checkpoint>, Error> {
        self.act(move |ledger| {
            let key = key.clone();
            async move { ledger.seal_snapshot(&key).await }
        })
        .await
    }

    async fn seal_snapshot(&self, key: &SealingKey) -> Result<Option<Checkpoint>, Fault> {
        let mut tx = self
            .worker()
            .begin_with("begin isolation level repeatable read")
            .await?;
        let ranges = unsealed(&mut tx).await?;
        if ranges.is_empty() {
            return Ok(None);
        }
        let last = last_checkpoint(&mut tx).await?;
        let leaves: Vec<Hash> = ranges.iter().map(Range::leaf).collect();
        let transfers = ranges
            .iter()
            .map(|range| range.last_seq - range.first_seq + 1)
            .sum();
        let checkpoint = Checkpoint {
            number: last.as_ref().map_or(1, |last| last.number + 1),
            previous: last.map_or([0; 32], |last| last.digest()),
            root: tree::root(&leaves),
            ranges: i64::try_from(ranges.len()).expect("fewer wallets than numbers"),
            transfers,
            sealed_at_micros: i64::try_from(self.clock().now().unix_timestamp_nanos() / 1_000)
                .expect("now is before year 9999"),
        };
        write(&mut tx, key, &checkpoint, &ranges).await?;
        sum::keep(&mut tx, checkpoint.number).await?;
        tx.commit().await?;
        tracing::info!(checkpoint = checkpoint.line(), "books sealed");
        Ok(Some(checkpoint))
    }

    /// The proof that an entry of this wallet is sealed; not found until it is.
    pub async fn proof(&self, wallet_id: WalletId, seq: i64) -> Result<Proof, Error> {
        let mut connection = self.web().acquire().await?;
        Ok(prove(&mut connection, wallet_id, seq).await?)
    }
}

/// What no checkpoint covers yet, on this snapshot, in the order of wallets.
async fn unsealed(tx: &mut PgConnection) -> Result<Vec<Range>, Fault> {
    let open = sqlx::query!(
        r#"select wallet.wallet_id as "wallet_id: WalletId", coalesce(sealed.last_seq, 0) + 1 as "first_seq!",
                  wallet.version as last_seq
           from wallet
           left join (select wallet_id, max(last_seq) as last_seq from sealed_range group by wallet_id) as sealed
             on sealed.wallet_id = wallet.wallet_id
           where wallet.version > coalesce(sealed.last_seq, 0)
           order by wallet.wallet_id"#
    )
    .fetch_all(&mut *tx)
    .await?;
    let mut ranges = Vec::with_capacity(open.len());
    for row in open {
        let texts = leaf::texts(&mut *tx, row.wallet_id, row.first_seq, row.last_seq).await?;
        ranges.push(Range {
            wallet_id: row.wallet_id.to_string(),
            first_seq: row.first_seq,
            last_seq: row.last_seq,
            root: tree::root(&leaf::hashes(&texts)),
        });
    }
    Ok(ranges)
}

async fn write(
    tx: &mut PgConnection,
    key: &SealingKey,
    checkpoint: &Checkpoint,
    ranges: &[Range],
) -> Result<(), Fault> {
    let signature = key.0.sign(checkpoint.line().as_bytes());
    sqlx::query!(
        "insert into checkpoint (checkpoint_id, previous, root, ranges, transfers, sealed_at, public_key, signature)
         values ($1, $2, $3, $4, $5, timestamptz '1970-01-01 00:00:00+00' + $6::bigint * interval '1 microsecond', $7, $8)",
        checkpoint.number,
        &checkpoint.previous[..],
        &checkpoint.root[..],
        checkpoint.ranges,
        checkpoint.transfers,
        checkpoint.sealed_at_micros,
        key.public_key(),
        signature.as_ref()
    )
    .execute(&mut *tx)
    .await?;
    for (range, position) in ranges.iter().zip(0i64..) {
        let wallet_id: WalletId = range
            .wallet_id
            .parse()
            .map_err(|_| Fault::Inconsistent("a sealed wallet has no id"))?;
        sqlx::query!(
            "insert into sealed_range (wallet_id, first_seq, last_seq, checkpoint_id, position, root)
             values ($1, $2, $3, $4, $5, $6)",
            wallet_id as WalletId,
            range.first_seq,
            range.last_seq,
            checkpoint.number,
            position,
            &range.root[..]
        )
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// A stored checkpoint with its signature.
struct Signed {
    checkpoint: Checkpoint,
    public_key: Vec<u8>,
    signature: Vec<u8>,
}

async fn checkpoints(tx: &mut PgConnection, from: i64, limit: i64) -> Result<Vec<Signed>, Fault> {
    let rows = sqlx::query!(
        "select checkpoint_id, previous, root, ranges, transfers, sealed_at, public_key, signature
         from checkpoint where checkpoint_id >= $1 order by checkpoint_id limit $2",
        from,
        limit
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Signed {
                checkpoint: Checkpoint {
                    number: row.checkpoint_id,
                    previous: hash(&row.previous)?,
                    root: hash(&row.root)?,
                    ranges: row.ranges,
                    transfers: row.transfers,
                    sealed_at_micros: i64::try_from(row.sealed_at.unix_timestamp_nanos() / 1_000)
                        .expect("a stored time is before year 9999"),
                },
                public_key: row.public_key,
                signature: row.signature,
            })
        })
        .collect()
}

async fn last_checkpoint(tx: &mut PgConnection) -> Result<Option<Checkpoint>, Fault> {
    let last = sqlx::query_scalar!("select max(checkpoint_id) from checkpoint")
        .fetch_one(&mut *tx)
        .await?;
    let Some(last) = last else { return Ok(None) };
    let found = checkpoints(tx, last, 1).await?.pop();
    Ok(found.map(|signed| signed.checkpoint))
}

async fn ranges_of(tx: &mut PgConnection, checkpoint: i64) -> Result<Vec<Range>, Fault> {
    let rows = sqlx::query!(
        r#"select wallet_id as "wallet_id: WalletId", first_seq, last_seq, root from sealed_range
           where checkpoint_id = $1 order by position"#,
        checkpoint
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Range {
                wallet_id: row.wallet_id.to_string(),
                first_seq: row.first_seq,
                last_seq: row.last_seq,
                root: hash(&row.root)?,
            })
        })
        .collect()
}

fn hash(bytes: &[u8]) -> Result<Hash, Fault> {
    bytes
        .try_into()
        .map_err(|_| Fault::Inconsistent("a stored hash has another length"))
}

async fn prove(
    connection: &mut PgConnection,
    wallet_id: WalletId,
    seq: i64,
) -> Result<Proof, Fault> {
    let place = sqlx::query!(
        "select checkpoint_id, position from sealed_range
         where wallet_id = $1 and first_seq <= $2 and last_seq >= $2",
        wallet_id as WalletId,
        seq
    )
    .fetch_optional(&mut *connection)
    .await?
    .ok_or(Fault::NotFound)?;
    let signed = checkpoints(&mut *connection, place.checkpoint_id, 1)
        .await?
        .pop()
        .ok_or(Fault::NotFound)?;
    let ranges = ranges_of(&mut *connection, place.checkpoint_id).await?;
    let position = usize::try_from(place.position).map_err(|_| Fault::NotFound)?;
    let range = ranges.get(position).cloned().ok_or(Fault::NotFound)?;
    let texts = leaf::texts(connection, wallet_id, range.first_seq, range.last_seq).await?;
    let index = usize::try_from(seq - range.first_seq).map_err(|_| Fault::NotFound)?;
    let leaves: Vec<Hash> = ranges.iter().map(Range::leaf).collect();
    Ok(Proof {
        entry: texts.get(index).cloned().ok_or(Fault::NotFound)?,
        entry_steps: tree::path(&leaf::hashes(&texts), index),
        range,
        range_steps: tree::path(&leaves, position),
        checkpoint: signed.checkpoint,
        public_key: signed.public_key,
        signature: signed.signature,
    })
}

/// V22: what is stored leads to the roots that were signed, the checkpoints to each other, and the sums that
/// are kept with them to what was sealed.
pub(crate) async fn check(snapshot: &mut PgConnection) -> Result<Check, Fault> {
    let mut check = Check {
        name: "V22",
        statement: "what was sealed is still what is stored, and each checkpoint is signed",
        violations: 0,
        examples: Vec::new(),
    };
    let mut fail = |text: String| {
        check.violations += 1;
        if check.examples.len() < EXAMPLES {
            check.examples.push(text);
        }
    };
    let (mut number, mut previous) = (1, [0; 32]);
    while let Some(signed) = checkpoints(&mut *snapshot, number, 1).await?.pop() {
        let checkpoint = &signed.checkpoint;
        let ranges = ranges_of(&mut *snapshot, checkpoint.number).await?;
        for range in &ranges {
            let wallet_id: WalletId = range.wallet_id.parse().map_err(|_| Fault::NotFound)?;
            let texts =
                leaf::texts(&mut *snapshot, wallet_id, range.first_seq, range.last_seq).await?;
            if tree::root(&leaf::hashes(&texts)) != range.root {
                fail(format!(
                    "wallet {wallet_id} seq {} to {}",
                    range.first_seq, range.last_seq
                ));
            }
        }
        let leaves: Vec<Hash> = ranges.iter().map(Range::leaf).collect();
        let is_whole = checkpoint.number == number
            && checkpoint.previous == previous
            && tree::root(&leaves) == checkpoint.root
            && checkpoint.is_signed(&signed.public_key, &signed.signature);
        if !is_whole {
            fail(format!("checkpoint {}", checkpoint.number));
        }
        previous = checkpoint.digest();
        number = checkpoint.number + 1;
    }
    for account in sum::wrong(snapshot).await? {
        fail(format!("the kept sum of {account}"));
    }
    Ok(check)
}
