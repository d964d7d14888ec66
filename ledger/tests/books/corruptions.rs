//! What somebody with the owner's rights could do to the books.

/// What is done to the books, and the statements that stop holding; all of them are expected.
pub(crate) const CORRUPTIONS: &[(&str, &str, &[&str])] = &[
    (
        "an amount raised",
        "update transfer set amount = amount + 1 where kind = 'top_up'",
        &["V2", "V3", "V10", "V11"],
    ),
    (
        "a balance raised",
        "update wallet set paid = paid + 1",
        &["V3", "V4"],
    ),
    (
        "a promotional share lowered",
        "update transfer set promotional = promotional - 1 where kind = 'bonus'",
        &["V2", "V3", "V23"],
    ),
    (
        "a transfer removed",
        "delete from transfer where kind = 'top_up'",
        &["V2", "V3", "V10"],
    ),
    (
        "a running balance changed",
        "update transfer set available_after = available_after + 1 where kind = 'top_up'",
        &["V2"],
    ),
    (
        "a route that does not exist",
        "update transfer set from_account = 'breakage' where kind = 'top_up'",
        &["V1", "V11"],
    ),
    (
        "an amount without a number",
        "update transfer set amount = 'NaN' where kind = 'top_up'",
        &["V1", "V2", "V3", "V10", "V11"],
    ),
    (
        "a debt nobody has",
        "update wallet set debt = debt + 5",
        &["V3", "V4"],
    ),
    (
        "a payment never credited",
        "insert into top_up (wallet_id, top_up_id, source, state, amount, bonus, idempotency_key,
             checkout_expires_at, return_origin, next_check_at, settled_at, stripe_payment_id)
         select wallet_id, gen_random_uuid(), 'manual', 'settled', 25, 0, 'k', now(), '', now(), now(), 'pi_x' from wallet",
        &["V10"],
    ),
    (
        "a payment credited to two wallets",
        "with thief as (insert into wallet (wallet_id) values (gen_random_uuid()) returning wallet_id)
         insert into top_up (wallet_id, top_up_id, source, state, amount, bonus, idempotency_key,
             checkout_expires_at, return_origin, next_check_at, stripe_payment_id)
         select thief.wallet_id, gen_random_uuid(), 'manual', 'pending', 25, 0, 'k', now(), '', now(), stripe_payment_id
         from thief, top_up",
        &["V9"],
    ),
    (
        "a bonus that was not promised",
        "update top_up set bonus = 0",
        &["V10"],
    ),
    (
        "a consistent forgery: credit nobody paid for",
        "with richer as (
             update wallet set paid = paid + 5, version = version + 1
             returning wallet_id, version, paid, promotional, held, debt
         )
         insert into transfer (wallet_id, seq, kind, from_account, to_account, amount, promotional,
             available_after, held_after, promotional_after, debt_after, subject, subject_id)
         select wallet_id, version, 'top_up', 'stripe_clearing', 'available', 5, 0,
             paid + promotional - held, held, promotional, debt, 'top_up', 'forged' from richer",
        &["V10", "V11"],
    ),
    (
        "money held for nothing known",
        "with held as (
             update wallet set held = held + 1, version = version + 1
             returning wallet_id, version, paid, promotional, held, debt
         )
         insert into transfer (wallet_id, seq, kind, from_account, to_account, amount, promotional,
             available_after, held_after, promotional_after, debt_after, subject, subject_id)
         select wallet_id, version, 'hold', 'available', 'held', 1, 0,
             paid + promotional - held, held, promotional, debt, 'message', 'x' from held",
        &["V6"],
    ),
    (
        "a hold while in debt",
        "with owing as (
             update wallet set debt = 3, held = held + 1, version = version + 2
             returning wallet_id, version, paid, promotional, held, debt
         )
         insert into transfer (wallet_id, seq, kind, from_account, to_account, amount, promotional,
             available_after, held_after, promotional_after, debt_after, subject, subject_id)
         select wallet_id, version - 1, 'dispute', 'debt', 'stripe_clearing', 3, 0,
             paid + promotional - held + 1, held - 1, promotional, debt, 'dispute', 'd' from owing
         union all
         select wallet_id, version, 'refund_hold', 'available', 'held', 1, 0,
             paid + promotional - held, held, promotional, debt, 'refund', 'r' from owing",
        &["V24"],
    ),
    (
        "a balance below zero, written twice alike",
        "with poorer as (
             update wallet set paid = paid - 100, version = version + 1
             returning wallet_id, version, paid, promotional, held, debt
         )
         insert into transfer (wallet_id, seq, kind, from_account, to_account, amount, promotional,
             available_after, held_after, promotional_after, debt_after, subject, subject_id)
         select wallet_id, version, 'message', 'available', 'message_revenue', 100, 0,
             paid + promotional - held, held, promotional, debt, 'message', 'm' from poorer",
        &["V5"],
    ),
    (
        "a call charged less than it moved",
        "update call set charge = charge - 0.01, released = released + 0.01 where call_id = 'ended'",
        &["V7", "V20"],
    ),
    (
        "a call priced otherwise than it was sold",
        "update call set per_minute = per_minute * 2 where call_id = 'ended'",
        &["V20"],
    ),
    (
        "a running call that holds less than it says",
        "update call set held = held + 0.1 where call_id = 'running'",
        &["V6", "V7"],
    ),
    (
        "a call closed without its release",
        "update call set state = 'ended', ended_at = now(), talked_seconds = 0, billed_seconds = 0, charge = 0,
             released = held where call_id = 'running'",
        &["V6", "V7"],
    ),
    (
        "a call nobody gives up",
        "update call set expires_at = now() - interval '6 minutes' where call_id = 'running'",
        &["V8"],
    ),
    (
        "granted time taken away",
        "insert into call_update (wallet_id, call_id, seq, talked_seconds, granted_seconds, held, is_final)
         select wallet_id, call_id, seq, 1, granted, 0.5, false
         from call, (values (1, 300), (2, 200)) as answer (seq, granted) where call_id = 'running'",
        &["V20"],
    ),
    (
        "a charge given back that was never taken",
        "with richer as (
             update wallet set paid = paid + 0.01, held = held + 0.01, version = version + 1
             returning wallet_id, version, paid, promotional, held, debt
         )
         insert into transfer (wallet_id, seq, kind, from_account, to_account, amount, promotional,
             available_after, held_after, promotional_after, debt_after, subject, subject_id, step)
         select wallet_id, version, 'capture', 'call_revenue', 'held', 0.01, 0,
             paid + promotional - held, held, promotional, debt, 'call', 'running', 1 from richer",
        &["V7", "V13"],
    ),
    (
        "a call both granted and refused",
        "insert into call_refusal (wallet_id, call_id, switch_id, request_hash, refusal)
         select wallet_id, call_id, switch_id, request_hash, '{}' from call where call_id = 'running'",
        &["V18"],
    ),
    (
        "an answer nobody was given",
        "update call set update_seq = 3 where call_id = 'running'",
        &["V18"],
    ),
    (
        "one call more counted than run",
        "update wallet set running_calls = running_calls + 1",
        &["V6"],
    ),
    (
        "a correction changed afterwards",
        "update adjustment set amount = amount + 1",
        &["V14"],
    ),
    (
        "a grant without its credit",
        "insert into credit_grant (wallet_id, grant_id, kind, amount, reason, granted_at)
         select wallet_id, 'NONE', 'promo', 5, 'none', now() from wallet",
        &["V14"],
    ),
    (
        "a transfer of no wallet",
        "update transfer set wallet_id = gen_random_uuid() where kind = 'bonus'",
        &["V3"],
    ),
    (
        "an event nobody processed",
        "insert into stripe_event (event_id, event_type, object_id, body, received_at)
         values ('evt_1', 'charge.updated', 'ch_1', '', now() - interval '6 minutes')",
        &["V12"],
    ),
];
