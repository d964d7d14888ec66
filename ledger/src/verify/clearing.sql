-- V11: what came from Stripe into the wallets, less what went back, is what was paid, for each payment.
with moved as (
    select wallet_id, subject_id,
        sum(case 'stripe_clearing' when from_account then amount else -amount end) as amount
    from transfer
    where 'stripe_clearing' in (from_account, to_account) and subject = 'top_up'
      and ($1::timestamptz is null or created_at >= $1)
    group by wallet_id, subject_id
), paid as (
    select wallet_id, top_up_id::text as subject_id, amount from top_up
    where state = 'settled' and ($1::timestamptz is null or settled_at >= $1)
), violation as (
    select format('wallet %s top-up %s', wallet_id, subject_id) as example
    from paid full join moved using (wallet_id, subject_id)
    where paid.amount is distinct from moved.amount
)
select count(*) as "violations!", coalesce((array_agg(example))[1:5], '{}') as "examples!: Vec<String>" from violation
