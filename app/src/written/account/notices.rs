//! Of what one is told, and how: letters by kind, the level of a low balance, messages to this device.

use domain::Money;
use domain::notice::NoticeKind;
use domain::top_up::AmountRefusal;
use ledger::{NoticeSetting, PushSubscription};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::PushKey;
use crate::context::{self, Visitor};
use crate::error::AppError;
use crate::speech;

/// The highest level that makes sense.
const HIGHEST: Money = Money::from_dollars(1000);

/// Letters of the kinds that are named, and of no other that one may refuse.
#[server(endpoint = "choose_notices")]
pub(crate) async fn choose_notices(
    #[server(default)] by_email: Vec<String>,
    level: String,
) -> Result<(), AppError> {
    let visitor = context::visitor().await?;
    let ledger = context::ledger();
    let parsed = Money::from_typed(&level).ok();
    let level = parsed
        .filter(|level| !level.is_negative())
        .ok_or_else(|| context::refused_typing(AmountRefusal::NotAnAmount, &level))?;
    for kind in NoticeKind::ALL.iter().filter(|kind| kind.is_optional()) {
        let wanted = by_email.iter().any(|word| word == kind.word());
        ledger
            .mail_notices(visitor.wallet_id, *kind, wanted)
            .await
            .map_err(context::refused)?;
    }
    ledger
        .set_low_balance_level(visitor.wallet_id, level.min(HIGHEST))
        .await
        .map_err(context::refused)
}

/// Tells this browser, as its push service names it.
#[server(endpoint = "push_here")]
pub(crate) async fn push_here(
    endpoint: String,
    p256dh: String,
    auth: String,
) -> Result<(), AppError> {
    let visitor = context::visitor().await?;
    let is_short = endpoint.len() <= 1000 && p256dh.len() <= 200 && auth.len() <= 100;
    if !is_short {
        return Err(context::refused(AppError::NotFound));
    }
    let subscription = PushSubscription {
        endpoint,
        p256dh,
        auth,
        device: context::device(),
    };
    context::ledger()
        .push_here(visitor.customer_id, &subscription)
        .await
        .map_err(context::refused)
}

/// Tells this browser no more.
#[server(endpoint = "push_no_more")]
pub(crate) async fn push_no_more(endpoint: String) -> Result<(), AppError> {
    let visitor = context::visitor().await?;
    context::ledger()
        .push_no_more(visitor.customer_id, &endpoint)
        .await
        .map_err(context::refused)
}

pub(super) async fn section(visitor: Visitor) -> Result<impl IntoView, AppError> {
    let settings = context::ledger()
        .notice_settings(visitor.wallet_id)
        .await
        .map_err(context::refused)?;
    let level = settings.iter().find_map(|setting| setting.level);
    let level = level.unwrap_or_default().decimal().normalize().to_string();
    let boxes: Vec<_> = settings
        .into_iter()
        .filter(|setting| setting.kind.is_optional())
        .map(choice)
        .collect();
    let key = use_context::<PushKey>().unwrap_or_default().0;
    Ok(view! {
        <section class="card" aria-labelledby="notices">
            <h2 id="notices">{say!(account::NOTICES)}</h2>
            <form method="post" action=ChooseNotices::PATH>
                <fieldset class="choices">
                    <legend>{say!(account::BY_EMAIL)}</legend>
                    {boxes}
                </fieldset>
                <p class="quiet small">{say!(account::ALWAYS_SENT)}</p>
                <div class="field">
                    <label for="level">{say!(account::LOW_BELOW)}</label>
                    <p class="hint" id="level-hint">
                        {say!(account::LOW_HINT)}
                    </p>
                    <input
                        id="level"
                        name="level"
                        type="text"
                        inputmode="decimal"
                        maxlength="8"
                        value=level
                        aria-describedby="level-hint"
                    />
                </div>
                <button class="quiet-button" type="submit">
                    {say!(account::SAVE_NOTICES)}
                </button>
            </form>
            <p class="scripted" data-push="" data-key=key hidden>
                <button class="quiet-button" type="button" data-push="on">
                    {say!(account::TELL_HERE)}
                </button>
                <button class="quiet-button" type="button" data-push="off" hidden>
                    {say!(account::STOP_HERE)}
                </button>
            </p>
            <p class="quiet small" role="status" data-push-said></p>
        </section>
    })
}

fn choice(setting: NoticeSetting) -> impl IntoView {
    view! {
        <label class="choice">
            <input
                type="checkbox"
                name="by_email[]"
                value=setting.kind.word()
                checked=setting.by_email
            />
            <span>{language::notice::kind_name(setting.kind, speech::language())}</span>
        </label>
    }
}
