//! Records of calls that come late: a switch keeps what it could not say in time.

use axum::extract::State;
use axum::{Extension, Json};
use domain::Declined;
use domain::call::CallRefusal;
use ledger::{CallRef, Error};
use serde::Serialize;
use utoipa::ToSchema;

use super::Switchboard;
use super::gate::Switch;
use super::openapi::ReportBody;
use super::problem::Problem;
use super::read::Body;
use super::turn::Lane;

const MOST_RECORDS: usize = 1_000;

/// What became of one record.
#[derive(Serialize, ToSchema)]
pub(super) struct ReportAnswer {
    call_id: String,
    outcome: Outcome,
}

#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    /// The call is charged by it, or was by the same record before.
    Recorded,
    /// The call was charged by another record; noted, nothing changed.
    Conflict,
    /// The call was given up, and the time to correct its charge is over; nothing changed.
    TooLate,
    NoSuchCall,
    /// The books could not answer in time: send this record again.
    TryAgain,
}

struct Record {
    call: CallRef,
    talked: u32,
    cause: String,
}

/// Takes late records in, each for itself; all of them are read before any is acted on.
#[utoipa::path(post, path = "/switch/v1/reports", tag = "calls", request_body = Vec<ReportBody>,
    responses((status = 200, body = Vec<ReportAnswer>), (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn report(
    State(board): State<Switchboard>,
    Extension(Switch(switch_id)): Extension<Switch>,
    body: Body,
) -> Result<Json<Vec<ReportAnswer>>, Problem> {
    let list = body.list()?;
    if list.len() > MOST_RECORDS {
        return Err(Problem::field(format!("[{MOST_RECORDS}]")));
    }
    let mut records = Vec::with_capacity(list.len());
    for fields in list {
        fields.optional_moment("answered_at")?;
        fields.optional_moment("ended_at")?;
        records.push(Record {
            call: CallRef {
                wallet_id: fields.wallet("wallet")?,
                call_id: fields.id("call_id")?,
                switch_id: switch_id.clone(),
            },
            talked: fields.seconds("talked_seconds")?,
            cause: fields.text("cause", 128)?,
        });
    }
    let mut answers = Vec::with_capacity(records.len());
    for record in records {
        let call_id = record.call.call_id.clone();
        let outcome = take(&board, record).await;
        answers.push(ReportAnswer { call_id, outcome });
    }
    Ok(Json(answers))
}

async fn take(board: &Switchboard, record: Record) -> Outcome {
    let Ok(_turn) = board
        .turns
        .take(Lane::Over, Some(record.call.wallet_id))
        .await
    else {
        return Outcome::TryAgain;
    };
    let ended = board
        .ledger
        .end_call(record.call, record.talked, &record.cause)
        .await;
    match ended {
        Ok(ended) if ended.is_too_late => Outcome::TooLate,
        Ok(_) => Outcome::Recorded,
        Err(Error::Declined(Declined::Call(CallRefusal::Conflict))) => Outcome::Conflict,
        Err(Error::NotFound) => Outcome::NoSuchCall,
        Err(_) => Outcome::TryAgain,
    }
}
