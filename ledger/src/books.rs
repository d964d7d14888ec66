//! The only writer of wallets and transfers.

use domain::wallet::Move;
use domain::{Money, Subject, Wallet, WalletId};
use rust_decimal::Decimal;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::error::Fault;

/// A move and what it belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) step: Move,
    pub(crate) subject: Subject,
    pub(crate) subject_id: String,
    /// Which of several like moves of the same thing this is; zero for the first.
    pub(crate) number: i32,
    /// When the credit given by this move ends.
    pub(crate) expires_at: Option<OffsetDateTime>,
}

/// Opens an empty wallet; again changes nothing.
pub(crate) async fn open(connection: &mut PgConnection, wallet_id: WalletId) -> Result<(), Fault> {
    sqlx::query!(
        "insert into wallet (wallet_id) values ($1) on conflict (wallet_id) do nothing",
        wallet_id as WalletId
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The balances now, locked until the transaction ends: whoever changes a wallet does this first,
/// so that acts on one wallet happen one after the other and never deadlock.
pub(crate) async fn lock(
    connection: &mut PgConnection,
    wallet_id: WalletId,
) -> Result<Wallet, Fault> {
    sqlx::query_as!(
        Wallet,
        r#"select paid as "paid: Money", promotional as "promotional: Money", held as "held: Money",
                  debt as "debt: Money", version
           from wallet where wallet_id = $1 for update"#,
        wallet_id as WalletId
    )
    .fetch_optional(connection)
    .await?
    .ok_or(Fault::NotFound)
}

/// Writes these moves, in order, and the balances they lead to. All or none.
///
/// The wallet must be locked and `wallet` be what [`lock`] returned; the version is checked again
/// in the statement. A move that was written before violates `transfer_happens_once`; one that
/// would make a balance negative is refused before anything is sent. A balance that falls below the
/// threshold of auto-refill leaves a note for it.
pub(crate) async fn post(
    connection: &mut PgConnection,
    wallet_id: WalletId,
    wallet: Wallet,
    drafts: &[Draft],
) -> Result<Wallet, Fault> {
    let mut columns = Columns::default();
    let mut balances = wallet;
    for draft in drafts {
        balances = balances.after(&draft.step)?;
        columns.push(draft, &balances);
    }
    let available = balances.available();
    let falls_to = (available < wallet.available()).then_some(available);
    let written = sqlx::query!(
        "with balances as (
             update wallet set paid = $3, promotional = $4, held = $5, debt = $6, version = $7
             where wallet_id = $1 and version = $2
             returning wallet_id, refill_below
         ), fallen as (
             insert into refill_due (wallet_id)
             select wallet_id from balances where $22 < refill_below
             on conflict (wallet_id) do nothing
         )
         insert into transfer (
             wallet_id, seq, kind, from_account, to_account, amount, promotional, available_after,
             held_after, promotional_after, debt_after, subject, subject_id, step, expires_at
         )
         select balances.wallet_id, entry.*
         from balances, unnest(
             $8::bigint[], $9::text[], $10::text[], $11::text[], $12::numeric[], $13::numeric[],
             $14::numeric[], $15::numeric[], $16::numeric[], $17::numeric[], $18::text[],
             $19::text[], $20::integer[], $21::timestamptz[]
         ) as entry",
        wallet_id as WalletId,
        wallet.version,
        balances.paid as Money,
        balances.promotional as Money,
        balances.held as Money,
        balances.debt as Money,
        balances.version,
        &columns.seq,
        &columns.kind as &[&str],
        &columns.from as &[&str],
        &columns.to as &[&str],
        &columns.amount,
        &columns.promotional,
        &columns.available_after,
        &columns.held_after,
        &columns.promotional_after,
        &columns.debt_after,
        &columns.subject as &[&str],
        &columns.subject_id,
        &columns.number,
        &columns.expires_at as &[Option<OffsetDateTime>],
        falls_to as Option<Money>,
    )
    .execute(connection)
    .await?;
    if written.rows_affected() != drafts.len() as u64 {
        return Err(Fault::Inconsistent(
            "the wallet changed although it was locked",
        ));
    }
    Ok(balances)
}

/// The drafts as one array for each column: any number of transfers is one statement.
#[derive(Default)]
struct Columns {
    seq: Vec<i64>,
    kind: Vec<&'static str>,
    from: Vec<&'static str>,
    to: Vec<&'static str>,
    amount: Vec<Decimal>,
    promotional: Vec<Decimal>,
    available_after: Vec<Decimal>,
    held_after: Vec<Decimal>,
    promotional_after: Vec<Decimal>,
    debt_after: Vec<Decimal>,
    subject: Vec<&'static str>,
    subject_id: Vec<String>,
    number: Vec<i32>,
    expires_at: Vec<Option<OffsetDateTime>>,
}

impl Columns {
    fn push(&mut self, draft: &Draft, after: &Wallet) {
        self.seq.push(after.version);
        self.kind.push(draft.step.kind.word());
        self.from.push(draft.step.from.word());
        self.to.push(draft.step.to.word());
        self.amount.push(draft.step.amount.decimal());
        self.promotional.push(draft.step.promotional.decimal());
        self.available_after.push(after.available().decimal());
        self.held_after.push(after.held.decimal());
        self.promotional_after.push(after.promotional.decimal());
        self.debt_after.push(after.debt.decimal());
        self.subject.push(draft.subject.word());
        self.subject_id.push(draft.subject_id.clone());
        self.number.push(draft.number);
        self.expires_at.push(draft.expires_at);
    }
}
