//! Ana's calls and messages: made by the acts a switch asks for, then moved to the day they belong to.

use anyhow::{Context, bail};
use domain::WalletId;
use ledger::{AuthorizeCall, CallRef, IncomingMessage, Ledger, NumberKind};
use sqlx::{Connection, PgConnection};
use time::{Duration, OffsetDateTime};

/// Whom Ana calls, under what name she keeps the number, and how many seconds they talk at most.
const PEOPLE: [(&str, &str, u32); 5] = [
    ("525512345678", "Mamá", 3_000),
    ("50251234567", "Lucía", 500),
    ("573012345678", "Tío Andrés", 1_200),
    ("493012345678", "Office in Berlin", 900),
    ("639171234567", "Grace", 500),
];
/// Her own number: calls are made from it, and messages come to it.
const OWN: &str = "12125550123";
/// Writes too often, and is kept away.
const NUISANCE: &str = "WINBIG";

/// On this day the switch fell silent, and reported late.
const SILENT: i64 = 43;

/// Whom, how long, and how it ended: a day's call, if there is one.
struct Plan {
    callee: &'static str,
    talked: u32,
    hour: i64,
    is_silent: bool,
}

/// Numbers and senders that she keeps, or keeps away.
pub(super) async fn people(ledger: &Ledger, wallet_id: WalletId) -> anyhow::Result<()> {
    ledger
        .add_number(wallet_id, OWN, NumberKind::Registered, None)
        .await?;
    for (number, name, _) in PEOPLE.into_iter().take(3) {
        ledger.keep_favorite(wallet_id, number, name).await?;
    }
    ledger.block_sender(wallet_id, NUISANCE).await?;
    Ok(())
}

/// What happened from one day on until another, both counted back from today.
pub(super) async fn between(
    ledger: &Ledger,
    connection: &mut PgConnection,
    wallet_id: WalletId,
    from_days_ago: i64,
    until_days_ago: i64,
) -> anyhow::Result<()> {
    // The evening of the last day belongs to what comes next.
    for days_ago in (until_days_ago + 1..from_days_ago).rev() {
        let day = super::day(days_ago);
        // Messages come in the morning.
        if days_ago % 6 == 2 {
            let message_id = format!("demo-message-{days_ago}");
            message(ledger, connection, wallet_id, &message_id, day, days_ago).await?;
        }
        if let Some(plan) = plan(days_ago) {
            let call_id = format!("demo-call-{days_ago}");
            call(ledger, connection, wallet_id, &call_id, day, &plan).await?;
        }
    }
    Ok(())
}

/// The same at every run: some days have a call, and no two weeks are alike.
fn plan(days_ago: i64) -> Option<Plan> {
    let dice = u32::try_from(days_ago).ok()?.wrapping_mul(2_654_435_761) >> 8;
    if dice % 7 > 3 && days_ago > 1 {
        return None;
    }
    // Mostly home, sometimes elsewhere.
    let person = [0, 0, 1, 0, 2, 0, 3, 1, 4, 0][(dice / 7 % 10) as usize];
    let (callee, _, most) = PEOPLE[person];
    let talked = match dice / 70 % 9 {
        0 => 0,
        1 => 20 + dice / 630 % 60,
        _ => 90 + dice / 630 % most,
    };
    Some(Plan {
        callee,
        talked,
        hour: 10 + i64::from(dice / 97 % 11),
        is_silent: days_ago == SILENT,
    })
}

/// A friend's call home, for so long.
pub(super) async fn friends_call(
    ledger: &Ledger,
    connection: &mut PgConnection,
    wallet_id: WalletId,
    day: OffsetDateTime,
    talked: u32,
) -> anyhow::Result<()> {
    let plan = Plan {
        callee: PEOPLE[1].0,
        talked,
        hour: 20,
        is_silent: false,
    };
    call(
        ledger,
        connection,
        wallet_id,
        "demo-friends-call",
        day,
        &plan,
    )
    .await
}

/// A call, unless it is over already; then it is moved to its day.
async fn call(
    ledger: &Ledger,
    connection: &mut PgConnection,
    wallet_id: WalletId,
    call_id: &str,
    day: OffsetDateTime,
    plan: &Plan,
) -> anyhow::Result<()> {
    let at = day + Duration::hours(plan.hour) + Duration::seconds(i64::from(plan.talked % 60));
    let call = CallRef {
        wallet_id,
        call_id: call_id.to_owned(),
        switch_id: "sandbox".into(),
    };
    if !is_over(connection, &call, plan.is_silent).await? {
        make(ledger, connection, &call, plan).await?;
    }
    date_back(connection, &call, at, plan.talked).await
}

