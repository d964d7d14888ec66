-- V9: an object at Stripe belongs to one wallet only.
with object as (
    select wallet_id, unnest(array[stripe_session_id, stripe_payment_id, stripe_charge_id]) as id from top_up
    where $1::timestamptz is null or settled_at >= $1 or started_at >= $1
), violation as (
    select format('%s is used by %s wallets', id, count(distinct wallet_id)) as example
    from object where id is not null
    group by id having count(distinct wallet_id) > 1
)
select count(*) as "violations!", coalesce((array_agg(example))[1:5], '{}') as "examples!: Vec<String>" from violation
