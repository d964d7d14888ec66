//! Notices on the page and the way out of their letters.

use domain::top_up::TopUpState;
use reqwest::header::COOKIE;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::world::{VISA, World};

#[sqlx::test(migrations = "../migrations")]
async fn credit_that_arrived_is_said_on_the_page_until_it_is_dismissed(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::start(pool, database).await;
    let ana = world.person().await;
    let (top_up_id, session_id) = world.start_top_up(ana.wallet_id, "25").await;
    world.pay(&session_id, VISA).await;
    world
        .until(ana.wallet_id, top_up_id, TopUpState::Settled)
        .await;
    let said = "$25.00 was added to your wallet";
    let page = world.get("/wallet", Some(&ana)).await.text().await.unwrap();
    assert!(page.contains(said), "{page}");
    let notice_id = world.ledger.unread_notices(ana.wallet_id).await.unwrap()[0].notice_id;
    let dismissed = world
        .http
        .post(format!("{}/api/dismiss_notice", world.base))
        .header(COOKIE, &ana.cookie)
        .header("origin", &world.base)
        .header("accept", "text/html")
        .form(&[("notice_id", notice_id.to_string())])
        .send()
        .await
        .unwrap();
    assert_eq!(dismissed.status(), 302);
    let page = world.get("/wallet", Some(&ana)).await.text().await.unwrap();
    assert!(!page.contains(said));
}

#[sqlx::test(migrations = "../migrations")]
async fn one_click_in_a_mail_program_stops_letters_of_a_kind(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::start(pool, database).await;
    let ana = world.person().await;
    let (top_up_id, session_id) = world.start_top_up(ana.wallet_id, "25").await;
    world.pay(&session_id, VISA).await;
    world
        .until(ana.wallet_id, top_up_id, TopUpState::Settled)
        .await;
    let address: String = sqlx::query_scalar("select unsubscribe_url from email")
        .fetch_one(&world.owner)
        .await
        .unwrap();
    // Programs that check links only open them.
    let asked = world.http.get(&address).send().await.unwrap();
    assert_eq!(asked.status(), 200);
    assert!(asked.text().await.unwrap().contains("<form method=post>"));
    // Mail programs send it from a site of their own.
    let stop = async |address: &str| {
        world
            .http
            .post(address)
            .header("origin", "https://mail.example")
            .header("sec-fetch-site", "cross-site")
            .body("List-Unsubscribe=One-Click")
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    };
    assert_eq!(stop(&address).await, 200);
    let guessed = format!(
        "{}/unsubscribe/{}/01990000-0000-7000-8000-000000000000",
        world.base, ana.wallet_id
    );
    assert_eq!(stop(&guessed).await, 404);

    let (top_up_id, session_id) = world.start_top_up(ana.wallet_id, "10").await;
    world.pay(&session_id, VISA).await;
    world
        .until(ana.wallet_id, top_up_id, TopUpState::Settled)
        .await;
    assert_eq!(world.count("select count(*) from email").await, 1);
    assert_eq!(world.count("select count(*) from notice").await, 2);
}
