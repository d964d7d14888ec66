//! Reading the parameters of a request, strictly: what is not known is refused.

use crate::{
    error::{ApiError, ApiResult},
    form,
};
use serde_json::{Map, Value, json};

const MAX_METADATA: usize = 50;
const MAX_METADATA_NAME: usize = 40;
const MAX_METADATA_VALUE: usize = 500;

/// The nested parameters of one request, or a part of them. Paths are written `a.b`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Params<'a>(pub(crate) &'a Value);

impl<'a> Params<'a> {
    pub(crate) fn get(self, path: &str) -> Option<&'a Value> {
        path.split('.')
            .try_fold(self.0, |value, name| value.get(name))
    }

    pub(crate) fn has(self, path: &str) -> bool {
        self.get(path).is_some()
    }

    /// The text at a path; an empty one counts as absent, as it unsets a field.
    pub(crate) fn text(self, path: &str) -> Option<&'a str> {
        self.get(path)?.as_str().filter(|text| !text.is_empty())
    }

    /// The text as a JSON value, null when absent.
    pub(crate) fn value(self, path: &str) -> Value {
        json!(self.text(path))
    }

    pub(crate) fn required(self, path: &str) -> ApiResult<&'a str> {
        self.text(path)
            .ok_or_else(|| ApiError::missing_param(&brackets(path)))
    }

    pub(crate) fn integer(self, path: &str) -> ApiResult<Option<i64>> {
        let Some(text) = self.text(path) else {
            return Ok(None);
        };
        let number = text
            .parse()
            .map_err(|_| ApiError::invalid_integer(&brackets(path), text))?;
        Ok(Some(number))
    }

    pub(crate) fn required_integer(self, path: &str) -> ApiResult<i64> {
        self.integer(path)?
            .ok_or_else(|| ApiError::missing_param(&brackets(path)))
    }

    pub(crate) fn flag(self, path: &str) -> ApiResult<bool> {
        match self.text(path) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => {
                Err(ApiError::invalid(format!("Invalid boolean: {other}")).param(&brackets(path)))
            }
        }
    }

    /// One of the named words, or absent.
    pub(crate) fn one_of(self, path: &str, words: &[&str]) -> ApiResult<Option<&'a str>> {
        match self.text(path) {
            Some(text) if !words.contains(&text) => Err(ApiError::invalid(format!(
                "Invalid {}: must be one of {}",
                brackets(path),
                words.join(", ")
            ))
            .param(&brackets(path))),
            found => Ok(found),
        }
    }

    pub(crate) fn list(self, path: &str) -> Vec<&'a str> {
        let values = self.get(path).and_then(Value::as_array);
        values
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    }

    /// Refuses every parameter that is not named: `a.b`, `a[].b`, or `a.*` for all below.
    pub(crate) fn only(self, allowed: &[&str]) -> ApiResult<()> {
        let known = |path: &str| {
            path == "expand[]"
                || allowed.iter().any(|name| match name.strip_suffix(".*") {
                    Some(prefix) => {
                        let rest = path.strip_prefix(prefix);
                        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
                    }
                    None => *name == path,
                })
        };
        match form::leaves(self.0)
            .into_iter()
            .find(|(path, _)| !known(path))
        {
            Some((path, _)) => Err(ApiError::unknown_param(&brackets(&path))),
            None => Ok(()),
        }
    }

    /// The metadata of an object after this request: names are merged, an empty value deletes its
    /// name, an empty `metadata` deletes all.
    pub(crate) fn metadata(self, path: &str, before: &Value) -> ApiResult<Value> {
        let mut metadata = before.as_object().cloned().unwrap_or_default();
        match self.get(path) {
            Some(Value::Object(changes)) => change_metadata(&mut metadata, changes)?,
            Some(Value::String(text)) if text.is_empty() => metadata.clear(),
            None => {}
            Some(_) => {
                return Err(ApiError::invalid("Invalid hash").param(&brackets(path)));
            }
        }
        Ok(Value::Object(metadata))
    }
}

fn change_metadata(
    metadata: &mut Map<String, Value>,
    changes: &Map<String, Value>,
) -> ApiResult<()> {
    for (name, value) in changes {
        let refuse =
            |message: &str| Err(ApiError::invalid(message).param(&format!("metadata[{name}]")));
        let Some(text) = value.as_str() else {
            return refuse("Metadata values must be strings.");
        };
        if name.chars().count() > MAX_METADATA_NAME {
            return refuse("Metadata keys can be at most 40 characters.");
        }
        if text.chars().count() > MAX_METADATA_VALUE {
            return refuse("Metadata values can be at most 500 characters.");
        }
        if text.is_empty() {
            metadata.remove(name);
        } else {
            metadata.insert(name.clone(), value.clone());
        }
    }
    if metadata.len() > MAX_METADATA {
        return Err(ApiError::invalid("Metadata can have at most 50 keys.").param("metadata"));
    }
    Ok(())
}

/// `a.b[].c` as the API writes it in errors: `a[b][0][c]`.
fn brackets(path: &str) -> String {
    let mut parts = path.split('.');
    let head = parts.next().unwrap_or_default().replace("[]", "[0]");
    parts.fold(head, |all, part| match part.strip_suffix("[]") {
        Some(name) => format!("{all}[{name}][0]"),
        None => format!("{all}[{part}]"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_parameters_are_named_as_the_api_writes_them() {
        let form = form::parse(
            "amount=5&payment_intent_data[metadata][a]=1&line_items[0][price_data][colour]=x",
        )
        .expect("a form");
        let error = Params(&form)
            .only(&[
                "amount",
                "payment_intent_data.metadata.*",
                "line_items[].price_data.currency",
            ])
            .expect_err("colour is unknown");
        assert_eq!(
            error.body()["error"]["param"],
            "line_items[0][price_data][colour]"
        );
        assert_eq!(error.body()["error"]["code"], "parameter_unknown");
    }

    #[test]
    fn metadata_merges_and_empty_values_delete() {
        let form = form::parse("metadata[a]=&metadata[b]=2").expect("a form");
        let before = json!({ "a": "1", "c": "3" });
        let after = Params(&form)
            .metadata("metadata", &before)
            .expect("within limits");
        assert_eq!(after, json!({ "b": "2", "c": "3" }));
    }

    #[test]
    fn metadata_has_limits() {
        let long = "x".repeat(501);
        let form = json!({ "metadata": { "a": long } });
        assert!(Params(&form).metadata("metadata", &json!({})).is_err());
    }
}
