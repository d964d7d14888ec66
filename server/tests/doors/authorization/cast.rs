//! Everybody who may come to a door, and what there is to come for.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{Request, Response, header};
use domain::staff::Role;
use ledger::{Adjust, AuthorizeCall};
use server::router;
use tower::ServiceExt;
use uuid::Uuid;

use crate::switchboard::LANDLINE;
use crate::world::{Person, VISA, World, money};

/// Somebody at a door.
pub(super) struct Member {
    pub(super) name: &'static str,
    pub(super) proof: Proof,
    pub(super) roles: Vec<Role>,
}

/// How they say who they are.
pub(super) enum Proof {
    Nothing,
    /// Signed in, by a session opened for each request, so that what ends one spoils no other.
    Person(Person),
    /// A session that was ended.
    Ended(String),
    Key(&'static str),
}

impl Member {
    pub(super) const fn is_signed_in(&self) -> bool {
        matches!(self.proof, Proof::Person(_))
    }

    pub(super) fn is(&self, name: &str) -> bool {
        self.name == name
    }
}

/// The owner of the things.
pub(super) const ANA: &str = "the customer";
/// The switch of the call.
pub(super) const SWITCH: &str = "the switch";
pub(super) const OTHER_SWITCH: &str = "another switch";

pub(super) async fn cast(world: &World, ana: &Person) -> Vec<Member> {
    let signed_in = |name, person, roles| Member {
        name,
        proof: Proof::Person(person),
        roles,
    };
    let with = |name, proof| Member {
        name,
        proof,
        roles: Vec::new(),
    };
    let former = staff(world, Role::Operator).await;
    let email = world
        .ledger
        .customer(former.customer_id)
        .await
        .unwrap()
        .email;
    let revoked = world.ledger.revoke_role(&email, Role::Operator).await;
    assert!(revoked.unwrap());
    let ended = world.session_of(ana).await.cookie;
    world
        .ledger
        .end_other_sessions(ana.customer_id, Uuid::nil())
        .await
        .unwrap();
    for (name, switch, secret) in [
        ("sandbox", "sandbox", "switch_sandbox"),
        ("elsewhere", "elsewhere", "switch_elsewhere"),
        ("lost", "sandbox", "switch_lost"),
    ] {
        let kept = world.ledger.keep_switch_key(name, switch, secret);
        kept.await.unwrap();
    }
    assert!(world.ledger.revoke_switch_key("lost").await.unwrap());
    vec![
        with("nobody", Proof::Nothing),
        with("somebody signed out", Proof::Ended(ended)),
        with(SWITCH, Proof::Key("switch_sandbox")),
        with(OTHER_SWITCH, Proof::Key("switch_elsewhere")),
        with("a revoked switch", Proof::Key("switch_lost")),
        signed_in(ANA, world.session_of(ana).await, Vec::new()),
        signed_in("another customer", world.person().await, Vec::new()),
        signed_in(
            "support",
            staff(world, Role::Support).await,
            vec![Role::Support],
        ),
        signed_in(
            "an operator",
            staff(world, Role::Operator).await,
            vec![Role::Operator],
        ),
        signed_in(
            "an auditor",
            staff(world, Role::Auditor).await,
            vec![Role::Auditor],
        ),
        signed_in("a former operator", former, Vec::new()),
    ]
}

pub(crate) async fn staff(world: &World, role: Role) -> Person {
    let person = world.person().await;
    let email = world
        .ledger
        .customer(person.customer_id)
        .await
        .unwrap()
        .email;
    world.ledger.grant_role(&email, role, "test").await.unwrap();
    with_passkey(world, person).await
}

/// The same person, signed in with a passkey. Its ceremony is the browsers' journeys' to try: here the
/// address has no name that a passkey could be made for.
pub(crate) async fn with_passkey(world: &World, person: Person) -> Person {
    let passkey_id = Uuid::now_v7();
    sqlx::query(
        "insert into passkey (passkey_id, customer_id, credential_id, credential, name)
         values ($1, $2, $3, '{}', 'Test')",
    )
    .bind(passkey_id)
    .bind(person.customer_id)
    .bind(passkey_id.as_bytes().as_slice())
    .execute(&world.owner)
    .await
    .unwrap();
    let person = Person {
        passkey_id: Some(passkey_id),
        ..person
    };
    world.session_of(&person).await
}

/// Names of things and what they are called here.
pub(crate) struct Things(Vec<(&'static str, String)>);

impl Things {
    /// Puts the things in where they are named.
    pub(crate) fn fill(&self, text: &str) -> String {
        let mut filled = text.replace("{new}", &Uuid::now_v7().to_string());
        for (name, value) in &self.0 {
            filled = filled.replace(&format!("{{{name}}}"), value);
        }
        filled
    }

    /// What the answer to somebody else must not tell.
    pub(super) fn are_told_in(&self, text: &str) -> bool {
        self.0.iter().any(|(name, value)| {
            matches!(*name, "session" | "passkey" | "card" | "receipt") && text.contains(value)
        })
    }

    pub(super) fn set(&mut self, name: &str, value: String) {
        let thing = self.0.iter_mut().find(|(known, _)| *known == name);
        thing.expect("a thing of this name").1 = value;
    }

    /// Well-formed, and nobody's.
    pub(crate) fn absent() -> Self {
        let id = || Uuid::now_v7().to_string();
        Self(vec![
            ("wallet", id()),
            ("customer", id()),
            ("session", id()),
            ("passkey", id()),
            ("card", "pm_nobodys".into()),
            ("top_up", id()),
            ("call", id()),
            ("notice", id()),
            ("adjustment", id()),
            ("number", "525500000000".into()),
            ("sender", "15559999999".into()),
            ("endpoint", "https://example.com/nobodys".into()),
            ("key", "nobodys".into()),
            ("campaign", "NOBODYS".into()),
            ("price_draft", id()),
            ("price_list", "999".into()),
        ])
    }

    /// One of everything that belongs to this person.
    pub(crate) async fn of(world: &World, ana: &Person) -> Self {
        let ledger = &world.ledger;
        world.open_switch(1).await;
        let top_up_id = world.bought(ana, "25", VISA).await;
        crate::card::saved_card(world, ana, VISA).await;
        let card = ledger.cards(ana.wallet_id).await.unwrap().remove(0);
        let call_id = ledger.new_call_id().to_string();
        let call = AuthorizeCall {
            wallet_id: ana.wallet_id,
            call_id: call_id.clone(),
            switch_id: "sandbox".into(),
            caller: None,
            callee: LANDLINE.into(),
        };
        ledger.authorize_call(call).await.unwrap();
        let adjustment_id = Uuid::now_v7();
        let asked = Adjust {
            wallet_id: ana.wallet_id,
            adjustment_id,
            amount: money("60"),
            reason: "A reason".into(),
            author: "somebody@example.com".into(),
            credit_expires_at: None,
        };
        ledger.adjust(asked).await.unwrap();
        ledger
            .keep_favorite(ana.wallet_id, LANDLINE, "Mother")
            .await
            .unwrap();
        ledger
            .block_sender(ana.wallet_id, "15551234567")
            .await
            .unwrap();
        let price_draft = Uuid::now_v7();
        let list = b"prefix,destination,rate\n52,Mexico,0.11\n".to_vec();
        ledger
            .keep_price_draft(price_draft, "list.csv", list, "somebody@example.com")
            .await
            .unwrap();
        let passkey_id = Uuid::now_v7();
        for (sql, id) in [
            (
                "insert into passkey (passkey_id, customer_id, credential_id, credential, name)
                 values ($1, $2, 'x', '{}', 'Test')",
                passkey_id,
            ),
            (
                "insert into push_subscription (endpoint, customer_id, p256dh, auth, device)
                 select 'https://example.com/anas', $2, 'x', 'y', 'Test' where $1 is not null",
                Uuid::now_v7(),
            ),
        ] {
            let inserted = sqlx::query(sql).bind(id).bind(ana.customer_id.0);
            inserted.execute(&world.owner).await.unwrap();
        }
        let notice_id: Uuid =
            sqlx::query_scalar("select notice_id from notice where wallet_id = $1 limit 1")
                .bind(ana.wallet_id)
                .fetch_one(&world.owner)
                .await
                .unwrap();
        Self(vec![
            ("wallet", ana.wallet_id.to_string()),
            ("customer", ana.customer_id.to_string()),
            // Opened before each attempt at it.
            ("session", Uuid::now_v7().to_string()),
            ("passkey", passkey_id.to_string()),
            ("card", card.payment_method_id),
            ("top_up", top_up_id.to_string()),
            ("call", call_id),
            ("notice", notice_id.to_string()),
            ("adjustment", adjustment_id.to_string()),
            ("number", LANDLINE.into()),
            ("sender", "15551234567".into()),
            ("endpoint", "https://example.com/anas".into()),
            ("key", "sandbox".into()),
            ("campaign", "NOBODYS".into()),
            ("price_draft", price_draft.to_string()),
            ("price_list", "1".into()),
        ])
    }
}

/// The doors of a world, without a network between: whoever asks has an address of their own each
/// time, so that the limit of an address is not what is tested.
pub(crate) struct Doorstep {
    router: Router,
    asked: AtomicU32,
}

impl Doorstep {
    pub(crate) fn of(world: &World) -> Self {
        Self {
            router: router(world.doors.clone()),
            asked: AtomicU32::new(0x0a00_0000),
        }
    }

    /// The paths of all routes, as axum tells them of itself.
    pub(super) fn paths(&self) -> Vec<String> {
        let told = format!("{:?}", self.router);
        let mut paths: Vec<String> = told
            .split("RouteId(")
            .filter_map(|part| part.split_once("): \""))
            .filter(|(id, _)| id.bytes().all(|byte| byte.is_ascii_digit()))
            .filter_map(|(_, rest)| Some(rest.split_once('"')?.0.to_owned()))
            .collect();
        paths.sort();
        paths.dedup();
        paths
    }

    /// A page as a browser with these cookies asks for it.
    pub(crate) async fn page(&self, cookies: &str, address: &str) -> (u16, String) {
        let request = Request::builder()
            .uri(address)
            .extension(ConnectInfo(SocketAddr::from((self.peer(), 1))))
            .header(header::ACCEPT, "text/html")
            .header(header::COOKIE, cookies);
        let request = request.body(Body::empty()).unwrap();
        self.answer(request).await
    }

    fn peer(&self) -> Ipv4Addr {
        Ipv4Addr::from(self.asked.fetch_add(1, Ordering::Relaxed))
    }

    async fn answer(&self, request: Request<Body>) -> (u16, String) {
        let answer: Response<Body> = self.router.clone().oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        // Live answers have no end.
        let kind = answer.headers().get(header::CONTENT_TYPE);
        if kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream")) {
            return (status, String::new());
        }
        let body = to_bytes(answer.into_body(), 8 << 20).await.unwrap();
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    pub(super) async fn ask(
        &self,
        world: &World,
        member: &Member,
        method: &str,
        address: &str,
        body: Option<(&str, String)>,
    ) -> (u16, String) {
        let peer = self.peer();
        let mut request = Request::builder()
            .method(method)
            .uri(address)
            .extension(ConnectInfo(SocketAddr::from((peer, 1))))
            .header("sec-fetch-site", "same-origin")
            .header(
                header::ACCEPT,
                if body.is_some() {
                    "application/json"
                } else {
                    "text/html"
                },
            );
        request = match &member.proof {
            Proof::Nothing => request,
            Proof::Person(person) => {
                request.header(header::COOKIE, world.session_of(person).await.cookie)
            }
            Proof::Ended(cookie) => request.header(header::COOKIE, cookie),
            Proof::Key(secret) => request.header(header::AUTHORIZATION, format!("Bearer {secret}")),
        };
        let body = match body {
            Some((kind, body)) => {
                request = request.header(header::CONTENT_TYPE, kind);
                Body::from(body)
            }
            None => Body::empty(),
        };
        let request = request.body(body).unwrap();
        self.answer(request).await
    }
}
