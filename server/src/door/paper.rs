//! The way to receipts and invoices: checks the owner, then asks Stripe for a link that works today.
//!
//! Stripe's links expire after some days, so ours never lead to a stored one.

use app::language_of;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use domain::TopUpId;
use language::{Language, tell};
use ledger::Error;
use tower_sessions::Session;
use uuid::Uuid;

use crate::door::plain;
use crate::door::visitor::Visitor;
use crate::router::Doors;

pub(crate) async fn receipt(
    State(doors): State<Doors>,
    visitor: Result<Visitor, StatusCode>,
    Path(top_up_id): Path<String>,
    headers: HeaderMap,
    _session: Session,
) -> Response {
    open(doors, visitor, &top_up_id, &headers, Paper::Receipt).await
}

/// The invoice on Stripe's page.
pub(crate) async fn invoice(
    State(doors): State<Doors>,
    visitor: Result<Visitor, StatusCode>,
    Path(top_up_id): Path<String>,
    headers: HeaderMap,
    _session: Session,
) -> Response {
    open(doors, visitor, &top_up_id, &headers, Paper::Invoice).await
}

/// The invoice as a file.
pub(crate) async fn invoice_pdf(
    State(doors): State<Doors>,
    visitor: Result<Visitor, StatusCode>,
    Path(top_up_id): Path<String>,
    headers: HeaderMap,
    _session: Session,
) -> Response {
    open(doors, visitor, &top_up_id, &headers, Paper::InvoiceFile).await
}

/// What Stripe writes about a top-up.
#[derive(Clone, Copy)]
enum Paper {
    Receipt,
    Invoice,
    InvoiceFile,
}

/// Why there is no paper now.
enum Why {
    /// Absent, or another's.
    NoSuch,
    /// Stripe has not finished it.
    BeingWritten,
    Unavailable {
        reference: Uuid,
    },
}

impl Paper {
    fn none(self, language: Language) -> String {
        match self {
            Self::Receipt => tell!(language, paper::NO_RECEIPT),
            Self::Invoice | Self::InvoiceFile => tell!(language, paper::NO_INVOICE),
        }
    }

    fn told(self, why: &Why, language: Language) -> String {
        let is_receipt = matches!(self, Self::Receipt);
        match why {
            Why::NoSuch if is_receipt => tell!(language, paper::NO_SUCH_RECEIPT),
            Why::NoSuch => tell!(language, paper::NO_SUCH_INVOICE),
            Why::BeingWritten if is_receipt => tell!(language, paper::RECEIPT_WRITTEN),
            Why::BeingWritten => tell!(language, paper::INVOICE_WRITTEN),
            Why::Unavailable { reference } => {
                let reference = reference.to_string();
                if is_receipt {
                    tell!(language, paper::RECEIPT_NOT_NOW, reference = reference)
                } else {
                    tell!(language, paper::INVOICE_NOT_NOW, reference = reference)
                }
            }
        }
    }

    async fn link(
        self,
        doors: &Doors,
        visitor: &Visitor,
        top_up_id: TopUpId,
    ) -> Result<String, Error> {
        let (ledger, wallet_id) = (&doors.ledger, visitor.wallet_id);
        match self {
            Self::Receipt => ledger.receipt_url(wallet_id, top_up_id).await,
            Self::Invoice => Ok(ledger.invoice_links(wallet_id, top_up_id).await?.hosted),
            Self::InvoiceFile => Ok(ledger.invoice_links(wallet_id, top_up_id).await?.pdf),
        }
    }
}

async fn open(
    doors: Doors,
    visitor: Result<Visitor, StatusCode>,
    top_up_id: &str,
    headers: &HeaderMap,
    paper: Paper,
) -> Response {
    let Ok(visitor) = visitor else {
        let page = format!("/sign-in?next=/top-ups/{}", escape_path(top_up_id));
        return Redirect::to(&page).into_response();
    };
    let sorry = |why: &Why| sorry(paper, why, language_of(headers));
    let Ok(top_up_id) = top_up_id.parse::<TopUpId>() else {
        return sorry(&Why::NoSuch);
    };
    match paper.link(&doors, &visitor, top_up_id).await {
        // Stripe must not learn which page of ours led there.
        Ok(url) => (
            [(header::REFERRER_POLICY, "no-referrer")],
            Redirect::to(&url),
        )
            .into_response(),
        Err(Error::NotFound | Error::Declined(_)) => sorry(&Why::NoSuch),
        Err(Error::Busy) => sorry(&Why::BeingWritten),
        Err(Error::Unavailable { reference }) => sorry(&Why::Unavailable { reference }),
    }
}

/// Only what a path of ours can consist of.
fn escape_path(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
        .take(64)
        .collect()
}

fn sorry(paper: Paper, why: &Why, language: Language) -> Response {
    let status = match why {
        Why::NoSuch => StatusCode::NOT_FOUND,
        Why::BeingWritten | Why::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
    };
    let content = format!(
        "<p>{}</p><p><a href=/wallet>{}</a></p>",
        paper.told(why, language),
        tell!(language, paper::BACK)
    );
    let page = plain::page(language, &paper.none(language), &content);
    (status, Html(page)).into_response()
}
