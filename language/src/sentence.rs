//! A sentence, and how it is told.

use crate::Language;

/// A sentence of `words/`, by its number. What it says is a matter of the language it is told in.
#[derive(Clone, Copy, Debug)]
pub struct Sentence {
    pub(crate) number: usize,
    /// The names of what is put into it, in the order of the alphabet; `[` for a part that is a link.
    pub(crate) holes: &'static [&'static str],
}

/// What is put into a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Kept apart from the direction of the sentence: a name, an amount, an address.
    Text(String),
    /// Chooses the form of a sentence as `count`.
    Number(u64),
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self::Number(u64::try_from(number).unwrap_or(u64::MAX))
    }
}

/// What is negative is not counted.
impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(u64::try_from(number).unwrap_or_default())
    }
}

impl Value {
    fn text(&self, language: Language) -> String {
        match self {
            Self::Text(text) if language.is_right_to_left() && !text.starts_with('\u{2066}') => {
                format!("{}{text}\u{2069}", isolate(text))
            }
            Self::Text(text) => text.clone(),
            Self::Number(number) => crate::digits(&number.to_string(), language),
        }
    }
}

/// What keeps a value apart. Usually its first letter says its direction; but letters within isolates of
/// its own, as the parts of a date are, do not count for that, so it is said for Arabic.
fn isolate(text: &str) -> char {
    let first = text.chars().find(|c| c.is_alphabetic());
    match first {
        Some('\u{600}'..='\u{6ff}') => '\u{2067}',
        _ => '\u{2068}',
    }
}

impl Sentence {
    /// Whether these are its placeholders, all of them. A link is no value: [`link`] takes it apart.
    pub const fn takes(&self, names: &[&str]) -> bool {
        let (mut index, mut holes) = (0, 0);
        while index < self.holes.len() {
            let hole = self.holes[index];
            if hole.as_bytes()[0] != b'[' {
                holes += 1;
                if !contains(names, hole) {
                    return false;
                }
            }
            index += 1;
        }
        holes == names.len()
    }

    /// In a language, with its placeholders filled.
    pub fn tell(&self, language: Language, values: &[(&str, Value)]) -> String {
        let text = self.text(language, values);
        let mut told = String::with_capacity(text.len() + 16);
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            told.push_str(before);
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
                told.push_str(&value.text(language));
            }
            rest = after;
        }
        told.push_str(rest);
        told
    }
}

const fn contains(names: &[&str], name: &str) -> bool {
    let mut index = 0;
    while index < names.len() {
        if equal(names[index].as_bytes(), name.as_bytes()) {
            return true;
        }
        index += 1;
    }
    false
}

const fn equal(a: &[u8], b: &[u8]) -> bool {
    let mut index = 0;
    while index < a.len() && index < b.len() {
        if a[index] != b[index] {
            return false;
        }
        index += 1;
    }
    a.len() == b.len()
}

/// A told sentence around something that is shown in an element of its own: before and after it.
/// The value of that placeholder was [`MARK`].
pub fn around(told: &str) -> (String, String) {
    let (before, after) = told.split_once(MARK).unwrap_or((told, ""));
    let isolates = |c| matches!(c, '\u{2067}' | '\u{2068}' | '\u{2069}');
    (
        before.trim_end_matches(isolates).to_owned(),
        after.trim_start_matches(isolates).to_owned(),
    )
}

/// Stands for a value that [`around`] leaves room for.
pub const MARK: &str = "\u{1}";

/// A told sentence with a link in it: before, the words of the link, after.
pub fn link(told: &str) -> (String, String, String) {
    let (before, rest) = told.split_once('[').unwrap_or((told, ""));
    let (words, after) = rest.split_once(']').unwrap_or((rest, ""));
    (before.to_owned(), words.to_owned(), after.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{said, tell};

    #[test]
    fn a_sentence_is_told_with_its_values() {
        let told = tell!(Language::English, price::STEPS, count = 6_u32);
        assert_eq!(told, "Billed in steps of 6 seconds");
        assert!(said::price::STEPS.takes(&["count"]));
        assert!(!said::price::STEPS.takes(&[]));
        assert!(!said::price::STEPS.takes(&["amount"]));
    }

    #[test]
    fn a_number_chooses_among_the_forms_of_its_language() {
        let told = |language, count: u64| tell!(language, price::MINUTES, count = count);
        for (count, text) in [(1, "1 minute"), (2, "2 minutes"), (1234, "1,234 minutes")] {
            assert_eq!(told(Language::English, count), text);
        }
        assert_eq!(told(Language::French, 0), "0 minute");
        let arabic: Vec<String> = [0, 1, 2, 3, 11, 100]
            .map(|n| told(Language::Arabic, n))
            .into();
        let mut different = arabic.clone();
        different.dedup();
        assert_eq!(different.len(), 6, "{arabic:?}");
    }

    #[test]
    fn what_is_put_into_arabic_keeps_its_own_direction() {
        let told = tell!(Language::Arabic, sign_in::SENT, email = "a@b.example");
        assert!(told.contains("\u{2068}a@b.example\u{2069}"), "{told}");
        let month = tell!(
            Language::Arabic,
            clock::MONTH,
            month = "نوفمبر",
            year = "2026"
        );
        let title = tell!(Language::Arabic, statements::STATEMENT, month = month);
        let inside = "\u{2067}\u{2067}نوفمبر\u{2069} \u{2068}2026\u{2069}\u{2069}";
        assert!(title.ends_with(inside), "{title}");
    }

    #[test]
    fn a_sentence_is_taken_apart_around_its_elements() {
        assert_eq!(link("a [b] c"), ("a ".into(), "b".into(), " c".into()));
        let (before, after) = around("x \u{2068}\u{1}\u{2069} y");
        assert_eq!((before.as_str(), after.as_str()), ("x ", " y"));
    }
}
