//! What a person takes along, and how their devices are told.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use domain::top_up::TopUpState;
use ledger::PushSubscription;
use serde_json::Value;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use web_push_native::Auth;
use web_push_native::p256::SecretKey;
use web_push_native::p256::elliptic_curve::sec1::ToEncodedPoint;

use crate::world::{VISA, World, money};

#[sqlx::test(migrations = "../migrations")]
async fn an_export_is_its_owners_and_adds_up(pool: PgPoolOptions, database: PgConnectOptions) {
    let world = World::start(pool, database).await;
    let ana = world.person().await;
    let (top_up_id, session_id) = world.start_top_up(ana.wallet_id, "25").await;
    world.pay(&session_id, VISA).await;
    world
        .until(ana.wallet_id, top_up_id, TopUpState::Settled)
        .await;
    let answer = world.get("/account/export.json", Some(&ana)).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let file: Value = answer.json().await.unwrap();
    let changes = file["books"]["entries"].as_array().unwrap().iter();
    let change: domain::Money = changes.map(|e| money(e["change"].as_str().unwrap())).sum();
    assert_eq!(change, money("25.5"));
    assert_eq!(file["books"]["closing"]["available"], "25.5000");
    assert_eq!(file["top_ups"][0]["reference"], top_up_id.to_string());
    let nobody = world.get("/account/export.json", None).await;
    assert_eq!(nobody.status(), 303);
}

/// What a push service was given.
type Given = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

