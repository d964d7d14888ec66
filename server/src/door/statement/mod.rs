//! Statements of a month, for their owner to keep: CSV for tables, JSON for programs, PDF for people.

mod csv;
mod json;
mod month;
mod pdf;

use app::language_of;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use domain::Email;
use domain::statement::Statement;
use language::{Language, tell};
use ledger::Error;
use serde_json::Value;

use crate::door::visitor::Visitor;
use crate::router::Doors;
use month::{Clock, Month};

/// A checked statement, and for whom and in whose time it is written.
struct Paper<'a> {
    statement: &'a Statement,
    month: &'a Month,
    email: &'a Email,
    /// In which it is read; files for programs are always the same.
    language: Language,
}

/// What a statement can be written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Csv,
    Json,
    Pdf,
}

impl Form {
    fn of_ending(ending: &str) -> Option<Self> {
        match ending {
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            "pdf" => Some(Self::Pdf),
            _ => None,
        }
    }

    const fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json => "application/json",
            Self::Pdf => "application/pdf",
        }
    }

    fn write(self, paper: &Paper) -> Vec<u8> {
        match self {
            Self::Csv => csv::write(paper),
            Self::Json => json::write(paper),
            Self::Pdf => pdf::write(paper),
        }
    }
}

/// `/wallet/statements/2026-11.pdf`: the month in the customer's own time zone.
pub(crate) async fn statement_of_month(
    State(doors): State<Doors>,
    visitor: Result<Visitor, StatusCode>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Ok(visitor) = visitor else {
        return Redirect::to("/sign-in?next=/statements").into_response();
    };
    let wanted = file.split_once('.');
    let Some((name, form)) = wanted.and_then(|(name, end)| Some((name, Form::of_ending(end)?)))
    else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match answer(&doors, &visitor, name, form, &headers).await {
        Ok(answer) => answer,
        Err(error) => sorry(&error, language_of(&headers)).into_response(),
    }
}

fn sorry(error: &Error, language: Language) -> (StatusCode, String) {
    match error {
        Error::NotFound | Error::Declined(_) => {
            (StatusCode::NOT_FOUND, tell!(language, statements::NONE))
        }
        Error::Busy => (
            StatusCode::SERVICE_UNAVAILABLE,
            tell!(language, refusal::BUSY),
        ),
        Error::Unavailable { reference } => (
            StatusCode::SERVICE_UNAVAILABLE,
            tell!(
                language,
                statements::NOT_NOW,
                reference = reference.to_string()
            ),
        ),
    }
}

async fn answer(
    doors: &Doors,
    visitor: &Visitor,
    name: &str,
    form: Form,
    headers: &HeaderMap,
) -> Result<Response, Error> {
    let ledger = &doors.ledger;
    let customer = ledger.customer(visitor.customer_id).await?;
    let zone = month::zone(customer.time_zone.as_deref(), headers);
    let month = Month::read(name, &zone).ok_or(Error::NotFound)?;
    let first = ledger.first_entry_at(visitor.wallet_id).await?;
    // Months before the first entry and months to come have nothing to state.
    let is_over_before = first.is_none_or(|first| month.until <= first);
    if is_over_before || month.from > ledger.clock().now() {
        return Err(Error::NotFound);
    }
    let language = match form {
        Form::Pdf => language_of(headers),
        Form::Csv | Form::Json => Language::English,
    };
    let statement = ledger
        .statement(visitor.wallet_id, month.from, month.until, language)
        .await?;
    let paper = Paper {
        statement: &statement,
        month: &month,
        email: &customer.email,
        language,
    };
    let ending = name_of(form);
    let headers = [
        (header::CONTENT_TYPE, form.content_type().to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"talkala-{}.{ending}\"", month.name),
        ),
    ];
    Ok((headers, form.write(&paper)).into_response())
}

/// A stretch of the books as a part of another file, on the customer's clock.
pub(super) fn as_json(statement: &Statement, zone: Option<&str>, headers: &HeaderMap) -> Value {
    json::value(statement, &Clock(month::zone(zone, headers)))
}

const fn name_of(form: Form) -> &'static str {
    match form {
        Form::Csv => "csv",
        Form::Json => "json",
        Form::Pdf => "pdf",
    }
}
