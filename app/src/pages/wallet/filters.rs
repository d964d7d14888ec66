//! What to show of the history: a form that only changes the address.

use domain::history::{HistoryKind, HistoryState};
use leptos::prelude::*;

use super::query::{FieldProblem, HistoryQuery};
use crate::components::get_form::GetForm;
use crate::components::icon::{Icon, Sign};

#[component]
pub(super) fn Filters(query: HistoryQuery, problems: Vec<FieldProblem>) -> impl IntoView {
    let set = query.filters_set();
    let open = set > 0 || !query.order.is_empty();
    let title = match set {
        0 => "Filter".to_owned(),
        1 => "Filter, 1 set".to_owned(),
        set => format!("Filter, {set} set"),
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
            <GetForm action="/wallet">
                <div class="filter-grid">
                    <Choice name="kind" label="Kind" chosen=query.kind options=kinds() />
                    <Choice name="state" label="State" chosen=query.state options=states() />
                    <Choice name="order" label="Order" chosen=query.order options=orders() />
                    <Field name="from" label="From" kind="date" value=query.from problem=from.then_some(DATE) />
                    <Field name="to" label="To" kind="date" value=query.to problem=to.then_some(DATE) />
                    <Field name="min" label="At least" kind="text" value=query.min problem=min.then_some(AMOUNT) />
                    <Field name="max" label="At most" kind="text" value=query.max problem=max.then_some(AMOUNT) />
                    <Field name="text" label="Text" kind="search" value=query.text problem=None />
                </div>
                <p class="actions">
                    <button class="quiet-button" type="submit">"Show"</button>
                    {open.then(|| view! { <a href="/wallet#history">"Show everything"</a> })}
                </p>
            </GetForm>
        </details>
    }
}

const DATE: &str = "Not a date. Left out.";
const AMOUNT: &str = "Type plain digits, such as 10 or 10.50. Left out.";

type Options = Vec<(&'static str, &'static str)>;

fn kinds() -> Options {
    let name = |kind: &HistoryKind| match kind {
        HistoryKind::TopUps => "Top-ups",
        HistoryKind::Calls => "Calls",
        HistoryKind::Messages => "Messages",
        HistoryKind::Credit => "Given credit and corrections",
    };
    let known = HistoryKind::ALL
        .iter()
        .map(|kind| (kind.word(), name(kind)));
    std::iter::once(("", "Everything")).chain(known).collect()
}

fn states() -> Options {
    let name = |state: &HistoryState| match state {
        HistoryState::Pending => "Waiting",
        HistoryState::Settled => "Done",
        HistoryState::Failed => "Did not work",
    };
    let known = HistoryState::ALL
        .iter()
        .map(|state| (state.word(), name(state)));
    std::iter::once(("", "Any")).chain(known).collect()
}

fn orders() -> Options {
    vec![("", "Newest first"), ("oldest", "Oldest first")]
}

#[component]
fn Choice(
    name: &'static str,
    label: &'static str,
    chosen: String,
    options: Options,
) -> impl IntoView {
    let id = format!("filter-{name}");
    let options: Vec<_> = options
        .into_iter()
        .map(|(value, text)| {
            let selected = value == chosen;
            view! {
                <option value=value selected=selected prop:selected=selected>
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
    label: &'static str,
    kind: &'static str,
    value: String,
    problem: Option<&'static str>,
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
                value=value.clone()
                prop:value=value
                aria-invalid=problem.map(|_| "true")
                aria-describedby=problem.map(|_| problem_id.clone())
            />
            {problem.map(|text| view! { <p class="field-error" id=problem_id>{text}</p> })}
        </div>
    }
}
