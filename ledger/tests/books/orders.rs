//! Acts that meet on one wallet: every two and every three of them, arriving in every order while the
//! wallet is locked, one more at each step. Whatever happens then must be what some order of whole acts
//! gives; and each act asked again gives its first answer and changes nothing.

use std::collections::HashMap;

use domain::WalletId;
use ledger::{Adjust, Error, GrantCredit, GrantSource, IncomingMessage, Ledger, MessageAnswer};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use time::OffsetDateTime;
use uuid::Uuid;

use super::call::open;
use crate::support::calls::{LANDLINE, MOBILE, SWITCH, ask, call};
use crate::support::{Books, money};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Act {
    Authorize,
    Extend,
    End,
    Message,
    Grant,
    Correct,
}

const ACTS: [Act; 6] = [
    Act::Authorize,
    Act::Extend,
    Act::End,
    Act::Message,
    Act::Grant,
    Act::Correct,
];

/// One wallet with $0.75, of which a call that runs holds $0.50: not all acts can have what they want.
#[derive(Clone, Copy)]
struct Scene {
    wallet_id: WalletId,
    adjustment_id: Uuid,
    grant_ends: OffsetDateTime,
}

impl Scene {
    async fn set(books: &Books) -> Self {
        let wallet_id = books.funded("0.7", "0.05").await;
        let running = ask(wallet_id, "running", LANDLINE);
        books.ledger.authorize_call(running).await.unwrap();
        let running = call(wallet_id, "running");
        books.ledger.answer_call(running).await.unwrap();
        Self {
            wallet_id,
            adjustment_id: Uuid::now_v7(),
            grant_ends: books.clock.now() + time::Duration::days(30),
        }
    }

    /// Does one act and says, without times, what came of it.
    async fn act(self, ledger: &Ledger, act: Act) -> String {
        let wallet_id = self.wallet_id;
        match act {
            Act::Authorize => told(
                ledger.authorize_call(ask(wallet_id, "next", MOBILE)).await,
                |granted| format!("{} s for {}", granted.granted_seconds, granted.held),
            ),
            Act::Extend => told(
                ledger.update_call(call(wallet_id, "running"), 1, 290).await,
                |updated| format!("{} s for {}", updated.granted_seconds, updated.held),
            ),
            Act::End => told(
                ledger
                    .end_call(call(wallet_id, "running"), 60, "normal")
                    .await,
                |ended| format!("{} and {} back", ended.charge, ended.released),
            ),
            Act::Message => {
                told(
                    ledger.charge_message(message(wallet_id)).await,
                    |answer| match answer {
                        MessageAnswer::Delivered { charge } => format!("delivered for {charge}"),
                        MessageAnswer::Parked { .. } => "parked".into(),
                    },
                )
            }
            Act::Grant => told(ledger.grant_credit(self.grant()).await, |()| "given".into()),
            Act::Correct => told(ledger.adjust(self.correction()).await, |state| {
                format!("{state:?}")
            }),
        }
    }

    fn grant(self) -> GrantCredit {
        GrantCredit {
            wallet_id: self.wallet_id,
            grant_id: "ORDER".into(),
            source: GrantSource::Promo,
            amount: money("0.3"),
            reason: "Welcome".into(),
            expires_at: Some(self.grant_ends),
        }
    }

    fn correction(self) -> Adjust {
        Adjust {
            wallet_id: self.wallet_id,
            adjustment_id: self.adjustment_id,
            amount: money("-0.2"),
            reason: "charged too little".into(),
            author: "Ines".into(),
            credit_expires_at: None,
        }
    }

    async fn balances(self, ledger: &Ledger) -> String {
        let wallet = ledger.wallet(self.wallet_id).await.unwrap();
        format!(
            "paid {} promotional {} held {} debt {} after {} transfers",
            wallet.paid, wallet.promotional, wallet.held, wallet.debt, wallet.version
        )
    }
}

fn message(wallet_id: WalletId) -> IncomingMessage {
    IncomingMessage {
        wallet_id,
        message_id: "message".into(),
        switch_id: SWITCH.into(),
        sender: "+5215512345678".into(),
        recipient: "+13055550100".into(),
        segments: 1,
        body: "hola".into(),
        price: money("0.2"),
    }
}

fn told<T>(outcome: Result<T, Error>, tell: impl FnOnce(T) -> String) -> String {
    match outcome {
        Ok(done) => tell(done),
        Err(Error::Declined(declined)) => format!("{declined:?}"),
        Err(error) => panic!("neither done nor refused: {error:?}"),
    }
}

/// What each act came to, in the order of [`ACTS`], and what the wallet was then.
type Outcome = (Vec<(Act, String)>, String);

