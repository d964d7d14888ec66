//! Everything the sandbox knows, behind one lock: small, and every request sees a whole world.

use crate::{
    clock::Clock,
    control::Log,
    error::{ApiError, ApiResult},
    fault::Faults,
    idempotency::Keys,
    link::Links,
    mail::Mailbox,
    switch::Board,
    template,
    timer::Timers,
    webhook::Webhooks,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;

/// The objects of the API and what surrounds them. What is skipped ends with the process: the
/// record of what was asked, and misbehavior on request.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct State {
    pub(crate) clock: Clock,
    pub(crate) objects: Objects,
    pub(crate) keys: Keys,
    #[serde(skip)]
    pub(crate) faults: Faults,
    pub(crate) webhooks: Webhooks,
    pub(crate) timers: Timers,
    pub(crate) mailbox: Mailbox,
    #[serde(skip)]
    pub(crate) log: Log,
    pub(crate) links: Links,
    #[serde(default)]
    pub(crate) switch: Board,
    /// What links to the hosted pages start with, without a slash at the end.
    #[serde(skip)]
    pub(crate) public_url: String,
    /// Seconds until the receipt of a new charge is there.
    #[serde(skip)]
    pub(crate) receipt_delay: i64,
    /// The API request being answered; events name it.
    #[serde(skip)]
    pub(crate) asking: Option<Asking>,
}

/// Who caused an event.
#[derive(Clone, Debug)]
pub(crate) struct Asking {
    pub(crate) request_id: String,
    pub(crate) idempotency_key: Option<String>,
}

impl State {
    pub(crate) fn new(public_url: String) -> Self {
        Self {
            clock: Clock::default(),
            objects: Objects::default(),
            keys: Keys::default(),
            faults: Faults::default(),
            webhooks: Webhooks::default(),
            timers: Timers::default(),
            mailbox: Mailbox::default(),
            log: Log::default(),
            links: Links::new(),
            switch: Board::default(),
            public_url,
            receipt_delay: 0,
            asking: None,
        }
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.now()
    }
}

/// API objects by id. A field whose name starts with `_` is ours and never leaves the sandbox.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct Objects {
    by_id: HashMap<String, Value>,
    by_kind: HashMap<String, Vec<String>>,
}

impl Objects {
    /// Keeps an object under its `id`, after the others of its kind; returns the id.
    pub(crate) fn insert(&mut self, object: Value) -> String {
        let id = text(&object, "id").to_owned();
        let kind = text(&object, "object").to_owned();
        self.by_kind.entry(kind).or_default().push(id.clone());
        self.by_id.insert(id.clone(), object);
        id
    }

    pub(crate) fn find(&self, kind: &str, id: &str) -> Option<&Value> {
        self.by_id.get(id).filter(|object| object["object"] == kind)
    }

    /// The object, or the API's refusal that names the parameter it came from.
    pub(crate) fn get(&self, kind: &str, id: &str, param: &str) -> ApiResult<&Value> {
        self.find(kind, id)
            .ok_or_else(|| ApiError::no_such(kind, id, param))
    }

    pub(crate) fn any(&self, id: &str) -> Option<&Value> {
        self.by_id.get(id)
    }

    /// An object that is known to exist.
    pub(crate) fn known(&self, id: &str) -> &Value {
        self.by_id
            .get(id)
            .expect("objects are never forgotten while something names them")
    }

    /// Puts fields over those of an object that is known to exist.
    pub(crate) fn update(&mut self, id: &str, changes: Value) {
        let object = self.by_id.get_mut(id);
        template::merge(
            object.expect("objects are never forgotten while something names them"),
            changes,
        );
    }

    /// Takes away a field that the API sends only in some states.
    pub(crate) fn drop_field(&mut self, id: &str, field: &str) {
        if let Some(Value::Object(fields)) = self.by_id.get_mut(id) {
            fields.remove(field);
        }
    }

    /// Objects of a kind, oldest first.
    pub(crate) fn of_kind(&self, kind: &str) -> impl DoubleEndedIterator<Item = &Value> {
        let ids = self.by_kind.get(kind).map_or(&[][..], Vec::as_slice);
        ids.iter().filter_map(|id| self.by_id.get(id))
    }

    pub(crate) fn remove(&mut self, id: &str) {
        if let Some(object) = self.by_id.remove(id)
            && let Some(ids) = self.by_kind.get_mut(text(&object, "object"))
        {
            ids.retain(|other| other != id);
        }
    }
}

/// A field as text; empty when it is null or something else.
pub(crate) fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object[field].as_str().unwrap_or_default()
}

/// A field as a number; zero when it is null or something else.
pub(crate) fn integer(object: &Value, field: &str) -> i64 {
    object[field].as_i64().unwrap_or_default()
}
