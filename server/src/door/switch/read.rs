//! Reading what a switch sends: every field is checked and named if it is wrong; fields we do not
//! know are ignored.

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use domain::WalletId;
use ledger::CallRef;
use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::gate::Switch;
use super::problem::Problem;

/// The longest name of a call or a message.
const LONGEST_ID: usize = 128;
/// Seconds in four months: nobody talks longer.
const MOST_SECONDS: i64 = 10_000_000;

/// The JSON of a request, of whatever content type: switches send what they like.
pub(super) struct Body(pub(super) Value);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        Self::read(&bytes(request, state).await?)
    }
}

/// A request that says nothing but its address: with an empty object or with nothing at all. What is
/// garbled was not meant.
pub(super) struct Nothing;

impl<S: Send + Sync> FromRequest<S> for Nothing {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = bytes(request, state).await?;
        if !bytes.is_empty() {
            Body::read(&bytes)?.fields()?;
        }
        Ok(Self)
    }
}

async fn bytes<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    let bytes = Bytes::from_request(request, state).await;
    bytes.map_err(|rejection| match rejection {
        BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => {
            Problem::TooLarge
        }
        _ => Problem::InvalidBody,
    })
}

impl Body {
    fn read(bytes: &[u8]) -> Result<Self, Problem> {
        serde_json::from_slice(bytes)
            .map(Self)
            .map_err(|_| Problem::InvalidBody)
    }

    pub(super) fn fields(&self) -> Result<Fields<'_>, Problem> {
        Fields::of(&self.0, String::new())
    }

    /// Each element of a list, with its place in front of the names of its fields.
    pub(super) fn list(&self) -> Result<Vec<Fields<'_>>, Problem> {
        let list = self.0.as_array().ok_or(Problem::InvalidBody)?;
        list.iter()
            .enumerate()
            .map(|(index, value)| Fields::of(value, format!("[{index}].")))
            .collect()
    }
}

/// The fields of one object.
pub(super) struct Fields<'a> {
    object: &'a Map<String, Value>,
    place: String,
}

impl<'a> Fields<'a> {
    fn of(value: &'a Value, place: String) -> Result<Self, Problem> {
        match value.as_object() {
            Some(object) => Ok(Self { object, place }),
            None if place.is_empty() => Err(Problem::InvalidBody),
            None => Err(Problem::field(place.trim_end_matches('.'))),
        }
    }

    fn wrong(&self, name: &str) -> Problem {
        Problem::field(format!("{}{name}", self.place))
    }

    /// Absent and null are the same.
    fn value(&self, name: &str) -> Option<&'a Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    /// Text of one to so many letters. Postgres stores no NUL, and control characters have no
    /// place in a name.
    pub(super) fn text(&self, name: &str, longest: usize) -> Result<String, Problem> {
        let text = self.value(name).and_then(Value::as_str);
        text.filter(|text| is_name(text, longest))
            .map(str::to_owned)
            .ok_or_else(|| self.wrong(name))
    }

    pub(super) fn id(&self, name: &str) -> Result<String, Problem> {
        self.text(name, LONGEST_ID)
    }

    /// Nothing is said by an empty text either: switches send one for a caller they do not know.
    pub(super) fn optional_text(
        &self,
        name: &str,
        longest: usize,
    ) -> Result<Option<String>, Problem> {
        match self.value(name).filter(|value| *value != "") {
            None => Ok(None),
            Some(_) => self.text(name, longest).map(Some),
        }
    }

    /// What somebody wrote: lines and all, but no NUL.
    pub(super) fn prose(&self, name: &str) -> Result<String, Problem> {
        let text = self.value(name).and_then(Value::as_str);
        text.filter(|text| !text.contains('\0'))
            .map(str::to_owned)
            .ok_or_else(|| self.wrong(name))
    }

    /// E.164 digits.
    pub(super) fn number(&self, name: &str) -> Result<String, Problem> {
        let text = self.value(name).and_then(Value::as_str);
        text.and_then(ledger::e164_digits)
            .ok_or_else(|| self.wrong(name))
    }

    pub(super) fn integer(&self, name: &str, least: i64, most: i64) -> Result<i64, Problem> {
        let number = self.value(name).and_then(Value::as_i64);
        number
            .filter(|number| (least..=most).contains(number))
            .ok_or_else(|| self.wrong(name))
    }

    pub(super) fn seconds(&self, name: &str) -> Result<u32, Problem> {
        let seconds = self.integer(name, 0, MOST_SECONDS)?;
        u32::try_from(seconds).map_err(|_| self.wrong(name))
    }

    pub(super) fn wallet(&self, name: &str) -> Result<WalletId, Problem> {
        let text = self.value(name).and_then(Value::as_str);
        text.and_then(|text| text.parse().ok())
            .ok_or_else(|| self.wrong(name))
    }

    /// Checks a moment that may be absent; the books have their own clock.
    pub(super) fn optional_moment(&self, name: &str) -> Result<(), Problem> {
        match self.value(name) {
            None => Ok(()),
            Some(value) => value
                .as_str()
                .and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok())
                .map(drop)
                .ok_or_else(|| self.wrong(name)),
        }
    }
}

fn is_name(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

/// The wallet of the path, and who asks.
pub(super) struct Asked {
    pub(super) wallet_id: WalletId,
    pub(super) switch_id: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let names = path(parts, state).await?;
        Ok(Self {
            wallet_id: wallet_of(&names)?,
            switch_id: switch_of(parts)?,
        })
    }
}

/// The call of the path, and who asks.
pub(super) struct AskedCall(pub(super) CallRef);

impl<S: Send + Sync> FromRequestParts<S> for AskedCall {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let names = path(parts, state).await?;
        let call_id = find(&names, "call_id").filter(|id| is_name(id, LONGEST_ID));
        Ok(Self(CallRef {
            wallet_id: wallet_of(&names)?,
            call_id: call_id.ok_or(Problem::NoSuchCall)?.to_owned(),
            switch_id: switch_of(parts)?,
        }))
    }
}

type Names = Vec<(String, String)>;

async fn path<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<Names, Problem> {
    let names = Path::<Names>::from_request_parts(parts, state).await;
    names
        .map(|Path(names)| names)
        .map_err(|_| Problem::NoSuchResource)
}

fn find<'a>(names: &'a Names, wanted: &str) -> Option<&'a str> {
    let (_, value) = names.iter().find(|(name, _)| name == wanted)?;
    Some(value)
}

fn wallet_of(names: &Names) -> Result<WalletId, Problem> {
    let wallet = find(names, "wallet").and_then(|text| text.parse().ok());
    wallet.ok_or(Problem::NoSuchWallet)
}

/// The gate names the switch of every request that passes it.
pub(super) fn switch_of(parts: &Parts) -> Result<String, Problem> {
    let switch = parts.extensions.get::<Switch>();
    switch
        .map(|switch| switch.0.clone())
        .ok_or(Problem::TryAgain)
}
