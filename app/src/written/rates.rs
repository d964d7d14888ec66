//! `/rates`: what a call costs, for anyone: by country, by name, by number.

use std::sync::Arc;

use domain::Money;
use domain::offer::Offer;
use leptos::prelude::*;

use super::price::{kind, per_minute, ten_dollars_buy, terms};
use super::{Page, Query};
use crate::context::{self, LocalTime};
use crate::error::AppError;
use crate::speech::{Told, whole_dollars};

/// No search is longer than this; the rest is cut off.
const LONGEST: usize = 60;
/// As many destinations as one answer names.
const MOST: usize = 100;

pub(crate) async fn page(query: &Query) -> Result<Page, AppError> {
    let text: String = query.get("q").chars().take(LONGEST).collect();
    let offers = context::ledger()
        .rates_search(&text)
        .await
        .map_err(context::refused)?;
    let content = view! {
        <p class="lead">
            {say!(rates::LEAD)}
        </p>
        <form method="get" action="/rates" role="search" data-eager="">
            <div class="field">
                <label for="q">{say!(rates::SEARCH)}</label>
                <input
                    id="q"
                    name="q"
                    type="search"
                    value=text.clone()
                    maxlength="60"
                    autocomplete="off"
                    enterkeyhint="search"
                    placeholder=say!(rates::EXAMPLE)
                />
            </div>
            <p class="actions">
                <button class="quiet-button" type="submit">
                    {say!(rates::SHOW)}
                </button>
            </p>
        </form>
        <div class="stack" id="answer">{answer(&text, &offers)}</div>
        <section class="card" aria-labelledby="how">
            <h2 id="how">{say!(rates::HOW)}</h2>
            <p>
                {say!(rates::HOW_SAID)}
            </p>
            <p class="actions">
                <a class="button" href="/sign-in?new=1">
                    {say!(home::CREATE_ACCOUNT)}
                </a>
            </p>
        </section>
    };
    Ok(Page::wide(name(&offers), content))
}

/// The destination, when there is one: it comes from the price list, not from who asks.
fn name(offers: &[Arc<Offer>]) -> String {
    let countries = offers.iter().map(|offer| country(&offer.destination));
    let mut countries: Vec<&str> = countries.collect();
    countries.dedup();
    match countries[..] {
        [one]
            if one
                .chars()
                .all(|c| c.is_alphanumeric() || " -’.".contains(c)) =>
        {
            say!(rates::TITLE_TO, country = one)
        }
        _ => say!(rates::TITLE),
    }
}

/// `Mexico` of `Mexico, mobile`.
fn country(destination: &str) -> &str {
    destination.split(',').next().unwrap_or_default()
}

fn answer(text: &str, offers: &[Arc<Offer>]) -> impl IntoView + use<> {
    let number = ledger::pasted_digits(text)
        .filter(|_| offers.len() == 1)
        .and_then(|digits| Some(call_to(&digits, offers.first()?)));
    let many = (offers.len() == MOST).then(|| {
        view! {
            <p class="quiet small">
                {say!(rates::FIRST_BY_NAME)}
            </p>
        }
    });
    let told = match offers.len() {
        0 => say!(rates::NOTHING, text = text),
        count => say!(rates::FOUND, count = count),
    };
    let table = (!offers.is_empty()).then(|| table(offers));
    view! {
        <p role="status">{told}</p>
        {number}
        {table}
        {many}
    }
}

/// What a call to exactly this number costs.
fn call_to(digits: &str, offer: &Offer) -> impl IntoView + use<> {
    // A number is read in one line.
    let number = ledger::international(digits).replace(' ', "\u{a0}");
    if offer.blocked {
        return view! {
            <section class="card" aria-labelledby="number">
                <h2 id="number">{say!(rates::CALL_TO, number = number)}</h2>
                <p>{say!(rates::BLOCKED)}</p>
            </section>
        }
        .into_any();
    }
    let pricing = offer.pricing;
    let fact = |name: String, text: String| {
        view! {
            <div>
                <dt>{name}</dt>
                <dd class="amount">{text}</dd>
            </div>
        }
    };
    view! {
        <section class="card" aria-labelledby="number">
            <h2 id="number">{say!(rates::CALL_TO, number = number)}</h2>
            <dl class="facts">
                {fact(say!(rates::GOES_TO), say!(rates::PLACE, country = country(&offer.destination), kind = kind(offer.kind).to_lowercase()))}
                {fact(say!(rates::ONE_MINUTE), pricing.charge(60).exact_told())}
                {fact(say!(rates::TEN_MINUTES), pricing.charge(600).exact_told())}
                {fact(say!(rates::NEEDS), pricing.minimum().exact_told())}
            </dl>
        </section>
    }
    .into_any()
}

