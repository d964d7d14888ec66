//! `/referral`: one's own code and link, friends by how far they are, and a friend's invitation.

use domain::referral::{ReferralRules, Shared, Standing};
use ledger::{Invitation, Invited};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use qrcode::{Color, EcLevel, QrCode};

use super::{Page, Query};
use crate::context::{self, LocalTime};
use crate::error::AppError;

/// Modules that must be empty around the code for cameras to find it.
const QUIET: usize = 4;

#[server(endpoint = "accept_invitation")]
pub(crate) async fn accept_invitation(code: String) -> Result<(), AppError> {
    let visitor = context::visitor().await?;
    context::ledger()
        .accept_invitation(visitor.wallet_id, &code)
        .await
        .map_err(context::refused)
}

pub(super) async fn page(query: &Query) -> Result<Page, AppError> {
    let visitor = context::visitor().await?;
    let ledger = context::ledger();
    let invited = ledger
        .invitations(visitor.wallet_id)
        .await
        .map_err(context::refused)?;
    let rules = ledger.rules().referral.clone();
    let link = format!("{}/referral?code={}", ledger.public_origin(), invited.code);
    let content = view! {
        {own(&invited, &rules, &link)}
        {friends(&invited.friends, &rules)}
        {accepted(&invited, &rules, query.get("code"))}
    };
    Ok(Page::narrow("Invite friends", content))
}

fn own(invited: &Invited, rules: &ReferralRules, link: &str) -> impl IntoView + use<> {
    let reward = rules.reward.exact_text();
    let promise = format!(
        "You and a friend get {reward} each when the friend's first top-up of at least {} is paid, {} of it was used, and {} days have passed without a refund or a dispute.",
        rules.smallest_top_up.exact_text(),
        rules.used_at_least.exact_text(),
        rules.stands_for.whole_days()
    );
    let text = format!("Call abroad with Talkala Wallet: {reward} for you and for me. {link}");
    let mail: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
    let mail = format!("mailto:?body={}", mail.replace('+', "%20"));
    view! {
        <section class="card" aria-labelledby="share">
            <h2 id="share">"Your code"</h2>
            <p>{promise}</p>
            <dl class="facts">
                <div>
                    <dt>"Code"</dt>
                    <dd><code>{invited.code.clone()}</code></dd>
                </div>
                <div>
                    <dt>"Link"</dt>
                    <dd class="address"><code>{link.to_owned()}</code></dd>
                </div>
            </dl>
            <p class="actions">
                <a class="button" href=mail rel="external" data-share=link.to_owned()>
                    "Share"
                </a>
            </p>
            {qr(link)}
        </section>
    }
}

/// The link as a picture, dark on light in both themes: cameras do not read the other way.
fn qr(link: &str) -> Option<impl IntoView + use<>> {
    let code = QrCode::with_error_correction_level(link, EcLevel::M).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (at, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            let (x, y) = (at % width + QUIET, at / width + QUIET);
            path.push_str(&format!("M{x} {y}h1v1h-1z"));
        }
    }
    let side = width + 2 * QUIET;
    Some(view! {
        <svg class="qr" viewBox=format!("0 0 {side} {side}") role="img" aria-label="QR code of your link">
            <rect width=side height=side fill="#fff" />
            <path d=path fill="#000" />
        </svg>
    })
}

fn friends(friends: &[Invitation], rules: &ReferralRules) -> impl IntoView + use<> {
    let clock = LocalTime::of_request();
    let count = friends.len();
    let lines: Vec<_> = friends
        .iter()
        .enumerate()
        .map(|(at, friend)| {
            let name = format!("Friend {}", count - at);
            view! {
                <li class="session">
                    <div>
                        <p class="session-device">
                            {name} <span class="pill">{state(friend.standing)}</span>
                        </p>
                        <p class="quiet">"Accepted " {clock.lately(friend.entered_at)}</p>
                        {funnel(friend.standing, rules, false)}
                    </div>
                </li>
            }
        })
        .collect();
    let list = if lines.is_empty() {
        view! { <p class="empty">"Nobody has entered your code yet. Share it with a friend who calls abroad."</p> }
            .into_any()
    } else {
        view! { <ul class="sessions" role="list">{lines}</ul> }.into_any()
    };
    view! {
        <section class="card" aria-labelledby="friends">
            <h2 id="friends">"Friends"</h2>
            {list}
        </section>
    }
}

