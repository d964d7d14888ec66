//! Telephone numbers on the screen.

use domain::call::CallRefusal;

use super::refused_typing;
use crate::error::AppError;

/// E.164 digits of a number as people type and paste it, or the refusal of it.
pub(crate) fn typed(text: &str) -> Result<String, AppError> {
    ledger::pasted_digits(text).ok_or_else(|| refused_typing(CallRefusal::InvalidNumber, text))
}

/// `+52 55 1234 5678`
pub(crate) fn whole(digits: &str) -> String {
    ledger::international(digits)
}

/// `+52 ···· 5678`: enough to know it again, not enough to call it, and never over two lines. A name
/// stays as it is.
pub(crate) fn masked(sender: &str) -> String {
    let is_number = sender.len() >= 7 && sender.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number {
        return sender.to_owned();
    }
    let whole = whole(sender);
    let country = whole.split([' ', '-']).next().unwrap_or_default();
    let last = &sender[sender.len() - 4..];
    if country.len() + last.len() > sender.len() {
        return format!("+····\u{a0}{last}");
    }
    format!("{country}\u{a0}····\u{a0}{last}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_number_keeps_its_country_and_its_end() {
        for (sender, shown) in [
            ("525512345678", "+52 ···· 5678"),
            ("12125550123", "+1 ···· 0123"),
            ("ACME", "ACME"),
            ("72345", "72345"),
            ("9991234", "+···· 1234"),
        ] {
            assert_eq!(masked(sender).replace('\u{a0}', " "), shown, "{sender}");
        }
    }
}
