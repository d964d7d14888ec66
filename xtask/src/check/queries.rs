//! The committed descriptions of queries.
//!
//! A query without a description does not compile; this looks for descriptions without a query.

use std::collections::HashSet;
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
    let mut source = String::new();
    for part in ["ledger/src", "ledger/tests"] {
        let part = place::root().join(part);
        if part.is_dir() {
            for file in place::files_below(&part)? {
                source.push_str(&bare(&fs::read_to_string(&file)?));
            }
        }
    }
    let mut unused = Vec::new();
    let mut described = HashSet::new();
    for file in place::files_below(&folder)? {
        let text = fs::read_to_string(&file)?;
        let description: Description = serde_json::from_str(&text)
            .with_context(|| format!("{} is not a description", place::shown(&file)))?;
        let query = bare(&description.query);
        if !source.contains(&query) || !described.insert(query) {
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

/// A query without what differs between its literal in the source and its text: white space,
/// quotes, and the backslashes of escapes and continued lines.
fn bare(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_whitespace() && !['\\', '"'].contains(letter))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_found_in_plain_escaped_and_raw_literals() {
        let query = bare("select \"a!\" from b where c = $1");
        for source in [
            r##"query!(r#"select "a!" from b where c = $1"#, c)"##,
            r#"query!("select \"a!\" from b \
                where c = $1")"#,
        ] {
            assert!(bare(source).contains(&query), "{source}");
        }
        assert!(!bare("select a from b").contains(&query));
    }
}
