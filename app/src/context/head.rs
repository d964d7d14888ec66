//! What each address says of itself to search engines, in the language of the request.

use domain::Money;

use crate::address::escape;
use crate::head::Head;
use crate::speech::whole_dollars;

impl Head {
    /// For a path and its query below an origin without a slash at the end.
    pub fn of(origin: &str, path: &str, query: &str) -> Self {
        let path = path.trim_end_matches('/');
        let (description, canonical) = match path {
            "/rates" => (
                say!(
                    rates::DESCRIPTION,
                    amount = whole_dollars(Money::from_dollars(10))
                ),
                rates(query),
            ),
            "" => (say!(home::DESCRIPTION), Some("/".to_owned())),
            _ => (say!(home::DESCRIPTION), None),
        };
        Self {
            description,
            canonical: canonical.map(|path| format!("{origin}{path}")),
            said_by_script: said_by_script(),
        }
    }
}

fn said_by_script() -> String {
    let said = serde_json::json!({
        "noPasskeys": say!(script::NO_PASSKEYS),
        "passkeyKnown": say!(script::PASSKEY_KNOWN),
        "passkeyRefused": say!(script::PASSKEY_REFUSED),
        "newVersion": say!(script::NEW_VERSION),
        "loadIt": say!(script::LOAD_IT),
        "offline": say!(script::OFFLINE),
        "noMessages": say!(script::NO_MESSAGES),
    });
    said.to_string()
}

/// A search by name has an address of its own. One by number is not told to anybody.
fn rates(query: &str) -> Option<String> {
    let typed = query.split('&').find_map(|part| part.strip_prefix("q="));
    let typed = typed.unwrap_or_default().replace('+', " ");
    let typed = typed.trim();
    if typed.is_empty() {
        return Some("/rates".into());
    }
    let is_name = typed.bytes().all(|b| b.is_ascii_alphabetic() || b == b' ');
    is_name.then(|| format!("/rates?q={}", escape(typed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_public_has_an_address_for_search_engines() {
        for (path, query, canonical) in [
            ("/", "", Some("https://w.example/")),
            ("/rates", "", Some("https://w.example/rates")),
            ("/rates/", "q=", Some("https://w.example/rates")),
            (
                "/rates",
                "q=South+Africa",
                Some("https://w.example/rates?q=South%20Africa"),
            ),
            ("/rates", "q=%2B525512345678", None),
            ("/rates", "q=5255", None),
            ("/wallet", "", None),
            ("/sign-in", "next=/wallet", None),
        ] {
            let head = Head::of("https://w.example", path, query);
            assert_eq!(head.canonical.as_deref(), canonical, "{path}?{query}");
        }
    }
}
