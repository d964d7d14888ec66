//! History that the server keeps as it wrote it: whoever looks again sees what is so now.

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::world::{Person, World};

impl World {
    /// The history on the wallet page of a browser with these cookies beside its session.
    async fn history(&self, person: &Person, cookies: &str) -> String {
        let browser = Person {
            cookie: format!("{}; {cookies}", person.cookie),
            ..*person
        };
        let page = self.get("/wallet", Some(&browser)).await;
        let page = page.text().await.unwrap();
        let from = page.find("id=\"history\"").unwrap();
        page[from..].split("</section>").next().unwrap().to_owned()
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn everybody_sees_the_own_history_in_the_own_words_as_it_is_now(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::start(pool, database).await;
    let (ana, bob) = (world.person().await, world.person().await);
    world.credit(&ana, "25").await;
    let english = world.history(&ana, "time_zone=UTC").await;
    assert!(english.contains("Top-up"), "{english}");
    assert!(
        !world
            .history(&bob, "time_zone=UTC")
            .await
            .contains("Top-up")
    );
    // Twice, so that the second look may be at what was kept.
    for _ in 0..2 {
        let same = world.history(&ana, "time_zone=UTC").await;
        assert_eq!(same, english);
        let spanish = world.history(&ana, "time_zone=UTC; language=es").await;
        assert!(spanish.contains("Recarga"), "{spanish}");
        let elsewhere = world.history(&ana, "time_zone=Asia/Tokyo").await;
        assert!(elsewhere.contains("(Asia/Tokyo)"), "{elsewhere}");
    }
    // No money moves, and yet the page says something else.
    world
        .owner_does("update top_up set card_brand = 'visa', card_last4 = '9981'")
        .await;
    let english = world.history(&ana, "time_zone=UTC").await;
    assert!(english.contains("9981"), "{english}");
    world.credit(&ana, "10").await;
    let english = world.history(&ana, "time_zone=UTC").await;
    assert_eq!(english.matches("data-row=").count(), 2, "{english}");
}
