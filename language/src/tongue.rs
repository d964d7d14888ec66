//! The languages, and which of them somebody reads.

use serde::{Deserialize, Serialize};

/// A language that every sentence is written in.
///
/// Spanish is that of the Americas, where an amount of dollars is written as in English. Arabic uses
/// the digits 0 to 9: they are what our forms take, what cards, codes and telephone numbers are
/// written with, and what is usual for them from Morocco to Egypt's banks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Language {
    #[default]
    English,
    Spanish,
    French,
    Hindi,
    Arabic,
}

impl Language {
    pub const ALL: [Self; 5] = [
        Self::English,
        Self::Spanish,
        Self::French,
        Self::Hindi,
        Self::Arabic,
    ];

    /// As documents, cookies and rows name it (BCP 47).
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
            Self::French => "fr",
            Self::Hindi => "hi",
            Self::Arabic => "ar",
        }
    }

    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }

    /// What those who speak it call it.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Spanish => "Español",
            Self::French => "Français",
            Self::Hindi => "हिन्दी",
            Self::Arabic => "العربية",
        }
    }

    /// For `dir` of the document.
    pub const fn direction(self) -> &'static str {
        if self.is_right_to_left() {
            "rtl"
        } else {
            "ltr"
        }
    }

    pub const fn is_right_to_left(self) -> bool {
        matches!(self, Self::Arabic)
    }

    /// Which form a sentence takes that counts so many: zero, one, two, few, many or other, from 0
    /// to 5 (CLDR 48, plural rules for cardinals, where whole numbers are concerned; no count of
    /// ours comes to the millions that are `many` in Spanish and French).
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) const fn form_of(self, count: u64) -> usize {
        const ONE: usize = 1;
        const OTHER: usize = 5;
        match (self, count) {
            (Self::Arabic, 0) => 0,
            (Self::Arabic, 2) => 2,
            (Self::Arabic, count) if count % 100 >= 3 && count % 100 <= 10 => 3,
            (Self::Arabic, count) if count % 100 >= 11 => 4,
            (Self::French | Self::Hindi, 0) | (_, 1) => ONE,
            _ => OTHER,
        }
    }

    /// The best of ours for an `Accept-Language` header; English when none is wanted.
    pub fn accepted(header: &str) -> Self {
        let mut best: (Self, u32) = (Self::default(), 0);
        for part in header.split(',').take(20) {
            let (tag, weight) = part.split_once(';').unwrap_or((part, "q=1"));
            let tag = tag.trim().to_ascii_lowercase();
            let base = tag.split('-').next().unwrap_or_default();
            let weight = thousandths(weight.trim());
            if let Some(language) = Self::from_tag(base)
                && weight > best.1
            {
                best = (language, weight);
            }
        }
        best.0
    }
}

/// `q=0.8` as 800; nothing readable as 0.
fn thousandths(weight: &str) -> u32 {
    let number = weight.strip_prefix("q=").unwrap_or_default();
    let (whole, rest) = number.split_once('.').unwrap_or((number, ""));
    let rest: String = format!("{rest}000").chars().take(3).collect();
    match (whole, rest.parse::<u32>()) {
        ("1", _) => 1000,
        ("0", Ok(rest)) => rest,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_by_its_weights() {
        for (header, language) in [
            ("", Language::English),
            ("es-MX,es;q=0.9,en;q=0.8", Language::Spanish),
            ("de-DE,de;q=0.9,fr;q=0.3,en;q=0.2", Language::French),
            ("en;q=0.5, ar-EG", Language::Arabic),
            ("HI", Language::Hindi),
            ("es;q=0", Language::English),
            ("de", Language::English),
            ("es;q=x,fr;q=0.001", Language::French),
        ] {
            assert_eq!(Language::accepted(header), language, "{header}");
        }
    }

    /// The samples that CLDR gives for each rule.
    #[test]
    fn numbers_take_the_forms_of_their_language() {
        let samples: [(Language, usize, &[u64]); 13] = [
            (Language::English, 1, &[1]),
            (Language::English, 5, &[0, 2, 16, 100, 1000]),
            (Language::Spanish, 1, &[1]),
            (Language::Spanish, 5, &[0, 2, 16, 100, 1000]),
            (Language::French, 1, &[0, 1]),
            (Language::French, 5, &[2, 17, 100, 1000]),
            (Language::Hindi, 1, &[0, 1]),
            (Language::Arabic, 0, &[0]),
            (Language::Arabic, 1, &[1]),
            (Language::Arabic, 2, &[2]),
            (Language::Arabic, 3, &[3, 10, 103, 110, 1003]),
            (Language::Arabic, 4, &[11, 26, 111, 1011]),
            (Language::Arabic, 5, &[100, 102, 200, 202, 1000, 10_000]),
        ];
        for (language, form, counts) in samples {
            for count in counts {
                assert_eq!(language.form_of(*count), form, "{language:?} {count}");
            }
        }
    }

    #[test]
    fn a_tag_names_its_language() {
        for language in Language::ALL {
            assert_eq!(Language::from_tag(language.tag()), Some(language));
        }
        assert_eq!(Language::from_tag("de"), None);
    }
}
