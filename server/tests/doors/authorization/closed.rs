//! The desk without a passkey: what opens it is said to those who may open it, and nothing else.

use domain::staff::{Role, may};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use time::Duration;

use super::cast::{Member, Proof, staff};
use super::functions::{FUNCTIONS, Whom};
use super::routes::{Access, ROUTES};
use super::{Stage, World};
use crate::world::Person;

/// What the page says before a passkey is there, at an address with a name or without one.
const SAID: &str = "The desk opens with a passkey";

/// Somebody with a role who signed in with a code.
async fn coded(world: &World, role: Role) -> Person {
    let person = Person {
        passkey_id: None,
        ..staff(world, role).await
    };
    world.session_of(&person).await
}

#[sqlx::test(migrations = "../migrations")]
async fn without_a_passkey_the_desk_is_closed_to_every_role(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let stage = Stage::set(pool, database).await;
    let before = stage.anas_rows().await;
    let mut wrong = Vec::new();
    for role in [Role::Support, Role::Operator, Role::Auditor] {
        let member = Member {
            name: "somebody by a code",
            proof: Proof::Person(coded(&stage.world, role).await),
            roles: vec![role],
        };
        for (_, access, method, address) in ROUTES {
            let Access::Desk(right) = access else {
                continue;
            };
            let (status, text) = stage.get(&member, method, &stage.own.fill(address)).await;
            let is_right = if may(&member.roles, *right) {
                status == 200 && text.contains(SAID) && !text.contains("aria-label=\"Desk\"")
            } else {
                status == 404 && !text.contains(SAID)
            };
            if !is_right {
                wrong.push(format!("{address} by {role:?}: {status}"));
            }
        }
        for (name, whom, sent) in FUNCTIONS {
            let Whom::Desk(right) = whom else { continue };
            let (status, text) = stage.call(&member, name, *sent, &stage.own).await;
            let expected = if may(&member.roles, *right) { 403 } else { 404 };
            if status != expected {
                wrong.push(format!("{name} by {role:?}: {status} {text}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(before, stage.anas_rows().await, "something was done");
    let noted = "select count(*) from audit";
    assert_eq!(stage.world.count(noted).await, 0, "something was shown");
}

#[sqlx::test(migrations = "../migrations")]
async fn the_desk_closes_after_half_an_hour_and_when_its_passkey_is_gone(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let clerk = staff(&world, Role::Support).await;
    let is_open = async |clerk: &Person| {
        let page = world.get("/desk", Some(clerk)).await;
        assert_eq!(page.status(), 200);
        !page.text().await.unwrap().contains(SAID)
    };
    assert!(is_open(&clerk).await);
    world.clock.advance(Duration::minutes(29));
    assert!(is_open(&clerk).await);
    world.clock.advance(Duration::minutes(2));
    assert!(!is_open(&clerk).await, "it is open after half an hour");
    let anew = world.session_of(&clerk).await;
    assert!(is_open(&anew).await);
    world.owner_does("delete from passkey").await;
    assert!(!is_open(&anew).await, "it is open without its passkey");
}
