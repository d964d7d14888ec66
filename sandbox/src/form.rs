//! Form bodies and query strings with nested names: `line_items[0][price_data][currency]=usd`.

use serde_json::{Map, Value};

/// Depth of brackets and number of pairs that a request may have.
const MAX_DEPTH: usize = 12;
const MAX_PAIRS: usize = 2000;

/// The pairs as nested objects; every leaf is a string. Indices and `[]` make arrays.
///
/// `None` when it is not a form: a bad escape, unbalanced brackets, a name used both as text and
/// as an object.
pub(crate) fn parse(text: &str) -> Option<Value> {
    let mut root = Value::Object(Map::new());
    for (number, pair) in text.split('&').filter(|pair| !pair.is_empty()).enumerate() {
        if number >= MAX_PAIRS {
            return None;
        }
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decode(name)?;
        insert(&mut root, &segments(&name)?, decode(value)?)?;
    }
    Some(arrays(root))
}

/// Every leaf with its path; a step of an array is written `[]`: `line_items[].quantity`.
pub(crate) fn leaves(value: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    collect(value, String::new(), &mut found);
    found
}

fn collect(value: &Value, path: String, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                let dot = if path.is_empty() { "" } else { "." };
                collect(value, format!("{path}{dot}{name}"), found);
            }
        }
        Value::Array(values) => {
            for value in values {
                collect(value, format!("{path}[]"), found);
            }
        }
        Value::String(text) => found.push((path, text.clone())),
        _ => {}
    }
}

/// Percent escapes and plus signs undone.
pub(crate) fn decode(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'+' => out.push(b' '),
            b'%' => {
                let digits = bytes.get(at + 1..at + 3)?;
                out.extend(hex::decode(digits).ok()?);
                at += 2;
            }
            byte => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8(out).ok()
}

fn segments(name: &str) -> Option<Vec<&str>> {
    let Some((head, mut rest)) = name
        .split_once('[')
        .map(|(head, _)| name.split_at(head.len()))
    else {
        return Some(vec![name]);
    };
    let mut found = vec![head];
    while !rest.is_empty() {
        let (segment, after) = rest.strip_prefix('[')?.split_once(']')?;
        found.push(segment);
        rest = after;
    }
    (found.len() <= MAX_DEPTH).then_some(found)
}

fn insert(parent: &mut Value, path: &[&str], leaf: String) -> Option<()> {
    let (first, rest) = path.split_first()?;
    let map = parent.as_object_mut()?;
    let name = if first.is_empty() {
        map.len().to_string()
    } else {
        (*first).to_owned()
    };
    if rest.is_empty() {
        map.insert(name, Value::String(leaf));
        return Some(());
    }
    insert(
        map.entry(name).or_insert_with(|| Value::Object(Map::new())),
        rest,
        leaf,
    )
}

/// Objects whose names are all numbers become arrays, in the order of the numbers.
fn arrays(value: Value) -> Value {
    let Value::Object(map) = value else {
        return value;
    };
    let numbers: Option<Vec<u32>> = map.keys().map(|name| name.parse().ok()).collect();
    let values = map.into_iter().map(|(name, value)| (name, arrays(value)));
    match numbers {
        Some(numbers) if !numbers.is_empty() => {
            let mut items: Vec<(u32, Value)> = numbers
                .into_iter()
                .zip(values.map(|(_, value)| value))
                .collect();
            items.sort_by_key(|(number, _)| *number);
            Value::Array(items.into_iter().map(|(_, value)| value).collect())
        }
        _ => Value::Object(values.collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn brackets_become_objects_and_arrays() {
        let form = "mode=payment&line_items[0][price_data][currency]=usd&line_items%5B0%5D%5Bquantity%5D=1&expand[]=a&expand[]=b.c&metadata[note]=two+words%21";
        assert_eq!(
            parse(form),
            Some(json!({
                "mode": "payment",
                "line_items": [{ "price_data": { "currency": "usd" }, "quantity": "1" }],
                "expand": ["a", "b.c"],
                "metadata": { "note": "two words!" },
            }))
        );
    }

    #[test]
    fn what_is_not_a_form_is_refused() {
        for form in ["a%zz=1", "a[b=1", "a=1&a[b]=2", "a[b]c=1", "a=%ff", "a=%2"] {
            assert_eq!(parse(form), None, "{form}");
        }
    }

    #[test]
    fn leaves_name_their_path() {
        let form = parse("items[0][price]=1&items[1][price]=2&name=x").expect("a form");
        let mut paths: Vec<String> = leaves(&form).into_iter().map(|(path, _)| path).collect();
        paths.sort();
        assert_eq!(paths, ["items[].price", "items[].price", "name"]);
    }
}
