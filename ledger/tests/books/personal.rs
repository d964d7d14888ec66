//! No table is forgotten when a person takes their data along or closes the account.

use domain::{CustomerId, WalletId};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::call::open;
use crate::support::Books;
use crate::support::calls::LANDLINE;

/// What becomes of a table when the account is closed.
#[derive(Debug, PartialEq)]
enum Closed {
    /// No row of the person stays.
    Gone,
    /// Rows stay; these columns say nothing any more.
    Blank(&'static [&'static str]),
    /// Stays, and says nothing of who it is: why.
    Kept(&'static str),
}
use Closed::{Blank, Gone, Kept};

const BOOKS: &str = "the books: amounts, moments, names of things";
const HOUSE: &str = "of the house, not of a person";

/// Every table: under which name of the export it stands (or why not, in parentheses), and what closing does.
const TABLES: &[(&str, &str, Closed)] = &[
    ("adjustment", "corrections", Kept(BOOKS)),
    (
        "attempt",
        "(hashes, for two days)",
        Kept("hashes, for two days"),
    ),
    (
        "audit",
        "(of the desk, about itself)",
        Kept("who looked at what must stay"),
    ),
    ("blocked_destination", "(of the house)", Kept(HOUSE)),
    ("blocked_sender", "blocked_senders", Gone),
    ("call", "calls", Blank(&["caller", "callee"])),
    ("call_limit", "(of the house)", Kept(HOUSE)),
    ("call_refusal", "refused_calls", Kept("no numbers")),
    (
        "call_update",
        "(steps of calls: entries show them)",
        Kept(BOOKS),
    ),
    ("campaign", "(of the house)", Kept(HOUSE)),
    (
        "card_setup",
        "cards_to_save",
        Kept("consents, which must be proved"),
    ),
    ("check_run", "(of the house)", Kept(HOUSE)),
    ("checkpoint", "(of the house)", Kept(HOUSE)),
    ("credit_grant", "given_credit", Kept(BOOKS)),
    (
        "customer",
        "account",
        Blank(&["time_zone", "talk_prefix", "language"]),
    ),
    ("dialed_call", "dialed_calls", Gone),
    ("dispute", "disputes", Kept(BOOKS)),
    (
        "email",
        "(letters, which the person has)",
        Kept("erased 90 days after they were sent"),
    ),
    ("expired_credit", "(entries show it)", Kept(BOOKS)),
    ("favorite_number", "favorites", Gone),
    ("house_sum", "(of the house)", Kept(HOUSE)),
    ("known_device", "known_devices", Gone),
    ("lots_snapshot", "(entries, added up)", Kept(BOOKS)),
    (
        "message",
        "messages",
        Blank(&["sender", "recipient", "body"]),
    ),
    ("notice", "notices", Gone),
    ("notice_setting", "notice_settings", Gone),
    ("notice_watch", "(of the house)", Kept(HOUSE)),
    ("passkey", "passkeys", Gone),
    ("passkey_ceremony", "(for five minutes)", Gone),
    ("payment_method", "cards", Blank(&["fingerprint"])),
    ("phone_number", "numbers", Gone),
    ("price_draft", "(of the house)", Kept(HOUSE)),
    ("price_list", "(of the house)", Kept(HOUSE)),
    ("promo_claim", "promo_codes", Kept(BOOKS)),
    ("push_message", "(on its way to a device)", Gone),
    ("push_subscription", "devices_told", Gone),
    ("rate", "(of the house)", Kept(HOUSE)),
    ("referral", "invitations", Kept("belongs to two wallets")),
    ("referral_code", "invitations", Gone),
    (
        "referral_number",
        "(hashes)",
        Kept("hashes, against a second reward"),
    ),
    ("refill_attempt", "refills", Kept(BOOKS)),
    (
        "refill_consent",
        "auto_refill",
        Kept("consents, which must be proved"),
    ),
    ("refill_due", "(on its way)", Gone),
    (
        "refill_rule",
        "auto_refill",
        Kept("amounts; it is turned off"),
    ),
    ("refund", "refunds", Kept(BOOKS)),
    ("sealed_range", "(proofs of entries)", Kept(BOOKS)),
    ("session", "sessions", Gone),
    ("sign_in_code", "(for ten minutes)", Gone),
    (
        "staff",
        "(of the house)",
        Kept("who had which right must stay"),
    ),
    (
        "stripe_event",
        "(Stripe's own words)",
        Kept("erased 90 days after they came"),
    ),
    ("stripe_watch", "(of the house)", Kept(HOUSE)),
    ("switch_key", "(of the house)", Kept(HOUSE)),
    ("top_up", "top_ups", Blank(&["card_brand", "card_last4"])),
    ("transfer", "(the statement beside the lists)", Kept(BOOKS)),
    ("wallet", "(the statement beside the lists)", Kept(BOOKS)),
    ("withdrawn_rate", "(of the house)", Kept(HOUSE)),
];

impl Books {
    async fn rows(&self, sql: String) -> i64 {
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
            .fetch_one(&self.owner)
            .await
            .unwrap()
    }