#[sqlx::test(migrations = "../migrations")]
async fn a_notice_reaches_the_browsers_that_asked_and_no_other_can_read_it(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let given = Given::default();
    let service = Router::new()
        .route("/to/here", post(take))
        .route("/to/nowhere", post(async || StatusCode::GONE))
        .with_state(given.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move { axum::serve(listener, service).await });

    let world = World::start(pool, database).await;
    let ana = world.person().await;
    let secret = SecretKey::from_slice(&[7; 32]).unwrap();
    let auth = [9_u8; 16];
    for path in ["here", "nowhere"] {
        let subscription = PushSubscription {
            endpoint: format!("{base}/to/{path}"),
            p256dh: BASE64.encode(secret.public_key().to_encoded_point(false)),
            auth: BASE64.encode(auth),
            device: "Test".into(),
        };
        let ledger = &world.ledger;
        ledger
            .push_here(ana.customer_id, &subscription)
            .await
            .unwrap();
    }
    let (top_up_id, session_id) = world.start_top_up(ana.wallet_id, "25").await;
    world.pay(&session_id, VISA).await;
    world
        .until(ana.wallet_id, top_up_id, TopUpState::Settled)
        .await;
    for _ in 0..100 {
        if world.count("select count(*) from push_message").await == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let (headers, sealed) = {
        let given = given.lock().unwrap();
        assert_eq!(given.len(), 1, "told once");
        given[0].clone()
    };
    assert_eq!(headers["content-encoding"], "aes128gcm");
    assert!(
        headers["authorization"]
            .to_str()
            .unwrap()
            .starts_with("vapid t=")
    );
    let auth = Auth::clone_from_slice(&auth);
    let opened = web_push_native::decrypt(sealed.to_vec(), &secret, &auth).unwrap();
    let message: Value = serde_json::from_slice(&opened).unwrap();
    assert!(
        message["title"].as_str().unwrap().contains("$25"),
        "{message}"
    );
    assert!(
        message["url"].as_str().unwrap().starts_with('/'),
        "{message}"
    );
    assert_eq!(
        world.count("select count(*) from push_subscription").await,
        1,
        "a browser that is gone is forgotten"
    );
    serving.abort();
}

async fn take(State(given): State<Given>, headers: HeaderMap, body: Bytes) -> StatusCode {
    given.lock().unwrap().push((headers, body));
    StatusCode::CREATED
}

#[sqlx::test(migrations = "../migrations")]
async fn closing_sends_back_what_can_be_refunded_once_and_then_closes(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let ana = world.person().await;
    world.bought(&ana, "100", VISA).await;
    world.bought(&ana, "25", VISA).await;
    world.spend(ana.wallet_id, "50").await;
    let page = world.get("/account/close", Some(&ana)).await;
    let page = page.text().await.unwrap();
    assert!(page.contains("Visa ····4242"), "{page}");
    assert!(page.contains("$24.50"), "the second card: {page}");

    let close = async || {
        let fields = [("sure", "yes")];
        let sent = world
            .http
            .post(format!("{}/api/close_account", world.base))
            .header("cookie", &ana.cookie)
            .header("origin", &world.base)
            .header("accept", "text/html")
            .form(&fields)
            .send();
        let answer = sent.await.unwrap();
        answer.headers()["location"].to_str().unwrap().to_owned()
    };
    let clicks = futures_util::future::join(close(), close()).await;
    assert!(
        clicks.0 == "/" || clicks.1 == "/",
        "one of two clicks closed the account: {clicks:?}"
    );
    let refunds = world.stripe("refunds").await;
    assert_eq!(refunds["data"].as_array().unwrap().len(), 2, "each once");
    let open = "select count(*) from customer where closed_at is null";
    assert_eq!(world.count(open).await, 0);
    let left = world.ledger.wallet(ana.wallet_id).await.unwrap();
    assert!(left.paid.is_zero() && left.held.is_zero(), "{left:?}");
    world.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_refund_that_comes_back_after_closing_is_an_alarm_and_support_can_send_it(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let ana = world.person().await;
    let top_up_id = world.bought(&ana, "25", crate::refund::REFUND_FAILS).await;
    let (ledger, wallet_id) = (&world.ledger, ana.wallet_id);
    ledger.refund_everything(wallet_id).await.unwrap();
    ledger
        .close_account(ana.customer_id, wallet_id)
        .await
        .unwrap();
    assert_eq!(ledger.alarms().await.unwrap(), []);
    world
        .control("clock/advance", serde_json::json!({ "seconds": 11 }))
        .await;
    world.catch_up().await;
    let alarms = ledger.alarms().await.unwrap();
    assert_eq!(alarms.len(), 1, "{alarms:?}");
    assert_eq!(alarms[0].name, "Closed accounts that money came into");
    let ask = ledger::AskRefund {
        top_up_id,
        refund_id: ledger.new_refund_id(),
        credit: crate::world::money("25"),
        by: ledger::RefundBy::Support,
    };
    ledger.ask_refund(wallet_id, ask).await.unwrap();
    assert_eq!(ledger.alarms().await.unwrap(), []);
    world.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn the_worker_may_ask_for_our_files_and_the_offline_page_runs_only_them(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    for (path, policy, kind) in [
        ("/sw.js", "connect-src 'self'", "text/javascript"),
        ("/offline.html", "script-src 'self'", "text/html"),
    ] {
        let answer = world.get(path, None).await;
        let headers = answer.headers();
        assert_eq!(headers["cache-control"], "no-cache", "{path}");
        let content = headers["content-type"].to_str().unwrap();
        assert!(content.starts_with(kind), "{path}: {content}");
        let said = headers["content-security-policy"].to_str().unwrap();
        assert!(said.starts_with("default-src 'none'"), "{path}: {said}");
        assert!(said.contains(policy), "{path}: {said}");
    }
    let manifest: Value = {
        let answer = world.get("/manifest.webmanifest", None).await;
        serde_json::from_str(&answer.text().await.unwrap()).unwrap()
    };
    for list in ["icons", "screenshots", "shortcuts"] {
        for thing in manifest[list].as_array().into_iter().flatten() {
            let path = thing.get("src").or(thing.get("url")).unwrap();
            let path = path.as_str().unwrap();
            let status = world.get(path, None).await.status().as_u16();
            // Signed out, personal pages lead to the sign-in.
            assert!(matches!(status, 200 | 302 | 303 | 401), "{path}: {status}");
        }
    }
}