/// Every step of it may be repeated.
async fn make(
    ledger: &Ledger,
    connection: &mut PgConnection,
    call: &CallRef,
    plan: &Plan,
) -> anyhow::Result<()> {
    let granted = ledger
        .authorize_call(AuthorizeCall {
            wallet_id: call.wallet_id,
            call_id: call.call_id.clone(),
            switch_id: call.switch_id.clone(),
            caller: Some(OWN.into()),
            callee: plan.callee.into(),
        })
        .await
        .context("start a demo call")?;
    if plan.talked > 0 {
        talk(ledger, call, plan, granted.granted_seconds).await?;
    }
    if plan.is_silent {
        // As if nothing had been heard of it for long enough.
        sqlx::query(
            "update call set expires_at = authorized_at
             where wallet_id = $1 and call_id = $2 and ended_at is null",
        )
        .bind(call.wallet_id.0)
        .bind(&call.call_id)
        .execute(&mut *connection)
        .await?;
        while ledger.expire_calls().await? > 0 {}
    }
    ledger
        .end_call(call.clone(), plan.talked, "normal_clearing")
        .await?;
    Ok(())
}

/// Tells how long it is talked whenever little is left, as a switch does.
async fn talk(ledger: &Ledger, call: &CallRef, plan: &Plan, granted: u32) -> anyhow::Result<()> {
    ledger.answer_call(call.clone()).await?;
    let mut granted = granted;
    for seq in 1.. {
        let confirmed = granted.saturating_sub(20).min(plan.talked);
        let updated = ledger.update_call(call.clone(), seq, confirmed).await?;
        if updated.granted_seconds >= plan.talked {
            return Ok(());
        }
        if updated.granted_seconds == granted {
            bail!("talk in a demo call: the demo wallet ran out of credit");
        }
        granted = updated.granted_seconds;
    }
    Ok(())
}

async fn message(
    ledger: &Ledger,
    connection: &mut PgConnection,
    wallet_id: WalletId,
    message_id: &str,
    day: OffsetDateTime,
    days_ago: i64,
) -> anyhow::Result<()> {
    let (sender, body) = match days_ago / 6 % 4 {
        0 => (PEOPLE[0].0, "Ya llegué, mija. Te marco el domingo."),
        1 => (PEOPLE[1].0, "¿Me llamas cuando puedas? Nada grave."),
        2 => ("ACME Bank", "Your transfer has arrived."),
        _ => (NUISANCE, "You won! Call now!"),
    };
    let incoming = IncomingMessage {
        wallet_id,
        message_id: message_id.to_owned(),
        switch_id: "sandbox".into(),
        sender: sender.into(),
        recipient: OWN.into(),
        segments: 1,
        body: body.into(),
        price: ledger.message_price(wallet_id, OWN).await?,
    };
    ledger.charge_message(incoming).await?;
    let at = day + Duration::hours(9) + Duration::minutes(days_ago % 60);
    let mut tx = connection.begin().await?;
    sqlx::query("update transfer set created_at = $3 where wallet_id = $1 and subject = 'message' and subject_id = $2")
        .bind(wallet_id.0)
        .bind(message_id)
        .bind(at)
        .execute(&mut *tx)
        .await?;
    sqlx::query(
        "update message set received_at = $3, delivered_at = case when delivered_at is null then null else $3 end
         where wallet_id = $1 and message_id = $2",
    )
    .bind(wallet_id.0)
    .bind(message_id)
    .bind(at)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Moves a call and its entries to the past, in the order they have.
async fn date_back(
    connection: &mut PgConnection,
    call: &CallRef,
    at: OffsetDateTime,
    talked: u32,
) -> anyhow::Result<()> {
    let (wallet_id, call_id) = (call.wallet_id, &call.call_id);
    let answered = at + Duration::seconds(6);
    let ended = answered + Duration::seconds(i64::from(talked));
    let mut tx = connection.begin().await?;
    sqlx::query(
        "update transfer set created_at = case kind
             when 'hold' then $3
             when 'extend' then least($4 + step * interval '280 seconds', $5)
             else $5 end
         where wallet_id = $1 and subject = 'call' and subject_id = $2",
    )
    .bind(wallet_id.0)
    .bind(call_id)
    .bind(at)
    .bind(answered)
    .bind(ended)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "update call set authorized_at = $3, ended_at = $5, first_expires_at = $5, expires_at = $5,
             answered_at = case when answered_at is null then null else $4 end,
             corrected_at = case when corrected_at is null then null else $5 + interval '2 hours' end
         where wallet_id = $1 and call_id = $2",
    )
    .bind(wallet_id.0)
    .bind(call_id)
    .bind(at)
    .bind(answered)
    .bind(ended)
    .execute(&mut *tx)
    .await?;
    // What it took counts for its own day, not for today.
    sqlx::query("update wallet set call_day = $2, call_spend = 0 where wallet_id = $1")
        .bind(wallet_id.0)
        .bind(at.date())
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Whether a call was ended, and reported late if it was to be.
async fn is_over(
    connection: &mut PgConnection,
    call: &CallRef,
    is_silent: bool,
) -> anyhow::Result<bool> {
    let found = sqlx::query_scalar(
        "select exists(select from call where wallet_id = $1 and call_id = $2 and ended_at is not null
                           and (corrected_at is not null or not $3))",
    );
    Ok(found
        .bind(call.wallet_id.0)
        .bind(&call.call_id)
        .bind(is_silent)
        .fetch_one(connection)
        .await?)
}
