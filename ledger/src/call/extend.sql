-- Holds more for the only running call of a wallet and notes its heartbeat, or does nothing at all: also
-- when the call is no longer as it was read, when a note for auto-refill is to be left, and when limits
-- may have been set since the server read them.
-- $1 wallet, $2 call, $3 switch, $4 number of the heartbeat, $5 talked, $6 held before, $7 granted before,
-- $8 held now, $9 granted now, $10 final, $11 what must be there, $12 offset of the clock, $13 grace,
-- $14 limit of a day, $15 of a new wallet, $16 how long it is new, $17 price list the limits were read with.
with today as (
    select now() + $12::bigint * interval '1 microsecond' as now,
        ((now() + $12 * interval '1 microsecond') at time zone 'UTC')::date as day
), running as (
    -- Locked before the wallet, as every act does.
    select extensions + 1 as number, first_held from call
    where wallet_id = $1 and call_id = $2 and switch_id = $3 and state = 'answered'
      and update_seq < $4 and held = $6::numeric and granted_seconds = $7 and not is_final
    for no key update
), debit as (
    update wallet set held = wallet.held + ($8::numeric - $6), version = version + 1
    from running, today
    where wallet_id = $1
      and debt = 0
      and frozen_at is null
      -- Nobody to share with, and what today's calls hold is what this one does.
      and running_calls = 1
      and paid + promotional - wallet.held >= $11::numeric
      and (refill_below is null or paid + promotional - wallet.held - ($8 - $6) >= refill_below)
      and case when call_day = today.day then call_spend else 0 end + $6 - running.first_held + $11
          <= case when created_at + $16::bigint * interval '1 microsecond' > today.now then $15::numeric else $14::numeric end
      and not exists (select from price_list where price_list_id > $17::bigint)
    returning version, paid + promotional - wallet.held as available, wallet.held, promotional, debt, running.number
), entry as (
    insert into transfer (wallet_id, seq, kind, from_account, to_account, amount, promotional,
        available_after, held_after, promotional_after, debt_after, subject, subject_id, step)
    select $1, version, 'extend', 'available', 'held', $8 - $6, 0, available, held, promotional, debt, 'call', $2, number
    from debit
), beat as (
    update call set held = $8, granted_seconds = $9::integer, is_final = $10, extensions = debit.number, update_seq = $4,
        confirmed_seconds = greatest(confirmed_seconds, $5),
        expires_at = greatest(expires_at, answered_at + $9::integer * interval '1 second' + $13::bigint * interval '1 microsecond')
    from debit
    where call.wallet_id = $1 and call_id = $2
    returning call.wallet_id
)
insert into call_update (wallet_id, call_id, seq, talked_seconds, granted_seconds, held, is_final)
select wallet_id, $2, $4, $5, $9, $8, $10 from beat
returning seq
