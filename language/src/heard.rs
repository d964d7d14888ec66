//! The sentences in the browser: those that came with the page, in its language.

use std::sync::OnceLock;

use crate::{Language, Sentence, Value};

static HEARD: OnceLock<(Language, Vec<&'static str>)> = OnceLock::new();

/// Takes over the language of the page and the sentences that came with it. They stay as long as
/// the page does.
pub fn hear(language: Language, sentences: String) {
    let sentences: &'static str = String::leak(sentences);
    // A page has one language: what is heard twice is the same.
    let _ = HEARD.set((language, sentences.split('\n').collect()));
}

/// The language of the page, once it was heard.
pub fn heard() -> Option<Language> {
    HEARD.get().map(|heard| heard.0)
}

/// Nothing: the sentences are the server's.
pub const fn for_browser(_: Language) -> String {
    String::new()
}

impl Sentence {
    pub(crate) fn text(&self, _: Language, _: &[(&str, Value)]) -> &'static str {
        let sentences = HEARD.get().map(|heard| heard.1.as_slice());
        let text = sentences.and_then(|sentences| sentences.get(self.number));
        text.copied().unwrap_or_default()
    }
}
