//! Signing in by a code, from the letter to the session.

use domain::{Declined, Email};
use ledger::Error;
use serde_json::Value;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use time::Duration;
use uuid::Uuid;

use crate::world::World;

impl World {
    /// The code in the newest letter to this address, as the mail server received it.
    async fn code_sent_to(&self, email: &Email) -> String {
        let url = format!("http://{}/_sandbox/mail?to={email}", self.sandbox.http);
        for _ in 0..100 {
            let letters: Value = self
                .http
                .get(&url)
                .send()
                .await
                .unwrap()
                .json()
                .await
                .unwrap();
            if let Some(text) = letters[0]["text"].as_str() {
                let digits: String = text
                    .lines()
                    .next()
                    .unwrap()
                    .chars()
                    .filter(char::is_ascii_digit)
                    .collect();
                assert_eq!(digits.len(), 8, "{text}");
                return digits;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("no letter came");
    }
}

fn somebody() -> Email {
    Email::parse(&format!("{}@example.com", Uuid::now_v7().simple())).unwrap()
}

fn another(code: &str) -> String {
    format!("{:08}", (code.parse::<u32>().unwrap() + 1) % 100_000_000)
}

#[sqlx::test(migrations = "../migrations")]
async fn the_code_of_the_letter_opens_an_empty_wallet_once(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::start(pool, database).await;
    let email = somebody();
    world
        .ledger
        .request_code(&email, "browser", "192.0.2.1", language::Language::English)
        .await
        .unwrap();
    let code = world.code_sent_to(&email).await;
    let customer_id = world
        .ledger
        .sign_in_with_code(&email, &code, "browser")
        .await
        .unwrap();
    let customer = world.ledger.customer(customer_id).await.unwrap();
    assert_eq!(
        world.ledger.wallet(customer.wallet_id).await.unwrap(),
        domain::Wallet::default()
    );
    let again = world
        .ledger
        .sign_in_with_code(&email, &code, "browser")
        .await;
    assert!(
        matches!(again, Err(Error::Declined(Declined::CodeGone))),
        "{again:?}"
    );
    assert_eq!(
        world
            .count("select count(*) from email where body_text is not null")
            .await,
        0,
        "sent letters are erased"
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn the_sixth_try_fails_even_with_the_right_code(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::start(pool, database).await;
    let email = somebody();
    world
        .ledger
        .request_code(&email, "browser", "192.0.2.1", language::Language::English)
        .await
        .unwrap();
    let code = world.code_sent_to(&email).await;
    for tries_left in [4, 3, 2, 1] {
        match world
            .ledger
            .sign_in_with_code(&email, &another(&code), "browser")
            .await
        {
            Err(Error::Declined(Declined::CodeWrong { tries_left: left })) => {
                assert_eq!(left, tries_left)
            }
            other => panic!("{other:?}"),
        }
    }
    for attempt in [another(&code), code] {
        let gone = world
            .ledger
            .sign_in_with_code(&email, &attempt, "browser")
            .await;
        assert!(
            matches!(gone, Err(Error::Declined(Declined::CodeGone))),
            "{gone:?}"
        );
    }
    assert_eq!(world.count("select count(*) from customer").await, 0);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_code_is_good_for_ten_minutes_in_one_browser(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::start(pool, database).await;
    let email = somebody();
    world
        .ledger
        .request_code(&email, "browser", "192.0.2.1", language::Language::English)
        .await
        .unwrap();
    let code = world.code_sent_to(&email).await;
    let elsewhere = world
        .ledger
        .sign_in_with_code(&email, &code, "another browser")
        .await;
    assert!(
        matches!(elsewhere, Err(Error::Declined(Declined::CodeGone))),
        "{elsewhere:?}"
    );
    for shape in ["", "1234567", "123456789", "1234567a", "１２３４５６７８"] {
        let refused = world
            .ledger
            .sign_in_with_code(&email, shape, "browser")
            .await;
        assert!(
            matches!(refused, Err(Error::Declined(Declined::CodeShape))),
            "{shape:?}: {refused:?}"
        );
    }
    world.clock.advance(Duration::minutes(10));
    let late = world
        .ledger
        .sign_in_with_code(&email, &code, "browser")
        .await;
    assert!(
        matches!(late, Err(Error::Declined(Declined::CodeGone))),
        "{late:?}"
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn codes_cannot_be_asked_for_or_guessed_without_end(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    // The middle of a window of a quarter of an hour, so that it does not turn during the test.
    let into = world.clock.now().unix_timestamp() % 900;
    world.clock.advance(Duration::seconds((1350 - into) % 900));
    let email = somebody();
    for _ in 0..5 {
        world
            .ledger
            .request_code(&email, "browser", "192.0.2.1", language::Language::English)
            .await
            .unwrap();
    }
    match world
        .ledger
        .request_code(&email, "browser", "192.0.2.2", language::Language::English)
        .await
    {
        Err(Error::Declined(Declined::TooMany {
            retry_after_seconds,
        })) => assert!((1..=900).contains(&retry_after_seconds)),
        other => panic!("{other:?}"),
    }
    for _ in 0..10 {
        let wrong = world
            .ledger
            .sign_in_with_code(&email, "00000000", "browser")
            .await;
        assert!(wrong.is_err());
    }
    let stopped = world
        .ledger
        .sign_in_with_code(&email, "00000000", "browser")
        .await;
    assert!(
        matches!(stopped, Err(Error::Declined(Declined::TooMany { .. }))),
        "{stopped:?}"
    );

    for number in 0..25 {
        let other = Email::parse(&format!("somebody{number}@example.com")).unwrap();
        world
            .ledger
            .request_code(&other, "browser", "192.0.2.1", language::Language::English)
            .await
            .unwrap();
    }
    let flood = world
        .ledger
        .request_code(
            &somebody(),
            "browser",
            "192.0.2.1",
            language::Language::English,
        )
        .await;
    assert!(
        matches!(flood, Err(Error::Declined(Declined::TooMany { .. }))),
        "{flood:?}"
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn sessions_are_listed_and_ended_by_their_owner_only(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let (ana, ben) = (world.person().await, world.person().await);
    let session = world
        .ledger
        .sessions(ana.customer_id)
        .await
        .unwrap()
        .remove(0);
    let foreign = world
        .ledger
        .end_session(ben.customer_id, session.session_id)
        .await;
    assert!(matches!(foreign, Err(Error::NotFound)), "{foreign:?}");
    assert_eq!(world.get("/wallet", Some(&ana)).await.status(), 200);
    world
        .ledger
        .end_session(ana.customer_id, session.session_id)
        .await
        .unwrap();
    assert!(
        world
            .get("/wallet", Some(&ana))
            .await
            .status()
            .is_redirection()
    );
    assert_eq!(world.get("/wallet", Some(&ben)).await.status(), 200);
}
