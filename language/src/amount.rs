//! Amounts and counts as each language writes them, from one text that `Money` makes.

use domain::Money;

use crate::Language;

/// Left to right whatever stands around it, and its end (Unicode isolates): in a line of Arabic a
/// sign would otherwise wander to the other side of its number.
const ISOLATE: char = '\u{2066}';
const POP: char = '\u{2069}';
const NARROW_SPACE: &str = "\u{202f}";

/// In cents rounded toward zero: `$41.70`, `41,70 $US`.
pub fn balance(amount: Money, language: Language) -> String {
    written(&amount.balance_text(), language)
}

/// Every decimal there is, at least two.
pub fn exact(amount: Money, language: Language) -> String {
    written(&amount.exact_text(), language)
}

/// With its sign always.
pub fn signed(amount: Money, language: Language) -> String {
    written(&amount.signed_text(), language)
}

/// `$25`, with cents only where there are any.
pub fn whole_dollars(amount: Money, language: Language) -> String {
    let text = amount.exact_text();
    written(text.strip_suffix(".00").unwrap_or(&text), language)
}

/// A price of plain digits, which may have more decimals than money: `0.012345`.
pub fn price(plain: &str, language: Language) -> String {
    written(&format!("${plain}"), language)
}

/// Digits with their thousands, lakhs and decimal sign, from plain ones: `1234.5`.
pub fn digits(plain: &str, language: Language) -> String {
    let (whole, decimals) = plain.split_once('.').unwrap_or((plain, ""));
    let (separator, point) = match language {
        Language::French => (NARROW_SPACE, ","),
        _ => (",", "."),
    };
    let mut grouped = String::with_capacity(plain.len() + 8);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && ends_group(whole.len() - index, language) {
            grouped.push_str(separator);
        }
        grouped.push(digit);
    }
    if !decimals.is_empty() {
        grouped.push_str(point);
        grouped.push_str(decimals);
    }
    grouped
}

/// Whether a group ends where so many digits are left: each three, in Hindi three and then each two.
const fn ends_group(left: usize, language: Language) -> bool {
    match language {
        Language::Hindi => left == 3 || (left > 3 && left % 2 == 1),
        _ => left.is_multiple_of(3),
    }
}

/// Another writing of `−$1,234.56`.
fn written(english: &str, language: Language) -> String {
    let (sign, number) = english.split_once('$').unwrap_or(("", english));
    match language {
        Language::English | Language::Spanish => english.to_owned(),
        Language::French => format!(
            "{sign}{}\u{a0}$US",
            digits(&number.replace(',', ""), language)
        ),
        Language::Hindi => format!("{sign}${}", digits(&number.replace(',', ""), language)),
        Language::Arabic => format!("{ISOLATE}{english}{POP}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(text: &str) -> Money {
        text.parse().unwrap()
    }

    #[test]
    fn an_amount_is_written_as_each_language_does() {
        let amount = money("-1234567.5");
        for (language, text) in [
            (Language::English, "−$1,234,567.50"),
            (Language::Spanish, "−$1,234,567.50"),
            (Language::French, "−1\u{202f}234\u{202f}567,50\u{a0}$US"),
            (Language::Hindi, "−$12,34,567.50"),
            (Language::Arabic, "\u{2066}−$1,234,567.50\u{2069}"),
        ] {
            assert_eq!(exact(amount, language), text);
        }
        assert_eq!(
            signed(money("0.0217"), Language::French),
            "+0,0217\u{a0}$US"
        );
        assert_eq!(
            balance(money("41.7099"), Language::French),
            "41,70\u{a0}$US"
        );
        assert_eq!(whole_dollars(money("25"), Language::French), "25\u{a0}$US");
        assert_eq!(whole_dollars(money("1000"), Language::English), "$1,000");
        assert_eq!(whole_dollars(money("10.5"), Language::English), "$10.50");
    }

    #[test]
    fn counts_are_grouped() {
        assert_eq!(digits("934", Language::English), "934");
        assert_eq!(digits("12345", Language::French), "12\u{202f}345");
        assert_eq!(digits("12345678", Language::Hindi), "1,23,45,678");
    }
}
