//! `/desk`: for the people who run the service. One file for each noun. To everybody else there is
//! nothing here; what is shown and done is noted first.

mod audit;
mod campaigns;
mod chart;
mod closed;
mod corrections;
mod customer;
mod disputes;
mod find;
mod guards;
mod house;
mod keys;
pub(crate) mod price_lists;
mod refund;

use domain::staff::Right;
use leptos::prelude::*;

use super::{Page, Query};
use crate::context::{self, Clerk};
use crate::error::AppError;

/// The page at `/desk/…`.
pub(super) async fn page(rest: &[&str], query: &Query) -> Result<Page, AppError> {
    let right = match rest {
        [] | ["wallets", _] => Right::Customers,
        ["wallets", _, "refunds", _] => Right::Refund,
        ["disputes"] => Right::Disputes,
        ["corrections"] => Right::Correct,
        ["price-lists"] => Right::SeePrices,
        ["price-lists", _] | ["price-lists", "drafts", _] => Right::SetPrices,
        ["guards"] => Right::SeeGuards,
        ["campaigns"] => Right::SeeCampaigns,
        ["keys"] => Right::SeeKeys,
        ["house"] => Right::House,
        ["audit"] => Right::Audit,
        _ => return Err(context::refused(AppError::NotFound)),
    };
    let clerk = context::clerk(Some(right)).await?;
    if !clerk.is_open {
        return closed::page(&clerk, rest).await;
    }
    let page = match rest {
        [] => find::page(&clerk, query).await?,
        ["wallets", wallet] => customer::page(&clerk, wallet).await?,
        ["wallets", wallet, "refunds", top_up] => {
            refund::page(&clerk, wallet, top_up, query).await?
        }
        ["disputes"] => disputes::page(&clerk).await?,
        ["corrections"] => corrections::page(&clerk).await?,
        ["price-lists"] => price_lists::page(&clerk, query).await?,
        ["price-lists", version] => price_lists::former_page(&clerk, version).await?,
        ["price-lists", "drafts", draft] => price_lists::draft_page(&clerk, draft, query).await?,
        ["guards"] => guards::page(&clerk, query).await?,
        ["campaigns"] => campaigns::page(&clerk, query).await?,
        ["keys"] => keys::page(&clerk).await?,
        ["house"] => house::page(&clerk).await?,
        _ => audit::page(&clerk, query).await?,
    };
    Ok(page)
}

/// A page of the desk at its address, with the ways to the others.
fn laid_out(
    clerk: &Clerk,
    here: &str,
    name: impl Into<String>,
    content: impl IntoView + 'static,
) -> Page {
    let places = [
        (Right::Customers, "/desk", "Find"),
        (Right::Correct, "/desk/corrections", "Corrections"),
        (Right::Disputes, "/desk/disputes", "Disputes"),
        (Right::SeePrices, "/desk/price-lists", "Price lists"),
        (Right::SeeGuards, "/desk/guards", "Blocks and limits"),
        (Right::SeeCampaigns, "/desk/campaigns", "Campaigns"),
        (Right::SeeKeys, "/desk/keys", "Switch keys"),
        (Right::House, "/desk/house", "House"),
        (Right::Audit, "/desk/audit", "Audit log"),
    ];
    let links: Vec<_> = places
        .into_iter()
        .filter(|(right, ..)| clerk.may(*right))
        .map(|(_, address, name)| {
            let current = (address == here).then_some("page");
            view! { <a class="quiet-link" href=address aria-current=current>{name}</a> }
        })
        .collect();
    let content = view! {
        <nav class="actions" aria-label="Desk">
            {links}
        </nav>
        {content}
    };
    Page::wide(name, content)
}

/// A table, or the sentence for when there is nothing to show. The column of what may be done is left
/// out where nobody may do it: no row has a cell for it.
fn table(
    name: &'static str,
    columns: &[&'static str],
    rows: Vec<Vec<AnyView>>,
    empty: &'static str,
) -> impl IntoView + use<> {
    if rows.is_empty() {
        return view! { <p class="empty">{empty}</p> }.into_any();
    }
    let widest = rows.iter().map(Vec::len).max().unwrap_or_default();
    let head: Vec<_> = columns
        .iter()
        .take(widest)
        .map(|column| view! { <th scope="col">{*column}</th> })
        .collect();
    let body: Vec<_> = rows
        .into_iter()
        .map(|cells| {
            let cells: Vec<_> = cells
                .into_iter()
                .map(|cell| view! { <td>{cell}</td> })
                .collect();
            view! { <tr>{cells}</tr> }
        })
        .collect();
    view! {
        <div class="table-scroll" role="group" aria-label=name tabindex="0">
            <table class="entries">
                <thead>
                    <tr>{head}</tr>
                </thead>
                <tbody>{body}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// A section with its title.
fn section(id: &'static str, title: &'static str, content: impl IntoView + 'static) -> AnyView {
    view! {
        <section class="card" aria-labelledby=id>
            <h2 id=id>{title}</h2>
            {content}
        </section>
    }
    .into_any()
}

/// A cell of plain text.
fn cell(text: impl Into<String>) -> AnyView {
    text.into().into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_of_acts_is_shown_to_who_may_act() {
        let columns = ["Device", "End"];
        let row = |cells: &[&str]| cells.iter().map(|text| cell(*text)).collect();
        let told = |row| table("Sessions", &columns, vec![row], "None.").to_html();
        let to_support = told(row(&["Firefox", "End it"]));
        assert!(to_support.contains(">End</th>"), "{to_support}");
        let to_auditor = told(row(&["Firefox"]));
        assert!(!to_auditor.contains(">End</th>"), "{to_auditor}");
        assert!(to_auditor.contains(">Device</th>"), "{to_auditor}");
    }
}
