//! Messages that come in.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::Money;
use domain::message::MessageState;
use ledger::{IncomingMessage, MessageAnswer};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::Switchboard;
use super::answer::{amount, moment};
use super::openapi::{Amount, MessageBody, MessageWord};
use super::problem::Problem;
use super::read::{Asked, Body};
use super::turn::Lane;

/// What becomes of a message.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum MessageOutcome {
    /// Charged, and to be shown.
    Delivered {
        #[schema(value_type = MessageWord)]
        state: MessageState,
        #[serde(serialize_with = "amount")]
        #[schema(value_type = Amount)]
        charge: Money,
    },
    /// Waits for credit until then; charged when it comes.
    Parked {
        #[schema(value_type = MessageWord)]
        state: MessageState,
        #[serde(serialize_with = "moment")]
        #[schema(value_type = String, format = DateTime)]
        expires_at: OffsetDateTime,
    },
}

impl From<MessageAnswer> for MessageOutcome {
    fn from(answer: MessageAnswer) -> Self {
        match answer {
            MessageAnswer::Delivered { charge } => Self::Delivered {
                state: MessageState::Delivered,
                charge,
            },
            MessageAnswer::Parked { expires_at } => Self::Parked {
                state: MessageState::Parked,
                expires_at,
            },
        }
    }
}

/// Takes a message in: charged and delivered, or parked until there is credit.
#[utoipa::path(post, path = "/switch/v1/wallets/{wallet}/messages", tag = "messages",
    params(("wallet" = String, Path, format = Uuid)), request_body = MessageBody,
    responses((status = 201, body = MessageOutcome), (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn receive(
    State(board): State<Switchboard>,
    asked: Asked,
    body: Body,
) -> Result<(StatusCode, Json<MessageOutcome>), Problem> {
    let fields = body.fields()?;
    let most = i64::from(board.ledger.rules().message.most_segments);
    let segments = fields.integer("segments", 1, most)?;
    let message_id = fields.id("message_id")?;
    // Companies send under a name instead of a number.
    let sender = fields.text("from", 64)?;
    let sender = ledger::e164_digits(&sender).unwrap_or(sender);
    let recipient = fields.number("to")?;
    let _turn = board.turns.take(Lane::Over, Some(asked.wallet_id)).await?;
    let absent = |error| Problem::of(error, Problem::NoSuchWallet);
    let price = board
        .ledger
        .message_price(asked.wallet_id, &recipient)
        .await
        .map_err(absent)?;
    let message = IncomingMessage {
        wallet_id: asked.wallet_id,
        message_id,
        switch_id: asked.switch_id,
        sender,
        recipient,
        segments: u32::try_from(segments).map_err(|_| Problem::field("segments"))?,
        body: fields.prose("body")?,
        price,
    };
    let answer = board.ledger.charge_message(message).await.map_err(absent)?;
    Ok((StatusCode::CREATED, Json(answer.into())))
}
