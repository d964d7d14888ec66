//! Words that the source must not contain.

use std::path::Path;

use anyhow::{Result, bail};

use crate::place;

/// Queries are written as they are sent, so that the compiler and people can read them.
pub(super) fn no_assembled_query() -> Result<()> {
    refuse_words(
        &["app", "domain", "language", "ledger", "server"],
        &["AssertSqlSafe"],
        &[],
    )
}

/// Text of a customer never becomes markup, and the content policy allows no inline style.
///
/// Two places handle markup as it is: the one that shows what the server wrote, and the browser's
/// door that takes over a part of it.
pub(super) fn no_unsafe_markup() -> Result<()> {
    const SHOWS_SHEETS: [&str; 2] = ["app/src/pages/written.rs", "app/src/browser.rs"];
    refuse_words(&["app"], &["style="], &[])?;
    refuse_words(&["app"], &["inner_html"], &SHOWS_SHEETS)
}

fn refuse_words(crates: &[&str], words: &[&str], except: &[&str]) -> Result<()> {
    let mut found = Vec::new();
    for name in crates {
        let folder = place::root().join(name).join("src");
        for file in place::files_below(&folder)? {
            if except.iter().any(|path| file == place::root().join(path)) {
                continue;
            }
            let text = std::fs::read_to_string(&file)?;
            found.extend(lines_with(&file, &text, words));
        }
    }
    if found.is_empty() {
        return Ok(());
    }
    bail!("{}", found.join("; "))
}

fn lines_with(file: &Path, text: &str, words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("//") {
            continue;
        }
        found.extend(
            words
                .iter()
                .filter(|word| contains_word(line, word))
                .map(|word| format!("{}:{} has `{word}`", place::shown(file), number + 1)),
        );
    }
    found
}

/// Whether the word stands in the line and is not the end of a longer name.
fn contains_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_' || letter == '-')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_with_its_place_and_comments_may_speak_of_it() {
        let text = "// No inner_html here.\n<p inner_html=name></p>\nlet line_style=1;\n";
        let found = lines_with(Path::new("page.rs"), text, &["inner_html", "style="]);
        assert_eq!(found, ["page.rs:2 has `inner_html`"]);
    }
}