/// The invitation one accepted, or the form to accept one.
fn accepted(invited: &Invited, rules: &ReferralRules, code: &str) -> Option<impl IntoView + use<>> {
    let content = if let Some(accepted) = invited.accepted {
        view! {
            <p>
                "You accepted a friend's invitation. "
                <span class="pill">{state(accepted.standing)}</span>
            </p>
            {funnel(accepted.standing, rules, true)}
        }
        .into_any()
    } else if invited.may_accept {
        view! {
            <form method="post" action=AcceptInvitation::PATH>
                <p class="field">
                    <label for="invitation">"Invitation code"</label>
                    <input
                        id="invitation"
                        name="code"
                        value=code.to_owned()
                        maxlength="40"
                        autocapitalize="characters"
                        autocomplete="off"
                        spellcheck="false"
                        required
                    />
                    <span class="hint">"Before your first top-up."</span>
                </p>
                <button class="button" type="submit">
                    "Accept invitation"
                </button>
            </form>
        }
        .into_any()
    } else {
        return None;
    };
    Some(view! {
        <section class="card" aria-labelledby="invited">
            <h2 id="invited">"Were you invited"</h2>
            {content}
        </section>
    })
}

const fn state(standing: Standing) -> &'static str {
    match standing {
        Standing::Invited | Standing::Using { .. } => "In progress",
        Standing::Waiting { .. } | Standing::Capped { .. } | Standing::Due => "Waiting",
        Standing::Rewarded { .. } => "Rewarded",
        Standing::Spoiled | Standing::TakenBack { .. } => "Taken back",
        Standing::Undone | Standing::Refused(_) => "No reward",
    }
}

/// What is done, what is missing, and when the reward comes.
fn funnel(standing: Standing, rules: &ReferralRules, mine: bool) -> impl IntoView + use<> {
    let done = standing.steps_done();
    let steps = [
        format!(
            "First top-up of at least {}",
            rules.smallest_top_up.exact_text()
        ),
        format!("{} of it used", rules.used_at_least.exact_text()),
        format!(
            "{} days without a refund or a dispute",
            rules.stands_for.whole_days()
        ),
    ];
    let steps: Vec<_> = steps
        .into_iter()
        .enumerate()
        .map(|(at, step)| {
            let word = if at < done { "Done: " } else { "Missing: " };
            view! { <li>{word} {step}</li> }
        })
        .collect();
    view! {
        <ul class="funnel">{steps}</ul>
        <p>{next(standing, rules, mine)}</p>
    }
}

/// The sentence about what happens next.
fn next(standing: Standing, rules: &ReferralRules, mine: bool) -> String {
    let clock = LocalTime::of_request();
    let who = if mine { "you" } else { "your friend" };
    match standing {
        Standing::Invited => format!(
            "The reward needs a top-up of at least {} by {who}.",
            rules.smallest_top_up.exact_text()
        ),
        Standing::Using { missing } => {
            format!("Still {} to use before the reward.", missing.exact_text())
        }
        Standing::Waiting { until } => format!("The reward comes on {}.", clock.date(until)),
        Standing::Capped { until } if mine => {
            format!("The reward comes on {} at the earliest.", clock.date(until))
        }
        Standing::Capped { until } => format!(
            "At most {} rewards come in {} days: this one on {} at the earliest.",
            rules.most,
            rules.most_within.whole_days(),
            clock.date(until)
        ),
        Standing::Due => "The reward is on its way.".into(),
        Standing::Rewarded { at } => format!(
            "{} was given to both on {}.",
            rules.reward.exact_text(),
            clock.date(at)
        ),
        Standing::Spoiled | Standing::TakenBack { .. } => {
            "The top-up was refunded or disputed, so the reward was taken back from both.".into()
        }
        Standing::Undone => "The top-up was refunded or disputed: no reward comes for it.".into(),
        Standing::Refused(Shared::Card) => {
            "The card was used in another wallet before: no reward comes.".into()
        }
        Standing::Refused(Shared::Number) => {
            "The phone number was rewarded before: no reward comes.".into()
        }
    }
}
