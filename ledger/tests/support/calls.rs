//! Rates and calls for tests.

use domain::WalletId;
use ledger::{AuthorizeCall, CallRef};

use super::Books;

/// A landline in Mexico at ten cents a minute by the second, a mobile at 60/60, a premium number at
/// a dollar, a free one, and one that is never called.
const RATES: &str = "
    insert into price_list (price_list_id, name) values (1, 'test');
    insert into rate (prefix, valid_from, destination, kind, per_minute, connection_fee,
        initial_seconds, increment_seconds, blocked, price_list_id)
    values ('52', '2020-01-01', 'Mexico', 'landline', 0.10, 0, 1, 1, false, 1),
           ('521', '2020-01-01', 'Mexico mobile', 'mobile', 0.10, 0, 60, 60, false, 1),
           ('1900', '2020-01-01', 'Premium', 'special', 1, 0, 1, 1, false, 1),
           ('1800', '2020-01-01', 'Toll free', 'landline', 0, 0, 1, 1, false, 1),
           ('881', '2020-01-01', 'Satellite', 'special', 9, 0, 1, 1, true, 1);";

pub(crate) const LANDLINE: &str = "525512345678";
pub(crate) const MOBILE: &str = "5215512345678";
pub(crate) const PREMIUM: &str = "19005551234";
pub(crate) const FREE: &str = "18005551234";
pub(crate) const BLOCKED: &str = "8816123456";

pub(crate) const SWITCH: &str = "test-switch";

impl Books {
    pub(crate) async fn add_rates(&self) {
        sqlx::raw_sql(RATES).execute(&self.owner).await.unwrap();
    }
}

pub(crate) fn ask(wallet_id: WalletId, call_id: &str, callee: &str) -> AuthorizeCall {
    AuthorizeCall {
        wallet_id,
        call_id: call_id.into(),
        switch_id: SWITCH.into(),
        caller: None,
        callee: callee.into(),
    }
}

pub(crate) fn call(wallet_id: WalletId, call_id: &str) -> CallRef {
    CallRef {
        wallet_id,
        call_id: call_id.into(),
        switch_id: SWITCH.into(),
    }
}
