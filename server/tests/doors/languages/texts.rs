//! What a page says: its texts, and the attributes that are read out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use language::Language;
use serde_json::Value;

/// Attributes whose values are for people.
const READ_OUT: [&str; 5] = [
    "aria-label=\"",
    "title=\"",
    "placeholder=\"",
    "alt=\"",
    "content=\"",
];

/// What a script says: the values of a JSON object.
const BY_SCRIPT: &str = "data-said=\"";

/// Names and what others wrote: the same in every language.
const DATA: &[&str] = &[
    // Ours and other companies'.
    "Talkala Wallet",
    "Stripe",
    "Visa",
    "English",
    "Español",
    "Français",
    "العربية",
    "width=device-width",
    "initial-scale",
    "light dark",
    "noindex",
    // What is called by its letters.
    "JSON",
    // Of the price list, of people and of support.
    "Mexico mobile",
    "Mexico",
    "Satellite",
    "United Kingdom",
    "Mother",
    "Test",
    "A reason",
];

/// Every text of a document, trimmed; of another answer all of it.
pub(super) fn texts(page: &str, is_document: bool) -> BTreeSet<String> {
    if !is_document {
        return BTreeSet::from([page.trim().to_owned()]);
    }
    let mut found = BTreeSet::new();
    let mut rest = page;
    while let Some((text, after)) = rest.split_once('<') {
        keep(&mut found, text);
        let (tag, after) = after.split_once('>').unwrap_or((after, ""));
        for attribute in READ_OUT {
            if let Some((_, value)) = tag.split_once(attribute) {
                keep(&mut found, value.split('"').next().unwrap_or_default());
            }
        }
        if let Some((_, said)) = tag.split_once(BY_SCRIPT) {
            let said = said.split('"').next().unwrap_or_default();
            let said: BTreeMap<String, String> =
                serde_json::from_str(&said.replace("&quot;", "\"")).unwrap();
            said.values().for_each(|text| keep(&mut found, text));
        }
        rest = after;
        for silent in ["script", "style"] {
            if tag.starts_with(silent) {
                let end = format!("</{silent}>");
                rest = after.split_once(&end).map_or("", |(_, rest)| rest);
            }
        }
    }
    found
}

fn keep(found: &mut BTreeSet<String>, text: &str) {
    let text = text
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
        .replace(" · Talkala Wallet", "");
    let text = text.trim().trim_matches(|c| "·,.".contains(c)).trim();
    if !text.is_empty() {
        found.insert(text.to_owned());
    }
}

/// Whether nothing of it is a word of a language: figures, codes, addresses, names.
pub(super) fn is_data(text: &str) -> bool {
    let mut text = text.to_owned();
    for name in DATA {
        text = text.replace(name, "");
    }
    // Time zones are called as in the database of all.
    if text
        .split(' ')
        .next()
        .is_some_and(|first| first.contains('/'))
    {
        return true;
    }
    let is_word = |word: &str| {
        let letters = word.trim_matches(|c: char| !c.is_alphanumeric());
        let has_only_letters = letters.chars().all(char::is_alphabetic);
        has_only_letters && letters.chars().count() > 3
    };
    let is_code = |word: &str| word.contains(['@', '/', '_', '-']) && !word.contains(' ');
    !text
        .split_whitespace()
        .any(|word| is_word(word) && !is_code(word))
}

/// A text with its numbers taken out again: as it stands among the sentences.
pub(super) fn uncounted(text: &str) -> String {
    let words = text.split(' ').map(|word| {
        let is_number = word.chars().all(|c| c.is_ascii_digit() || c == ',');
        if is_number { "{count}" } else { word }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// In each language, the sentences that need nothing put in but a number. Some are those of English:
/// *Code*, *4 destinations*.
pub(super) fn said() -> BTreeMap<&'static str, BTreeSet<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../language/words");
    let mut said: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
    for file in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        let sentences: BTreeMap<String, Value> = serde_json::from_str(&text).unwrap();
        for sentence in sentences.values() {
            for language in Language::ALL {
                let forms = match &sentence[language.tag()] {
                    Value::Object(forms) => forms.values().collect(),
                    form => vec![form],
                };
                let kept = said.entry(language.tag()).or_default();
                for form in forms.into_iter().filter_map(Value::as_str) {
                    if !form.replace("{count}", "").contains('{') {
                        keep(kept, form);
                    }
                }
            }
        }
    }
    said
}
