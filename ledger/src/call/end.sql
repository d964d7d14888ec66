-- Ends a running call whose charge its hold covers: captures the charge, given credit first, and
-- releases the rest. Does nothing if the call is not running or the hold is too small. What it cannot do
-- would leave an unsound row, so the row's check undoes all of it: a charge that takes the last of the
-- given credit and more, or all of it, for what was taken could not be told from the row as it is after.
-- So does a row another act changed meanwhile, where the older one fails the check; the rules look again.
-- $1 wallet, $2 call, $3 switch, $4 talked, $5 billed, $6 charge, $7 cause, $8 offset of the clock.
with ended as (
    update call set state = 'ended', talked_seconds = $4, billed_seconds = $5, charge = $6::numeric,
        released = held - $6, cause = $7, ended_at = now() + $8::bigint * interval '1 microsecond'
    where wallet_id = $1 and call_id = $2 and switch_id = $3
      -- Not by its state: the planner would take the index of running calls and read all of them.
      and ended_at is null and held >= $6
    returning held, released, kind = 'special' as is_special, authorized_at, first_held
), settled as (
    update wallet set held = wallet.held - ended.held,
        promotional = case when is_special or promotional = 0 then promotional
            when promotional > $6 then promotional - $6 else -1 end,
        paid = case when is_special or promotional = 0 then paid - $6 else paid end,
        running_calls = running_calls - 1,
        -- The first hold was counted on its day; now the charge is, in its place.
        call_spend = case when call_day = (ended.authorized_at at time zone 'UTC')::date
            then greatest(call_spend - ended.first_held + $6, 0) else call_spend end,
        version = version + case when $6 > 0 then 1 else 0 end + case when released > 0 then 1 else 0 end
    from ended
    where wallet.wallet_id = $1
    returning version, wallet.held, released, promotional, debt, paid + promotional - wallet.held as available,
        case when is_special or promotional = 0 then 0 else $6 end as promotional_part
), entries as (
    insert into transfer (wallet_id, seq, kind, from_account, to_account, amount, promotional,
        available_after, held_after, promotional_after, debt_after, subject, subject_id)
    select $1, version - case when released > 0 then 1 else 0 end, 'capture', 'held', 'call_revenue', $6,
        promotional_part, available - released, held + released, promotional, debt, 'call', $2
    from settled where $6 > 0
    union all
    select $1, version, 'release', 'held', 'available', released, 0, available, held, promotional, debt, 'call', $2
    from settled where released > 0
)
select released as "released!: Money", available as "available!: Money" from settled
