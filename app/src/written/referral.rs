//! `/referral`: one's own code and link, friends by how far they are, and a friend's invitation.

use domain::referral::{ReferralRules, Shared, Standing};
use ledger::{Invitation, Invited};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use qrcode::{Color, EcLevel, QrCode};

use super::{Page, Query};
use crate::components::icon::{Icon, Sign};
use crate::context::{self, LocalTime};
use crate::error::AppError;
use crate::speech::Told;

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
    Ok(Page::narrow(say!(promo::INVITE), content))
}

fn own(invited: &Invited, rules: &ReferralRules, link: &str) -> impl IntoView + use<> {
    let reward = rules.reward.exact_told();
    let promise = say!(
        referral::PROMISE,
        reward = &reward,
        smallest = rules.smallest_top_up.exact_told(),
        used = rules.used_at_least.exact_told(),
        days = rules.stands_for.whole_days()
    );
    let text = say!(referral::SHARE_TEXT, reward = reward, link = link);
    let mail: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
    let mail = format!("mailto:?body={}", mail.replace('+', "%20"));
    view! {
        <section class="card" aria-labelledby="share">
            <h2 id="share">{say!(referral::YOUR_CODE)}</h2>
            <p>{promise}</p>
            <dl class="facts">
                <div>
                    <dt>{say!(referral::CODE)}</dt>
                    <dd><code>{invited.code.clone()}</code></dd>
                </div>
                <div>
                    <dt>{say!(referral::LINK)}</dt>
                    <dd class="address"><code>{link.to_owned()}</code></dd>
                </div>
            </dl>
            <p class="actions">
                <a class="button" href=mail rel="external" data-share=link.to_owned()>
                    {say!(referral::SHARE)}
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
        <svg class="qr" viewBox=format!("0 0 {side} {side}") role="img" aria-label=say!(referral::QR)>
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
            let name = say!(referral::FRIEND, number = count - at);
            view! {
                <li class="session">
                    <div>
                        <p class="session-device">
                            {name} <span class="pill">{state(friend.standing)}</span>
                        </p>
                        <p class="quiet">{say!(referral::ACCEPTED_ON, when = clock.lately(friend.entered_at))}</p>
                        {funnel(friend.standing, rules, false)}
                    </div>
                </li>
            }
        })
        .collect();
    let list = if lines.is_empty() {
        view! { <p class="empty">{say!(referral::NOBODY)}</p> }.into_any()
    } else {
        view! { <ul class="sessions" role="list">{lines}</ul> }.into_any()
    };
    view! {
        <section class="card" aria-labelledby="friends">
            <h2 id="friends">{say!(referral::FRIENDS)}</h2>
            {list}
        </section>
    }
}

/// The invitation one accepted, or the form to accept one.
fn accepted(invited: &Invited, rules: &ReferralRules, code: &str) -> Option<impl IntoView + use<>> {
    let content = if let Some(accepted) = invited.accepted {
        view! {
            <p>
                {say!(referral::YOU_ACCEPTED)}
                " "
                <span class="pill">{state(accepted.standing)}</span>
            </p>
            {funnel(accepted.standing, rules, true)}
        }
        .into_any()
    } else if invited.may_accept {
        view! {
            <form method="post" action=AcceptInvitation::PATH>
                <p class="field">
                    <label for="invitation">{say!(referral::INVITATION_CODE)}</label>
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
                    <span class="hint">{say!(referral::BEFORE_FIRST)}</span>
                </p>
                <button class="button" type="submit">
                    {say!(referral::ACCEPT)}
                </button>
            </form>
        }
        .into_any()
    } else {
        return None;
    };
    Some(view! {
        <section class="card" aria-labelledby="invited">
            <h2 id="invited">{say!(referral::WERE_YOU_INVITED)}</h2>
            {content}
        </section>
    })
}

fn state(standing: Standing) -> String {
    match standing {
        Standing::Invited | Standing::Using { .. } => say!(referral::IN_PROGRESS),
        Standing::Waiting { .. } | Standing::Capped { .. } | Standing::Due => {
            say!(referral::WAITING)
        }
        Standing::Rewarded { .. } => say!(referral::REWARDED),
        Standing::Spoiled | Standing::TakenBack { .. } => say!(referral::TAKEN_BACK),
        Standing::Undone | Standing::Refused(_) => say!(referral::NO_REWARD),
    }
}

/// What is done, what is missing, and when the reward comes.
fn funnel(standing: Standing, rules: &ReferralRules, mine: bool) -> impl IntoView + use<> {
    let done = standing.steps_done();
    let steps = [
        say!(
            referral::STEP_TOP_UP,
            smallest = rules.smallest_top_up.exact_told()
        ),
        say!(referral::STEP_USED, used = rules.used_at_least.exact_told()),
        say!(referral::STEP_DAYS, count = rules.stands_for.whole_days()),
    ];
    let steps: Vec<_> = steps
        .into_iter()
        .enumerate()
        .map(|(at, step)| {
            let (class, sign, told) = if at < done {
                ("credit", Sign::Check, say!(referral::DONE, step = step))
            } else {
                ("quiet", Sign::Waiting, say!(referral::MISSING, step = step))
            };
            view! {
                <li>
                    <span class=class>
                        <Icon sign />
                    </span>
                    <span>{told}</span>
                </li>
            }
        })
        .collect();
    // Nothing is missing any more where no reward will come.
    let steps =
        (!standing.is_over()).then(|| view! { <ul class="funnel" role="list">{steps}</ul> });
    view! {
        {steps}
        <p>{next(standing, rules, mine)}</p>
    }
}

/// The sentence about what happens next.
fn next(standing: Standing, rules: &ReferralRules, mine: bool) -> String {
    let clock = LocalTime::of_request();
    match standing {
        Standing::Invited => {
            let smallest = rules.smallest_top_up.exact_told();
            if mine {
                say!(referral::NEEDS_YOU, smallest = smallest)
            } else {
                say!(referral::NEEDS_FRIEND, smallest = smallest)
            }
        }
        Standing::Using { missing } => {
            say!(referral::STILL_TO_USE, missing = missing.exact_told())
        }
        Standing::Waiting { until } => say!(referral::COMES_ON, date = clock.date(until)),
        Standing::Capped { until } if mine => {
            say!(referral::COMES_EARLIEST, date = clock.date(until))
        }
        Standing::Capped { until } => say!(
            referral::CAPPED,
            most = rules.most.to_string(),
            days = rules.most_within.whole_days(),
            date = clock.date(until)
        ),
        Standing::Due => say!(referral::DUE),
        Standing::Rewarded { at } => say!(
            referral::GIVEN,
            reward = rules.reward.exact_told(),
            date = clock.date(at)
        ),
        Standing::Spoiled | Standing::TakenBack { .. } => say!(referral::SPOILED),
        Standing::Undone => say!(referral::UNDONE),
        Standing::Refused(Shared::Card) => say!(referral::SHARED_CARD),
        Standing::Refused(Shared::Number) => say!(referral::SHARED_NUMBER),
    }
}
