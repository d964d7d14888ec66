//! The way to receipts and invoices: checks the owner, then asks Stripe for a link that works today.
//!
//! Stripe's links expire after some days, so ours never lead to a stored one.

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use domain::TopUpId;
use ledger::Error;
use tower_sessions::Session;

use crate::door::visitor::Visitor;
use crate::router::Doors;

pub(crate) async fn receipt(
    State(doors): State<Doors>,
    visitor: Result<Visitor, StatusCode>,
    Path(top_up_id): Path<String>,
    _session: Session,
) -> Response {
    open(doors, visitor, &top_up_id, Paper::Receipt).await
}

/// The invoice on Stripe's page.
pub(crate) async fn invoice(
    State(doors): State<Doors>,
    visitor: Result<Visitor, StatusCode>,
    Path(top_up_id): Path<String>,
    _session: Session,
) -> Response {
    open(doors, visitor, &top_up_id, Paper::Invoice).await
}

/// The invoice as a file.
pub(crate) async fn invoice_pdf(
    State(doors): State<Doors>,
    visitor: Result<Visitor, StatusCode>,
    Path(top_up_id): Path<String>,
    _session: Session,
) -> Response {
    open(doors, visitor, &top_up_id, Paper::InvoiceFile).await
}

/// What Stripe writes about a top-up.
#[derive(Clone, Copy)]
enum Paper {
    Receipt,
    Invoice,
    InvoiceFile,
}

impl Paper {
    const fn noun(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::Invoice | Self::InvoiceFile => "invoice",
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
    paper: Paper,
) -> Response {
    let Ok(visitor) = visitor else {
        let page = format!("/sign-in?next=/top-ups/{}", escape_path(top_up_id));
        return Redirect::to(&page).into_response();
    };
    let noun = paper.noun();
    let none = || {
        sorry(
            StatusCode::NOT_FOUND,
            noun,
            &format!("There is no such {noun}."),
        )
    };
    let Ok(top_up_id) = top_up_id.parse::<TopUpId>() else {
        return none();
    };
    match paper.link(&doors, &visitor, top_up_id).await {
        // Stripe must not learn which page of ours led there.
        Ok(url) => (
            [(header::REFERRER_POLICY, "no-referrer")],
            Redirect::to(&url),
        )
            .into_response(),
        Err(Error::NotFound | Error::Declined(_)) => none(),
        Err(Error::Busy) => sorry(
            StatusCode::SERVICE_UNAVAILABLE,
            noun,
            &format!(
                "The {noun} is being written. Try again in a minute; the money is in your wallet already."
            ),
        ),
        Err(Error::Unavailable { reference }) => sorry(
            StatusCode::SERVICE_UNAVAILABLE,
            noun,
            &format!(
                "The {noun} cannot be fetched now. Try again later, or quote {reference} to support."
            ),
        ),
    }
}

/// Only what a path of ours can consist of.
fn escape_path(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
        .take(64)
        .collect()
}

fn sorry(status: StatusCode, noun: &str, sentence: &str) -> Response {
    let page = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <title>No {noun}</title><h1>No {noun}</h1><p>{sentence}</p><p><a href=/wallet>Back to the wallet</a></p></html>"
    );
    (status, Html(page)).into_response()
}
