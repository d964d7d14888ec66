//! The desk over HTTP: what its pages say, and forms that carry a file.

use domain::staff::Role;
use reqwest::Response;
use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::authorization::staff;
use crate::world::{Person, VISA, World};

impl World {
    /// Somebody at the desk.
    async fn clerk(&self, role: Role) -> Person {
        let person = staff(self, role).await;
        self.session_of(&person).await
    }

    /// Sends a file as a browser does.
    async fn upload(&self, person: &Person, file: &[u8]) -> Response {
        let mut body =
            b"--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"new.csv\"\r\n\
            Content-Type: text/csv\r\n\r\n"
                .to_vec();
        body.extend_from_slice(file);
        body.extend_from_slice(b"\r\n--edge--\r\n");
        let request = self
            .http
            .post(format!("{}/api/desk_upload_prices", self.base))
            .header("accept", "text/html")
            .header("origin", &self.base)
            .header("referer", format!("{}/desk/price-lists", self.base))
            .header(CONTENT_TYPE, "multipart/form-data; boundary=edge")
            .header(COOKIE, &person.cookie);
        request.body(body).send().await.unwrap()
    }

    async fn page(&self, path: &str, person: &Person) -> String {
        let path = path.strip_prefix(&self.base).unwrap_or(path);
        let answer = self.get(path, Some(person)).await;
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().await.unwrap()
    }
}

fn way_on(answer: &Response) -> String {
    assert_eq!(answer.status(), 302);
    answer.headers()[LOCATION].to_str().unwrap().to_owned()
}

