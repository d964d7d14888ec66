//! The sentences on the server: all of them, in every language.

use crate::{Language, Sentence, Value};

/// A sentence in one language.
#[derive(Debug)]
pub(crate) enum Form {
    One(&'static str),
    /// By the number in it: zero, one, two, few, many, other; those that the language has.
    Counted([Option<&'static str>; 6]),
}

impl Sentence {
    pub(crate) fn text(&self, language: Language, values: &[(&str, Value)]) -> &'static str {
        match &crate::TEXTS[self.number][language as usize] {
            Form::One(text) => text,
            Form::Counted(forms) => {
                let count = values.iter().find_map(|(name, value)| match value {
                    Value::Number(number) if *name == "count" => Some(*number),
                    _ => None,
                });
                let form = forms[language.form_of(count.unwrap_or_default())];
                form.or(forms[5]).unwrap_or_default()
            }
        }
    }
}

/// The sentences that the browser's half says, for `hear`: one a line.
pub fn for_browser(language: Language) -> String {
    let lines: Vec<&str> = crate::TEXTS[..crate::SHARED]
        .iter()
        .map(|forms| match &forms[language as usize] {
            Form::One(text) => *text,
            // Counted by the server alone.
            Form::Counted(_) => "",
        })
        .collect();
    lines.join("\n")
}

/// On the server nothing is heard: each request has its own language.
pub fn hear(_: Language, _: String) {}

/// None: see [`hear`].
pub const fn heard() -> Option<Language> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What no reader should see, and what a translation must not lose.
    #[test]
    fn every_sentence_is_finished_in_every_language() {
        for forms in &crate::TEXTS {
            for (language, form) in Language::ALL.iter().zip(forms) {
                let texts: Vec<&str> = match form {
                    Form::One(text) => vec![text],
                    Form::Counted(texts) => texts.iter().flatten().copied().collect(),
                };
                for text in texts {
                    assert!(!text.contains('\n') && !text.contains("TODO"), "{text}");
                    assert!(!text.contains("  "), "{language:?}: {text}");
                    let latin = text.chars().any(|c| c.is_ascii_alphabetic());
                    let own = match language {
                        Language::Hindi => {
                            text.chars().any(|c| ('\u{900}'..='\u{97f}').contains(&c))
                        }
                        Language::Arabic => {
                            text.chars().any(|c| ('\u{600}'..='\u{6ff}').contains(&c))
                        }
                        _ => true,
                    };
                    // All in Latin letters, though not a figure, would be one nobody translated.
                    let is_figure =
                        text.len() < 4 || text.contains(|c: char| c.is_ascii_digit() || c == '{');
                    assert!(own || !latin || is_figure, "{language:?}: {text}");
                }
            }
        }
    }

    #[test]
    fn the_browser_gets_a_line_for_each_sentence_it_says() {
        for language in Language::ALL {
            let lines = for_browser(language).split('\n').count();
            assert_eq!(lines, crate::SHARED);
        }
    }
}