    /// How many rows of a table belong to this person, by whichever column says so.
    async fn rows_of(&self, table: &str, and: &str, customer: CustomerId, wallet: WalletId) -> i64 {
        let whose: Option<String> = sqlx::query_scalar(
            "select column_name from information_schema.columns where table_schema = 'public' and table_name = $1
             and column_name in ('wallet_id', 'customer_id') order by column_name = 'customer_id' desc limit 1",
        )
        .bind(table)
        .fetch_optional(&self.owner)
        .await
        .unwrap();
        let sql = match whose.as_deref() {
            Some("customer_id") => format!("where customer_id = '{customer}'"),
            Some(_) => format!("where wallet_id = '{wallet}'"),
            None => "where true".into(),
        };
        self.rows(format!("select count(*) from {table} {sql} {and}"))
            .await
    }
}

/// One of everything that a person may have.
async fn fill(books: &Books, customer: CustomerId, wallet: WalletId) {
    for sql in [
        "insert into session (session_hash, session_id, customer_id, device, data, created_at, last_seen_at, expires_at)
         values ('\\x01', gen_random_uuid(), $c, 'Phone', '{}', now(), now(), now() + interval '1 day')",
        "insert into dialed_call values ($w, 'd-1', '525512345678', now())",
        "insert into phone_number (number, wallet_id, kind) values ('12125550123', $w, 'registered')",
        "insert into notice_setting (wallet_id, kind, by_email) values ($w, 'top_up_settled', true)",
        "insert into referral_code (code, wallet_id, created_at) values ('AAAAAAAA', $w, now())",
        "insert into push_subscription (endpoint, customer_id, p256dh, auth, device)
         values ('https://push.example/1', $c, 'a', 'b', 'Phone')",
        "insert into push_message (push_message_id, endpoint, body, next_at, give_up_at)
         values (gen_random_uuid(), 'https://push.example/1', '{}', now(), now() + interval '1 day')",
        "insert into payment_method (wallet_id, payment_method_id, brand, last4, exp_month, exp_year, fingerprint, consent, consented_at, saved_at)
         values ($w, 'pm_1', 'visa', '4242', 12, 2034, 'same', 'yes', now(), now())",
        "update top_up set card_brand = 'visa', card_last4 = '4242' where wallet_id = $w",
    ] {
        let sql = sql
            .replace("$c", &format!("'{customer}'"))
            .replace("$w", &format!("'{wallet}'"));
        sqlx::query(sqlx::AssertSqlSafe(sql.as_str()))
            .execute(&books.owner)
            .await
            .unwrap_or_else(|error| panic!("{error}: {sql}"));
    }
    let ledger = &books.ledger;
    ledger
        .keep_favorite(wallet, LANDLINE, "Mother")
        .await
        .unwrap();
    ledger.block_sender(wallet, LANDLINE).await.unwrap();
}

#[sqlx::test(migrations = "../migrations")]
async fn every_table_is_exported_and_erased_or_says_why_not(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let tables: Vec<String> = sqlx::query_scalar(
        "select relname::text from pg_class join pg_namespace on pg_namespace.oid = relnamespace
         where nspname = 'public' and relkind in ('r', 'p') and not relispartition and relname <> '_sqlx_migrations'
         order by relname",
    )
    .fetch_all(&books.owner)
    .await
    .unwrap();
    let known: Vec<_> = TABLES.iter().map(|(table, ..)| *table).collect();
    assert_eq!(tables, known, "a new table says here what becomes of it");

    let wallet_id = books.funded("100", "8").await;
    let customer_id = books.owner_of(wallet_id).await;
    fill(&books, customer_id, wallet_id).await;
    let export = books.ledger.export(customer_id, wallet_id).await.unwrap();
    for (table, name, _) in TABLES {
        let is_there = export.things.contains_key(*name);
        assert!(is_there != name.starts_with('('), "{table}: {name}");
    }
    let text = serde_json::to_string(&export.things).unwrap();
    for personal in [
        "525512345678",
        "12125550123",
        "Mother",
        "4242",
        "AAAAAAAA",
        "Phone",
    ] {
        assert!(text.contains(personal), "{personal} is not in {text}");
    }

    books
        .ledger
        .close_account(customer_id, wallet_id)
        .await
        .unwrap();
    for (table, _, closed) in TABLES {
        match closed {
            Gone => {
                let left = books.rows_of(table, "", customer_id, wallet_id).await;
                assert_eq!(left, 0, "{table}");
            }
            Blank(columns) => {
                for column in *columns {
                    let said = format!("and {column} is not null");
                    let left = books.rows_of(table, &said, customer_id, wallet_id).await;
                    assert_eq!(left, 0, "{table}.{column}");
                }
            }
            Kept(_) => {}
        }
    }
    let cards = books
        .rows("select count(*) from payment_method where last4 <> '' or brand <> 'erased'".into())
        .await;
    assert_eq!(cards, 0);
    books.assert_clean().await;
}
