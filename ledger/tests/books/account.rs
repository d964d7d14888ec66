//! What a person sets up, moves, takes along and closes.

use domain::declined::{ClosingRefusal, Declined};
use domain::{CustomerId, Email, WalletId};
use ledger::Error;
use serde_json::Value;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::call::open;
use crate::support::Books;
use crate::support::calls::{LANDLINE, ask, call};

impl Books {
    pub(crate) async fn owner_of(&self, wallet_id: WalletId) -> CustomerId {
        sqlx::query_scalar("select customer_id from customer where wallet_id = $1")
            .bind(wallet_id)
            .fetch_one(&self.owner)
            .await
            .unwrap()
    }

    /// The code in the last letter to this address.
    async fn code_for(&self, email: &Email) -> String {
        self.ledger
            .request_code(email, "browser", "10.0.0.1", language::Language::English)
            .await
            .unwrap();
        let subject: String = sqlx::query_scalar(
            "select subject from email where recipient = $1 order by email_id desc limit 1",
        )
        .bind(email.as_str())
        .fetch_one(&self.owner)
        .await
        .unwrap();
        subject.chars().filter(char::is_ascii_digit).collect()
    }

    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql)
            .fetch_one(&self.owner)
            .await
            .unwrap()
    }
}

fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
}

