//! Ways to the database: one pool for each kind of work, each under its own role.

use std::time::Duration;

use domain::call::CallRules;
use domain::message::MessageRules;
use domain::referral::ReferralRules;
use domain::refill::RefillRules;
use domain::spend::SpendRules;
use domain::top_up::TopUpRules;
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgPool, Row};
use std::sync::Arc;
use tokio_util::task::TaskTracker;

use crate::balance_line::PastBalances;
use crate::call::Memo;
use crate::changes::Changes;
use crate::clock::Clock;
use crate::dial::{Originate, Originator};
use crate::error::Error;
use crate::lane::Lanes;
use crate::lots::CreditEnds;
use crate::rates::Rates;
use crate::stripe::Stripe;
use crate::switch_key::KnownKeys;
use crate::{Inner, Ledger, passkey};

/// The schema, in order; run by the owner of the database, never by the application's roles.
///
/// Without the session advisory lock that sqlx takes by default: connection poolers and other
/// engines refuse it. Migrate from one place.
pub static MIGRATOR: Migrator = {
    let mut migrator = sqlx::migrate!("../migrations");
    migrator.locking = false;
    migrator
};

/// Numbers an operator may change; the defaults are the product's.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    pub top_up: TopUpRules,
    pub call: CallRules,
    pub message: MessageRules,
    pub spend: SpendRules,
    pub refill: RefillRules,
    pub referral: ReferralRules,
}

/// What a ledger needs to start.
pub struct Config {
    /// The login user must be a member of the `wallet_*` roles (or the owner of the cluster).
    pub database: PgConnectOptions,
    pub stripe: Stripe,
    pub rules: Rules,
    pub clock: Clock,
    /// Where Stripe sends people back to, without a slash at the end.
    pub public_origin: String,
    /// The switch that places calls asked for on our pages; none, and no page offers to call.
    pub originate: Option<Originate>,
}

/// Bulkheads: work of one kind cannot take the connections of another.
pub struct Pools {
    /// Pages and their server functions.
    pub web: PgPool,
    /// What every page asks: who it is for and how the wallet stands, one statement each, outside any
    /// transaction.
    pub looks: Lanes,
    /// The charging API: acts that are one statement, outside any transaction.
    pub switch_acts: Lanes,
    /// The charging API: what it only reads, outside any transaction.
    pub switch: PgPool,
    /// The charging API: acts that need a transaction.
    pub switch_rules: PgPool,
    /// Workers and the inbox.
    pub worker: PgPool,
    /// The auditor, who may only read, and takes his time.
    pub read: PgPool,
}

/// Size of a pool and the time limits of its sessions: they live in Postgres, because a limit
/// around the call would cancel it half-way.
struct Limits {
    role: &'static str,
    connections: u32,
    statement_timeout: &'static str,
    lock_timeout: &'static str,
    idle_in_transaction: &'static str,
    /// Whether a connection is asked if it is clean before each use: a transaction begun on it may
    /// have been left open. Where none is ever begun the round trip is saved.
    asks_first: bool,
    /// How statements are planned.
    planner: &'static [(&'static str, &'static str)],
}

/// The same few statements a thousand times a second find their rows by keys: each is planned once for all
/// values, and never to read a whole table, which a plan from a table's first minutes would keep doing.
const BY_KEYS: &[(&str, &str)] = &[
    ("plan_cache_mode", "force_generic_plan"),
    ("enable_seqscan", "off"),
    ("jit", "off"),
];

