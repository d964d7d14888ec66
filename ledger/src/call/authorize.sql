-- Holds the whole amount, counts the call and copies its rate, or does nothing at all: also when the
-- balance falls below the threshold of auto-refill, for then a note is to be left.
-- $1 wallet, $2 call, $3 hold, $4 what must be there, $5 whether only paid credit counts, $6 calls at
-- once, $7 price list, $8 switch, $9 caller, $10 callee, $11 hash, $12-$19 rate, $20 seconds, $21 final,
-- $22 offset of the clock, $23 time until it expires, $24 limit of a day, $25 of a new wallet, $26 how
-- long it is new.
with today as (
    select now() + $22::bigint * interval '1 microsecond' as now,
        ((now() + $22 * interval '1 microsecond') at time zone 'UTC')::date as day
), debit as (
    update wallet set held = held + $3::numeric, running_calls = running_calls + 1, version = version + 1,
        call_spend = case when call_day = today.day then call_spend else 0 end + $3, call_day = today.day
    from today
    where wallet_id = $1
      and debt = 0
      and frozen_at is null
      and running_calls < $6
      and paid + promotional - held >= $4::numeric
      and (not $5 or paid - held >= $4)
      and (refill_below is null or paid + promotional - held - $3 >= refill_below)
      and case when call_day = today.day then call_spend else 0 end + $3
          <= case when created_at + $26::bigint * interval '1 microsecond' > today.now then $25::numeric else $24::numeric end
      -- Refused before: the rules find the answer.
      and not exists (select from call_refusal where wallet_id = $1 and call_id = $2)
      -- The rates this server knows are the newest.
      and not exists (select from price_list where price_list_id > $7::bigint)
    returning version, paid + promotional - held as available, held, promotional, debt
), entry as (
    insert into transfer (wallet_id, seq, kind, from_account, to_account, amount, promotional,
        available_after, held_after, promotional_after, debt_after, subject, subject_id)
    select $1, version, 'hold', 'available', 'held', $3, 0, available, held, promotional, debt, 'call', $2
    from debit
)
insert into call (wallet_id, call_id, switch_id, caller, callee, request_hash, prefix, destination, kind,
    per_minute, connection_fee, initial_seconds, increment_seconds, max_seconds, first_held, first_seconds,
    first_final, first_expires_at, held, granted_seconds, is_final, expires_at, authorized_at)
select $1, $2, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $3, $20, $21,
    now() + ($22::bigint + $23::bigint) * interval '1 microsecond', $3, $20, $21,
    now() + ($22 + $23) * interval '1 microsecond', now() + $22 * interval '1 microsecond'
from debit
returning expires_at
