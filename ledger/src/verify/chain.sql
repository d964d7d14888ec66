-- V2: each row follows from the one before it. The row before the first one looked at is taken along.
with scope as (
    select wallet_id, min(seq) as first_seq from transfer
    where $1::timestamptz is null or created_at >= $1
    group by wallet_id
), chain as (
    select transfer.*, scope.first_seq,
        lag(seq, 1, 0::bigint) over later as seq_before,
        lag(available_after, 1, 0) over later as available_before,
        lag(held_after, 1, 0) over later as held_before,
        lag(promotional_after, 1, 0) over later as promotional_before,
        lag(debt_after, 1, 0) over later as debt_before
    from scope join transfer on transfer.wallet_id = scope.wallet_id and seq >= scope.first_seq - 1
    window later as (partition by transfer.wallet_id order by seq)
), violation as (
    select format('wallet %s seq %s', wallet_id, seq) as example
    from chain
    where seq >= first_seq and (
        seq <> seq_before + 1
        or available_after <> available_before
            + case 'available' when to_account then amount when from_account then -amount else 0 end
        or held_after <> held_before
            + case 'held' when to_account then amount when from_account then -amount else 0 end
        or debt_after <> debt_before
            + case 'debt' when from_account then amount when to_account then -amount else 0 end
        or promotional_after <> promotional_before + case
            when from_account not in ('available', 'held', 'debt') then promotional
            when to_account not in ('available', 'held', 'debt') then -promotional
            else 0 end
    )
)
select count(*) as "violations!", coalesce((array_agg(example))[1:5], '{}') as "examples!: Vec<String>" from violation
