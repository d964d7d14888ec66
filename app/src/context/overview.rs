//! The wallet as one page shows it: its parts ask one after the other, and it is read once.

use std::sync::Arc;

use domain::history::HistoryPage;
use ledger::{Overview, Wanted};
use leptos::prelude::use_context;
use tokio::sync::OnceCell;

use super::{LocalTime, filter, ledger, parts, refused, visitor};
use crate::error::AppError;
use crate::written::history::query::HistoryQuery;
use crate::written::{Query, balance_line};

/// What a request has seen of the wallet, once it has.
#[derive(Clone, Default)]
pub(super) struct Seen(Arc<OnceCell<Look>>);

#[derive(Clone)]
struct Look {
    overview: Arc<Overview>,
    /// Which page of history was read along.
    query: Option<HistoryQuery>,
}

/// The wallet of the visitor; for all parts of one page the same.
pub(crate) async fn overview() -> Result<Arc<Overview>, AppError> {
    Ok(look().await?.overview)
}

/// The page of history on the same snapshot as the rest, where the request asks for a whole page.
pub(crate) async fn history_beside(query: &HistoryQuery) -> Result<Option<HistoryPage>, AppError> {
    if wanted_history().as_ref() != Some(query) {
        return Ok(None);
    }
    let look = look().await?;
    let is_it = look.query.as_ref() == Some(query);
    Ok(look.overview.history.clone().filter(|_| is_it))
}

async fn look() -> Result<Look, AppError> {
    let visitor = visitor().await?;
    let seen = use_context::<Seen>().unwrap_or_default();
    let ledger = ledger();
    let clock = LocalTime::of_request();
    let query = wanted_history();
    let read = async move || {
        let history = query.as_ref().map(|query| {
            let (filter, _) = filter(query, &clock);
            (filter, query.cursor())
        });
        let wanted = Wanted {
            bought_since: balance_line::since(&clock),
            history,
        };
        let overview = ledger.overview(visitor.customer_id, visitor.wallet_id, &wanted);
        Ok(Look {
            overview: Arc::new(overview.await?),
            query,
        })
    };
    let look = seen.0.get_or_try_init(read).await;
    look.cloned().map_err(|error: ledger::Error| refused(error))
}

/// What the address of the wallet page asks to see; none for parts that are asked for by themselves.
fn wanted_history() -> Option<HistoryQuery> {
    let address = parts()?.uri;
    if address.path().trim_end_matches('/') != "/wallet" {
        return None;
    }
    let query = Query::read(address.query().unwrap_or_default());
    (query.get("show") != "entries").then(|| HistoryQuery::read(&query))
}
