//! What the API refuses with: Stripe's envelope, always with a `type`.

use serde_json::{Value, json};

/// One refusal: the status, and the fields of `error`.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    /// Boxed, because most results are no errors.
    about: Box<About>,
}

#[derive(Clone, Debug)]
struct About {
    kind: &'static str,
    code: Option<&'static str>,
    message: String,
    param: Option<String>,
    decline_code: Option<&'static str>,
    advice_code: Option<&'static str>,
    /// Fields like `payment_intent` that a failed payment carries.
    objects: Vec<(&'static str, Value)>,
}

pub(crate) type ApiResult<T = Value> = Result<T, ApiError>;

impl ApiError {
    fn new(status: u16, kind: &'static str, message: impl Into<String>) -> Self {
        let about = About {
            kind,
            code: None,
            message: message.into(),
            param: None,
            decline_code: None,
            advice_code: None,
            objects: Vec::new(),
        };
        Self {
            status,
            about: Box::new(about),
        }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request_error", message)
    }

    pub(crate) fn missing_param(param: &str) -> Self {
        Self::invalid(format!("Missing required param: {param}."))
            .code("parameter_missing")
            .param(param)
    }

    pub(crate) fn unknown_param(param: &str) -> Self {
        Self::invalid(format!("Received unknown parameter: {param}"))
            .code("parameter_unknown")
            .param(param)
    }

    pub(crate) fn invalid_integer(param: &str, given: &str) -> Self {
        Self::invalid(format!("Invalid integer: {given}"))
            .code("parameter_invalid_integer")
            .param(param)
    }

    pub(crate) fn no_such(kind: &str, id: &str, param: &str) -> Self {
        let mut error = Self::invalid(format!("No such {}: '{id}'", kind.replace('.', "_")))
            .code("resource_missing")
            .param(param);
        error.status = 404;
        error
    }

    /// The state of the object does not allow the request.
    pub(crate) fn unexpected_state(code: &'static str, message: impl Into<String>) -> Self {
        Self::invalid(message).code(code)
    }

    pub(crate) fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(401, "invalid_request_error", message)
    }

    pub(crate) fn unknown_route(method: &str, path: &str) -> Self {
        let mut error = Self::invalid(format!("Unrecognized request URL ({method}: {path})."));
        error.status = 404;
        error
    }

    /// The same key with other parameters.
    pub(crate) fn idempotency(message: impl Into<String>) -> Self {
        Self::new(400, "idempotency_error", message)
    }

    pub(crate) fn key_in_use() -> Self {
        let message = "There is currently another in-progress request using this Idempotency Key.";
        let mut error = Self::invalid(message).code("idempotency_key_in_use");
        error.status = 409;
        error
    }

    pub(crate) fn lock_timeout(status: u16) -> Self {
        let message =
            "This object cannot be accessed right now because another request is using it.";
        let mut error = Self::invalid(message).code("lock_timeout");
        error.status = status;
        error
    }

    pub(crate) fn rate_limit() -> Self {
        let mut error = Self::invalid("Request rate limit exceeded.").code("rate_limit");
        error.status = 429;
        error
    }

    pub(crate) fn server() -> Self {
        Self::new(500, "api_error", "An unknown error occurred.")
    }

    pub(crate) fn card(code: &'static str, message: &str) -> Self {
        Self::new(402, "card_error", message).code(code)
    }

    pub(crate) fn code(mut self, code: &'static str) -> Self {
        self.about.code = Some(code);
        self
    }

    pub(crate) fn param(mut self, param: &str) -> Self {
        self.about.param = Some(param.to_owned());
        self
    }

    pub(crate) fn declined(
        mut self,
        decline_code: Option<&'static str>,
        advice_code: Option<&'static str>,
    ) -> Self {
        self.about.decline_code = decline_code;
        self.about.advice_code = advice_code;
        self
    }

    pub(crate) fn with(mut self, field: &'static str, object: Value) -> Self {
        self.about.objects.push((field, object));
        self
    }

    pub(crate) fn message(&self) -> &str {
        &self.about.message
    }

    /// The `error` object alone, as `last_payment_error` has it.
    pub(crate) fn inner(&self) -> Value {
        let mut error = json!({ "type": self.about.kind, "message": self.about.message });
        if let Some(code) = self.about.code {
            error["code"] = json!(code);
            error["doc_url"] = json!(format!("https://docs.stripe.com/error-codes#{code}"));
        }
        if let Some(param) = &self.about.param {
            error["param"] = json!(param);
        }
        if let Some(decline_code) = self.about.decline_code {
            error["decline_code"] = json!(decline_code);
        }
        if let Some(advice_code) = self.about.advice_code {
            error["advice_code"] = json!(advice_code);
        }
        for (field, object) in &self.about.objects {
            error[*field] = object.clone();
        }
        error
    }

    pub(crate) fn body(&self) -> Value {
        json!({ "error": self.inner() })
    }

    /// Whether a repeat of the key replays it: not when nothing was executed.
    pub(crate) fn is_kept(&self) -> bool {
        self.status == 402 || self.status >= 500
    }
}
