//! What to show of the history: a form that only changes the address.

use domain::history::{HistoryKind, HistoryState};
use leptos::prelude::*;

use super::query::{FieldProblem, HistoryQuery};
use crate::components::icon::{Icon, Sign};

pub(super) fn filters(query: HistoryQuery, problems: &[FieldProblem]) -> impl IntoView + use<> {
    let set = query.filters_set();
    let open = set > 0 || !query.order.is_empty();
    let title = match set {
        0 => say!(filter::NONE_SET),
        set => say!(filter::SOME_SET, count = set),
    };
    let wrong = move |field| problems.contains(&field);
    let (from, to) = (wrong(FieldProblem::From), wrong(FieldProblem::To));
    let (min, max) = (wrong(FieldProblem::Min), wrong(FieldProblem::Max));
    view! {
        <details class="filters" open=open>
            <summary>
                <Icon sign=Sign::Filter />
                {title}
            </summary>
            <form method="get" action="/wallet">
                <div class="filter-grid">
                    <Choice name="kind" label=say!(filter::KIND) chosen=query.kind options=kinds() />
                    <Choice name="state" label=say!(filter::STATE) chosen=query.state options=states() />
                    <Choice name="order" label=say!(filter::ORDER) chosen=query.order options=orders() />
                    <Field name="from" label=say!(filter::FROM) kind="date" value=query.from problem=problem_with(from, say!(filter::NOT_A_DATE)) />
                    <Field name="to" label=say!(filter::TO) kind="date" value=query.to problem=problem_with(to, say!(filter::NOT_A_DATE)) />
                    <Field name="min" label=say!(filter::MIN) kind="text" value=query.min problem=problem_with(min, say!(filter::NOT_AN_AMOUNT)) />
                    <Field name="max" label=say!(filter::MAX) kind="text" value=query.max problem=problem_with(max, say!(filter::NOT_AN_AMOUNT)) />
                    <Field name="text" label=say!(filter::TEXT) kind="search" value=query.text problem=None />
                </div>
                <p class="actions">
                    <button class="quiet-button" type="submit">{say!(filter::SHOW)}</button>
                    {open.then(|| view! { <a href="/wallet#history">{say!(filter::SHOW_EVERYTHING)}</a> })}
                </p>
            </form>
        </details>
    }
}

fn problem_with(wrong: bool, said: String) -> Option<String> {
    wrong.then_some(said)
}

type Options = Vec<(&'static str, String)>;

fn kinds() -> Options {
    let name = |kind: &HistoryKind| match kind {
        HistoryKind::TopUps => say!(filter::TOP_UPS),
        HistoryKind::Calls => say!(filter::CALLS),
        HistoryKind::Messages => say!(filter::MESSAGES),
        HistoryKind::Credit => say!(filter::CREDIT),
    };
    let known = HistoryKind::ALL
        .iter()
        .map(|kind| (kind.word(), name(kind)));
    std::iter::once(("", say!(filter::EVERYTHING)))
        .chain(known)
        .collect()
}

fn states() -> Options {
    let name = |state: &HistoryState| match state {
        HistoryState::Pending => say!(filter::PENDING),
        HistoryState::Settled => say!(filter::SETTLED),
        HistoryState::Failed => say!(filter::FAILED),
    };
    let known = HistoryState::ALL
        .iter()
        .map(|state| (state.word(), name(state)));
    std::iter::once(("", say!(filter::ANY)))
        .chain(known)
        .collect()
}

fn orders() -> Options {
    vec![
        ("", say!(filter::NEWEST_FIRST)),
        ("oldest", say!(filter::OLDEST_FIRST)),
    ]
}

#[component]
fn Choice(name: &'static str, label: String, chosen: String, options: Options) -> impl IntoView {
    let id = format!("filter-{name}");
    let options: Vec<_> = options
        .into_iter()
        .map(|(value, text)| {
            let selected = value == chosen;
            view! {
                <option value=value selected=selected>
                    {text}
                </option>
            }
        })
        .collect();
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <select id=id name=name>
                {options}
            </select>
        </div>
    }
}

#[component]
fn Field(
    name: &'static str,
    label: String,
    kind: &'static str,
    value: String,
    problem: Option<String>,
) -> impl IntoView {
    let id = format!("filter-{name}");
    let problem_id = format!("{id}-problem");
    let decimal = matches!(name, "min" | "max").then_some("decimal");
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input
                id=id
                name=name
                type=kind
                inputmode=decimal
                maxlength="100"
                value=value
                aria-invalid=problem.is_some().then_some("true")
                aria-describedby=problem.is_some().then(|| problem_id.clone())
            />
            {problem.map(|text| view! { <p class="field-error" id=problem_id>{text}</p> })}
        </div>
    }
}