fn table(offers: &[Arc<Offer>]) -> impl IntoView + use<> {
    let clock = LocalTime::of_request();
    let rows: Vec<_> = offers.iter().map(|offer| row(offer, &clock)).collect();
    view! {
        <div class="table-scroll" role="region" aria-label=say!(rates::TITLE) tabindex="0">
            <table class="entries rates">
                <thead>
                    <tr>
                        <th scope="col">{say!(rates::DESTINATION)}</th>
                        <th scope="col">{say!(rates::KIND)}</th>
                        <th scope="col" class="number">
                            {say!(rates::PER_MINUTE)}
                        </th>
                        <th scope="col" class="number">
                            {say!(rates::TEN_DOLLARS_BUY, amount = whole_dollars(Money::from_dollars(10)))}
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn row(offer: &Offer, clock: &LocalTime) -> impl IntoView + use<> {
    let price = if offer.blocked {
        "—".to_owned()
    } else {
        per_minute(&offer.pricing)
    };
    let terms = (!offer.blocked).then(|| terms(&offer.pricing));
    let upcoming = offer.upcoming.map(|upcoming| {
        let from = clock.date(upcoming.from);
        let what = if upcoming.blocked {
            say!(rates::NO_LONGER)
        } else {
            say!(rates::A_MINUTE, price = per_minute(&upcoming.pricing))
        };
        // The same price by longer steps is another price.
        let other = self::terms(&upcoming.pricing);
        let other = (!upcoming.blocked && self::terms(&offer.pricing) != other).then_some(other);
        view! {
            <span class="hold small">{say!(rates::FROM, date = from, what = what)}</span>
            {other.map(|terms| view! { <span class="hold small">{terms}</span> })}
        }
    });
    let link = format!(
        "/rates?q={}",
        crate::address::escape(country(&offer.destination))
    );
    view! {
        <tr>
            <th scope="row">
                <a href=link>{offer.destination.clone()}</a>
                {terms.map(|terms| view! { <span class="quiet small">{terms}</span> })}
                {upcoming}
            </th>
            <td>{kind(offer.kind)}</td>
            <td class="number amount">{price}</td>
            <td class="number amount">{ten_dollars_buy(offer)}</td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::rate::{Pricing, RateKind, UncheckedPricing};

    fn offer(destination: &str) -> Arc<Offer> {
        let pricing = Pricing::try_from(UncheckedPricing {
            per_minute: "0.0107".parse().unwrap(),
            connection_fee: domain::Money::ZERO,
            initial_seconds: 60,
            increment_seconds: 60,
            max_seconds: 14_400,
        })
        .unwrap();
        Arc::new(Offer {
            destination: destination.into(),
            kind: RateKind::Mobile,
            pricing,
            blocked: false,
            prefixes: vec!["52".into()],
            upcoming: None,
        })
    }

    #[test]
    fn a_page_about_one_country_is_named_after_it() {
        let mexico = [offer("Mexico"), offer("Mexico, mobile")];
        assert_eq!(name(&mexico), "Rates to Mexico");
        assert_eq!(name(&[offer("Mexico"), offer("Spain")]), "Rates");
        assert_eq!(name(&[offer("<b>")]), "Rates");
        assert_eq!(name(&[]), "Rates");
    }

    #[test]
    fn a_change_of_steps_and_fee_is_told_before_it_comes() {
        let mut offer = (*offer("Mexico")).clone();
        let next = UncheckedPricing {
            initial_seconds: 30,
            increment_seconds: 6,
            ..offer.pricing.into()
        };
        let mut told = |next: Pricing, blocked: bool| {
            let from = time::macros::datetime!(2026-12-01 12:00 UTC);
            offer.upcoming = Some(domain::offer::Upcoming {
                from,
                pricing: next,
                blocked,
            });
            let owner = Owner::new();
            owner.with(|| row(&offer, &LocalTime::of_request()).to_html())
        };
        let next = Pricing::try_from(next).unwrap();
        let same = UncheckedPricing {
            initial_seconds: 60,
            increment_seconds: 60,
            ..next.into()
        };
        let shown = |html: &str| html.matches("hold small").count();
        assert!(told(next, false).contains(&terms(&next)));
        assert_eq!(shown(&told(next, false)), 2);
        assert_eq!(shown(&told(next, true)), 1);
        assert_eq!(shown(&told(Pricing::try_from(same).unwrap(), false)), 1);
    }

    #[test]
    fn a_pasted_number_is_told_what_a_call_to_it_costs() {
        let told = answer("+52 55 1234 5678", &[offer("Mexico, mobile")]).to_html();
        for part in [
            "+52\u{a0}55\u{a0}1234\u{a0}5678",
            "Mexico, mobile",
            "$0.0107",
            "$0.107",
            "934 minutes",
        ] {
            assert!(told.contains(part), "{part}: {told}");
        }
        let text = "<script>".to_owned();
        assert!(!answer(&text, &[]).to_html().contains("<script>"));
    }
}
