//! What the installed app says of itself, in the language of who installs it.
//!
//! Browsers ask for it without cookies, so the language stands in its address. It is the same app in every
//! language: its `id` is.

use std::path::Path;

use axum::extract::Query;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use language::{Language, tell};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    language: String,
}

/// Of a manifest in English, told in all languages.
pub(super) fn route(file: &Path) -> MethodRouter {
    let english = std::fs::read_to_string(file).unwrap_or_default();
    get(move |Query(asked): Query<Asked>| async move {
        told(
            &english,
            Language::from_tag(&asked.language).unwrap_or_default(),
        )
    })
}

fn told(english: &str, language: Language) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/manifest+json"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, in_language(english, language)).into_response()
}

fn in_language(english: &str, language: Language) -> String {
    let Ok(mut manifest) = serde_json::from_str::<Value>(english) else {
        return english.to_owned();
    };
    manifest["lang"] = language.tag().into();
    manifest["dir"] = language.direction().into();
    manifest["description"] = tell!(language, home::DESCRIPTION).into();
    for shortcut in manifest["shortcuts"].as_array_mut().into_iter().flatten() {
        let name = match shortcut["url"].as_str() {
            Some("/add-credit") => tell!(language, wallet::ADD_CREDIT),
            Some("/call") => tell!(language, wallet::CALL),
            Some("/rates") => tell!(language, shell::RATES),
            _ => continue,
        };
        shortcut["name"] = name.into();
    }
    let screenshots = manifest["screenshots"].as_array_mut();
    for screenshot in screenshots.into_iter().flatten() {
        let label = match screenshot["form_factor"].as_str() {
            Some("narrow") => tell!(language, installed::NARROW),
            _ => tell!(language, installed::WIDE),
        };
        screenshot["label"] = label.into();
    }
    manifest.to_string()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const ENGLISH: &str = include_str!("../../../public/manifest.webmanifest");

    fn words(language: Language) -> BTreeSet<String> {
        let manifest: Value = serde_json::from_str(&in_language(ENGLISH, language)).unwrap();
        let mut words = BTreeSet::from([manifest["description"].to_string()]);
        for (list, name) in [("shortcuts", "name"), ("screenshots", "label")] {
            let things = manifest[list].as_array().unwrap();
            words.extend(things.iter().map(|thing| thing[name].to_string()));
        }
        words
    }

    #[test]
    fn no_word_of_it_stays_in_english() {
        let english = words(Language::English);
        let file: Value = serde_json::from_str(ENGLISH).unwrap();
        assert!(english.contains(&file["shortcuts"][0]["name"].to_string()));
        for language in Language::ALL {
            let left: Vec<_> = words(language).intersection(&english).cloned().collect();
            let is_english = language == Language::English;
            assert_eq!(
                left.len(),
                if is_english { 6 } else { 0 },
                "{language:?}: {left:?}"
            );
        }
    }

    #[test]
    fn it_is_one_app_in_every_language() {
        for language in Language::ALL {
            let manifest: Value = serde_json::from_str(&in_language(ENGLISH, language)).unwrap();
            assert_eq!(
                (&manifest["id"], &manifest["start_url"]),
                (&"/wallet".into(), &"/wallet".into())
            );
            assert_eq!(manifest["lang"], language.tag());
        }
    }
}