#[sqlx::test(migrations = "../migrations")]
async fn a_list_is_looked_at_then_taken_in_then_gone_back_from(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    world.open_switch(1).await;
    let operator = world.clerk(Role::Operator).await;
    let text = "prefix,destination,rate\n52,Mexico,0.15\n49,Germany,0.02\n";
    let draft = way_on(&world.upload(&operator, text.as_bytes()).await);
    assert!(draft.starts_with("/desk/price-lists/drafts/"), "{draft}");
    let page = world.page(&draft, &operator).await;
    for said in ["1 new, 1 dearer", "Germany", "Take it in now"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    let before = world.ledger.price_list().await.unwrap();
    let draft_id = draft.rsplit('/').next().unwrap();
    // Scheduled in the past it is refused, and nothing is taken in.
    for from in ["2020-01-01T00:00", "never"] {
        let fields = [("draft_id", draft_id), ("from", from)];
        let refused = world
            .post("/api/desk_import_prices", &operator, &fields)
            .await;
        assert!(way_on(&refused).contains("__err"), "{from}");
    }
    assert_eq!(world.ledger.price_list().await.unwrap(), before);
    for _ in 0..2 {
        let fields = [("draft_id", draft_id), ("from", "")];
        let done = world
            .post("/api/desk_import_prices", &operator, &fields)
            .await;
        assert_eq!(way_on(&done), "/desk/price-lists");
        assert_eq!(world.ledger.price_list().await.unwrap(), Some(2));
    }
    let page = world.page("/desk/price-lists", &operator).await;
    assert!(page.contains("new.csv") && page.contains("Go back to version 1"));
    let page = world.page("/desk/price-lists/1", &operator).await;
    assert!(page.contains("1 cheaper, 0 otherwise changed, 1 ended"));
    let back = [("version", "1")];
    let done = world
        .post("/api/desk_roll_back_prices", &operator, &back)
        .await;
    assert_eq!(way_on(&done), "/desk/price-lists");
    let rate = world.ledger.rate("525512345678").await.unwrap().unwrap();
    assert_eq!(rate.pricing.per_minute().to_string(), "0.1");
    let noted = "select count(*) from audit where outcome = 'done' and act in
        ('upload_prices', 'import_prices', 'roll_back_prices')";
    assert_eq!(world.count(noted).await, 4);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_list_that_is_none_is_refused_in_words(pool: PgPoolOptions, database: PgConnectOptions) {
    let world = World::without_workers(pool, database).await;
    let operator = world.clerk(Role::Operator).await;
    let bad = "prefix,destination,rate\n52,Mexico,0.15\n5x,Nowhere,0.02\n53,Cuba,free\n";
    let draft = way_on(&world.upload(&operator, bad.as_bytes()).await);
    let page = world.page(&draft, &operator).await;
    for said in ["2 lines are wrong", "<td>3</td>", "<td>4</td>"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.contains("Take it in"));
    let draft_id = draft.rsplit('/').next().unwrap();
    let fields = [("draft_id", draft_id), ("from", "")];
    let refused = world
        .post("/api/desk_import_prices", &operator, &fields)
        .await;
    let page = world.page(&way_on(&refused), &operator).await;
    assert!(page.contains("2 lines are wrong, the first is line 3"));
    for (file, said) in [
        (vec![b'1'; 9 << 20], "longer than 8 MB"),
        (vec![0xff; 10], "not text in UTF-8"),
        (Vec::new(), "Choose a price list"),
    ] {
        let refused = way_on(&world.upload(&operator, &file).await);
        let page = world.page(&refused, &operator).await;
        assert!(page.contains(said), "{said}: {page}");
    }
    // What is longer than any list is not even read.
    let far_too_long = world.upload(&operator, &vec![b'1'; 17 << 20]).await;
    assert_eq!(far_too_long.status(), 413);
    assert!(far_too_long.text().await.unwrap().contains("8 MB"));
    // Whoever may not set prices sends no more than with any form.
    let others = [
        world.person().await,
        world.clerk(Role::Support).await,
        world.clerk(Role::Auditor).await,
    ];
    for other in others {
        let answer = world.upload(&other, &vec![b'1'; 65 << 10]).await;
        assert_eq!(answer.status(), 413);
        let said = answer.text().await.unwrap();
        assert_eq!(said, "This form is longer than any of ours.");
    }
    assert_eq!(world.ledger.price_list().await.unwrap(), None);
}

#[sqlx::test(migrations = "../migrations")]
async fn the_page_of_a_customer_says_what_stands_behind_it_and_sends_a_letter_again(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let ana = world.person().await;
    world.bought(&ana, "25", VISA).await;
    let support = world.clerk(Role::Support).await;
    let path = format!("/desk/wallets/{}", ana.wallet_id);
    let page = world.page(&path, &support).await;
    for said in [
        "Nothing was corrected.",
        "Auto-refill has charged nothing yet.",
        "Sent and to be sent",
        "topup:",
        "Send again: $25.00 was added",
        "/api/desk_resend_notice",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    let auditor = world.clerk(Role::Auditor).await;
    let seen = world.page(&path, &auditor).await;
    assert!(
        !seen.contains("/api/desk_resend_notice"),
        "an auditor changes nothing"
    );
    for letter in world.ledger.take_emails().await.unwrap() {
        world.ledger.email_sent(&letter).await.unwrap();
    }
    world.clock.advance(time::Duration::minutes(11));
    let notice = world.ledger.notice_traces(ana.wallet_id).await.unwrap()[0].notice_id;
    let (wallet, notice) = (ana.wallet_id.to_string(), notice.to_string());
    let fields = [("wallet_id", wallet.as_str()), ("notice_id", &notice)];
    for (is_sent, who) in [(false, &auditor), (true, &support), (false, &support)] {
        let clerk = world.session_of(who).await;
        let answer = world.post("/api/desk_resend_notice", &clerk, &fields).await;
        assert_eq!(!way_on(&answer).contains("__err"), is_sent);
    }
    let letters = world.ledger.take_emails().await.unwrap();
    assert_eq!(letters.len(), 1);
    let noted = "select count(*) from audit where act = 'resend_notice' and outcome_of is not null";
    assert_eq!(world.count(noted).await, 2);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_block_and_a_limit_are_set_with_a_reason_and_shown_to_those_who_may_see_them(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    world.open_switch(1).await;
    let operator = world.clerk(Role::Operator).await;
    let page = world.page("/desk/guards", &operator).await;
    for said in ["Nobody has blocked", "Satellite", "$50.00"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    let block = [("prefix", "+52 55"), ("reason", "a fraud ring")];
    for _ in 0..2 {
        let done = world
            .post("/api/desk_block_destination", &operator, &block)
            .await;
        assert!(!way_on(&done).contains("__err"));
    }
    let rate = world.ledger.rate("525512345678").await.unwrap().unwrap();
    assert!(rate.blocked);
    let limits = |per_day| {
        [
            ("calls_at_once", "1"),
            ("per_day", per_day),
            ("new_per_day", ""),
            ("dear_per_minute", ""),
            ("dear_per_day", ""),
            ("reason", "an attack"),
        ]
    };
    for (per_day, is_set) in [("much", false), ("-1", false), ("$12.50", true)] {
        let answer = world
            .post("/api/desk_set_limits", &operator, &limits(per_day))
            .await;
        assert_eq!(!way_on(&answer).contains("__err"), is_set, "{per_day}");
    }
    let auditor = world.clerk(Role::Auditor).await;
    let page = world.page("/desk/guards", &auditor).await;
    for said in ["a fraud ring", "1 at once, $12.50 a day", "an attack"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.contains("<form method=\"post\" action=\"/api/desk_"));
    let lifted = [("prefix", "5255"), ("reason", "it is over")];
    let done = world.post("/api/desk_lift_block", &operator, &lifted).await;
    assert!(!way_on(&done).contains("__err"));
    let rate = world.ledger.rate("525512345678").await.unwrap().unwrap();
    assert!(!rate.blocked);
}

#[sqlx::test(migrations = "../migrations")]
async fn the_page_of_the_house_says_what_the_checks_found(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let ana = world.person().await;
    world.bought(&ana, "25", VISA).await;
    let operator = world.clerk(Role::Operator).await;
    let page = world.page("/desk/house", &operator).await;
    for said in [
        "The check verify has not run yet",
        "No check has run yet.",
        "No refill has ended in the last 30 days.",
        "Balances by account, as bars",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    let found = world.ledger.verify_noted(None, "console").await.unwrap();
    assert!(found.is_clean(), "{found:#?}");
    let now = world.clock.now();
    let compared = world
        .ledger
        .reconcile_noted(now - time::Duration::DAY, now, "console")
        .await;
    assert_eq!(compared.unwrap().differences, []);
    let page = world.page("/desk/house", &operator).await;
    assert!(!page.contains("The check verify has not run yet"));
    assert!(!page.contains("The check reconcile has not run yet"));
    assert!(page.contains("<td>console</td>"));
}
