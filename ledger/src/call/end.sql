-- Ends a running call whose charge its hold covers: captures the charge, given credit first, and
-- releases the rest. Does nothing if the call is not running or the hold is too small.
-- $1 wallet, $2 call, $3 switch, $4 talked, $5 billed, $6 charge, $7 cause, $8 offset of the clock.
with ended as (
    update call set state = 'ended', talked_seconds = $4, billed_seconds = $5, charge = $6::numeric,
        released = held - $6, cause = $7, ended_at = now() + $8::bigint * interval '1 microsecond'
    where wallet_id = $1 and call_id = $2 and switch_id = $3
      -- Not by its state: the planner would take the index of running calls and read all of them.
      and ended_at is null and held >= $6
    returning held, released, kind, authorized_at, first_held,
        case when $6 > 0 then 1 else 0 end as captures,
        case when held > $6 then 1 else 0 end as releases
), before as (
    -- The row as it is now, not as it was when the statement began: another act may have come first.
    select wallet.version, wallet.paid, wallet.promotional, wallet.held, wallet.debt, wallet.running_calls,
        ended.held as hold, ended.released, ended.captures, ended.releases,
        -- The first hold was counted on its day; now the charge is, in its place.
        case when wallet.call_day = (ended.authorized_at at time zone 'UTC')::date
            then greatest(wallet.call_spend - ended.first_held + $6, 0) else wallet.call_spend end as call_spend,
        case when ended.kind = 'special' then greatest($6 - wallet.paid, 0) else least($6, wallet.promotional) end
            as promotional_part
    from wallet, ended
    where wallet.wallet_id = $1
    for no key update of wallet
), settled as (
    -- From the locked row alone: the row this statement's snapshot sees may be older, and its checks
    -- would be tried before the database looks for the newer one.
    update wallet set held = before.held - before.hold,
        promotional = before.promotional - before.promotional_part,
        paid = before.paid - ($6 - before.promotional_part),
        running_calls = before.running_calls - 1,
        call_spend = before.call_spend,
        version = before.version + before.captures + before.releases
    from before
    where wallet.wallet_id = $1
    returning before.version, before.held, before.hold, before.released, before.captures, before.releases,
        before.promotional_part, wallet.promotional, wallet.debt,
        before.paid + before.promotional - before.held as available
), entries as (
    insert into transfer (wallet_id, seq, kind, from_account, to_account, amount, promotional,
        available_after, held_after, promotional_after, debt_after, subject, subject_id)
    select $1, version + 1, 'capture', 'held', 'call_revenue', $6, promotional_part,
        available, held - $6, promotional, debt, 'call', $2
    from settled where captures = 1
    union all
    select $1, version + captures + 1, 'release', 'held', 'available', released, 0,
        available + released, held - hold, promotional, debt, 'call', $2
    from settled where releases = 1
)
select released as "released!: Money", available + released as "available!: Money" from settled
