-- V11: what came from Stripe into the wallets, less what went back, is what was paid, refunded and
-- disputed, for each payment. Refunds and disputes are named after their purchase.
with moved as (
    select wallet_id, split_part(subject_id, '/', 1) as purchase,
        sum(case when subject <> 'top_up' then 0 when from_account = 'stripe_clearing' then amount else -amount end)
            as credited,
        sum(case when subject = 'top_up' then 0 when to_account = 'stripe_clearing' then amount else -amount end)
            as returned
    from transfer
    where 'stripe_clearing' in (from_account, to_account)
      and ($1::timestamptz is null or created_at >= $1)
    group by wallet_id, split_part(subject_id, '/', 1)
), paid as (
    select wallet_id, top_up_id::text as purchase, amount, settled_at from top_up
    where state = 'settled'
), violation as (
    select format('wallet %s top-up %s', wallet_id, purchase) as example
    from moved full join paid using (wallet_id, purchase)
    where case
        when $1::timestamptz is null then
            coalesce(credited, 0) <> coalesce(amount, 0) or returned < 0 or returned > coalesce(amount, 0)
        else
            (moved.wallet_id is not null and (paid.wallet_id is null or returned > amount
                                              or credited not in (0, amount)))
            or (settled_at >= $1 and coalesce(credited, 0) <> amount)
        end
)
select count(*) as "violations!", coalesce((array_agg(example))[1:5], '{}') as "examples!: Vec<String>" from violation
