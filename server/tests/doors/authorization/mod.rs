//! The authorization matrix: everybody × every route and server function × own, another's, absent.
//!
//! What there is comes from the build, what is expected from the two tables beside this file. A route
//! or function that is in one of them only fails.

pub(crate) mod cast;
mod closed;
mod functions;
pub(crate) mod routes;

use std::collections::BTreeSet;

use domain::staff::may;
use leptos::server_fn::axum::server_fn_paths;
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

pub(crate) use self::cast::staff;
use self::cast::{ANA, Doorstep, Member, OTHER_SWITCH, SWITCH, Things, cast};
use self::functions::{FUNCTIONS, Sent, Whom};
use self::routes::{Access, PARTS, ROUTES};
use crate::world::{Person, World};

const FORM: &str = "application/x-www-form-urlencoded";

struct Stage {
    world: World,
    doors: Doorstep,
    ana: Person,
    members: Vec<Member>,
    own: Things,
    absent: Things,
}

impl Stage {
    async fn set(pool: PgPoolOptions, database: PgConnectOptions) -> Self {
        let world = World::without_workers(pool, database).await;
        let ana = world.person().await;
        let own = Things::of(&world, &ana).await;
        let members = cast(&world, &ana).await;
        let doors = Doorstep::of(&world);
        // The cast ended her sessions; the one to attack is hers again.
        let mut stage = Self {
            world,
            doors,
            ana,
            members,
            own,
            absent: Things::absent(),
        };
        stage.open_session().await;
        stage
    }

    /// Another session of Ana's, by the name it is listed under.
    async fn open_session(&mut self) {
        self.world.session_of(&self.ana).await;
        let sessions = self
            .world
            .ledger
            .sessions(self.ana.customer_id)
            .await
            .unwrap();
        self.own.set("session", sessions[0].session_id.to_string());
    }

    async fn call(
        &self,
        member: &Member,
        name: &str,
        sent: Sent,
        things: &Things,
    ) -> (u16, String) {
        let body = match sent {
            Sent::Form(form) => (FORM, things.fill(form)),
            Sent::Wire(bytes) => ("text/plain", app::in_letters(bytes)),
        };
        let path = format!("/api/{name}");
        self.doors
            .ask(&self.world, member, "POST", &path, Some(body))
            .await
    }

    async fn get(&self, member: &Member, method: &str, address: &str) -> (u16, String) {
        let body = (method == "POST").then(|| ("application/json", "{}".to_owned()));
        self.doors
            .ask(&self.world, member, method, address, body)
            .await
    }

    /// The page at an address as the browser's half asks for it.
    async fn sheet(&self, member: &Member, address: &str) -> (u16, String) {
        let mut bytes = vec![u8::try_from(address.len()).unwrap()];
        assert!(bytes[0] < 128, "one byte tells the length");
        bytes.extend(address.bytes());
        let body = ("text/plain", app::in_letters(&bytes));
        self.doors
            .ask(&self.world, member, "POST", "/api/load_sheet", Some(body))
            .await
    }

    /// Everything that is kept about Ana, in every table that knows whose a row is.
    async fn anas_rows(&self) -> Vec<(String, String)> {
        let owner = &self.world.owner;
        let tables: Vec<(String, String)> = sqlx::query_as(
            "select table_name::text, min(column_name)::text from information_schema.columns
             where table_schema = 'public' and column_name in ('wallet_id', 'customer_id')
             group by 1 order by 1",
        )
        .fetch_all(owner)
        .await
        .unwrap();
        assert!(tables.len() > 20, "the tables were not found");
        let mut rows = Vec::new();
        for (table, column) in tables {
            let id = if column == "wallet_id" {
                self.ana.wallet_id.0
            } else {
                self.ana.customer_id.0
            };
            let sql = format!(
                "select coalesce(string_agg(row::text, ' ' order by row::text), '') from {table} row where {column} = $1"
            );
            let text: String = sqlx::query_scalar(AssertSqlSafe(sql))
                .bind(id)
                .fetch_one(owner)
                .await
                .unwrap();
            rows.push((table, text));
        }
        rows
    }

