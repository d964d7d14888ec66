//! `kill -9` in the middle of seeding, again and again: the demo data is the same in the end.

use std::process::Stdio;
use std::time::Instant;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, PgPool};
use tokio::process::{Child, Command};

use crate::process::program;

/// The books of everybody, entry by entry, and what else the demo shows, in lines without ids.
const PICTURE: &str = "
    with line as (
        select concat_ws(' ', 'entry', email, seq, kind, amount, promotional, transfer.created_at::date) as text
        from transfer join customer using (wallet_id)
        union all
        select concat_ws(' ', 'wallet', email, paid, promotional, held, debt, refill_below)
        from wallet join customer using (wallet_id)
        union all
        select concat_ws(' ', 'call', call_id, state, talked_seconds, charge, authorized_at, corrected_at)
        from call
        union all
        select concat_ws(' ', 'message', message_id, state, received_at) from message
        union all
        select concat_ws(' ', 'top-up', email, state, amount, started_at, settled_at)
        from top_up join customer using (wallet_id)
        union all
        select concat_ws(' ', 'role', email, role) from staff join customer using (customer_id)
        union all
        select concat_ws(' ', 'campaign', code, taken_count, taken_sum) from campaign
        union all
        select concat_ws(' ', 'referral', email, state, reward, entered_at, rewarded_at)
        from referral join customer on wallet_id = friend_wallet_id
        union all
        select concat_ws(' ', 'correction', state, amount, author, approver) from adjustment
        union all
        select concat_ws(' ', 'refund', email, state, credit) from refund join customer using (wallet_id)
        union all
        select concat_ws(' ', 'dispute', email, state, withdrawn) from dispute join customer using (wallet_id)
        union all
        select concat_ws(' ', 'card', brand, last4) from payment_method
        union all
        select concat_ws(' ', 'favorite', name) from favorite_number
    )
    select string_agg(text, E'\\n' order by text) from line";

/// How often it is started and, unless it was quicker, killed.
const ROUNDS: u32 = 40;

fn seed(database: &PgConnectOptions, sandbox: &str) -> Child {
    let mut command = Command::from(program(database, &format!("{sandbox}/")));
    command.env("SANDBOX_URL", sandbox).arg("seed");
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    command.kill_on_drop(true).spawn().unwrap()
}

async fn a_world() -> (sandbox::Running, String) {
    let sandbox = sandbox::start(sandbox::Config::for_tests(None))
        .await
        .unwrap();
    let address = format!("http://{}", sandbox.http);
    (sandbox, address)
}

async fn picture(owner: &PgPool) -> Vec<String> {
    let text: String = sqlx::query_scalar(PICTURE).fetch_one(owner).await.unwrap();
    text.lines().map(str::to_owned).collect()
}

#[sqlx::test(migrations = "../migrations")]
async fn seeding_that_is_killed_goes_on_where_it_was(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let owner = pool.connect_with(database.clone()).await.unwrap();
    // Beside it one that nobody kills, in a database of its own.
    let name = format!("seeded_whole_{}", std::process::id());
    let create = format!("create database \"{name}\"");
    sqlx::query(AssertSqlSafe(create))
        .execute(&owner)
        .await
        .unwrap();
    let whole = database.clone().database(&name);
    let (_outside, address) = a_world().await;
    let begun = Instant::now();
    let uninterrupted = seed(&whole, &address).wait_with_output().await.unwrap();
    assert!(uninterrupted.status.success(), "{uninterrupted:?}");
    let time = begun.elapsed();

    // Each lives a little longer than the one before and dies somewhere else; the last is left alone.
    let (_world, address) = a_world().await;
    let mut kills = 0;
    for round in 1..=ROUNDS {
        let mut child = seed(&database, &address);
        match tokio::time::timeout(time * round / ROUNDS, child.wait()).await {
            Ok(status) => {
                assert!(status.unwrap().success(), "it failed after {kills} kills");
                break;
            }
            Err(_) => {
                child.kill().await.unwrap();
                kills += 1;
            }
        }
    }
    let last = seed(&database, &address).wait_with_output().await.unwrap();
    assert!(last.status.success(), "after {kills} kills: {last:?}");
    assert!(kills > 3, "it was killed {kills} times only");
    let whole_owner = PgPool::connect_with(whole.clone()).await.unwrap();
    let (expected, found) = (picture(&whole_owner).await, picture(&owner).await);
    assert!(expected.len() > 300, "the picture is small: {expected:#?}");
    let missing: Vec<_> = expected
        .iter()
        .filter(|line| !found.contains(line))
        .collect();
    let extra: Vec<_> = found
        .iter()
        .filter(|line| !expected.contains(line))
        .collect();
    assert!(
        missing.is_empty() && extra.is_empty(),
        "after {kills} kills, missing: {missing:#?}, extra: {extra:#?}"
    );
    assert_eq!(expected, found);
    let backwards: i64 = sqlx::query_scalar(
        "select count(*) from transfer join transfer after using (wallet_id)
         where after.seq = transfer.seq + 1 and after.created_at < transfer.created_at",
    )
    .fetch_one(&owner)
    .await
    .unwrap();
    assert_eq!(backwards, 0, "the books are not in the order of time");

    // Once more changes nothing, also where somebody changed something since.
    let mut again = seed(&database, &address);
    assert!(again.wait().await.unwrap().success());
    assert_eq!(picture(&owner).await, found);
    whole_owner.close().await;
    let drop = format!("drop database \"{name}\" with (force)");
    sqlx::query(AssertSqlSafe(drop))
        .execute(&owner)
        .await
        .unwrap();
}
