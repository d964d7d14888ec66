//! Events: what happened, with the object as it was then, for every endpoint that wants to know.

use crate::{
    expand, id,
    state::{State, text},
    template, webhook,
};
use serde_json::{Value, json};

impl State {
    /// Records that something happened to an object.
    pub(crate) fn emit(&mut self, kind: &str, object_id: &str) {
        self.emit_changed(kind, object_id, Value::Null);
    }

    /// The same, with the former values of the fields that changed.
    pub(crate) fn emit_changed(&mut self, kind: &str, object_id: &str, previous: Value) {
        let object = expand::snapshot(self, self.objects.known(object_id));
        self.emit_object(kind, object, previous);
    }

    /// The same for an object that may be gone already. The snapshot is kept as text: there are
    /// several for each payment, and text is a tenth of the size.
    pub(crate) fn emit_object(&mut self, kind: &str, object: Value, previous: Value) {
        let mut data = json!({ "object": object });
        if !previous.is_null() {
            data["previous_attributes"] = previous;
        }
        let request = self.asking.as_ref();
        let endpoints = webhook::endpoints_for(self, kind);
        let event = template::fill(
            template::event(),
            json!({
                "id": id::new("evt"),
                "created": self.now(),
                "_data": data.to_string(),
                "pending_webhooks": endpoints.len(),
                "request": {
                    "id": request.map(|request| &request.request_id),
                    "idempotency_key": request.and_then(|request| request.idempotency_key.as_ref()),
                },
                "type": kind,
            }),
        );
        let event_id = self.objects.insert(event);
        for endpoint in endpoints {
            self.webhooks.enqueue(&event_id, kind, &endpoint);
        }
    }

    /// The kind of an event by its id.
    pub(crate) fn event_kind(&self, event_id: &str) -> &str {
        self.objects
            .any(event_id)
            .map_or("", |event| text(event, "type"))
    }
}
