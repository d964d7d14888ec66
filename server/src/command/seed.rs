//! Demo data: a customer with a few months behind her, the friends she invited and the people at the
//! desk, made by the same acts as real life.
//!
//! Every step does nothing when it was done before, and has its place by its name, never by counting. So
//! a run that was interrupted is ended by the next one. The log of acts says that a database is being
//! seeded, and that it was; one with other customers is left as it is.

mod buy;
mod calls;
mod desk;
mod friends;
mod refill;

use domain::{Email, WalletId};
use ledger::{AuditFilter, Clock, Deed, Ledger};
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgConnection, PgPool};
use time::{Duration, OffsetDateTime, Time};
use uuid::Uuid;

use self::buy::{DECLINED, Purchase, Sandbox, VISA};
use super::{connect, rates, switch_key};
use crate::config::Config;

const EMAIL: &str = "ana@example.com";

/// Who seeds, in the log of acts.
const CONSOLE: &str = "console";
const BEGUN: &str = "begin_seed";
const ENDED: &str = "end_seed";

/// What Ana bought, oldest first: how many days ago, for how much, with which card.
const TOP_UPS: [(i64, u32, &str); 9] = [
    (172, 10, VISA),
    (149, 25, VISA),
    (118, 25, VISA),
    (92, 50, VISA),
    (61, 10, DECLINED),
    (61, 25, VISA),
    (33, 100, VISA),
    (12, 25, VISA),
    (2, 50, VISA),
];
/// When her friends' first top-ups had stood for long enough: between two of hers.
const REWARDED: i64 = 20;

/// Seeds an empty database, or ends what was begun; another one is left as it is.
pub(super) async fn run(config: &Config, database: &PgConnectOptions) -> anyhow::Result<()> {
    let ledger = connect(config, database, Clock::default()).await?;
    rates::seed(&ledger).await?;
    if config.uses_sandbox() {
        switch_key::seed(&ledger).await?;
    }
    let owner = PgPoolOptions::new()
        .max_connections(1)
        .connect_with(database.clone())
        .await?;
    if let Some(why_not) = hindrance(&ledger, &owner).await? {
        println!("{why_not}: nothing is seeded.");
        return Ok(());
    }
    if !config.uses_sandbox() {
        println!("Payments go to Stripe itself: no demo top-ups are made.");
        return Ok(());
    }
    ledger.note_view(note(BEGUN)).await?;
    let sandbox = Sandbox::at(&config.sandbox_url);
    let ana = ledger.open_customer(&Email::parse(EMAIL)?).await?.wallet_id;
    let mut connection = owner.acquire().await?;
    release(&mut connection).await?;
    calls::people(&ledger, ana).await?;
    desk::people(&ledger).await?;
    past(&ledger, &sandbox, &mut connection, ana).await?;
    desk::corrections(&ledger, ana).await?;
    friends::lately(&ledger, &sandbox, &mut connection, ana).await?;
    refill::card_and_rule(&ledger, &sandbox, ana).await?;
    ledger.note_view(note(ENDED)).await?;
    println!("Demo customer: {EMAIL}");
    Ok(())
}

/// Frees what an interrupted run had taken for a minute: nobody else works here yet.
async fn release(connection: &mut PgConnection) -> anyhow::Result<()> {
    for sql in [
        "update stripe_event set lease_until = null where lease_until is not null",
        "update refund set lease_until = null where lease_until is not null",
        "update refill_attempt set lease_until = null where lease_until is not null",
        "update email set lease_until = null where lease_until is not null",
    ] {
        sqlx::query(sql).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Why nothing is to be done, if so.
async fn hindrance(ledger: &Ledger, owner: &PgPool) -> anyhow::Result<Option<&'static str>> {
    let console = AuditFilter {
        actor: Some(CONSOLE.into()),
        ..AuditFilter::default()
    };
    let noted = ledger.audit_log(&console).await?;
    let was = |act| noted.iter().any(|row| row.act == act);
    if was(ENDED) {
        return Ok(Some("The demo data is there already"));
    }
    if was(BEGUN) {
        return Ok(None);
    }
    let customers: i64 = sqlx::query_scalar("select count(*) from customer")
        .fetch_one(owner)
        .await?;
    Ok((customers > 0).then_some("The database has customers already"))
}

fn note(act: &'static str) -> Deed {
    Deed {
        actor: CONSOLE.into(),
        act,
        subject: "database",
        subject_id: String::new(),
        wallet_id: None,
        detail: json!({}),
        session_id: None,
    }
}

/// What happened to Ana until today. The books are in the order of what happened, so everything is done
/// in that order.
async fn past(
    ledger: &Ledger,
    sandbox: &Sandbox,
    connection: &mut PgConnection,
    ana: WalletId,
) -> anyhow::Result<()> {
    let mut before = TOP_UPS[0].0;
    for (index, (days_ago, dollars, card)) in TOP_UPS.into_iter().enumerate() {
        if before > REWARDED && days_ago < REWARDED {
            calls::between(ledger, connection, ana, before, REWARDED).await?;
            friends::until_rewarded(ledger, sandbox, connection, ana).await?;
            before = REWARDED;
        }
        calls::between(ledger, connection, ana, before, days_ago).await?;
        println!(
            "Demo top-up {} of {}: ${dollars}.00, {days_ago} days ago",
            index + 1,
            TOP_UPS.len()
        );
        // Some hour of the day, another for each, the same at every run.
        let hour = i64::try_from(index * 5 % 11)? + 9;
        let purchase = Purchase {
            wallet_id: ana,
            top_up_id: domain::TopUpId(named(ana, Thing::TopUp, index)),
            dollars,
            card,
            at: day(days_ago) + Duration::hours(hour),
        };
        buy::purchase(ledger, sandbox, connection, &purchase).await?;
        before = days_ago;
    }
    calls::between(ledger, connection, ana, before, 0).await
}

/// The midnight that began a day.
fn day(days_ago: i64) -> OffsetDateTime {
    OffsetDateTime::now_utc().replace_time(Time::MIDNIGHT) - Duration::days(days_ago)
}

/// What has a name of its own in the demo.
#[derive(Clone, Copy, Debug)]
enum Thing {
    TopUp = 1,
    FriendsTopUp,
    Correction,
    Campaign,
    Card,
    Refund,
}

/// The name of a thing: of this database alone, and the same at every run.
fn named(ana: WalletId, thing: Thing, number: usize) -> Uuid {
    let which = (thing as u128) << 16 | number as u128;
    Uuid::from_u128(ana.0.as_u128() ^ which)
}
