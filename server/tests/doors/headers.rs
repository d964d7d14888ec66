//! What every answer carries, and who may change something.

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::world::World;

#[sqlx::test(migrations = "../migrations")]
async fn every_answer_carries_the_security_headers(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let ana = world.person().await;
    for path in [
        "/",
        "/sign-in",
        "/wallet",
        "/account",
        "/nowhere",
        "/pkg/nothing.js",
        "/healthz",
        "/readyz",
        "/wallet/events",
        "/manifest.webmanifest",
    ] {
        let answer = world.get(path, Some(&ana)).await;
        let headers = answer.headers();
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(headers["referrer-policy"], "same-origin", "{path}");
        assert!(headers.contains_key("content-security-policy"), "{path}");
        assert!(headers.contains_key("permissions-policy"), "{path}");
        assert!(headers.contains_key("cache-control"), "{path}");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_page_names_its_own_nonce_and_is_not_kept(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let ana = world.person().await;
    let mut policies = Vec::new();
    for _ in 0..2 {
        let answer = world.get("/wallet", Some(&ana)).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["cache-control"], "no-store");
        let policy = answer.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .to_owned();
        let nonce = policy
            .split("'nonce-")
            .nth(1)
            .unwrap()
            .split('\'')
            .next()
            .unwrap()
            .to_owned();
        let page = answer.text().await.unwrap();
        assert!(
            page.contains(&format!("nonce=\"{nonce}\"")),
            "the page's scripts carry the nonce"
        );
        assert!(
            !page.contains(" style="),
            "an inline style would need an exception"
        );
        policies.push(policy);
    }
    assert_ne!(policies[0], policies[1], "a nonce is used once");
}

#[sqlx::test(migrations = "../migrations")]
async fn another_site_cannot_change_anything(pool: PgPoolOptions, database: PgConnectOptions) {
    let world = World::without_workers(pool, database).await;
    let ana = world.person().await;
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("x-none", ""),
    ] {
        let answer = world
            .http
            .post(format!("{}/api/sign_out", world.base))
            .header("cookie", &ana.cookie)
            .header(name, value)
            .header("content-type", "application/x-www-form-urlencoded")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 403, "{name}: {value}");
    }
    assert_eq!(
        world.ledger.sessions(ana.customer_id).await.unwrap().len(),
        1
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn a_personal_page_sends_strangers_to_sign_in(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    for path in ["/wallet", "/add-credit", "/account"] {
        let answer = world.get(path, None).await;
        assert!(
            answer.status().is_redirection(),
            "{path}: {}",
            answer.status()
        );
        let location = answer.headers()["location"].to_str().unwrap();
        assert!(location.starts_with("/sign-in"), "{path}: {location}");
    }
    assert_eq!(world.get("/wallet/events", None).await.status(), 401);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_flood_of_forms_is_slowed_down(pool: PgPoolOptions, database: PgConnectOptions) {
    let world = World::without_workers(pool, database).await;
    let mut refused = 0;
    for _ in 0..260 {
        let answer = world
            .http
            .post(format!("{}/api/nothing", world.base))
            .header("origin", &world.base)
            // What a client says of itself changes nothing.
            .header("x-forwarded-for", format!("192.0.2.{refused}"))
            .send()
            .await
            .unwrap();
        if answer.status() == 429 {
            assert!(answer.headers().contains_key("retry-after"));
            refused += 1;
        }
    }
    assert!(refused > 0, "260 forms at once were all taken");
    assert_eq!(world.get("/", None).await.status(), 200, "reading goes on");
}
