//! Lists: newest first, in pages that cursors connect.

use crate::{
    error::{ApiError, ApiResult},
    params::Params,
    state::{integer, text},
};
use serde_json::{Value, json};

const DEFAULT_LIMIT: i64 = 10;
const MAX_LIMIT: i64 = 100;

/// Parameters of every list.
pub(crate) const PAGING: [&str; 3] = ["limit", "starting_after", "ending_before"];

/// One page of `items`, which come newest first.
pub(crate) fn page<'a>(
    items: impl Iterator<Item = &'a Value>,
    params: Params<'_>,
    url: &str,
) -> ApiResult {
    let limit = params.integer("limit")?.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(ApiError::invalid("Limit must be between 1 and 100.").param("limit"));
    }
    let limit = usize::try_from(limit).expect("checked above");
    let items: Vec<&Value> = items.collect();
    let place = |cursor: &str, param: &str| {
        let found = items.iter().position(|item| text(item, "id") == cursor);
        found.ok_or_else(|| ApiError::no_such("object", cursor, param))
    };
    let (window, has_more) = if let Some(cursor) = params.text("ending_before") {
        let end = place(cursor, "ending_before")?;
        let start = end.saturating_sub(limit);
        (&items[start..end], start > 0)
    } else {
        let start = match params.text("starting_after") {
            Some(cursor) => place(cursor, "starting_after")? + 1,
            None => 0,
        };
        let end = items.len().min(start + limit);
        (&items[start..end], end < items.len())
    };
    Ok(envelope(
        window.iter().map(|item| (*item).clone()).collect(),
        has_more,
        url,
    ))
}

/// A whole list that is part of another object.
pub(crate) fn whole(items: Vec<Value>, url: &str) -> Value {
    envelope(items, false, url)
}

fn envelope(data: Vec<Value>, has_more: bool, url: &str) -> Value {
    json!({ "object": "list", "data": data, "has_more": has_more, "url": url })
}

/// The filter `created=…` or `created[gte]=…` and its like.
pub(crate) fn created_within(item: &Value, params: Params<'_>) -> ApiResult<bool> {
    let created = integer(item, "created");
    if let Some(exact) = params.get("created").and_then(Value::as_str) {
        return Ok(exact.parse() == Ok(created));
    }
    let bound = |name: &str| params.integer(&format!("created.{name}"));
    Ok(bound("gte")?.is_none_or(|at| created >= at)
        && bound("gt")?.is_none_or(|at| created > at)
        && bound("lte")?.is_none_or(|at| created <= at)
        && bound("lt")?.is_none_or(|at| created < at))
}

/// The filter `name=value` on a field of the same name.
pub(crate) fn field_is(item: &Value, params: Params<'_>, name: &str) -> bool {
    params
        .text(name)
        .is_none_or(|wanted| text(item, name) == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(params: Value) -> (Vec<String>, bool) {
        let items: Vec<Value> = (1..=5)
            .rev()
            .map(|n| json!({ "id": format!("i{n}") }))
            .collect();
        let page = page(items.iter(), Params(&params), "/v1/items").expect("a page");
        let data = page["data"].as_array().expect("a list");
        let ids = data
            .iter()
            .map(|item| text(item, "id").to_owned())
            .collect();
        (ids, page["has_more"] == true)
    }

    #[test]
    fn cursors_walk_both_ways() {
        assert_eq!(
            ids(json!({ "limit": "2" })),
            (vec!["i5".into(), "i4".into()], true)
        );
        let after = json!({ "limit": "3", "starting_after": "i4" });
        assert_eq!(
            ids(after),
            (vec!["i3".into(), "i2".into(), "i1".into()], false)
        );
        let before = json!({ "limit": "2", "ending_before": "i2" });
        assert_eq!(ids(before), (vec!["i4".into(), "i3".into()], true));
    }

    #[test]
    fn a_limit_of_101_is_refused() {
        let none: [Value; 0] = [];
        let params = json!({ "limit": "101" });
        assert!(page(none.iter(), Params(&params), "/v1/items").is_err());
    }
}
