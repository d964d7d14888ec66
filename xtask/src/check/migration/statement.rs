//! As much of SQL as the rules need: tables and their keys.

/// One statement that makes or changes a table or an index of it; others have no keys.
#[derive(Default)]
pub(super) struct Statement {
    pub(super) table: String,
    /// Whether it makes a table whose first column is `wallet_id`.
    pub(super) begins_with_wallet: bool,
    pub(super) keys: Vec<Key>,
}

/// What identifies rows, or points to them.
pub(super) struct Key {
    pub(super) kind: &'static str,
    pub(super) columns: Vec<String>,
}

/// The text in lower case, without comments and without the contents of quoted strings.
pub(super) fn without_comments(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        if rest.starts_with("--") {
            rest = rest.split_once('\n').map_or("", |(_, after)| after);
            plain.push('\n');
        } else if let Some(inside) = rest.strip_prefix("/*") {
            rest = inside.split_once("*/").map_or("", |(_, after)| after);
        } else if let Some(inside) = rest.strip_prefix('\'') {
            rest = inside.split_once('\'').map_or("", |(_, after)| after);
            plain.push_str("''");
        } else {
            plain.extend(letter.to_lowercase());
            rest = &rest[letter.len_utf8()..];
        }
    }
    plain
}

/// All statements of a text that has no comments.
pub(super) fn statements(plain: &str) -> Vec<Statement> {
    split_outside(plain, ';').into_iter().map(parse).collect()
}

fn parse(text: &str) -> Statement {
    let words: Vec<&str> = text.split_whitespace().collect();
    match words[..] {
        ["create", "table", ..] => table(text),
        ["create", "unique", "index", ..] => index(text),
        ["alter", "table", ..] => alteration(text),
        _ => Statement::default(),
    }
}

fn table(text: &str) -> Statement {
    let head = text.split('(').next().unwrap_or_default();
    let items = split_outside(inside_parentheses(text), ',');
    Statement {
        table: last_word(head),
        begins_with_wallet: items
            .first()
            .is_some_and(|item| first_word(item) == "wallet_id"),
        keys: items.iter().filter_map(|item| key(item)).collect(),
    }
}

fn index(text: &str) -> Statement {
    let after_on = text.split_once(" on ").map_or("", |(_, after)| after);
    let columns = columns(inside_parentheses(after_on));
    Statement {
        table: first_word(after_on.split('(').next().unwrap_or_default()),
        begins_with_wallet: false,
        keys: vec![Key {
            kind: "a unique index",
            columns,
        }],
    }
}

fn alteration(text: &str) -> Statement {
    let mut words = text.split_whitespace().skip(2);
    let table = words
        .find(|word| !["if", "exists", "only"].contains(word))
        .unwrap_or_default();
    let additions = split_outside(text, ',');
    let added = additions.iter().filter_map(|item| {
        let (_, definition) = item.split_once("add ")?;
        key(definition.trim().trim_start_matches("column "))
    });
    Statement {
        table: table.to_owned(),
        begins_with_wallet: false,
        keys: added.collect(),
    }
}

/// The key in one item of a table's definition: a constraint, or a column that is one.
fn key(item: &str) -> Option<Key> {
    let item = item.trim();
    let item = match item.strip_prefix("constraint ") {
        Some(named) => named
            .trim_start()
            .split_once(char::is_whitespace)?
            .1
            .trim_start(),
        None => item,
    };
    for (start, kind) in [
        ("primary key", "the primary key"),
        ("unique", "a unique key"),
        ("foreign key", "a foreign key"),
    ] {
        if item.starts_with(start) {
            return Some(Key {
                kind,
                columns: columns(inside_parentheses(item)),
            });
        }
    }
    let inline = [
        ("primary key", "the primary key"),
        (" unique", "a unique key"),
        ("references", "a foreign key"),
    ];
    let (_, kind) = inline.into_iter().find(|(word, _)| item.contains(word))?;
    Some(Key {
        kind,
        columns: vec![first_word(item)],
    })
}

fn columns(list: &str) -> Vec<String> {
    list.split(',').map(first_word).collect()
}

fn first_word(text: &str) -> String {
    text.split_whitespace()
        .next()
        .unwrap_or_default()
        .trim_matches('"')
        .to_owned()
}

fn last_word(text: &str) -> String {
    text.split_whitespace()
        .next_back()
        .unwrap_or_default()
        .trim_matches('"')
        .to_owned()
}

/// What stands in the first pair of parentheses.
fn inside_parentheses(text: &str) -> &str {
    let Some(start) = text.find('(') else {
        return "";
    };
    let mut depth = 0;
    for (at, letter) in text[start..].char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &text[start + 1..start + at];
        }
    }
    &text[start + 1..]
}

/// Splits where the separator stands outside of parentheses and of `$$` bodies.
fn split_outside(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut depth, mut in_body) = (0, 0, false);
    for (at, letter) in text.char_indices() {
        match letter {
            '$' if text[at..].starts_with("$$") => in_body = !in_body,
            '(' if !in_body => depth += 1,
            ')' if !in_body => depth -= 1,
            _ if letter == separator && depth == 0 && !in_body => {
                parts.push(&text[start..at]);
                start = at + letter.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_texts_are_taken_out_and_names_stay() {
        let plain =
            without_comments("Create /* x */ table A ( -- why\n b text default 'O''Hara; --' );");
        let words: Vec<&str> = plain.split_whitespace().collect();
        assert_eq!(
            words,
            [
                "create", "table", "a", "(", "b", "text", "default", "''''", ");"
            ]
        );
    }

    #[test]
    fn bodies_are_not_cut_at_their_semicolons() {
        assert_eq!(
            split_outside("do $$ a; b $$; c", ';'),
            ["do $$ a; b $$", " c"]
        );
    }
}
