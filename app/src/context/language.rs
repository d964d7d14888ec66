//! The language of a request: chosen, else what the browser asks for.

use http::header::{ACCEPT_LANGUAGE, COOKIE, HeaderMap, HeaderValue, SET_COOKIE};
use language::Language;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use super::parts;

/// For a year.
const KEPT_SECONDS: u32 = 365 * 24 * 60 * 60;

/// The one everything is written in that this request asks for.
pub(super) fn of_request() -> Language {
    parts().map_or_else(Language::default, |parts| language_of(&parts.headers))
}

/// The same for what is answered beside the pages.
pub fn language_of(headers: &HeaderMap) -> Language {
    let said = |name| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default()
    };
    chosen(said(COOKIE)).unwrap_or_else(|| Language::accepted(said(ACCEPT_LANGUAGE)))
}

fn chosen(cookies: &str) -> Option<Language> {
    let mut pairs = cookies.split(';');
    let tag = pairs.find_map(|pair| pair.trim().strip_prefix("language="))?;
    Language::from_tag(tag)
}

/// Has the browser name this language from now on.
pub(crate) fn keep_language(language: Language) {
    let cookie = format!(
        "language={}; Path=/; Max-Age={KEPT_SECONDS}; SameSite=Lax",
        language.tag()
    );
    let cookie = HeaderValue::try_from(cookie).expect("tags are printable ASCII");
    if let Some(response) = use_context::<ResponseOptions>() {
        response.append_header(SET_COOKIE, cookie);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_language_of_ours_is_chosen_by_a_cookie() {
        assert_eq!(chosen("a=b; language=ar; c=d"), Some(Language::Arabic));
        for cookies in ["", "language=", "language=de", "my_language=es"] {
            assert_eq!(chosen(cookies), None, "{cookies}");
        }
    }
}
