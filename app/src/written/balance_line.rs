//! The balance of the last thirty days as a line, with what was bought and the level to be told at.

use domain::{Money, WalletId};
use ledger::{CreditEnd, Overview};
use leptos::prelude::*;
use time::OffsetDateTime;

use crate::context::{self, LocalTime};
use crate::error::AppError;
use crate::speech::{Told, in_one_language};

/// Days before today.
const DAYS: i64 = 30;
/// The field the line is drawn in.
const WIDTH: i64 = 600;
const HEIGHT: i64 = 110;

/// One day on the line.
struct Day {
    name: String,
    /// What could be spent at its end; of today, now.
    closing: Money,
    bought: Money,
}

/// A part of the wallet page: what the words beside the balance mean, and the line once there is one.
pub(crate) async fn part() -> Result<AnyView, AppError> {
    let visitor = context::visitor().await?;
    let overview = context::overview().await?;
    let clock = LocalTime::of_request();
    let days = days(visitor.wallet_id, &overview, &clock).await?;
    if days.iter().all(|day| day.closing.is_zero()) {
        return Ok(meanings().into_any());
    }
    let level = Some(overview.level).filter(|level| !level.is_zero());
    let version = overview.wallet.version;
    let end = context::ledger().next_end(visitor.wallet_id, version).await;
    let end = end.map_err(context::refused)?;
    Ok(in_one_language(|| {
        view! {
            {end.map(|end| ends(end, &clock))}
            {meanings()}
            <section class="line" aria-labelledby="line-name">
                <h2 class="line-name" id="line-name">{say!(line::LAST_30_DAYS)}</h2>
                {drawing(&days, level)}
                <p class="line-ends" aria-hidden="true">
                    <span>{days[0].name.clone()}</span>
                    <span>{say!(clock::TODAY)}</span>
                </p>
                <details>
                    <summary class="quiet small">{say!(line::AS_TABLE)}</summary>
                    {table(&days)}
                </details>
            </section>
        }
        .into_any()
    }))
}

/// Which given credit ends next.
fn ends(end: CreditEnd, clock: &LocalTime) -> impl IntoView + use<> {
    let text = say!(
        wallet::PROMOTIONAL_ENDS,
        amount = end.amount.balance_told(),
        date = clock.date(end.at)
    );
    view! { <p class="quiet small">{text}</p> }
}

fn meanings() -> impl IntoView {
    view! {
        <details>
            <summary class="quiet small">{say!(line::MEANINGS)}</summary>
            <dl class="meanings">
                <dt>{say!(wallet::AVAILABLE)}</dt>
                <dd>{say!(line::AVAILABLE_MEANS)}</dd>
                <dt>{say!(wallet::ON_HOLD)}</dt>
                <dd>
                    {say!(line::ON_HOLD_MEANS)}
                </dd>
                <dt>{say!(wallet::PAID)}</dt>
                <dd>{say!(line::PAID_MEANS)}</dd>
                <dt>{say!(wallet::PROMOTIONAL)}</dt>
                <dd>{say!(line::PROMOTIONAL_MEANS)}</dd>
                <dt>{say!(wallet::DEBT)}</dt>
                <dd>{say!(line::DEBT_MEANS)}</dd>
            </dl>
        </details>
    }
}

/// When the line begins.
pub(crate) fn since(clock: &LocalTime) -> OffsetDateTime {
    let first = clock.days_up_to_today(DAYS).first().map(|day| day.1);
    first.unwrap_or_else(OffsetDateTime::now_utc)
}

async fn days(
    wallet_id: WalletId,
    overview: &Overview,
    clock: &LocalTime,
) -> Result<Vec<Day>, AppError> {
    let ledger = context::ledger();
    let starts = clock.days_up_to_today(DAYS - 1);
    let moments: Vec<_> = starts.iter().map(|day| day.1).collect();
    let past = ledger.available_before(wallet_id, &moments).await;
    let mut closings = past.map_err(context::refused)?;
    closings.push(overview.wallet.available());
    let dates = clock.days_up_to_today(DAYS);
    let on = |date| -> Money {
        let bought = overview.bought.iter();
        let of_day = bought.filter(|bought| clock.day(bought.at) == date);
        of_day.map(|bought| bought.amount).sum()
    };
    Ok(dates
        .into_iter()
        .zip(closings)
        .map(|((date, _), closing)| Day {
            name: clock.short_date(date),
            closing,
            bought: on(date),
        })
        .collect())
}

fn drawing(days: &[Day], level: Option<Money>) -> impl IntoView + use<> {
    let scale = Scale::of(days, level);
    let path = scale.steps(days);
    let area = format!("{path}V{HEIGHT}H0Z");
    let bought: Vec<_> = days
        .iter()
        .enumerate()
        .filter(|(_, day)| !day.bought.is_zero())
        .map(|(index, day)| {
            view! { <circle class="line-bought" cx=scale.x(index) cy=scale.y(day.closing) r="5" /> }
        })
        .collect();
    let level_line = level.map(|level| {
        let y = scale.y(level);
        view! { <path class="line-level" d=format!("M0 {y}H{WIDTH}") /> }
    });
    view! {
        <svg class="line-drawing" viewBox=format!("0 -8 {WIDTH} {}", HEIGHT + 12) role="img">
            <title>{say!(line::PICTURE)}</title>
            <desc>{description(days, level)}</desc>
            <path class="line-area" d=area />
            {level_line}
            <path class="line-balance" d=path />
            {bought}
        </svg>
    }
}

