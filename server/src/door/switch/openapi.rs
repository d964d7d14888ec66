//! The description of the charging API (OpenAPI 3.1), made from the code.

use axum::Json;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{RefOr, Response};
use utoipa::{Modify, OpenApi, ToSchema};

use super::{call, message, quote, report};

/// May this call ring?
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(super) struct AuthorizeBody {
    /// The switch's own name of the call, used once in a wallet; a repeat carries the same one.
    #[schema(min_length = 1, max_length = 128)]
    call_id: String,
    /// Who calls; nothing or an empty text where the switch does not know.
    #[schema(max_length = 64)]
    from: Option<String>,
    /// E.164 number.
    #[schema(example = "+525512345678", pattern = r"^\+?[1-9][0-9]{6,14}$")]
    to: String,
}

/// The call goes on.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(super) struct UpdateBody {
    /// 1, 2, 3 …; gaps are accepted.
    #[schema(minimum = 1)]
    seq: i64,
    /// Since the answer.
    #[schema(minimum = 0, maximum = 10_000_000)]
    talked_seconds: u32,
}

/// The call is over.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(super) struct EndBody {
    /// Since the answer; 0 if nobody answered.
    #[schema(minimum = 0, maximum = 10_000_000)]
    talked_seconds: u32,
    #[schema(min_length = 1, max_length = 128, example = "normal_clearing")]
    cause: String,
}

/// A message came in.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(super) struct MessageBody {
    /// The provider's own name of the message, used once in a wallet; a repeat carries the same one.
    #[schema(min_length = 1, max_length = 128)]
    message_id: String,
    /// A number, or the name of a company.
    #[schema(min_length = 1, max_length = 64)]
    from: String,
    /// E.164 number.
    #[schema(example = "+12125550123", pattern = r"^\+?[1-9][0-9]{6,14}$")]
    to: String,
    #[schema(minimum = 1, maximum = 255)]
    segments: u32,
    body: String,
}

/// Whose number is this?
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(super) struct LookupBody {
    /// E.164 number.
    #[schema(example = "+12125550123", pattern = r"^\+?[1-9][0-9]{6,14}$")]
    number: String,
}

/// US dollars with four decimals, never a number: those are floating point.
#[derive(ToSchema)]
#[schema(format = "decimal", example = "0.0217")]
#[expect(dead_code, reason = "describes what is written elsewhere")]
pub(super) struct Amount(String);

/// Where a call stands.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "describes what is written elsewhere")]
pub(super) enum State {
    Authorized,
    Answered,
    Ended,
    Expired,
}

/// What kind of number a destination has.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "describes what is written elsewhere")]
pub(super) enum Kind {
    Landline,
    Mobile,
    Special,
}

/// Why a wallet pays for nothing.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "describes what is written elsewhere")]
pub(super) enum Reason {
    Debt,
    Support,
}

/// Where a message stands.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "describes what is written elsewhere")]
pub(super) enum MessageWord {
    Delivered,
    Parked,
}

/// A record that could not be sent in time.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(super) struct ReportBody {
    #[schema(format = Uuid)]
    wallet: String,
    #[schema(min_length = 1, max_length = 128)]
    call_id: String,
    #[schema(minimum = 0, maximum = 10_000_000)]
    talked_seconds: u32,
    #[schema(format = DateTime)]
    answered_at: Option<String>,
    #[schema(format = DateTime)]
    ended_at: Option<String>,
    #[schema(min_length = 1, max_length = 128)]
    cause: String,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Talkala Wallet: charging API",
        version = "1",
        description = "What a telephone switch asks of the wallet. Amounts are decimal strings in US dollars, \
                       seconds are integers, times are RFC 3339 in UTC. Ids are the switch's own: a repeated \
                       request gets the first answer again."
    ),
    paths(
        quote::quote, quote::lookup, call::authorize, call::answer, call::update, call::end, call::show,
        message::receive, report::report
    ),
    modifiers(&Keys, &Answers),
    security(("switch_key" = []))
)]
struct Description;

struct Keys;

impl Modify for Keys {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        openapi
            .components
            .get_or_insert_default()
            .add_security_scheme("switch_key", SecurityScheme::Http(bearer));
    }
}

/// What is the same of every request.
struct Answers;

impl Modify for Answers {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        for item in openapi.paths.paths.values_mut() {
            for operation in [&mut item.get, &mut item.post].into_iter().flatten() {
                describe(operation);
            }
        }
    }
}

/// A description is required of each answer; and who has no key gets no problem document.
fn describe(operation: &mut Operation) {
    let responses = &mut operation.responses.responses;
    responses.insert(
        "401".to_owned(),
        RefOr::T(Response::new("No valid key. Nothing else is told.")),
    );
    for (status, response) in responses {
        let RefOr::T(response) = response else {
            continue;
        };
        match status.as_str() {
            "4XX" => {
                response.description = "Not done: the type says why, with its numbers.".to_owned();
            }
            "503" => {
                response.description = "Not done: the same request may be sent again.".to_owned();
                let seconds = ObjectBuilder::new()
                    .schema_type(Type::Integer)
                    .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)));
                let header = HeaderBuilder::new()
                    .schema(Some(seconds))
                    .description(Some("Seconds to wait."));
                response
                    .headers
                    .insert("Retry-After".to_owned(), header.build().into());
            }
            "401" => {}
            _ => response.description = "Done.".to_owned(),
        }
    }
}

/// The description as it is committed: indented JSON with a newline at the end.
#[cfg(test)]
fn document() -> String {
    let mut text = Description::openapi()
        .to_pretty_json()
        .expect("the description is plain text");
    text.push('\n');
    text
}

pub(super) async fn show() -> Json<utoipa::openapi::OpenApi> {
    Json(Description::openapi())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// Set to write the file anew after a change; then read what changed in it.
    const UPDATE: &str = "UPDATE_OPENAPI";

    #[test]
    fn the_committed_description_is_the_one_of_the_code() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi.json");
        if std::env::var_os(UPDATE).is_some() {
            std::fs::write(&file, document()).unwrap();
        }
        let committed = std::fs::read_to_string(&file).unwrap();
        assert_eq!(
            committed,
            document(),
            "run once with {UPDATE}=1 and review openapi.json"
        );
        assert!(committed.contains("\"openapi\": \"3.1"));
    }
}