/// Whole acts, one after the other.
async fn in_turn(books: &Books, order: &[Act]) -> Outcome {
    let scene = Scene::set(books).await;
    let mut told = Vec::new();
    for act in order {
        told.push((*act, scene.act(&books.ledger, *act).await));
    }
    told.sort();
    (told, scene.balances(&books.ledger).await)
}

/// All begun while somebody else holds the wallet, each when the one before waits, and each on a server of
/// its own: the acts of one server wait for each other before they reach the database.
async fn queued(books: &Books, servers: &[Ledger], order: &[Act]) -> (Scene, Outcome) {
    let scene = Scene::set(books).await;
    let mut holder = books.owner.begin().await.unwrap();
    sqlx::query("select from wallet where wallet_id = $1 for update")
        .bind(scene.wallet_id)
        .execute(&mut *holder)
        .await
        .unwrap();
    let mut begun = Vec::new();
    for (waiting, (act, server)) in order.iter().copied().zip(servers).enumerate() {
        let ledger = server.clone();
        let task = tokio::spawn(async move { (act, scene.act(&ledger, act).await) });
        begun.push(task);
        until_waiting(books, waiting + 1).await;
    }
    holder.commit().await.unwrap();
    let mut told = Vec::new();
    for task in begun {
        told.push(task.await.unwrap());
    }
    told.sort();
    let balances = scene.balances(&books.ledger).await;
    (scene, (told, balances))
}

/// The barrier between two steps: so many acts wait for a lock.
async fn until_waiting(books: &Books, count: usize) {
    for _ in 0..1_000 {
        let waiting: i64 = sqlx::query_scalar(
            "select count(*) from pg_stat_activity
             where datname = current_database() and wait_event_type = 'Lock'",
        )
        .fetch_one(&books.owner)
        .await
        .unwrap();
        if usize::try_from(waiting).unwrap() >= count {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    panic!("fewer than {count} acts wait");
}

/// Every order of these.
fn orders(acts: &[Act]) -> Vec<Vec<Act>> {
    let [] = acts else {
        let first = |at: usize| {
            let mut rest = acts.to_vec();
            let first = rest.remove(at);
            let with_first = move |tail: Vec<Act>| [vec![first], tail].concat();
            orders(&rest).into_iter().map(with_first)
        };
        return (0..acts.len()).flat_map(first).collect();
    };
    vec![Vec::new()]
}

/// Every choice of so many acts.
fn choices(count: usize) -> Vec<Vec<Act>> {
    (0..1_u32 << ACTS.len())
        .filter(|chosen| chosen.count_ones() as usize == count)
        .map(|chosen| {
            let is_chosen = |(at, _): &(usize, &Act)| chosen >> at & 1 == 1;
            let chosen = ACTS.iter().enumerate().filter(is_chosen);
            chosen.map(|(_, act)| *act).collect()
        })
        .collect()
}

async fn meet(pool: PgPoolOptions, database: PgConnectOptions, count: usize) -> usize {
    let books = open(pool, database).await;
    let mut servers = Vec::new();
    for _ in 0..count {
        servers.push(books.another_server().await);
    }
    let (mut tried, mut differed) = (0, 0);
    for acts in choices(count) {
        let mut possible: HashMap<Outcome, Vec<Act>> = HashMap::new();
        for order in orders(&acts) {
            possible.insert(in_turn(&books, &order).await, order);
        }
        differed += usize::from(possible.len() > 1);
        for order in orders(&acts) {
            let (scene, outcome) = queued(&books, &servers, &order).await;
            assert!(
                possible.contains_key(&outcome),
                "{order:?} at once came to {outcome:#?}, which no order gives: {possible:#?}"
            );
            ask_again(&books, scene, &outcome).await;
            tried += 1;
        }
    }
    assert!(
        differed > 0,
        "the order never mattered, so nothing was tried"
    );
    books.assert_clean().await;
    tried
}

/// Each act once more: the first answer, and the wallet as it was.
async fn ask_again(books: &Books, scene: Scene, (told, balances): &Outcome) {
    for (act, first) in told {
        // Nothing is kept of a correction that was short: asked again, it is decided again.
        if *act == Act::Correct && first != "Posted" {
            continue;
        }
        assert_eq!(&scene.act(&books.ledger, *act).await, first, "{act:?}");
    }
    assert_eq!(&scene.balances(&books.ledger).await, balances);
}

#[sqlx::test(migrations = "../migrations")]
async fn every_two_acts_at_once_are_one_after_the_other(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    assert_eq!(meet(pool, database, 2).await, 30);
}

#[sqlx::test(migrations = "../migrations")]
async fn every_three_acts_at_once_are_one_after_the_other(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    assert_eq!(meet(pool, database, 3).await, 120);
}
