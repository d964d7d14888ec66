//! The desk: who may, what is noted, and a wallet that is frozen.

use domain::adjustment::{AdjustmentRefusal, AdjustmentState};
use domain::call::{CallRefusal, FreezeReason};
use domain::notice::{LetterState, NoticeKind, ResendRefusal};
use domain::staff::Role;
use domain::{Declined, Email};
use language::Language;
use ledger::{Adjust, AuditFilter, Deed, Error, StoredSession};
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use uuid::Uuid;

use super::call::{open, refused};
use crate::support::calls::{LANDLINE, ask, call};
use crate::support::{Books, money};

fn deed(act: &'static str) -> Deed {
    Deed {
        actor: "ines@example.com".into(),
        act,
        subject: "wallet",
        subject_id: "w".into(),
        wallet_id: None,
        detail: json!({ "amount": "1" }),
        session_id: None,
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn the_log_says_what_became_of_an_act_and_nobody_of_ours_can_change_it(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = Books::open(pool, database).await;
    let ledger = &books.ledger;
    ledger.note_view(deed("view")).await.unwrap();
    ledger.deed(deed("freeze"), async { Ok(()) }).await.unwrap();
    let failed = ledger.deed(deed("refund"), async { Err::<(), _>(Error::NotFound) });
    assert!(failed.await.is_err());
    let log = ledger.audit_log(&AuditFilter::default()).await.unwrap();
    let said: Vec<_> = log
        .iter()
        .map(|row| (row.act.as_str(), row.outcome.as_deref()))
        .collect();
    let expected = [
        ("refund", Some("not found")),
        ("freeze", Some("done")),
        ("view", None),
    ];
    assert_eq!(said, expected);
    for role in [
        "wallet_web",
        "wallet_switch",
        "wallet_worker",
        "wallet_read",
    ] {
        for change in [
            "update audit set actor = 'nobody'",
            "delete from audit",
            "truncate audit",
            "insert into audit (audit_id, at, actor, act, subject, subject_id, detail)
             values (gen_random_uuid(), now(), 'a', 'b', 'c', 'd', '{}')",
        ] {
            let mut tx = books.owner.begin().await.unwrap();
            sqlx::query(sqlx::AssertSqlSafe(format!("set local role {role}")))
                .execute(&mut *tx)
                .await
                .unwrap();
            let outcome = sqlx::query(change).execute(&mut *tx).await;
            let refused = outcome.unwrap_err().to_string();
            assert!(
                refused.contains("permission denied"),
                "{role}: {change}: {refused}"
            );
        }
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_role_is_given_and_taken_by_address(pool: PgPoolOptions, database: PgConnectOptions) {
    let books = Books::open(pool, database).await;
    let ines = Email::parse("ines@example.com").unwrap();
    for _ in 0..2 {
        let granted = books.ledger.grant_role(&ines, Role::Support, "console");
        granted.await.unwrap();
    }
    let customer = books.ledger.open_customer(&ines).await.unwrap();
    let roles = books.ledger.roles(customer.customer_id).await.unwrap();
    assert_eq!(roles, [Role::Support]);
    let taken = [true, false].map(|done| (done, books.ledger.revoke_role(&ines, Role::Support)));
    for (done, revoked) in taken {
        assert_eq!(revoked.await.unwrap(), done);
    }
    assert_eq!(books.ledger.roles_of(&ines).await.unwrap(), []);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_frozen_wallet_pays_for_no_call_until_it_is_let_go(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let wallet_id = books.funded("10", "0").await;
    for reason in ["a stolen card", "another reason"] {
        books.ledger.freeze(wallet_id, reason).await.unwrap();
    }
    let frozen = books.ledger.frozen(wallet_id).await.unwrap().unwrap();
    assert_eq!(frozen.reason, "a stolen card");
    let refusal = CallRefusal::WalletFrozen {
        reason: FreezeReason::Support,
    };
    let started = books.ledger.authorize_call(ask(wallet_id, "c-1", LANDLINE));
    assert_eq!(refused(started.await), refusal);
    let (_, quote) = books.ledger.quote_call(wallet_id, LANDLINE).await.unwrap();
    assert_eq!(quote.refusal, Some(refusal));
    books.ledger.unfreeze(wallet_id).await.unwrap();
    let started = books.ledger.authorize_call(ask(wallet_id, "c-2", LANDLINE));
    started.await.unwrap();
    // Frozen in the call: what was granted is all there is.
    books
        .ledger
        .answer_call(call(wallet_id, "c-2"))
        .await
        .unwrap();
    books
        .ledger
        .freeze(wallet_id, "a stolen card")
        .await
        .unwrap();
    let beat = books.ledger.update_call(call(wallet_id, "c-2"), 1, 290);
    let beat = beat.await.unwrap();
    assert_eq!((beat.granted_seconds, beat.is_final), (300, true));
    // Closed by hand: the confirmed seconds are charged, once.
    for is_first in [true, false] {
        let closed = books.ledger.give_up_call(wallet_id, "c-2").await;
        assert_eq!(closed.unwrap(), is_first);
    }
    books.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn of_many_who_decide_at_once_one_decides(pool: PgPoolOptions, database: PgConnectOptions) {
    let books = Books::open(pool, database).await;
    let wallet_id = books.funded("10", "0").await;
    let ask = Adjust {
        wallet_id,
        adjustment_id: Uuid::now_v7(),
        amount: money("60"),
        reason: "an outage".into(),
        author: "ines@example.com".into(),
        credit_expires_at: None,
    };
    let id = ask.adjustment_id;
    assert_eq!(
        books.ledger.adjust(ask).await.unwrap(),
        AdjustmentState::Waiting
    );
    assert_eq!(
        books.ledger.waiting_adjustments(None).await.unwrap().len(),
        1
    );
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..10 {
        let ledger = books.ledger.clone();
        tasks.spawn(async move {
            let by = format!("colleague-{number}@example.com");
            ledger
                .decide_adjustment(wallet_id, id, &by, number % 2 == 0)
                .await
        });
    }
    let (mut decided, mut late) = (0, 0);
    for outcome in tasks.join_all().await {
        match outcome {
            Ok(_) => decided += 1,
            Err(Error::Declined(Declined::Adjustment(AdjustmentRefusal::Decided))) => late += 1,
            other => panic!("unexpected: {other:?}"),
        }
    }
    assert_eq!((decided, late), (1, 9));
    let posted: i64 = sqlx::query_scalar("select count(*) from transfer where kind = 'adjustment'")
        .fetch_one(&books.owner)
        .await
        .unwrap();
    assert!(posted <= 1);
    books.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_customer_is_found_by_whatever_they_quote(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let email = Email::parse("ana_maria@example.com").unwrap();
    let customer = books.ledger.open_customer(&email).await.unwrap();
    let wallet_id = customer.wallet_id;
    books
        .settled_top_up(wallet_id, money("10"), money("0"))
        .await;
    books
        .corrupt("update top_up set receipt_number = '1234-5678', stripe_charge_id = 'ch_1'")
        .await;
    let started = books
        .ledger
        .authorize_call(ask(wallet_id, "call-77", LANDLINE));
    started.await.unwrap();
    let number = ledger::NumberKind::Registered;
    let added = books
        .ledger
        .add_number(wallet_id, "525512345678", number, None);
    assert!(added.await.unwrap());
    let code = books.ledger.referral_code(wallet_id).await.unwrap();
    let top_up: Uuid = sqlx::query_scalar("select top_up_id from top_up")
        .fetch_one(&books.owner)
        .await
        .unwrap();
    for (text, by) in [
        ("ANA_", "email"),
        ("ana_maria@example.com", "email"),
        ("+52 55 1234 5678", "number"),
        ("call-77", "call"),
        ("1234-5678", "receipt"),
        ("ch_1", "charge"),
        (&wallet_id.to_string(), "wallet"),
        (&top_up.to_string(), "top-up"),
        (&code.to_lowercase(), "invitation code"),
    ] {
        let found = books.ledger.find_customers(text).await.unwrap();
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(
            (found[0].wallet_id, found[0].by.as_str()),
            (wallet_id, by),
            "{text}"
        );
    }
    for text in [
        "",
        "an",
        "%",
        "ana%",
        "anaxmaria",
        "nobody@example.com",
        "' or 1=1 --",
    ] {
        assert_eq!(
            books.ledger.find_customers(text).await.unwrap(),
            [],
            "{text}"
        );
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_letter_is_sent_again_once_and_only_to_who_wants_it(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = Books::open(pool, database).await;
    let ledger = &books.ledger;
    let wallet_id = books.funded("10", "0").await;
    let take = Adjust {
        wallet_id,
        adjustment_id: Uuid::now_v7(),
        amount: money("-6"),
        reason: "a test of letters".into(),
        author: "ines@example.com".into(),
        credit_expires_at: None,
    };
    ledger.adjust(take).await.unwrap();
    ledger.tell_low_balances().await.unwrap();
    let [trace] = &ledger.notice_traces(wallet_id).await.unwrap()[..] else {
        panic!("one notice was told");
    };
    let notice_id = trace.notice_id;
    assert_eq!((trace.letters, trace.letter), (1, Some(LetterState::Due)));
    let refused = |outcome: Result<(), Error>, why| {
        let declined =
            matches!(&outcome, Err(Error::Declined(Declined::Resend(said))) if *said == why);
        assert!(declined, "{outcome:?}");
    };
    refused(
        ledger.resend_notice(wallet_id, notice_id).await,
        ResendRefusal::OnItsWay,
    );
    let send = || async {
        for letter in ledger.take_emails().await.unwrap() {
            ledger.email_sent(&letter).await.unwrap();
        }
    };
    send().await;
    refused(
        ledger.resend_notice(wallet_id, notice_id).await,
        ResendRefusal::JustSent,
    );
    books.clock.advance(time::Duration::minutes(11));
    let (one, two) = tokio::join!(
        ledger.resend_notice(wallet_id, notice_id),
        ledger.resend_notice(wallet_id, notice_id)
    );
    assert!(one.is_ok() != two.is_ok(), "two clicks wrote two letters");
    send().await;
    let traces = ledger.notice_traces(wallet_id).await.unwrap();
    assert_eq!(
        (traces[0].letters, traces[0].letter),
        (2, Some(LetterState::Sent))
    );
    // Another's notice is nobody's; and a kind that was refused stays refused.
    let stranger = books.wallet().await;
    let elsewhere = ledger.resend_notice(stranger, notice_id).await;
    assert!(matches!(elsewhere, Err(Error::NotFound)));
    books.clock.advance(time::Duration::minutes(11));
    ledger
        .mail_notices(wallet_id, NoticeKind::LowBalance, false)
        .await
        .unwrap();
    refused(
        ledger.resend_notice(wallet_id, notice_id).await,
        ResendRefusal::NotWanted,
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn what_is_sent_for_a_wallet_is_listed_and_no_code_with_it(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = Books::open(pool, database).await;
    let ledger = &books.ledger;
    let wallet_id = books.funded("10", "0").await;
    let customer = ledger.customer_of(wallet_id).await.unwrap();
    ledger
        .request_code(&customer.email, "a browser", "127.0.0.1", Language::English)
        .await
        .unwrap();
    let outbox = ledger.outbox(wallet_id).await.unwrap();
    let what: Vec<_> = outbox.iter().map(|row| row.what.as_str()).collect();
    assert_eq!(what, ["other letter", "checkout"]);
    let code: String = sqlx::query_scalar("select subject from email")
        .fetch_one(&books.owner)
        .await
        .unwrap();
    assert!(!format!("{outbox:?}").contains(&code), "the code is told");
    assert_eq!(ledger.refill_traces(wallet_id).await.unwrap(), []);
    let stranger = books.wallet().await;
    assert_eq!(ledger.outbox(stranger).await.unwrap(), []);
    // A session is ended by whose wallet it is.
    let session_id = Uuid::now_v7();
    let session = StoredSession {
        session_id,
        customer_id: Some(customer.customer_id),
        device: None,
        data: json!({}),
        expires_at: time::OffsetDateTime::now_utc() + time::Duration::days(1),
    };
    ledger.insert_session(b"secret", &session).await.unwrap();
    let elsewhere = ledger.end_session_of(stranger, session_id).await;
    assert!(matches!(elsewhere, Err(Error::NotFound)));
    ledger.end_session_of(wallet_id, session_id).await.unwrap();
    let again = ledger.end_session_of(wallet_id, session_id).await;
    assert!(matches!(again, Err(Error::NotFound)));
}
