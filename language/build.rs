//! Turns `words/*.json` into constants: one module for each file, one constant for each sentence.
//!
//! The build ends here, with the name of the sentence, when a language lacks it, lacks one of its
//! forms, or names other placeholders than English does. So no page can show a key.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::Value;

/// In the order of `Language`.
const LANGUAGES: [&str; 5] = ["en", "es", "fr", "hi", "ar"];

/// The files whose sentences the browser's half says too: they come first, and go along with a page.
const BROWSER: [&str; 6] = [
    "add_credit",
    "history",
    "refusal",
    "shell",
    "sign_in",
    "wallet",
];

/// The forms of a counted sentence, in the order of `Language::form_of`, and the languages that need each.
const FORMS: [(&str, &[&str]); 6] = [
    ("zero", &["ar"]),
    ("one", &LANGUAGES),
    ("two", &["ar"]),
    ("few", &["ar"]),
    ("many", &["ar"]),
    ("other", &LANGUAGES),
];

fn main() {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("set by Cargo"));
    let words = here.join("words");
    println!("cargo:rerun-if-changed={}", words.display());
    println!("cargo:rerun-if-changed=build.rs");
    let for_browser = env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "wasm32");
    let code = code(&read(&words), for_browser);
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by Cargo"));
    fs::write(out.join("said.rs"), code).expect("write the sentences");
}

/// Every file by its name, those of the browser first.
fn read(folder: &Path) -> Vec<(String, BTreeMap<String, Value>)> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("read the folder of words")
        .map(|entry| entry.expect("read the folder of words").path())
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .collect();
    files.sort();
    let mut nouns: Vec<(String, BTreeMap<String, Value>)> = files
        .iter()
        .map(|path| {
            let name = path
                .file_stem()
                .expect("a file has a name")
                .to_string_lossy();
            let text = fs::read_to_string(path).expect("read words");
            let sentences = serde_json::from_str(&text)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            (name.into_owned(), sentences)
        })
        .collect();
    nouns.sort_by_key(|(name, _)| !BROWSER.contains(&name.as_str()));
    nouns
}

fn code(nouns: &[(String, BTreeMap<String, Value>)], for_browser: bool) -> String {
    let (mut modules, mut texts, mut number, mut shared) = (String::new(), String::new(), 0, 0);
    for (noun, sentences) in nouns {
        let is_shared = BROWSER.contains(&noun.as_str());
        let mut constants = String::new();
        for (key, languages) in sentences {
            let name = format!("{noun}.{key}");
            let (holes, forms) = sentence(&name, languages);
            let english = languages["en"].as_str().unwrap_or("Counted.");
            let holes: Vec<String> = holes.iter().map(|hole| format!("{hole:?}")).collect();
            let holes = holes.join(", ");
            let key = key.to_uppercase();
            writeln!(
                constants,
                "#[doc = {english:?}]\npub const {key}: Sentence = Sentence {{ number: {number}, holes: &[{holes}] }};"
            )
            .expect("a string takes every write");
            writeln!(texts, "[{}],", forms.join(", ")).expect("a string takes every write");
            number += 1;
        }
        if is_shared {
            shared = number;
        }
        if is_shared || !for_browser {
            writeln!(
                modules,
                "pub mod {noun} {{ use crate::Sentence;\n{constants}}}"
            )
            .expect("a string takes every write");
        }
    }
    let table = if for_browser {
        String::new()
    } else {
        format!(
            "pub(crate) const SHARED: usize = {shared};\n\
             pub(crate) static TEXTS: [[Form; 5]; {number}] = [\n{texts}];\n"
        )
    };
    format!(
        "/// One module for each noun, one constant for each sentence.\npub mod said {{\n{modules}}}\n{table}"
    )
}

/// What a sentence is told with, and its form in each language, as code.
fn sentence(name: &str, languages: &Value) -> (BTreeSet<String>, Vec<String>) {
    let known = languages
        .as_object()
        .unwrap_or_else(|| panic!("{name}: not a sentence"));
    for language in known.keys() {
        assert!(
            LANGUAGES.contains(&language.as_str()),
            "{name}: {language} is no language of ours"
        );
    }
    let mut holes = None;
    let mut forms = Vec::new();
    for language in LANGUAGES {
        let here = format!("{name} in {language}");
        let (found, form) = match &languages[language] {
            Value::String(text) => (holes_of(&here, text), format!("Form::One({text:?})")),
            Value::Object(counted) => counted_form(&here, language, counted),
            _ => panic!("{here}: missing"),
        };
        let wanted = holes.get_or_insert_with(|| found.clone());
        assert!(
            found == *wanted,
            "{here}: has {found:?}, English has {wanted:?}"
        );
        forms.push(form);
    }
    (holes.unwrap_or_default(), forms)
}

fn counted_form(
    here: &str,
    language: &str,
    counted: &serde_json::Map<String, Value>,
) -> (BTreeSet<String>, String) {
    let mut all = None;
    let mut forms = Vec::new();
    for (form, languages) in FORMS {
        let text = counted.get(form).and_then(Value::as_str);
        let is_needed = languages.contains(&language);
        assert!(
            text.is_some() == is_needed,
            "{here}: the form `{form}` is missing, or one too many"
        );
        if let Some(text) = text {
            // "One minute" need not say its number again.
            let mut holes = holes_of(here, text);
            holes.insert("count".to_owned());
            let wanted = all.get_or_insert_with(|| holes.clone());
            assert!(
                holes == *wanted,
                "{here}: its forms name different placeholders"
            );
        }
        forms.push(format!("{text:?}"));
    }
    (
        all.unwrap_or_default(),
        format!("Form::Counted([{}])", forms.join(", ")),
    )
}

/// The names in braces, and `[` for the brackets around a link.
fn holes_of(here: &str, text: &str) -> BTreeSet<String> {
    let mut holes = BTreeSet::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('{') {
        let (name, after) = after
            .split_once('}')
            .unwrap_or_else(|| panic!("{here}: open brace"));
        let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        assert!(is_name, "{here}: {{{name}}} is no placeholder");
        holes.insert(name.to_owned());
        rest = after;
    }
    let (opened, closed) = (text.matches('[').count(), text.matches(']').count());
    assert!(
        opened == closed && opened <= 1,
        "{here}: one link at most, closed"
    );
    if opened == 1 {
        holes.insert("[".to_owned());
    }
    holes
}