#[sqlx::test(migrations = "../migrations")]
async fn an_address_is_moved_by_who_receives_its_mail(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = Books::open(pool, database).await;
    let ledger = &books.ledger;
    let ana = ledger
        .open_customer(&email("ana@example.com"))
        .await
        .unwrap();
    let ben = ledger
        .open_customer(&email("ben@example.com"))
        .await
        .unwrap();
    let new = email("ana@example.org");
    let code = books.code_for(&new).await;
    let wrong = if code == "00000000" {
        "00000001"
    } else {
        "00000000"
    };
    let refused = ledger
        .change_email(ana.customer_id, &new, wrong, "browser")
        .await;
    assert!(matches!(
        refused,
        Err(Error::Declined(Declined::CodeWrong { .. }))
    ));
    ledger
        .change_email(ana.customer_id, &new, &code, "browser")
        .await
        .unwrap();
    assert_eq!(ledger.customer(ana.customer_id).await.unwrap().email, new);
    // The code is used up, and the old address was told.
    let again = ledger
        .change_email(ben.customer_id, &new, &code, "browser")
        .await;
    assert!(matches!(again, Err(Error::Declined(Declined::CodeGone))));
    assert_eq!(
        books
            .count("select count(*) from email where recipient = 'ana@example.com'")
            .await,
        1
    );
    // An address that is somebody's stays somebody's.
    let code = books.code_for(&new).await;
    let taken = ledger
        .change_email(ben.customer_id, &new, &code, "browser")
        .await;
    assert!(
        matches!(taken, Err(Error::Declined(Declined::EmailTaken))),
        "{taken:?}"
    );
    // Who signs in at the old address is somebody new.
    let code = books.code_for(&email("ana@example.com")).await;
    let stranger = ledger
        .sign_in_with_code(&email("ana@example.com"), &code, "browser")
        .await;
    assert_ne!(stranger.unwrap(), ana.customer_id);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_closed_account_keeps_its_books_and_nothing_personal(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let wallet_id = books.funded("100", "8").await;
    let customer_id = books.owner_of(wallet_id).await;
    let address = books.ledger.customer(customer_id).await.unwrap().email;
    let ledger = &books.ledger;
    ledger
        .authorize_call(ask(wallet_id, "a", LANDLINE))
        .await
        .unwrap();
    let running = ledger.close_account(customer_id, wallet_id).await;
    assert!(
        matches!(
            running,
            Err(Error::Declined(Declined::Closing(ClosingRefusal::OnHold)))
        ),
        "{running:?}"
    );
    ledger
        .end_call(call(wallet_id, "a"), 60, "normal")
        .await
        .unwrap();
    books
        .corrupt("update top_up set state = 'pending', settled_at = null, stripe_payment_id = null")
        .await;
    let pending = ledger.close_account(customer_id, wallet_id).await;
    assert!(
        matches!(
            pending,
            Err(Error::Declined(Declined::Closing(
                ClosingRefusal::PaymentPending
            )))
        ),
        "{pending:?}"
    );
    books
        .corrupt(
            "update top_up set state = 'settled', settled_at = now(), stripe_payment_id = 'pi_1'",
        )
        .await;

    ledger
        .keep_favorite(wallet_id, LANDLINE, "Mother")
        .await
        .unwrap();
    ledger.block_sender(wallet_id, LANDLINE).await.unwrap();
    books
        .corrupt("insert into dialed_call select wallet_id, 'b', '525512345678', now() from call")
        .await;
    let before = ledger.wallet(wallet_id).await.unwrap();
    let (one, two) = tokio::join!(
        ledger.close_account(customer_id, wallet_id),
        ledger.close_account(customer_id, wallet_id)
    );
    assert!(one.is_ok() != two.is_ok(), "once: {one:?}, {two:?}");
    assert_eq!(
        ledger.wallet(wallet_id).await.unwrap(),
        before,
        "no money moves"
    );
    assert_eq!(
        books
            .count("select count(*) from call where caller is not null or callee is not null")
            .await,
        0
    );
    for table in [
        "select count(*) from session",
        "select count(*) from dialed_call",
        "select count(*) from favorite_number",
        "select count(*) from blocked_sender",
    ] {
        assert_eq!(books.count(table).await, 0, "{table}");
    }
    let closed = ledger.customer(customer_id).await.unwrap();
    assert!(closed.email.as_str().ends_with("@closed.invalid"));
    let anew = ledger.open_customer(&address).await.unwrap();
    assert_ne!(anew.wallet_id, wallet_id, "the address may begin anew");
    books.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn an_export_says_what_the_statement_says(pool: PgPoolOptions, database: PgConnectOptions) {
    let books = open(pool, database).await;
    let wallet_id = books.funded("100", "8").await;
    let customer_id = books.owner_of(wallet_id).await;
    let ledger = &books.ledger;
    ledger
        .authorize_call(ask(wallet_id, "a", LANDLINE))
        .await
        .unwrap();
    ledger
        .end_call(call(wallet_id, "a"), 61, "normal")
        .await
        .unwrap();
    let export = ledger.export(customer_id, wallet_id).await.unwrap();
    let wallet = ledger.wallet(wallet_id).await.unwrap();
    assert_eq!(*export.statement.closing(), wallet);
    let calls = export.things["calls"].as_array().unwrap();
    assert_eq!(calls[0]["charge"], Value::from("0.1017"));
    assert_eq!(calls[0]["callee"], Value::from(LANDLINE));
    let bought = &export.things["top_ups"][0];
    assert_eq!(bought["amount"], Value::from("100.0000"));
    let text = serde_json::to_string(&export.things).unwrap();
    for secret in ["idempotency", "hash", "stripe", "pi_"] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
    let nobody = books.wallet().await;
    let owner = books.owner_of(nobody).await;
    let empty = ledger.export(owner, nobody).await.unwrap();
    assert!(empty.statement.lines().is_empty());
}

#[sqlx::test(migrations = "../migrations")]
async fn settings_are_kept_and_a_destination_must_be_sold(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let wallet_id = books.wallet().await;
    let customer_id = books.owner_of(wallet_id).await;
    let ledger = &books.ledger;
    ledger
        .choose_time_zone(customer_id, Some("Asia/Kolkata"))
        .await
        .unwrap();
    ledger.choose_destination(customer_id, "521").await.unwrap();
    for unsold in ["7", "881"] {
        let refused = ledger.choose_destination(customer_id, unsold).await;
        assert!(
            matches!(refused, Err(Error::Declined(Declined::Call(_)))),
            "{unsold}"
        );
    }
    let settings = ledger.settings(customer_id).await.unwrap();
    assert_eq!(settings.time_zone.as_deref(), Some("Asia/Kolkata"));
    assert_eq!(settings.talk_prefix.as_deref(), Some("521"));
    ledger.choose_time_zone(customer_id, None).await.unwrap();
    assert_eq!(ledger.settings(customer_id).await.unwrap().time_zone, None);
}
