//! Every page a customer may see, in every language: nothing on it stays English.
//!
//! The pages are those of the table of routes, which is compared with the build; so a new page is
//! looked at by itself.

mod texts;

use std::collections::{BTreeMap, BTreeSet};

use language::Language;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use self::texts::{is_data, texts, uncounted};
use crate::authorization::cast::{Doorstep, Things};
use crate::authorization::routes::{Access, ROUTES};
use crate::world::{Person, World};

/// What the addresses of the table do not show: refusals, calculations, nothing found.
const STATES: &[&str] = &[
    "/wallet?show=entries",
    "/wallet?min=much&from=never",
    "/wallet?text=nothingofthekind",
    "/auto-refill/?wrong=yes&threshold=0&amount=25&cap=100",
    "/auto-refill/?ask=now&threshold=50&amount=25&cap=100",
    "/refunds/{top_up}?credit=12.50",
    "/refunds/{top_up}?credit=much",
    "/statements/?at=nonsense",
    "/statements/?at=2026-11-01T10:00",
    "/account/destination?for=nowhere",
    "/rates/?q=nowhere",
    "/rates/?q=525512345678",
    "/call/?to=525512345678",
];

/// Where auto-refill may stand, and why.
const REFILL: &[(&str, Option<&str>)] = &[
    ("armed", None),
    ("charging", None),
    ("cooldown", None),
    ("action_required", None),
    ("backing_off", None),
    ("capped", None),
    ("suspended", Some("card_declined")),
    ("suspended", Some("failures")),
    ("suspended", Some("not_confirmed")),
    ("suspended", Some("fuse")),
    ("suspended", Some("card_removed")),
    ("suspended", Some("dispute")),
];

struct Gallery {
    world: World,
    doors: Doorstep,
    /// In each language, what its sentences are that need nothing put in.
    said: BTreeMap<&'static str, BTreeSet<String>>,
    wrong: Vec<String>,
}

impl Gallery {
    async fn open(pool: PgPoolOptions, database: PgConnectOptions) -> Self {
        let world = World::without_workers(pool, database).await;
        let doors = Doorstep::of(&world);
        Self {
            world,
            doors,
            said: texts::said(),
            wrong: Vec::new(),
        }
    }

    /// Looks at one address in every language.
    async fn look(&mut self, person: &Person, address: &str) {
        let mut english = BTreeSet::new();
        for language in Language::ALL {
            let tag = language.tag();
            let cookies = format!("{}; language={tag}", person.cookie);
            let (status, page) = self.doors.page(&cookies, address).await;
            let mut wrong = |what: &str| {
                self.wrong
                    .push(format!("{tag} {address} ({status}): {what}"));
            };
            if status >= 500 {
                wrong("broke");
            }
            let is_document = page.trim_start().to_lowercase().starts_with("<!doctype");
            if is_document {
                let root = page.split_once("<html").map_or("", |(_, rest)| rest);
                let root = root.split_once('>').map_or("", |(root, _)| root);
                let root = root.replace('"', "");
                if !root.contains(&format!("lang={tag}")) {
                    wrong("its language is not told");
                }
                if !root.contains(&format!("dir={}", language.direction())) {
                    wrong("its direction is not told");
                }
            }
            let texts = texts(&page, is_document);
            for text in &texts {
                if text.contains('{') {
                    wrong(&format!("something was not put in: {text}"));
                }
                if let Some(why) = amount_of_elsewhere(text, language) {
                    wrong(&format!("{why}: {text}"));
                }
            }
            if language == Language::English {
                english = texts;
                continue;
            }
            let said = &self.said[tag];
            let left = texts.intersection(&english);
            let is_said = |text: &str| said.contains(&uncounted(text));
            for text in left.filter(|text| !is_data(text) && !is_said(text)) {
                self.wrong
                    .push(format!("{tag} {address}: in English: {text}"));
            }
        }
    }
}

/// Puts auto-refill where it may come to be.
async fn arm(world: &World, person: &Person, state: &str, reason: Option<&str>) {
    let armed = sqlx::query(
        "insert into refill_rule (wallet_id, state, reason, threshold, amount, monthly_cap, consent,
             armed_at, changed_at, wait_until)
         values ($1, $2, $3, 10, 25, 100, '10', now(), now(), now() + interval '1 hour')
         on conflict (wallet_id) do update set state = excluded.state, reason = excluded.reason",
    );
    let armed = armed.bind(person.wallet_id).bind(state).bind(reason);
    armed.execute(&world.owner).await.unwrap();
}

/// An amount as another language writes it.
fn amount_of_elsewhere(text: &str, language: Language) -> Option<&'static str> {
    let mut places = text.match_indices('$');
    match language {
        Language::French => {
            let before_number = |(at, _): (usize, &str)| {
                text[at + 1..].starts_with(|next: char| next.is_ascii_digit())
            };
            places
                .any(before_number)
                .then_some("an amount of another language")
        }
        Language::Arabic => {
            // A sign before it stands inside of the isolate too.
            let is_loose = |(at, _): (usize, &str)| {
                let before = text[..at].trim_end_matches(['+', '-', '−']);
                text[at + 1..].starts_with(|next: char| next.is_ascii_digit())
                    && !before.ends_with('\u{2066}')
            };
            places
                .any(is_loose)
                .then_some("an amount without a direction")
        }
        _ => None,
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn no_page_of_a_customer_is_left_in_english(pool: PgPoolOptions, database: PgConnectOptions) {
    let mut gallery = Gallery::open(pool, database).await;
    let ana = gallery.world.person().await;
    let things = Things::of(&gallery.world, &ana).await;
    let ana = gallery.world.session_of(&ana).await;
    let table = ROUTES.iter().filter(|(_, access, method, address)| {
        let is_page = matches!(access, Access::Open | Access::Personal) && *method == "GET";
        is_page
            && !address.starts_with("/switch/")
            && ![".js", ".json"].iter().any(|end| address.ends_with(end))
    });
    // As the browsers of people are called.
    gallery
        .world
        .owner_does("update session set device = 'Browser on Linux'")
        .await;
    let addresses: Vec<&str> = table
        .map(|route| route.3)
        .chain(STATES.iter().copied())
        .collect();
    assert!(addresses.len() > 30, "the pages were not found");
    for address in &addresses {
        gallery.look(&ana, &things.fill(address)).await;
    }
    for (state, reason) in REFILL {
        arm(&gallery.world, &ana, state, *reason).await;
        gallery.look(&ana, "/auto-refill/").await;
    }
    // The first day: nothing is there yet, and what others have is not found.
    let ben = gallery.world.person().await;
    let absent = Things::absent();
    for address in addresses
        .iter()
        .filter(|address| !address.contains("{notice}"))
    {
        gallery.look(&ben, &absent.fill(address)).await;
    }
    assert!(gallery.wrong.is_empty(), "{:#?}", gallery.wrong);
}
