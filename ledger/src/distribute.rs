//! Spreading the books over a cluster of Citus: one wallet is one shard key.

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

/// Tables whose rows belong to one wallet, in the order that foreign keys ask for. Every key of
/// theirs begins with `wallet_id`; a test looks.
pub const WALLET_TABLES: &[&str] = &[
    "wallet",
    "transfer",
    "top_up",
    "call",
    "call_update",
    "call_refusal",
    "message",
    "dialed_call",
    "favorite_number",
    "blocked_sender",
    "adjustment",
    "credit_grant",
    "promo_claim",
    "lots_snapshot",
    "expired_credit",
    "sealed_range",
    "notice",
    "notice_setting",
    "payment_method",
    "card_setup",
    "refill_rule",
    "refill_consent",
    "refill_attempt",
    "refill_due",
    "refund",
    "dispute",
];

/// Tables that every shard has a copy of.
pub const REFERENCE_TABLES: &[&str] = &["price_list", "rate"];

/// Tables that stay where they are: people and their ways in, switches and how they find a wallet,
/// events as they came, checkpoints, uploads.
pub const LOCAL_TABLES: &[&str] = &[
    "customer",
    "sign_in_code",
    "session",
    "attempt",
    "email",
    "stripe_event",
    "price_draft",
    "withdrawn_rate",
    "blocked_destination",
    "call_limit",
    "checkpoint",
    "house_sum",
    "check_run",
    "switch_key",
    "phone_number",
    "staff",
    "audit",
    "campaign",
    "referral_code",
    "referral",
    "referral_number",
    "notice_watch",
    "known_device",
    "passkey",
    "passkey_ceremony",
    "push_subscription",
    "push_message",
    "stripe_watch",
];

/// What became of it.
#[derive(Debug, PartialEq, Eq)]
pub enum Distributed {
    /// These tables are distributed or copied now; those that were already are not named.
    Tables(Vec<&'static str>),
    /// The extension `citus` is not created in this database, or not installed at all.
    NoExtension,
}

/// Distributes the tables where the extension exists; again changes nothing. Run by the owner, while
/// nobody writes.
pub async fn distribute(database: &PgConnectOptions) -> Result<Distributed, sqlx::Error> {
    let owner = PgPoolOptions::new()
        .max_connections(1)
        .connect_with(database.clone())
        .await?;
    let is_there: bool =
        sqlx::query_scalar("select exists(select from pg_extension where extname = 'citus')")
            .fetch_one(&owner)
            .await?;
    if !is_there {
        return Ok(Distributed::NoExtension);
    }
    let mut changed = Vec::new();
    for table in REFERENCE_TABLES {
        // Functions of the extension are not known when the queries are checked.
        let done: Option<String> = sqlx::query_scalar(
            "select create_reference_table($1::regclass)::text
             where not exists (select from pg_dist_partition where logicalrelid = $1::regclass)",
        )
        .bind(table)
        .fetch_optional(&owner)
        .await?;
        if done.is_some() {
            changed.push(*table);
        }
    }
    for table in WALLET_TABLES {
        let colocated = if *table == "wallet" {
            "default"
        } else {
            "wallet"
        };
        let done: Option<String> = sqlx::query_scalar(
            "select create_distributed_table($1::regclass, 'wallet_id', colocate_with => $2)::text
             where not exists (select from pg_dist_partition where logicalrelid = $1::regclass)",
        )
        .bind(table)
        .bind(colocated)
        .fetch_optional(&owner)
        .await?;
        if done.is_some() {
            changed.push(*table);
        }
    }
    Ok(Distributed::Tables(changed))
}
