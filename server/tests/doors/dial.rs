//! Calls asked for on a page: the server asks the switch, the switch comes back through its own door.

use domain::Declined;
use domain::call::CallRefusal;
use ledger::{Error, Stage};
use reqwest::header::COOKIE;
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::switchboard::LANDLINE;
use crate::world::{Person, World, money};

/// What the calls of a person's page are at.
async fn stage(world: &World, person: &Person, call_id: &str) -> Option<Stage> {
    let calls = world
        .ledger
        .live_calls(person.wallet_id, Some(call_id))
        .await
        .unwrap();
    calls
        .into_iter()
        .find(|call| call.call_id == call_id)
        .map(|call| call.stage)
}

#[sqlx::test(migrations = "../migrations")]
async fn two_clicks_are_one_call_that_is_held_charged_and_released(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    world.open_switch(200).await;
    let person = world.person_with("10").await;
    let call_id = world.ledger.new_call_id();
    world
        .control(
            "switch/next",
            json!({ "outcome": "hangs_up", "after": 340, "ring": 2 }),
        )
        .await;
    let click = || world.ledger.dial(person.wallet_id, call_id, LANDLINE);
    let (first, second) = tokio::join!(click(), click());
    first.unwrap();
    second.unwrap();
    let call = world.until_over(&call_id.to_string()).await;
    click().await.unwrap();
    let other = world
        .ledger
        .dial(person.wallet_id, call_id, "525587654321")
        .await;
    assert!(
        matches!(
            other,
            Err(Error::Declined(Declined::Call(CallRefusal::Conflict)))
        ),
        "{other:?}"
    );
    assert_eq!(
        (&call["talked_seconds"], &call["charge"]),
        (&json!(340), &json!("0.5667"))
    );
    assert_eq!(world.count("select count(*) from call").await, 1);
    let wallet = world.ledger.wallet(person.wallet_id).await.unwrap();
    assert_eq!(
        (wallet.available(), wallet.held),
        (money("9.4333"), money("0"))
    );
    // It was longer than the first hold.
    assert_eq!(
        world
            .count("select count(*) from transfer where kind = 'extend'")
            .await,
        1
    );
    assert_eq!(
        stage(&world, &person, &call_id.to_string()).await,
        Some(Stage::Over {
            charge: money("0.5667"),
            released: money("0.4333"),
            talked_seconds: 340,
            is_estimated: false,
        })
    );
    world.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_running_call_is_found_again_and_hung_up(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    world.open_switch(1).await;
    let person = world.person_with("1").await;
    let call_id = world.ledger.new_call_id();
    let name = call_id.to_string();
    world
        .control("switch/next", json!({ "outcome": "answered", "ring": 0 }))
        .await;
    world
        .ledger
        .dial(person.wallet_id, call_id, LANDLINE)
        .await
        .unwrap();
    let mut talking = None;
    for _ in 0..100 {
        // Nobody names it: the wallet alone leads to it.
        let calls = world.ledger.live_calls(person.wallet_id, None).await;
        talking = calls
            .unwrap()
            .into_iter()
            .find_map(|call| match call.stage {
                Stage::Talking { meter, held, .. } => Some((meter, held)),
                _ => None,
            });
        if talking.is_some() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let (meter, held) = talking.expect("the call is answered within five seconds");
    assert_eq!((held, meter.covered_seconds), (money("0.5"), 600));
    let stranger = world.person().await;
    let refused = world.ledger.hang_up(stranger.wallet_id, &name).await;
    assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
    world.ledger.hang_up(person.wallet_id, &name).await.unwrap();
    let call = world.until_over(&name).await;
    assert_eq!(call["cause"], "caller_hung_up");
    // Over is over.
    world.ledger.hang_up(person.wallet_id, &name).await.unwrap();
    assert!(
        world
            .ledger
            .live_calls(person.wallet_id, None)
            .await
            .unwrap()
            .is_empty()
    );
    world.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn what_the_books_would_refuse_is_refused_before_the_switch_is_asked(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    world.open_switch(1).await;
    let person = world.person_with("0.05").await;
    for (number, word) in [
        (LANDLINE, "BelowMinimum"),
        ("8816123456", "BlockedDestination"),
        ("9991234567", "NoRate"),
    ] {
        let call_id = world.ledger.new_call_id();
        let refused = world.ledger.dial(person.wallet_id, call_id, number).await;
        assert!(
            matches!(&refused, Err(Error::Declined(Declined::Call(why))) if format!("{why:?}").starts_with(word)),
            "{number}: {refused:?}"
        );
        assert!(world.switch_calls(&call_id.to_string()).await.is_empty());
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_page_is_told_why_the_books_refused_what_the_switch_asked(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    world.open_switch(1).await;
    let person = world.person_with("0.15").await;
    world
        .control("switch/next", json!({ "outcome": "answered", "ring": 60 }))
        .await;
    // The first call takes what the second would need, after the quote and before the switch asks.
    let (first, second) = (world.ledger.new_call_id(), world.ledger.new_call_id());
    let (one, two) = tokio::join!(
        world.ledger.dial(person.wallet_id, first, LANDLINE),
        world.ledger.dial(person.wallet_id, second, LANDLINE)
    );
    one.unwrap();
    two.unwrap();
    let refused = async |id: uuid::Uuid| {
        for _ in 0..100 {
            match stage(&world, &person, &id.to_string()).await {
                Some(Stage::Refused(why)) => return Some(why),
                Some(Stage::Ringing { .. } | Stage::Talking { .. }) => return None,
                _ => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
            }
        }
        panic!("neither refused nor placed");
    };
    let whys = [refused(first).await, refused(second).await];
    let whys: Vec<CallRefusal> = whys.into_iter().flatten().collect();
    assert!(
        matches!(whys[..], [CallRefusal::BelowMinimum { .. }]),
        "{whys:?}"
    );
    for id in [first, second] {
        let _ = world
            .ledger
            .hang_up(person.wallet_id, &id.to_string())
            .await;
        world.until_over(&id.to_string()).await;
    }
    world.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_click_on_the_page_places_the_call_and_leads_to_it(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    world.open_switch(100).await;
    let person = world.person_with("5").await;
    let call_id = world.ledger.new_call_id();
    let post = async |to: &str| {
        world
            .http
            .post(format!("{}/api/dial", world.base))
            .header(COOKIE, &person.cookie)
            .header("origin", &world.base)
            .header("accept", "text/html")
            .header("referer", format!("{}/call", world.base))
            .form(&[("call_id", call_id.to_string().as_str()), ("to", to)])
            .send()
            .await
            .unwrap()
    };
    let answer = post("+52 (55) 1234-5678").await;
    assert_eq!(answer.status(), 302);
    assert_eq!(
        answer.headers()["location"].to_str().unwrap(),
        format!("/call?call={call_id}")
    );
    world
        .control("switch/hangup", json!({ "call_id": call_id }))
        .await;
    world.until_over(&call_id.to_string()).await;
    let refused = post("not a number").await;
    assert!(
        refused.headers()["location"]
            .to_str()
            .unwrap()
            .contains("__err")
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn a_switch_killed_in_mid_call_is_swept_estimated_and_corrected_by_its_late_report(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    world.open_switch(200).await;
    let person = world.person_with("10").await;
    let call_id = world.ledger.new_call_id();
    let name = call_id.to_string();
    world
        .control(
            "switch/next",
            json!({ "outcome": "silent", "after": 50, "ring": 1 }),
        )
        .await;
    world
        .ledger
        .dial(person.wallet_id, call_id, LANDLINE)
        .await
        .unwrap();
    world.until_over(&name).await;
    // Granted were five minutes; two more are waited.
    world.clock.advance(time::Duration::seconds(421));
    assert_eq!(world.ledger.expire_calls().await.unwrap(), 1);
    let over = |charge: &str, released: &str, talked_seconds| {
        Some(Stage::Over {
            charge: money(charge),
            released: money(released),
            talked_seconds,
            is_estimated: true,
        })
    };
    // The last heartbeat was at 45 seconds.
    assert_eq!(
        stage(&world, &person, &name).await,
        over("0.075", "0.425", 45)
    );
    let report = json!([{
        "wallet": person.wallet_id, "call_id": name, "talked_seconds": 62, "cause": "switch_restarted",
    }]);
    for _ in 0..2 {
        let answer = world
            .http
            .post(format!("{}/switch/v1/reports", world.base))
            .bearer_auth("switch_sandbox")
            .json(&report)
            .send()
            .await
            .unwrap();
        let answer: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(answer[0]["outcome"], "recorded");
    }
    assert_eq!(
        stage(&world, &person, &name).await,
        over("0.1033", "0.3967", 62)
    );
    let wallet = world.ledger.wallet(person.wallet_id).await.unwrap();
    assert_eq!(
        (wallet.available(), wallet.held),
        (money("9.8967"), money("0"))
    );
    world.assert_clean().await;
}
