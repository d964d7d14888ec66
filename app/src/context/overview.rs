//! The wallet as one page shows it: its parts ask one after the other, and it is read once.

use std::sync::Arc;

use domain::history::HistoryPage;
use ledger::{Overview, PageMark, Wanted};
use leptos::prelude::use_context;
use tokio::sync::OnceCell;

use super::kept::{Kept, KeptHistory, Reader};
use super::{LocalTime, filter, ledger, parts, refused, visitor};
use crate::error::AppError;
use crate::sheet::Sheet;
use crate::written::history::query::HistoryQuery;
use crate::written::{Query, balance_line};

/// What a request has seen of the wallet, once it has.
#[derive(Clone, Default)]
pub(super) struct Seen(Arc<OnceCell<Look>>);

#[derive(Clone)]
struct Look {
    overview: Arc<Overview>,
    reader: Reader,
    /// The first page of history as it was written before, where it still stands so.
    kept: Option<Arc<Sheet>>,
}

/// A page of history for somebody.
pub(crate) enum HistoryLook {
    /// As it was written before: nothing on it has changed.
    Kept(Arc<Sheet>),
    /// As the books have it; once written it may be kept.
    Read(HistoryPage, Option<Keeping>),
}

/// Whose page is to be kept, and how it stood.
pub(crate) struct Keeping {
    reader: Reader,
    mark: PageMark,
}

impl Keeping {
    pub(crate) fn keep(self, sheet: Arc<Sheet>) {
        let mark = self.mark;
        KeptHistory::here().keep(self.reader, Kept { mark, sheet });
    }
}

/// The wallet of the visitor; for all parts of one page the same.
pub(crate) async fn overview() -> Result<Arc<Overview>, AppError> {
    Ok(look().await?.overview)
}

/// A page of history: on the same snapshot as the rest, where the request asks for a whole page.
pub(crate) async fn history(query: &HistoryQuery) -> Result<HistoryLook, AppError> {
    let look = if wanted_history().as_ref() == Some(query) {
        look().await?
    } else if query.is_first_page() {
        look_with(Some(query)).await.map_err(refused)?
    } else {
        let page = read_page(query).await?;
        return Ok(HistoryLook::Read(page, None));
    };
    if let Some(kept) = look.kept {
        return Ok(HistoryLook::Kept(kept));
    }
    let page = match &look.overview.history {
        Some(page) => page.clone(),
        None => read_page(query).await?,
    };
    let reader = look.reader;
    let keeping = look.overview.mark.map(|mark| Keeping { reader, mark });
    Ok(HistoryLook::Read(page, keeping))
}

async fn read_page(query: &HistoryQuery) -> Result<HistoryPage, AppError> {
    let visitor = visitor().await?;
    let (filter, _) = filter(query, &LocalTime::of_request());
    let cursor = query.cursor();
    let page = ledger()
        .history(visitor.wallet_id, &filter, cursor.as_ref())
        .await;
    page.map_err(refused)
}

async fn look() -> Result<Look, AppError> {
    let seen = use_context::<Seen>().unwrap_or_default();
    let query = wanted_history();
    let look = seen.0.get_or_try_init(|| look_with(query.as_ref())).await;
    look.cloned().map_err(refused)
}

async fn look_with(query: Option<&HistoryQuery>) -> Result<Look, AppError> {
    let visitor = visitor().await?;
    let clock = LocalTime::of_request();
    let reader = Reader::new(visitor.wallet_id, &clock);
    let first_page = query.is_some_and(HistoryQuery::is_first_page);
    let kept = first_page
        .then(|| KeptHistory::here().find(&reader))
        .flatten();
    let wanted = Wanted {
        bought_since: balance_line::since(&clock),
        history: query.map(|query| (filter(query, &clock).0, query.cursor())),
        known: kept.as_ref().map(|kept| kept.mark),
    };
    let ledger = ledger();
    let overview = ledger.overview(visitor.customer_id, visitor.wallet_id, &wanted);
    let overview = overview.await?;
    let kept = kept.filter(|kept| Some(kept.mark) == overview.mark);
    Ok(Look {
        overview: Arc::new(overview),
        reader,
        kept: kept.map(|kept| kept.sheet),
    })
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
