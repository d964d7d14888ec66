//! The expected table of server functions: for whom each is, and what it is sent.

use domain::staff::Right;

/// For whom a server function is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whom {
    Anyone,
    /// Whoever is signed in, about what is theirs.
    Customer,
    /// As a customer, with an id made by the page: one that nobody has yet is no mistake.
    Maker,
    Desk(Right),
}

/// What a function is sent: a form whose `{things}` are put in, or Postcard after our version.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sent {
    Form(&'static str),
    Wire(&'static [u8]),
}

use Sent::{Form, Wire};
use Whom::{Anyone, Customer, Desk, Maker};

/// Every server function there is, by its endpoint. One that is not here fails the test: it must be
/// decided for whom it is.
pub(super) const FUNCTIONS: &[(&str, Whom, Sent)] = &[
    ("accept_invitation", Customer, Form("code=NOBODYS")),
    (
        "add_passkey",
        Customer,
        Form("ceremony_id={passkey}&credential=x"),
    ),
    ("answer_refill", Customer, Form("")),
    (
        "arm_refill",
        Customer,
        Form("threshold=5&amount=20&cap=100"),
    ),
    (
        "ask_refund",
        Customer,
        Form("top_up_id={top_up}&refund_id={new}&credit=1"),
    ),
    ("begin_passkey", Customer, Form("")),
    ("begin_passkey_sign_in", Anyone, Form("")),
    ("block_sender", Customer, Form("sender=15550001111")),
    ("change_email", Customer, Form("code=12345678")),
    ("choose_card", Customer, Form("payment_method_id={card}")),
    ("choose_destination", Customer, Form("prefix=52")),
    ("choose_language", Anyone, Form("language=en")),
    ("choose_notices", Customer, Form("level=5")),
    ("choose_time_zone", Customer, Form("zone=Europe/Vienna")),
    ("close_account", Customer, Form("")),
    (
        "desk_block_destination",
        Desk(Right::SetGuards),
        Form("prefix=881&reason=a+reason"),
    ),
    (
        "desk_lift_block",
        Desk(Right::SetGuards),
        Form("prefix=999&reason=a+reason"),
    ),
    (
        "desk_set_limits",
        Desk(Right::SetGuards),
        Form(
            "calls_at_once=&per_day=1000&new_per_day=&dear_per_minute=&dear_per_day=&reason=a+reason",
        ),
    ),
    (
        "desk_correct",
        Desk(Right::Correct),
        Form("wallet_id={wallet}&adjustment_id={new}&amount=1&reason=a+reason"),
    ),
    (
        "desk_create_campaign",
        Desk(Right::RunCampaigns),
        Form(
            "campaign_id={new}&code=TESTING&reason=a+reason&amount=1&starts=2030-01-01&ends=2030-02-01\
             &budget_count=1&budget_sum=1&smallest_top_up=&credit_days=1",
        ),
    ),
    (
        "desk_decide",
        Desk(Right::Correct),
        Form("wallet_id={wallet}&adjustment_id={adjustment}&decision=refuse"),
    ),
    (
        "desk_end_call",
        Desk(Right::EndCall),
        Form("wallet_id={wallet}&call_id={call}"),
    ),
    (
        "desk_end_session",
        Desk(Right::EndSession),
        Form("wallet_id={wallet}&session_id={session}"),
    ),
    (
        "desk_freeze",
        Desk(Right::Freeze),
        Form("wallet_id={wallet}&reason=a+reason"),
    ),
    (
        "desk_refund",
        Desk(Right::Refund),
        Form("wallet_id={wallet}&top_up_id={top_up}&refund_id={new}&credit=1"),
    ),
    (
        "desk_import_prices",
        Desk(Right::SetPrices),
        Form("draft_id={price_draft}&from="),
    ),
    (
        "desk_roll_back_prices",
        Desk(Right::SetPrices),
        Form("version={price_list}"),
    ),
    // A form without a file is refused, and noted, like one with a bad one.
    ("desk_upload_prices", Desk(Right::SetPrices), Form("file=")),
    (
        "desk_resend_notice",
        Desk(Right::ResendNotice),
        Form("wallet_id={wallet}&notice_id={notice}"),
    ),
    ("desk_revoke_key", Desk(Right::SetKeys), Form("name={key}")),
    (
        "desk_stop_campaign",
        Desk(Right::RunCampaigns),
        Form("code={campaign}"),
    ),
    (
        "desk_unfreeze",
        Desk(Right::Freeze),
        Form("wallet_id={wallet}"),
    ),
    ("dial", Maker, Form("call_id={call}&to=%2B525512345678")),
    ("dismiss_notice", Customer, Form("notice_id={notice}")),
    ("drop_favorite", Customer, Form("number={number}")),
    ("end_other_sessions", Customer, Form("")),
    ("end_session", Customer, Form("session_id={session}")),
    ("forget_email", Anyone, Form("")),
    ("forget_new_email", Customer, Form("")),
    ("hang_up", Customer, Form("call_id={call}")),
    (
        "keep_favorite",
        Customer,
        Form("number=%2B525587654321&name=Somebody"),
    ),
    ("load_offer", Customer, Wire(&[])),
    ("load_sheet", Anyone, Wire(b"\x06/rates")),
    ("load_step", Anyone, Wire(&[])),
    ("load_wallet", Customer, Wire(&[])),
    (
        "passkey_sign_in",
        Anyone,
        Form("ceremony_id={passkey}&credential=x"),
    ),
    (
        "push_here",
        Customer,
        Form("endpoint=https://example.com/push&p256dh=x&auth=y"),
    ),
    ("push_no_more", Customer, Form("endpoint={endpoint}")),
    ("redeem_code", Customer, Form("code=NOBODYS")),
    ("remove_card", Customer, Form("payment_method_id={card}")),
    ("remove_passkey", Customer, Form("passkey_id={passkey}")),
    ("request_code", Anyone, Form("email={new}@example.com")),
    (
        "request_email_change",
        Customer,
        Form("email={new}@example.com"),
    ),
    ("save_card", Customer, Form("card_setup_id={new}")),
    ("sign_in", Anyone, Form("code=12345678")),
    ("sign_out", Anyone, Form("")),
    ("start_top_up", Maker, Form("top_up_id={top_up}&pack=25")),
    ("turn_off_refill", Customer, Form("")),
    ("unblock_sender", Customer, Form("sender={sender}")),
];
