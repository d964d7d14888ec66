//! What a call would take, and whose number this is.

use axum::Json;
use axum::extract::{Query, State};
use domain::WalletId;
use ledger::CallRate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Switchboard;
use super::answer::QuoteAnswer;
use super::openapi::LookupBody;
use super::problem::Problem;
use super::read::{Asked, Body};
use super::turn::{Lane, Room};

#[derive(Deserialize)]
pub(super) struct Wanted {
    to: Option<String>,
}

/// The wallet of a number. May be cached.
#[derive(Serialize, ToSchema)]
pub(super) struct LookupAnswer {
    #[schema(value_type = String, format = Uuid)]
    wallet: WalletId,
}

/// What a call takes and whether the wallet has it. Promises nothing and writes nothing.
#[utoipa::path(get, path = "/switch/v1/wallets/{wallet}/quote", tag = "calls",
    params(("wallet" = String, Path, format = Uuid), ("to" = String, Query, description = "E.164 number", example = "+525512345678")),
    responses((status = 200, body = QuoteAnswer), (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn quote(
    State(board): State<Switchboard>,
    _room: Room,
    asked: Asked,
    wanted: Result<Query<Wanted>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<QuoteAnswer>, Problem> {
    // A plus that nobody escaped arrives as a space.
    let digits = wanted
        .ok()
        .and_then(|Query(wanted)| ledger::e164_digits(wanted.to?.trim_start()))
        .ok_or_else(|| Problem::field("to"))?;
    let _turn = board.turns.take(Lane::New, Some(asked.wallet_id)).await?;
    let quoted = board
        .ledger
        .quote_for_switch(asked.wallet_id, &digits)
        .await;
    let (rate, quote) = quoted.map_err(|error| Problem::of(error, Problem::NoSuchWallet))?;
    let rate = CallRate {
        prefix: rate.prefix.clone(),
        destination: rate.destination.clone(),
        kind: rate.kind,
        pricing: rate.pricing,
    };
    Ok(Json(QuoteAnswer {
        rate: rate.into(),
        minimum: quote.minimum,
        available: quote.available,
        talk_seconds: quote.talk_seconds,
        allowed: quote.refusal.is_none(),
        refusal: quote.refusal.map(Problem::from),
    }))
}

/// The wallet of a caller's registered number or of a rented number.
#[utoipa::path(post, path = "/switch/v1/lookup", tag = "wallets", request_body = LookupBody,
    responses((status = 200, body = LookupAnswer), (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn lookup(
    State(board): State<Switchboard>,
    _room: Room,
    body: Body,
) -> Result<Json<LookupAnswer>, Problem> {
    let digits = body.fields()?.number("number")?;
    let _turn = board.turns.take(Lane::New, None).await?;
    let found = board.ledger.wallet_of_number(&digits).await;
    let found = found.map_err(|error| Problem::of(error, Problem::NoSuchWallet))?;
    let wallet = found.ok_or(Problem::NoSuchWallet)?;
    Ok(Json(LookupAnswer { wallet }))
}
