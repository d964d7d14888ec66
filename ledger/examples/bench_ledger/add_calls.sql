-- Gives each wallet of $1 another $2 past calls of a cent each: hold, capture, release.
with chosen as (
    select wallet_id, version, paid, promotional, held, debt from wallet where wallet_id = any($1::uuid[])
), past as (
    select chosen.*, n, paid + promotional - held as available,
        'past-' || version || '-' || n as call_id,
        timestamptz '2021-01-01' + (n * interval '1 day' * 1500 / $2) as at
    from chosen, generate_series(1, $2::bigint) as n
), called as (
    insert into call (wallet_id, call_id, switch_id, state, request_hash, prefix, destination, kind, per_minute,
        connection_fee, initial_seconds, increment_seconds, max_seconds, first_held, first_seconds, first_final,
        first_expires_at, held, granted_seconds, is_final, expires_at, authorized_at, answered_at, ended_at,
        talked_seconds, billed_seconds, charge, released)
    select wallet_id, call_id, 'bench', 'ended', '', '52', 'Mexico', 'landline', 0.01, 0, 1, 1, 14400, 0.05, 300,
        false, at, 0.05, 300, false, at, at, at, at, 60, 60, 0.01, 0.04
    from past
), entered as (
    insert into transfer (wallet_id, seq, kind, from_account, to_account, amount, promotional, available_after,
        held_after, promotional_after, debt_after, subject, subject_id)
    select wallet_id, version + (n - 1) * 3 + part.number, part.kind, part.from_account, part.to_account, part.amount, 0,
        available - (n - 1) * 0.01 - part.gone, held + part.set_aside, promotional, debt, 'call', call_id
    from past, (values (1, 'hold', 'available', 'held', 0.05, 0.05, 0.05),
                       (2, 'capture', 'held', 'call_revenue', 0.01, 0.05, 0.04),
                       (3, 'release', 'held', 'available', 0.04, 0.01, 0))
               as part (number, kind, from_account, to_account, amount, gone, set_aside)
    order by wallet_id, n, part.number
)
update wallet set version = wallet.version + 3 * $2, paid = wallet.paid - $2 * 0.01
from chosen where wallet.wallet_id = chosen.wallet_id