/// What the line shows, in a sentence.
fn description(days: &[Day], level: Option<Money>) -> String {
    let closings = || days.iter().map(|day| day.closing);
    let (lowest, highest) = (closings().min(), closings().max());
    let last = days.last().map(|day| day.closing);
    let bought: Money = days.iter().map(|day| day.bought).sum();
    let text = |amount: Option<Money>| amount.unwrap_or_default().balance_told();
    let told = say!(
        line::DESCRIPTION,
        lowest = text(lowest),
        highest = text(highest),
        last = text(last),
        bought = bought.exact_told()
    );
    let level = level.map(|level| say!(line::TOLD_BELOW, level = level.exact_told()));
    std::iter::once(told)
        .chain(level)
        .collect::<Vec<_>>()
        .join(" ")
}

fn table(days: &[Day]) -> impl IntoView + use<> {
    let line = |day: &Day| {
        let bought = (!day.bought.is_zero()).then(|| day.bought.signed_told());
        view! {
            <tr>
                <th scope="row">{day.name.clone()}</th>
                <td class="number amount">{day.closing.balance_told()}</td>
                <td class="number amount">{bought}</td>
            </tr>
        }
    };
    let lines: Vec<_> = days.iter().rev().map(line).collect();
    view! {
        <table class="entries">
            <thead>
                <tr>
                    <th scope="col">{say!(line::DAY)}</th>
                    <th scope="col" class="number">{say!(line::AT_ITS_END)}</th>
                    <th scope="col" class="number">{say!(line::TOP_UPS)}</th>
                </tr>
            </thead>
            <tbody>{lines}</tbody>
        </table>
    }
}

/// From days and cents to places in the drawing. Whole numbers: a line need not be finer.
struct Scale {
    last: i64,
    highest: i64,
}

impl Scale {
    fn of(days: &[Day], level: Option<Money>) -> Self {
        let amounts = days.iter().map(|day| day.closing).chain(level);
        let highest = amounts.map(cents).max().unwrap_or_default();
        Self {
            last: i64::try_from(days.len()).unwrap_or(i64::MAX) - 1,
            highest: highest.max(1),
        }
    }

    fn x(&self, index: usize) -> i64 {
        i64::try_from(index).unwrap_or_default() * WIDTH / self.last.max(1)
    }

    fn y(&self, amount: Money) -> i64 {
        let part = i128::from(cents(amount)) * i128::from(HEIGHT) / i128::from(self.highest);
        HEIGHT - i64::try_from(part).unwrap_or(HEIGHT)
    }

    /// A balance stays until it changes: steps, not slopes.
    fn steps(&self, days: &[Day]) -> String {
        let step = |(index, day): (usize, &Day)| {
            let (x, y) = (self.x(index), self.y(day.closing));
            if index == 0 {
                format!("M{x} {y}")
            } else {
                format!("H{x}V{y}")
            }
        };
        days.iter().enumerate().map(step).collect()
    }
}

fn cents(amount: Money) -> i64 {
    amount.whole_cents().cents().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(cents: i64) -> Day {
        Day {
            name: "Nov 1".into(),
            closing: Money::from_cents(cents),
            bought: Money::ZERO,
        }
    }

    #[test]
    fn the_highest_balance_touches_the_top_and_nothing_the_bottom() {
        let days = [day(0), day(5000), day(2500)];
        let scale = Scale::of(&days, None);
        assert_eq!(scale.steps(&days), "M0 110H300V0H600V55");
    }

    #[test]
    fn a_level_above_every_balance_is_still_in_the_drawing() {
        let days = [day(100), day(200)];
        let scale = Scale::of(&days, Some(Money::from_dollars(5)));
        assert_eq!(scale.y(Money::from_dollars(5)), 0);
        assert_eq!(scale.y(Money::from_cents(100)), 88);
    }

    #[test]
    fn empty_days_and_the_largest_amounts_stay_inside() {
        for closing in [Money::ZERO, Money::MAX] {
            let days = [Day { closing, ..day(0) }, Day { closing, ..day(0) }];
            let y = Scale::of(&days, None).y(closing);
            assert!((0..=HEIGHT).contains(&y), "{y}");
        }
    }

    #[test]
    fn the_line_is_told_in_words() {
        let mut days = [day(400), day(3000), day(2999)];
        days[1].bought = Money::from_dollars(25);
        assert_eq!(
            description(&days, Some(Money::from_dollars(5))),
            "Between $4.00 and $30.00, now $29.99. Bought in this time: $25.00. You are told below $5.00."
        );
    }
}
