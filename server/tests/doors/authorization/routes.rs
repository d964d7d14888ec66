//! The expected table of routes: for whom each is, and addresses to try it with.

use domain::staff::Right;

/// For whom a route is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Says the same to everybody.
    Open,
    /// Of one person: others are led to sign in, or are told 401.
    Personal,
    /// For a role; to everybody else there is nothing.
    Desk(Right),
    /// For a telephone switch, about its own calls.
    Switch,
    /// Asked by programs that prove themselves by a signature: without one it is refused.
    Signed,
}

use Access::{Desk, Open, Personal, Signed, Switch};

/// Every route there is, with a method and an address each. `{things}` are put in.
pub(crate) const ROUTES: &[(&str, Access, &str, &str)] = &[
    ("/", Open, "GET", "/"),
    ("/{*rest}", Open, "GET", "/nothing/here"),
    ("/sign-in", Open, "GET", "/sign-in"),
    ("/rates/{*rates}", Open, "GET", "/rates/"),
    ("/healthz", Open, "GET", "/healthz"),
    ("/readyz", Open, "GET", "/readyz"),
    ("/sw.js", Open, "GET", "/sw.js"),
    (
        "/unsubscribe/{wallet_id}/{notice_id}",
        Open,
        "GET",
        "/unsubscribe/{wallet}/{notice}",
    ),
    (
        "/switch/v1/openapi.json",
        Open,
        "GET",
        "/switch/v1/openapi.json",
    ),
    ("/wallet", Personal, "GET", "/wallet"),
    ("/call/{*call}", Personal, "GET", "/call/?call={call}"),
    ("/add-credit", Personal, "GET", "/add-credit"),
    ("/top-ups/{top_up_id}", Personal, "GET", "/top-ups/{top_up}"),
    ("/account/{*account}", Personal, "GET", "/account/"),
    ("/account/{*account}", Personal, "GET", "/account/email"),
    ("/account/{*account}", Personal, "GET", "/account/close"),
    (
        "/account/{*account}",
        Personal,
        "GET",
        "/account/destination",
    ),
    (
        "/auto-refill/{*auto-refill}",
        Personal,
        "GET",
        "/auto-refill/",
    ),
    ("/messages/{*messages}", Personal, "GET", "/messages/"),
    ("/referral/{*referral}", Personal, "GET", "/referral/"),
    ("/statements/{*statements}", Personal, "GET", "/statements/"),
    ("/refunds/{*refunds}", Personal, "GET", "/refunds/{top_up}"),
    ("/wallet/events", Personal, "GET", "/wallet/events"),
    (
        "/wallet/entries/{seq}/proof",
        Personal,
        "GET",
        "/wallet/entries/1/proof",
    ),
    (
        "/top-ups/{top_up_id}/receipt",
        Personal,
        "GET",
        "/top-ups/{top_up}/receipt",
    ),
    (
        "/top-ups/{top_up_id}/invoice",
        Personal,
        "GET",
        "/top-ups/{top_up}/invoice",
    ),
    (
        "/top-ups/{top_up_id}/invoice.pdf",
        Personal,
        "GET",
        "/top-ups/{top_up}/invoice.pdf",
    ),
    (
        "/account/export.json",
        Personal,
        "GET",
        "/account/export.json",
    ),
    (
        "/wallet/statements/{file}",
        Personal,
        "GET",
        "/wallet/statements/2020-01.pdf",
    ),
    ("/desk/{*desk}", Desk(Right::Customers), "GET", "/desk/"),
    (
        "/desk/{*desk}",
        Desk(Right::Customers),
        "GET",
        "/desk/?find={top_up}",
    ),
    (
        "/desk/{*desk}",
        Desk(Right::Customers),
        "GET",
        "/desk/wallets/{wallet}",
    ),
    (
        "/desk/{*desk}",
        Desk(Right::Correct),
        "GET",
        "/desk/corrections",
    ),
    (
        "/desk/{*desk}",
        Desk(Right::SeeGuards),
        "GET",
        "/desk/guards",
    ),
    (
        "/desk/{*desk}",
        Desk(Right::SeePrices),
        "GET",
        "/desk/price-lists",
    ),
    (
        "/desk/{*desk}",
        Desk(Right::SetPrices),
        "GET",
        "/desk/price-lists/{price_list}",
    ),
    (
        "/desk/{*desk}",
        Desk(Right::SetPrices),
        "GET",
        "/desk/price-lists/drafts/{price_draft}",
    ),
    (
        "/desk/{*desk}",
        Desk(Right::SeeCampaigns),
        "GET",
        "/desk/campaigns",
    ),
    ("/desk/{*desk}", Desk(Right::SeeKeys), "GET", "/desk/keys"),
    ("/desk/{*desk}", Desk(Right::House), "GET", "/desk/house"),
    ("/desk/{*desk}", Desk(Right::Audit), "GET", "/desk/audit"),
    (
        "/desk/{*desk}",
        Desk(Right::Disputes),
        "GET",
        "/desk/disputes",
    ),
    (
        "/desk/{*desk}",
        Desk(Right::Refund),
        "GET",
        "/desk/wallets/{wallet}/refunds/{top_up}",
    ),
    ("/stripe/webhook", Signed, "POST", "/stripe/webhook"),
    ("/switch/v1", Open, "GET", "/switch/v1"),
    ("/switch/v1/lookup", Switch, "POST", "/switch/v1/lookup"),
    ("/switch/v1/reports", Switch, "POST", "/switch/v1/reports"),
    ("/switch/v1/{*rest}", Switch, "GET", "/switch/v1/nothing"),
    (
        "/switch/v1/wallets/{wallet}/quote",
        Switch,
        "GET",
        "/switch/v1/wallets/{wallet}/quote?to=525512345678",
    ),
    (
        "/switch/v1/wallets/{wallet}/calls",
        Switch,
        "POST",
        "/switch/v1/wallets/{wallet}/calls",
    ),
    (
        "/switch/v1/wallets/{wallet}/calls/{call_id}",
        Switch,
        "GET",
        "/switch/v1/wallets/{wallet}/calls/{call}",
    ),
    (
        "/switch/v1/wallets/{wallet}/calls/{call_id}/answer",
        Switch,
        "POST",
        "/switch/v1/wallets/{wallet}/calls/{call}/answer",
    ),
    (
        "/switch/v1/wallets/{wallet}/calls/{call_id}/update",
        Switch,
        "POST",
        "/switch/v1/wallets/{wallet}/calls/{call}/update",
    ),
    (
        "/switch/v1/wallets/{wallet}/calls/{call_id}/end",
        Switch,
        "POST",
        "/switch/v1/wallets/{wallet}/calls/{call}/end",
    ),
    (
        "/switch/v1/wallets/{wallet}/messages",
        Switch,
        "POST",
        "/switch/v1/wallets/{wallet}/messages",
    ),
];

/// Parts of pages that are asked for by name.
pub(super) const PARTS: &[(&str, Access)] = &[
    ("part:balance-line", Personal),
    ("part:history", Personal),
    ("part:entries?entries=1", Personal),
    ("part:live-calls", Personal),
];
