//! What is known about an invitation, read from the books.

use domain::referral::{Facts, Purchase, ReferralRules, Shared};
use domain::{Money, TopUpId, WalletId};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::reward::Row;
use crate::error::Fault;

struct Bought {
    top_up_id: TopUpId,
    settled_at: OffsetDateTime,
    card_fingerprint: Option<String>,
    used: Money,
    undone_at: Option<OffsetDateTime>,
}

/// The facts, and the purchase that counts.
pub(super) async fn of(
    tx: &mut PgConnection,
    row: &Row,
    rules: &ReferralRules,
    now: OffsetDateTime,
) -> Result<(Facts, Option<TopUpId>), Fault> {
    let bought = bought(tx, row, rules).await?;
    let shared = match &bought {
        Some(bought) if row.rewarded_at.is_none() => shared(tx, row, bought).await?,
        _ => None,
    };
    let facts = Facts {
        purchase: bought.as_ref().map(|bought| Purchase {
            settled_at: bought.settled_at,
            used: bought.used,
            undone_at: bought.undone_at,
        }),
        shared,
        capped_until: capped_until(tx, row, rules, now).await?,
        rewarded_at: row.rewarded_at,
        taken_back_at: row.taken_back_at,
    };
    Ok((facts, bought.map(|bought| bought.top_up_id)))
}

/// The friend's first purchase that is large enough, what was used since, and what undid it: a refund,
/// or a dispute that was not won.
async fn bought(
    tx: &mut PgConnection,
    row: &Row,
    rules: &ReferralRules,
) -> Result<Option<Bought>, Fault> {
    Ok(sqlx::query_as!(
        Bought,
        r#"select top_up_id as "top_up_id: TopUpId", settled_at as "settled_at!", card_fingerprint,
               (select coalesce(sum(case when from_account in ('held', 'available') then 1 else -1 end
                                    * (transfer.amount - transfer.promotional)), 0)
                from transfer
                where transfer.wallet_id = top_up.wallet_id and transfer.kind in ('capture', 'message')
                  and transfer.created_at >= top_up.settled_at) as "used!: Money",
               (select min(undoing.created_at) from transfer undoing
                where undoing.wallet_id = top_up.wallet_id and undoing.kind in ('refund', 'dispute')
                  and undoing.subject_id like top_up.top_up_id || '/%'
                  and not exists (select from transfer won where won.wallet_id = undoing.wallet_id
                                  and won.subject = undoing.subject and won.subject_id = undoing.subject_id
                                  and won.kind = 'dispute_won')) as undone_at
           from top_up
           where wallet_id = $1 and state = 'settled' and amount >= $2
             and ($3::uuid is null or top_up_id = $3)
           order by settled_at, top_up_id limit 1"#,
        row.friend as WalletId,
        rules.smallest_top_up as Money,
        row.top_up_id as Option<TopUpId>
    )
    .fetch_optional(tx)
    .await?)
}

/// A card is one person's: whoever pays with a card that another wallet was paid with is not new.
async fn shared(
    tx: &mut PgConnection,
    row: &Row,
    bought: &Bought,
) -> Result<Option<Shared>, Fault> {
    let shares_card = sqlx::query_scalar!(
        r#"select exists(select from top_up where card_fingerprint = $1 and wallet_id <> $2
                          and state = 'settled') as "shares!""#,
        bought.card_fingerprint,
        row.friend as WalletId
    )
    .fetch_one(&mut *tx)
    .await?;
    if shares_card {
        return Ok(Some(Shared::Card));
    }
    Ok(shares_number(tx, row).await?.then_some(Shared::Number))
}

/// Whether a number of the friend earned a reward before, in whatever wallet.
async fn shares_number(tx: &mut PgConnection, row: &Row) -> Result<bool, Fault> {
    Ok(sqlx::query_scalar!(
        r#"select exists(
               select from phone_number
               join referral_number on number_hash = sha256(convert_to(number, 'UTF8'))
               where wallet_id = $1 and referral_id <> $2
           ) as "shares!""#,
        row.friend as WalletId,
        row.referral_id
    )
    .fetch_one(tx)
    .await?)
}

/// Notes the numbers of both as used for a reward; false if another reward used one of the friend's.
pub(super) async fn claim_numbers(tx: &mut PgConnection, row: &Row) -> Result<bool, Fault> {
    sqlx::query!(
        "insert into referral_number (number_hash, referral_id)
         select sha256(convert_to(number, 'UTF8')), $2 from phone_number where wallet_id = any($1)
         on conflict (number_hash) do nothing",
        &[row.friend.0, row.inviter.0],
        row.referral_id
    )
    .execute(&mut *tx)
    .await?;
    Ok(!shares_number(tx, row).await?)
}

/// When the inviter may get another reward, if the most were given lately.
async fn capped_until(
    tx: &mut PgConnection,
    row: &Row,
    rules: &ReferralRules,
    now: OffsetDateTime,
) -> Result<Option<OffsetDateTime>, Fault> {
    let lately = sqlx::query_scalar!(
        r#"select rewarded_at as "at!" from referral
           where inviter_wallet_id = $1 and rewarded_at > $2
           order by rewarded_at desc limit $3"#,
        row.inviter as WalletId,
        now - rules.most_within,
        i64::from(rules.most)
    )
    .fetch_all(tx)
    .await?;
    let is_full = lately.len() >= usize::try_from(rules.most).unwrap_or(usize::MAX);
    let oldest = lately.last().filter(|_| is_full);
    Ok(oldest.map(|oldest| *oldest + rules.most_within))
}