const WEB: Limits = Limits {
    role: "wallet_web",
    connections: 8,
    statement_timeout: "5s",
    lock_timeout: "2s",
    idle_in_transaction: "10s",
    asks_first: true,
    planner: &[],
};
const LOOKS: Limits = Limits {
    connections: 4,
    planner: BY_KEYS,
    ..WEB
};
const SWITCH_ACTS: Limits = Limits {
    role: "wallet_switch",
    connections: 16,
    planner: BY_KEYS,
    ..WEB
};
const SWITCH: Limits = Limits {
    connections: 4,
    asks_first: false,
    ..SWITCH_ACTS
};
const SWITCH_RULES: Limits = Limits {
    role: "wallet_switch",
    connections: 4,
    ..WEB
};
const WORKER: Limits = Limits {
    role: "wallet_worker",
    connections: 4,
    statement_timeout: "30s",
    lock_timeout: "5s",
    idle_in_transaction: "30s",
    asks_first: true,
    planner: &[],
};

const READ: Limits = Limits {
    role: "wallet_read",
    connections: 2,
    statement_timeout: "10min",
    lock_timeout: "2s",
    idle_in_transaction: "60s",
    asks_first: true,
    planner: &[],
};

impl Pools {
    /// Opens lazily: the first use of each pool connects.
    pub fn open(database: &PgConnectOptions) -> Self {
        Self {
            web: open(database, &WEB),
            looks: Lanes::new(session(database, &LOOKS), LOOKS.connections),
            switch_acts: Lanes::new(session(database, &SWITCH_ACTS), SWITCH_ACTS.connections),
            switch: open(database, &SWITCH),
            switch_rules: open(database, &SWITCH_RULES),
            worker: open(database, &WORKER),
            read: open(database, &READ),
        }
    }
}

fn session(database: &PgConnectOptions, limits: &Limits) -> PgConnectOptions {
    database
        .clone()
        .application_name(limits.role)
        .options([
            ("role", limits.role),
            ("statement_timeout", limits.statement_timeout),
            ("lock_timeout", limits.lock_timeout),
            (
                "idle_in_transaction_session_timeout",
                limits.idle_in_transaction,
            ),
        ])
        .options(limits.planner.iter().copied())
}

fn open(database: &PgConnectOptions, limits: &Limits) -> PgPool {
    let session = session(database, limits);
    let pool = PgPoolOptions::new()
        .max_connections(limits.connections)
        .acquire_timeout(Duration::from_secs(2))
        .test_before_acquire(false);
    // The check says more than the ping it replaces, in the same round trip.
    let pool = if limits.asks_first {
        pool.before_acquire(|connection, _| Box::pin(is_clean(connection)))
    } else {
        pool
    };
    pool.connect_lazy_with(session)
}

/// Whether the connection is outside any transaction. A `begin` that was cancelled leaves one open;
/// within it `now()` stands still while the statement's own time moves on.
///
/// Asked by the simple protocol: the extended one sets the statement's time twice, so that even a
/// clean connection would look like one left open.
async fn is_clean(connection: &mut sqlx::PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::raw_sql("select now() = statement_timestamp()")
        .fetch_one(connection)
        .await?
        .try_get(0)
}

impl Ledger {
    /// Opens the pools and checks that the schema is there.
    pub async fn connect(config: Config) -> Result<Self, Error> {
        let pools = Pools::open(&config.database);
        let ledger = Self {
            inner: Arc::new(Inner {
                pools,
                stripe: config.stripe,
                rates: Rates::unread(&config.rules),
                rules: config.rules,
                clock: config.clock,
                changes: Changes::new(config.database),
                acts: TaskTracker::new(),
                originator: config.originate.and_then(Originator::open),
                memo: Memo::default(),
                past_balances: PastBalances::default(),
                credit_ends: CreditEnds::default(),
                switch_keys: KnownKeys::default(),
                webauthn: passkey::site(&config.public_origin),
                public_origin: config.public_origin,
            }),
        };
        ledger.follow_clock().await?;
        ledger.ready().await?;
        Ok(ledger)
    }

    /// Whether the books can be read now.
    pub async fn ready(&self) -> Result<(), Error> {
        sqlx::query_scalar!(r#"select exists(select from transfer) as "any!""#)
            .fetch_one(self.web())
            .await?;
        Ok(())
    }
}
