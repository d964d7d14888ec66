//! A call: may it ring, somebody picked up, may it go on, it is over.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::call::CallState;
use ledger::AuthorizeCall;

use super::Switchboard;
use super::answer::{AnsweredAnswer, AuthorizedAnswer, CallAnswer, EndedAnswer, UpdatedAnswer};
use super::openapi::{AuthorizeBody, EndBody, UpdateBody};
use super::problem::Problem;
use super::read::{Asked, AskedCall, Body, Nothing};
use super::turn::{Lane, Room};

type Answer<T> = Result<Json<T>, Problem>;

/// Holds credit for a call and says how long it may be talked.
#[utoipa::path(post, path = "/switch/v1/wallets/{wallet}/calls", tag = "calls",
    params(("wallet" = String, Path, format = Uuid)), request_body = AuthorizeBody,
    responses((status = 201, body = AuthorizedAnswer), (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn authorize(
    State(board): State<Switchboard>,
    _room: Room,
    asked: Asked,
    body: Body,
) -> Result<(StatusCode, Json<AuthorizedAnswer>), Problem> {
    let fields = body.fields()?;
    let call_id = fields.id("call_id")?;
    let caller = fields
        .optional_text("from", 64)?
        .map(|text| ledger::e164_digits(&text).unwrap_or(text));
    let ask = AuthorizeCall {
        wallet_id: asked.wallet_id,
        call_id: call_id.clone(),
        switch_id: asked.switch_id,
        caller,
        callee: fields.number("to")?,
    };
    let refused = |error| Problem::of(error, Problem::NoSuchWallet);
    let ledger = &board.ledger;
    let turn = board.turns.take(Lane::New, Some(ask.wallet_id)).await?;
    let at_once = ledger.authorize_unless_short(ask.clone()).await;
    drop(turn);
    let authorized = match at_once.map_err(refused)? {
        Some(authorized) => authorized,
        None => {
            // Others have their turn while the card is charged.
            ledger.refill_for_call(ask.wallet_id).await;
            let _turn = board.turns.take(Lane::New, Some(ask.wallet_id)).await?;
            ledger.authorize_call(ask).await.map_err(refused)?
        }
    };
    let answer = AuthorizedAnswer::new(call_id, authorized);
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Starts the clock of a call.
#[utoipa::path(post, path = "/switch/v1/wallets/{wallet}/calls/{call_id}/answer", tag = "calls",
    params(("wallet" = String, Path, format = Uuid), ("call_id" = String, Path)),
    responses((status = 200, body = AnsweredAnswer), (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn answer(
    State(board): State<Switchboard>,
    AskedCall(call): AskedCall,
    _nothing: Nothing,
) -> Answer<AnsweredAnswer> {
    let _turn = board
        .turns
        .take(Lane::Running, Some(call.wallet_id))
        .await?;
    let answered = board.ledger.answer_call(call).await;
    let answered = answered.map_err(|error| Problem::of(error, Problem::NoSuchCall))?;
    Ok(Json(AnsweredAnswer {
        state: CallState::Answered,
        answered_at: answered.answered_at,
        granted_seconds: answered.granted_seconds,
        is_final: answered.is_final,
    }))
}

/// Notes the seconds talked so far and grants more when little is left.
#[utoipa::path(post, path = "/switch/v1/wallets/{wallet}/calls/{call_id}/update", tag = "calls",
    params(("wallet" = String, Path, format = Uuid), ("call_id" = String, Path)), request_body = UpdateBody,
    responses((status = 200, body = UpdatedAnswer), (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn update(
    State(board): State<Switchboard>,
    AskedCall(call): AskedCall,
    body: Body,
) -> Answer<UpdatedAnswer> {
    let fields = body.fields()?;
    let seq = fields.integer("seq", 1, i64::MAX)?;
    let talked = fields.seconds("talked_seconds")?;
    let _turn = board
        .turns
        .take(Lane::Running, Some(call.wallet_id))
        .await?;
    let updated = board.ledger.update_call(call, seq, talked).await;
    let updated = updated.map_err(|error| Problem::of(error, Problem::NoSuchCall))?;
    Ok(Json(UpdatedAnswer {
        seq: updated.seq,
        granted_seconds: updated.granted_seconds,
        held: updated.held,
        is_final: updated.is_final,
    }))
}

/// Charges the talked seconds and gives the rest of the hold back.
#[utoipa::path(post, path = "/switch/v1/wallets/{wallet}/calls/{call_id}/end", tag = "calls",
    params(("wallet" = String, Path, format = Uuid), ("call_id" = String, Path)), request_body = EndBody,
    responses((status = 200, body = EndedAnswer), (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn end(
    State(board): State<Switchboard>,
    AskedCall(call): AskedCall,
    body: Body,
) -> Answer<EndedAnswer> {
    let fields = body.fields()?;
    let talked = fields.seconds("talked_seconds")?;
    let cause = fields.text("cause", 128)?;
    let _turn = board.turns.take(Lane::Over, Some(call.wallet_id)).await?;
    let ended = board.ledger.end_call(call, talked, &cause).await;
    let ended = ended.map_err(|error| Problem::of(error, Problem::NoSuchCall))?;
    Ok(Json(EndedAnswer {
        state: CallState::Ended,
        charge: ended.charge,
        released: ended.released,
        available: ended.available,
        billed_seconds: ended.billed_seconds,
    }))
}

/// The call as it stands.
#[utoipa::path(get, path = "/switch/v1/wallets/{wallet}/calls/{call_id}", tag = "calls",
    params(("wallet" = String, Path, format = Uuid), ("call_id" = String, Path)),
    responses((status = 200, body = CallAnswer), (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn show(
    State(board): State<Switchboard>,
    AskedCall(call): AskedCall,
) -> Answer<CallAnswer> {
    let _turn = board.turns.take(Lane::Over, Some(call.wallet_id)).await?;
    let row = board.ledger.call(&call).await;
    let answer = row.and_then(|row| CallAnswer::new(call.call_id, &row));
    answer
        .map(Json)
        .map_err(|error| Problem::of(error, Problem::NoSuchCall))
}
