-- V15: what a campaign's budget lost is what wallets claimed, each claim and each reward is credit that
-- was given, and a reward is of a purchase that was paid before it.
with violation as (
    select format('campaign %s', campaign_id) as example
    from campaign
    left join (select campaign_id, count(*) as claims, sum(amount) as amount from promo_claim
               where state in ('waiting', 'due', 'granted') group by campaign_id) as claimed using (campaign_id)
    where $1::timestamptz is null
      and (taken_count <> coalesce(claims, 0) or taken_sum <> coalesce(claimed.amount, 0))
    union all
    select format('wallet %s claim of %s', wallet_id, campaign_id)
    from promo_claim
    where state = 'granted' and ($1 is null or granted_at >= $1)
      and not exists (select from credit_grant where credit_grant.wallet_id = promo_claim.wallet_id
                      and grant_id = 'promo-' || campaign_id and credit_grant.amount = promo_claim.amount)
    union all
    select format('wallet %s %s', wallet_id, grant_id)
    from credit_grant
    where ($1 is null or granted_at >= $1)
      and (grant_id like 'promo-%' and not exists (
               select from promo_claim where promo_claim.wallet_id = credit_grant.wallet_id
               and grant_id = 'promo-' || campaign_id and state in ('due', 'granted'))
           or grant_id like 'referral-%' and not exists (
               select from referral where grant_id = 'referral-' || referral_id
               and credit_grant.wallet_id in (friend_wallet_id, inviter_wallet_id) and state <> 'open'))
    union all
    select format('invitation %s', referral_id)
    from referral
    left join top_up on top_up.wallet_id = friend_wallet_id and top_up.top_up_id = referral.top_up_id
    where referral.state in ('rewarded', 'taking_back', 'taken_back') and ($1 is null or rewarded_at >= $1)
      and (top_up.state is distinct from 'settled' or rewarded_at < settled_at
           or (select count(*) from credit_grant where grant_id = 'referral-' || referral_id
               and wallet_id in (friend_wallet_id, inviter_wallet_id) and amount = reward) <> 2)
)
select count(*) as "violations!", coalesce((array_agg(example))[1:5], '{}') as "examples!: Vec<String>" from violation
