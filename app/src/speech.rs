//! In which language a page speaks, and how it says a sentence: `say!(home::TITLE)`.
//!
//! The sentences are those of the crate `language`. On the server every request has a language; in
//! the browser every document has one, and brings the sentences that the browser's half says.

use std::cell::Cell;
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use domain::Money;
use language::Language;
use leptos::prelude::*;

/// A sentence in the language of this page: `say!(home::TITLE)`, `say!(rates::TITLE_TO, country = name)`.
macro_rules! say {
    ($noun:ident :: $key:ident $(, $hole:ident = $value:expr)* $(,)?) => {
        language::tell!($crate::speech::language(), $noun::$key $(, $hole = $value)*)
    };
}

/// The language of the page that is being written or shown.
pub(crate) fn language() -> Language {
    language::heard()
        .or_else(|| SPOKEN.get())
        .or_else(use_context::<Language>)
        .unwrap_or_default()
}

thread_local! {
    static SPOKEN: Cell<Option<Language>> = const { Cell::new(None) };
}

/// Writes in the language of this page, asked for once: a page of history says some thousand sentences.
pub(crate) fn in_one_language<T>(write: impl FnOnce() -> T) -> T {
    struct Before(Option<Language>);
    impl Drop for Before {
        fn drop(&mut self) {
            SPOKEN.set(self.0);
        }
    }
    let _before = Before(SPOKEN.replace(Some(language())));
    write()
}

/// Amounts in the language of the page.
pub(crate) trait Told {
    /// A balance, in cents rounded toward zero.
    fn balance_told(self) -> String;
    /// Every decimal there is, at least two.
    fn exact_told(self) -> String;
    /// With its sign always.
    fn signed_told(self) -> String;
}

impl Told for Money {
    fn balance_told(self) -> String {
        language::balance(self, language())
    }

    fn exact_told(self) -> String {
        language::exact(self, language())
    }

    fn signed_told(self) -> String {
        language::signed(self, language())
    }
}

/// `$25`, with cents only where there are any.
pub(crate) fn whole_dollars(amount: Money) -> String {
    language::whole_dollars(amount, language())
}

/// The language of a document with the sentences of the browser's half, as they go along with it:
/// the tag, then a sentence a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spoken {
    language: Language,
    sentences: String,
}

impl Spoken {
    /// Of this request. In the browser it came with the document, and is not asked for again.
    pub(crate) fn here() -> Self {
        Self {
            language: language(),
            sentences: language::for_browser(language()),
        }
    }

    /// From now on the browser's half speaks like this. On the server each request has its own.
    pub(crate) fn heard(self) {
        language::hear(self.language, self.sentences);
    }
}

impl fmt::Display for Spoken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.language.tag(), self.sentences)
    }
}

impl FromStr for Spoken {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let (tag, sentences) = text.split_once('\n').unwrap_or((text, ""));
        Ok(Self {
            language: Language::from_tag(tag).unwrap_or_default(),
            sentences: sentences.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_along_with_a_document_is_read_back() {
        let spoken = Spoken {
            language: Language::Arabic,
            sentences: "one\ntwo".into(),
        };
        assert_eq!(spoken.to_string().parse(), Ok(spoken));
    }

    #[test]
    fn what_is_written_in_one_language_leaves_the_next_page_its_own() {
        Owner::new().with(|| {
            provide_context(Language::Spanish);
            let said = in_one_language(|| {
                provide_context(Language::French);
                say!(shell::RATES)
            });
            assert_eq!(said, "Tarifas");
            assert_eq!(say!(shell::RATES), "Tarifs");
        });
    }

    #[test]
    fn without_a_request_everything_is_english() {
        assert_eq!(say!(not_found::TITLE), "There is no such page");
        assert_eq!(Money::from_dollars(1234).exact_told(), "$1,234.00");
    }
}