    fn member(&self, name: &str) -> &Member {
        self.members.iter().find(|member| member.is(name)).unwrap()
    }
}

const fn has_things(sent: Sent) -> bool {
    let Sent::Form(form) = sent else {
        return false;
    };
    let bytes = form.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'{' {
            return true;
        }
        at += 1;
    }
    false
}

#[sqlx::test(migrations = "../migrations")]
async fn every_server_function_is_for_whom_the_table_says(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let built: BTreeSet<&str> = server_fn_paths()
        .map(|(path, _)| path.strip_prefix("/api/").expect("all are below /api"))
        .collect();
    let listed: BTreeSet<&str> = FUNCTIONS.iter().map(|(name, ..)| *name).collect();
    let unlike: Vec<_> = built.symmetric_difference(&listed).collect();
    assert!(
        unlike.is_empty(),
        "say in functions.rs for whom it is: {unlike:?}"
    );
    let mut stage = Stage::set(pool, database).await;
    let before = stage.anas_rows().await;
    let mut wrong = Vec::new();
    for (name, whom, sent) in FUNCTIONS {
        for member in stage.members.iter().filter(|member| !member.is(ANA)) {
            let allowed = matches!(whom, Whom::Desk(right) if may(&member.roles, *right));
            if allowed {
                continue;
            }
            let (others, others_text) = stage.call(member, name, *sent, &stage.own).await;
            let (absent, absent_text) = stage.call(member, name, *sent, &stage.absent).await;
            let is_right = match whom {
                Whom::Anyone => others < 500 && ![401, 403].contains(&others) && others == absent,
                Whom::Desk(_) => (others, absent) == (404, 404),
                _ if !member.is_signed_in() => (others, absent) == (401, 401),
                Whom::Maker => [404, 422].contains(&others),
                Whom::Customer => {
                    others == absent
                        && (others_text == absent_text || !has_things(*sent))
                        && ![401, 403].contains(&others)
                }
            };
            if !is_right {
                wrong.push(format!(
                    "{name} by {}: other's {others} {others_text}, absent {absent} {absent_text}",
                    member.name
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(
        before,
        stage.anas_rows().await,
        "somebody changed what is Ana's"
    );
    for (name, whom, sent) in FUNCTIONS {
        if matches!(whom, Whom::Desk(_)) {
            continue;
        }
        stage.open_session().await;
        let ana = stage.member(ANA);
        let (own, text) = stage.call(ana, name, *sent, &stage.own).await;
        let is_hers = own < 500 && ![401, 403].contains(&own) && !(own == 404 && has_things(*sent));
        if !is_hers {
            wrong.push(format!("{name} by its owner: {own} {text}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[sqlx::test(migrations = "../migrations")]
async fn every_act_of_the_desk_is_for_its_roles_and_is_in_the_log(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let stage = Stage::set(pool, database).await;
    let mut wrong = Vec::new();
    let mut acts = 0;
    for (name, whom, sent) in FUNCTIONS {
        let Whom::Desk(right) = whom else { continue };
        for member in stage
            .members
            .iter()
            .filter(|member| may(&member.roles, *right))
        {
            acts += 2;
            // Several act on the same thing: what is done already is refused, but never hidden.
            let (absent, text) = stage.call(member, name, *sent, &stage.absent).await;
            if has_things(*sent) && absent >= 500 {
                wrong.push(format!(
                    "{name} by {}, absent: {absent} {text}",
                    member.name
                ));
            }
            let (theirs, text) = stage.call(member, name, *sent, &stage.own).await;
            if theirs >= 500 || [401, 403].contains(&theirs) {
                wrong.push(format!("{name} by {}: {theirs} {text}", member.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let noted = "select count(*) from audit where outcome_of is not null";
    assert_eq!(
        stage.world.count(noted).await,
        acts,
        "an act is not in the log"
    );
    let strangers = "select count(*) from audit join customer on email = actor
        left join staff on staff.customer_id = customer.customer_id and revoked_at is null
        where staff.customer_id is null";
    assert_eq!(
        stage.world.count(strangers).await,
        0,
        "somebody without a role did something"
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn every_route_is_for_whom_the_table_says(pool: PgPoolOptions, database: PgConnectOptions) {
    let stage = Stage::set(pool, database).await;
    let site = &stage.world.doors.site_root;
    let built: BTreeSet<String> = stage
        .doors
        .paths()
        .into_iter()
        .filter(|path| !path.starts_with("/api/"))
        // Built files are for everybody: they are the same for all installations.
        .filter(|path| path == "/sw.js" || !site.join(&path[1..]).is_file())
        .filter(|path| !path.starts_with("/pkg"))
        // What no route takes is written as a path of axum's own.
        .filter(|path| !path.contains("__private__axum_fallback"))
        .collect();
    let listed: BTreeSet<String> = ROUTES
        .iter()
        .map(|(route, ..)| (*route).to_owned())
        .collect();
    let unlike: Vec<_> = built.symmetric_difference(&listed).collect();
    assert!(
        unlike.is_empty(),
        "say in routes.rs for whom it is: {unlike:?}"
    );
    let mut wrong = Vec::new();
    for (_, access, method, address) in ROUTES {
        let nobody = stage.member("nobody");
        let expected = stage.get(nobody, method, &stage.own.fill(address)).await.0;
        for member in &stage.members {
            let (theirs, text) = stage.get(member, method, &stage.own.fill(address)).await;
            let (absent, _) = stage.get(member, method, &stage.absent.fill(address)).await;
            let is_right = match access {
                Access::Open => theirs == expected && theirs < 500,
                Access::Signed => theirs == 400,
                Access::Personal if member.is(ANA) => {
                    // A proof, an invoice and a month that even its owner does not have.
                    let is_missing = ["/1/", "invoice", "2020"]
                        .iter()
                        .any(|part| address.contains(part));
                    theirs < 400 || is_missing && theirs == 404
                }
                Access::Personal if member.is_signed_in() => {
                    theirs == absent && !stage.own.are_told_in(&text)
                }
                Access::Personal => [302, 303, 401].contains(&theirs) && theirs == absent,
                Access::Desk(right) if may(&member.roles, *right) => theirs == 200,
                Access::Desk(_) => (theirs, absent) == (404, 404),
                Access::Switch if member.is(SWITCH) => {
                    ![401, 403].contains(&theirs) && theirs < 500
                }
                Access::Switch if member.is(OTHER_SWITCH) => {
                    ![401, 403].contains(&theirs)
                        && (!address.contains("{call}") || theirs == absent)
                }
                Access::Switch => (theirs, absent) == (401, 401),
            };
            if !is_right {
                wrong.push(format!(
                    "{method} {address} by {}: {theirs}, absent {absent}",
                    member.name
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The browser's half asks for the same pages by one server function.
#[sqlx::test(migrations = "../migrations")]
async fn every_written_page_is_for_whom_its_route_is(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let stage = Stage::set(pool, database).await;
    let mut wrong = Vec::new();
    let pages = ROUTES
        .iter()
        .filter(|(route, ..)| route.contains("{*") && !route.starts_with("/switch"))
        .map(|(_, access, _, address)| (*address, *access));
    for (address, access) in pages.chain(PARTS.iter().copied()) {
        for member in &stage.members {
            let (theirs, text) = stage.sheet(member, &stage.own.fill(address)).await;
            let (absent, _) = stage.sheet(member, &stage.absent.fill(address)).await;
            let is_right = match access {
                Access::Personal if member.is(ANA) => theirs == 200,
                Access::Personal if member.is_signed_in() => {
                    theirs == absent && !stage.own.are_told_in(&text)
                }
                Access::Personal => (theirs, absent) == (401, 401),
                Access::Desk(right) if may(&member.roles, right) => theirs == 200,
                Access::Desk(_) => (theirs, absent) == (404, 404),
                _ => theirs < 500,
            };
            if !is_right {
                wrong.push(format!(
                    "{address} by {}: {theirs}, absent {absent}",
                    member.name
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
