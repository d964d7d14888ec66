//! The facts: books on Postgres, and the use cases that write them. All that knows Stripe is in
//! [`stripe`]; no HTTP, no pages, no cookies here.
//!
//! Every act is one transaction, idempotent on its caller's id, and runs in a task of its own, so
//! that a caller who goes away cannot cancel it half-way. No transaction stays open across a call
//! to Stripe.

mod act;
mod adjustment;
mod attempt;
mod audit;
mod balance_line;
mod blocked_sender;
mod books;
mod call;
mod campaign;
mod card;
mod changes;
mod check_run;
mod clock;
mod close;
mod compare;
mod connect;
mod customer;
mod desk;
mod device;
mod dial;
mod dispute;
mod distribute;
mod email;
mod email_change;
mod entry;
mod error;
mod export;
mod favorite;
mod fraud_warning;
mod freeze;
mod grant;
mod guard;
mod heal;
mod history;
mod inbox;
mod lane;
mod language;
mod live_call;
mod lots;
mod memory;
mod message;
mod notice;
mod number;
mod overview;
mod parts;
mod passkey;
mod price_list;
mod promo;
mod push;
mod rate_import;
mod rate_search;
mod rates;
mod receipt;
mod reconcile;
mod referral;
mod refill;
mod refund;
mod seal;
mod session;
mod settings;
mod settle;
mod sign_in;
mod staff;
mod statement;
pub mod stripe;
mod switch_key;
mod top_up;
mod verify;
mod wallet;

use std::sync::Arc;

use domain::WalletId;
use lane::Lane;
use sqlx::PgPool;
use tokio_util::task::TaskTracker;

pub use adjustment::{Adjust, AdjustmentRow};
pub use audit::{AuditFilter, AuditRow, Deed};
pub use balance_line::Bought;
pub use blocked_sender::BlockedSender;
pub use call::{Answered, AuthorizeCall, Authorized, CallRate, CallRef, CallRow, Ended, Updated};
pub use campaign::{CampaignRow, PromoClaim};
pub use card::{SavedCard, SavedFrom};
pub use changes::Changes;
pub use check_run::{CheckKind, CheckRun};
pub use clock::Clock;
pub use compare::{Comparison, Difference, Sides};
pub use connect::{Config, MIGRATOR, Pools, Rules};
pub use customer::Customer;
pub use desk::{
    Alarm, DisputeCase, EventTrace, Found, HouseAccount, OutboxRow, Queue, RefillDay, RefillTrace,
    RunningCall, TopUpTrace, late,
};
pub use dial::Originate;
pub use distribute::{Distributed, LOCAL_TABLES, REFERENCE_TABLES, WALLET_TABLES, distribute};
pub use email::DueEmail;
pub use error::Error;
pub use export::Export;
pub use favorite::{FavoriteNumber, RecentNumber};
pub use freeze::Frozen;
pub use grant::{GrantCredit, GrantSource};
pub use guard::{Block, CallLimits, LimitsRow, ListedBlock};
pub use inbox::Received;
pub use live_call::{LiveCall, Stage};
pub use lots::CreditEnd;
pub use message::{IncomingMessage, MessageAnswer, MessageLine};
pub use notice::{NoticeSetting, NoticeTrace, UnreadNotice};
pub use number::{NumberKind, PhoneNumber, e164_digits, international, pasted_digits};
pub use overview::{Overview, PageMark, Wanted};
pub use passkey::{Ceremony, PasskeySignIn, PasskeySummary};
pub use price_list::BadLine;
pub use promo::{Redeemed, WithTopUp};
pub use push::{DuePush, PushOutcome, PushSubscription};
pub use rate_import::{
    ChangeSort, ImportError, ImportRates, PriceChange, PriceDiff, PriceDraft, PriceListRow,
    RollBack,
};
pub use referral::{Invitation, Invited};
pub use refill::{ArmRefill, RefillView};
pub use refund::{AskRefund, RefundBy, RefundDraft};
pub use seal::{Checkpoint, NotProved, Proof, SealingKey};
pub use session::{SessionSummary, StoredSession};
pub use settings::Settings;
pub use staff::StaffRow;
pub use switch_key::SwitchKey;
pub use top_up::StartTopUp;
pub use verify::{Check, Report};

/// Everything the doors of the server may ask for. Cloning is cheap.
#[derive(Clone)]
pub struct Ledger {
    inner: Arc<Inner>,
}

struct Inner {
    pools: Pools,
    stripe: stripe::Stripe,
    rules: Rules,
    clock: Clock,
    changes: Changes,
    /// Acts under way, so that a graceful stop can wait for them.
    acts: TaskTracker,
    rates: rates::Rates,
    /// The switch that places calls for people on our pages, if there is one.
    originator: Option<dial::Originator>,
    /// Prices of running calls.
    memo: call::Memo,
    /// What wallets had at moments that are over.
    past_balances: balance_line::PastBalances,
    /// What given credit ends next.
    credit_ends: lots::CreditEnds,
    /// Keys of switches that were right a moment ago.
    switch_keys: switch_key::KnownKeys,
    /// Makes and checks passkeys; none where our address has no name.
    webauthn: Option<webauthn_rs::Webauthn>,
    /// Where Stripe sends people back to: `https://wallet.example.com`, no slash at the end.
    public_origin: String,
}

impl Ledger {
    /// Limits and ladders, as the operator configured them.
    pub fn rules(&self) -> &Rules {
        &self.inner.rules
    }

    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// Where to hear that a wallet changed.
    pub fn changes(&self) -> &Changes {
        &self.inner.changes
    }

    /// Where people find us, without a slash at the end.
    pub fn public_origin(&self) -> &str {
        &self.inner.public_origin
    }

    pub fn stripe(&self) -> &stripe::Stripe {
        &self.inner.stripe
    }

    pub(crate) fn web(&self) -> &PgPool {
        &self.inner.pools.web
    }

    /// A connection for one statement that every page asks.
    pub(crate) async fn look(&self) -> Result<Lane<'_>, sqlx::Error> {
        self.inner.pools.looks.take().await
    }

    /// A connection for one statement of a switch that is a whole act.
    pub(crate) async fn lane(&self) -> Result<Lane<'_>, sqlx::Error> {
        self.inner.pools.switch_acts.take().await
    }

    /// The same for one that changes a wallet.
    pub(crate) async fn lane_for(&self, wallet_id: WalletId) -> Result<Lane<'_>, sqlx::Error> {
        self.inner.pools.switch_acts.take_for(wallet_id).await
    }

    pub(crate) fn switch(&self) -> &PgPool {
        &self.inner.pools.switch
    }

    pub(crate) fn worker(&self) -> &PgPool {
        &self.inner.pools.worker
    }

    pub(crate) fn read(&self) -> &PgPool {
        &self.inner.pools.read
    }

    /// Waits until every act under way has ended; new ones may still start.
    pub async fn drain(&self) {
        self.inner.acts.close();
        self.inner.acts.wait().await;
        self.inner.acts.reopen();
    }
}
