//! The committed descriptions of queries.
//!
//! A query without a description does not compile; this looks for descriptions without a query.

use std::fs;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::{place, sqlx};

#[derive(Deserialize)]
struct Description {
    query: String,
}

pub(super) fn descriptions_are_used() -> Result<()> {
    let folder = sqlx::folder();
    if !folder.is_dir() {
        bail!("there is no .sqlx; make it with `cargo xtask sqlx`");
    }
    let texts = texts_of_the_ledger()?;
    let mut unused = Vec::new();
    for file in place::files_below(&folder)? {
        let text = fs::read_to_string(&file)?;
        let description: Description = serde_json::from_str(&text)
            .with_context(|| format!("{} is not a description", place::shown(&file)))?;
        if !is_made_of(&bare(&description.query), &texts) {
            unused.push(place::shown(&file));
        }
    }
    if unused.is_empty() {
        return Ok(());
    }
    bail!(
        "no query for {}; run `cargo xtask sqlx` and commit .sqlx",
        unused.join(", ")
    )
}

/// Every text that a query may be, or be put together from: literals, and files of SQL.
fn texts_of_the_ledger() -> Result<Vec<String>> {
    let mut texts = Vec::new();
    for part in ["ledger/src", "ledger/tests"] {
        let part = place::root().join(part);
        if !part.is_dir() {
            continue;
        }
        for file in place::files_below(&part)? {
            let source = fs::read_to_string(&file)?;
            if file.extension().is_some_and(|ending| ending == "sql") {
                texts.push(bare(&source));
            } else {
                texts.extend(literals(&source).into_iter().map(bare));
            }
        }
    }
    texts.retain(|text| !text.is_empty());
    texts.sort();
    texts.dedup();
    Ok(texts)
}

/// Whether a query is one of the texts, or several one after the other, each of them whole.
fn is_made_of(query: &str, texts: &[String]) -> bool {
    query.is_empty()
        || texts.iter().any(|text| {
            query
                .strip_prefix(text.as_str())
                .is_some_and(|rest| is_made_of(rest, texts))
        })
}

/// A query without what differs between its literal in the source and its text: white space,
/// quotes, and the backslashes of escapes and continued lines.
fn bare(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_whitespace() && !['\\', '"'].contains(letter))
        .collect()
}

/// The contents of the string literals of a Rust source, escapes as they are written.
fn literals(source: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = source;
    while let Some(letter) = rest.chars().next() {
        if rest.starts_with("//") {
            rest = rest.split_once('\n').map_or("", |(_, after)| after);
        } else if let Some((literal, after)) = raw_literal(rest).or_else(|| plain_literal(rest)) {
            found.push(literal);
            rest = after;
        } else {
            rest = &rest[character(rest).unwrap_or(letter.len_utf8())..];
        }
    }
    found
}

/// `r#"…"#` at the start, with what comes after it.
fn raw_literal(source: &str) -> Option<(&str, &str)> {
    let inside = source.strip_prefix('r')?;
    let marks = inside.len() - inside.trim_start_matches('#').len();
    let inside = inside[marks..].strip_prefix('"')?;
    inside.split_once(&format!("\"{}", "#".repeat(marks)))
}

/// `"…"` at the start, with what comes after it.
fn plain_literal(source: &str) -> Option<(&str, &str)> {
    let inside = source.strip_prefix('"')?;
    let mut escaped = false;
    let end = inside.find(|letter: char| {
        let ends = letter == '"' && !escaped;
        escaped = letter == '\\' && !escaped;
        ends
    })?;
    Some((&inside[..end], &inside[end + 1..]))
}

/// The length of a character literal that holds a quote, which would else open a string.
fn character(source: &str) -> Option<usize> {
    ["'\"'", "'\\\"'"]
        .into_iter()
        .find(|literal| source.starts_with(literal))
        .map(str::len)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn knows(source: &str, query: &str) -> bool {
        let texts: Vec<String> = literals(source).into_iter().map(bare).collect();
        is_made_of(&bare(query), &texts)
    }

    #[test]
    fn a_query_is_found_in_plain_escaped_and_raw_literals() {
        let query = "select \"a!\" from b where c = $1";
        for source in [
            r##"let mark = '"'; query!(r#"select "a!" from b where c = $1"#, c)"##,
            "// a \" in a comment\nquery!(\"select \\\"a!\\\" from b \\\n where c = $1\")",
        ] {
            assert!(knows(source, query), "{source}");
        }
    }

    #[test]
    fn a_query_may_be_put_together_but_not_be_a_part() {
        let source =
            r##"query!(r#"select a, b from c "# + $suffix); rows!("for update"); "select a";"##;
        assert!(knows(source, "select a, b from c for update"));
        assert!(knows(source, "select a, b from c "));
        assert!(!knows(source, "select a from c"));
        assert!(!knows(source, "select a, b from c where d = 1"));
    }
}
