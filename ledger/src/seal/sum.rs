//! What each account comes to up to a checkpoint: the sums of the one before and what it seals.

use sqlx::PgConnection;

use crate::error::Fault;

/// Keeps the sums of a checkpoint, whose ranges were just written. Where the one before has none, as with the
/// first after this was introduced, all that is sealed is added up.
pub(super) async fn keep(tx: &mut PgConnection, checkpoint: i64) -> Result<(), Fault> {
    let goes_on = sqlx::query_scalar!(
        r#"select exists(select from house_sum where checkpoint_id = $1) as "goes_on!""#,
        checkpoint - 1
    )
    .fetch_one(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into house_sum (checkpoint_id, account, balance)
         with sealed as (
             select from_account, to_account, amount
             from sealed_range join transfer on transfer.wallet_id = sealed_range.wallet_id
                 and seq between first_seq and last_seq
             where checkpoint_id between $2 and $1
         )
         select $1, account, sum(amount)
         from (select account, balance as amount from house_sum where checkpoint_id = $2 - 1
               union all
               select to_account, amount from sealed
               union all
               select from_account, -amount from sealed) as side
         group by account",
        checkpoint,
        if goes_on { checkpoint } else { 1 }
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// How many accounts of the last kept sums do not come to what was sealed.
pub(super) async fn wrong(snapshot: &mut PgConnection) -> Result<Vec<String>, Fault> {
    Ok(sqlx::query_scalar!(
        r#"with last as (
               select account, balance from house_sum
               where checkpoint_id = (select max(checkpoint_id) from house_sum)
           ), sealed as (
               select from_account, to_account, amount
               from sealed_range join transfer on transfer.wallet_id = sealed_range.wallet_id
                   and seq between first_seq and last_seq
               where checkpoint_id <= (select max(checkpoint_id) from house_sum)
           ), summed as (
               select account, sum(amount) as balance
               from (select to_account as account, amount from sealed
                     union all
                     select from_account, -amount from sealed) as side
               group by account
           )
           select coalesce(last.account, summed.account) as "account!"
           from last full join summed using (account)
           where last.balance is distinct from summed.balance"#
    )
    .fetch_all(snapshot)
    .await?)
}
