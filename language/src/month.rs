//! Months, by their number.

use crate::{Language, Sentence, said::clock};

const MONTHS: [(Sentence, Sentence); 12] = [
    (clock::JANUARY, clock::JANUARY_SHORT),
    (clock::FEBRUARY, clock::FEBRUARY_SHORT),
    (clock::MARCH, clock::MARCH_SHORT),
    (clock::APRIL, clock::APRIL_SHORT),
    (clock::MAY, clock::MAY_SHORT),
    (clock::JUNE, clock::JUNE_SHORT),
    (clock::JULY, clock::JULY_SHORT),
    (clock::AUGUST, clock::AUGUST_SHORT),
    (clock::SEPTEMBER, clock::SEPTEMBER_SHORT),
    (clock::OCTOBER, clock::OCTOBER_SHORT),
    (clock::NOVEMBER, clock::NOVEMBER_SHORT),
    (clock::DECEMBER, clock::DECEMBER_SHORT),
];

/// `November`, from 1 for January.
pub fn month(number: u8, language: Language) -> String {
    of(number).0.tell(language, &[])
}

/// `Nov`
pub fn short_month(number: u8, language: Language) -> String {
    of(number).1.tell(language, &[])
}

fn of(number: u8) -> (Sentence, Sentence) {
    MONTHS[usize::from(number.clamp(1, 12)) - 1]
}
