//! Telephone numbers by which a wallet is found, and how people write them.

use domain::{Money, WalletId};
use rlibphonenumber::PhoneNumberFormat;
use rlibphonenumber::enums::Region;
use time::OffsetDateTime;

use crate::Ledger;
use crate::error::Error;

/// Whose number it is to the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberKind {
    /// The customer calls from it.
    Registered,
    /// Messages to it come to the wallet.
    Rented,
}

impl NumberKind {
    fn word(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Rented => "rented",
        }
    }
}

/// A number of a wallet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneNumber {
    /// E.164 digits without the plus.
    pub number: String,
    pub kind: String,
    pub message_price: Option<Money>,
    pub created_at: OffsetDateTime,
}

impl Ledger {
    /// Adds a number (E.164 digits) to a wallet; false if a wallet has it already.
    pub async fn add_number(
        &self,
        wallet_id: WalletId,
        digits: &str,
        kind: NumberKind,
        message_price: Option<Money>,
    ) -> Result<bool, Error> {
        let done = sqlx::query!(
            "insert into phone_number (number, wallet_id, kind, message_price)
             select $1, wallet_id, $3, $4 from wallet where wallet_id = $2
             on conflict (number) do nothing",
            digits,
            wallet_id as WalletId,
            kind.word(),
            message_price as Option<Money>
        )
        .execute(self.worker())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Takes a number from a wallet; false if it has no such number.
    pub async fn remove_number(&self, wallet_id: WalletId, digits: &str) -> Result<bool, Error> {
        let done = sqlx::query!(
            "delete from phone_number where number = $1 and wallet_id = $2",
            digits,
            wallet_id as WalletId
        )
        .execute(self.worker())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    pub async fn numbers(&self, wallet_id: WalletId) -> Result<Vec<PhoneNumber>, Error> {
        Ok(sqlx::query_as!(
            PhoneNumber,
            r#"select number, kind, message_price as "message_price: Money", created_at
               from phone_number where wallet_id = $1 order by number"#,
            wallet_id as WalletId
        )
        .fetch_all(self.web())
        .await?)
    }

    /// The wallet of a number (E.164 digits), for a switch.
    pub async fn wallet_of_number(&self, digits: &str) -> Result<Option<WalletId>, Error> {
        Ok(sqlx::query_scalar!(
            r#"select wallet_id as "wallet_id: WalletId" from phone_number where number = $1"#,
            digits
        )
        .fetch_optional(self.switch())
        .await?)
    }

    /// Price of one segment of a message to this number of a wallet.
    pub async fn message_price(&self, wallet_id: WalletId, digits: &str) -> Result<Money, Error> {
        let own = sqlx::query_scalar!(
            r#"select message_price as "price: Money" from phone_number
               where number = $1 and wallet_id = $2"#,
            digits,
            wallet_id as WalletId
        )
        .fetch_optional(self.switch())
        .await?;
        Ok(own.flatten().unwrap_or(self.rules().message.segment_price))
    }
}

/// E.164 digits of a number as a switch writes it: digits, with or without the plus.
pub fn e164_digits(text: &str) -> Option<String> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    let is_number = (7..=15).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.to_owned())
}

/// E.164 digits of a number as people paste it: with spaces, brackets and dashes, after `+`, `00`,
/// `011` or nothing; without a country it is one of North America.
pub fn pasted_digits(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text
        .strip_prefix("00")
        .map_or_else(|| text.to_owned(), |rest| format!("+{rest}"));
    let number = rlibphonenumber::PhoneNumber::parse(text, Some(Region::US)).ok()?;
    e164_digits(&number.to_string())
}

/// A number (E.164 digits) as people of its country write it for the world: `+52 55 1234 5678`.
pub fn international(digits: &str) -> String {
    let plain = format!("+{digits}");
    match rlibphonenumber::PhoneNumber::parse(&plain, None) {
        Ok(number) => number
            .format_as(PhoneNumberFormat::International)
            .to_string(),
        Err(_) => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasted_number_is_found_in_any_format() {
        for text in [
            "+52 55 1234 5678",
            "+52 (55) 1234-5678",
            "0052 55 12345678",
            "011 52 55 1234 5678",
            " +525512345678 ",
        ] {
            assert_eq!(
                pasted_digits(text).as_deref(),
                Some("525512345678"),
                "{text}"
            );
        }
        assert_eq!(
            pasted_digits("(212) 555-0123").as_deref(),
            Some("12125550123")
        );
        for text in ["", "Mexico", "+", "12", "+99999999999999999999"] {
            assert_eq!(pasted_digits(text), None, "{text}");
        }
        assert_eq!(international("525512345678"), "+52 55 1234 5678");
    }

    #[test]
    fn a_switch_writes_digits() {
        assert_eq!(
            e164_digits("+525512345678").as_deref(),
            Some("525512345678")
        );
        assert_eq!(e164_digits("525512345678").as_deref(), Some("525512345678"));
        for text in [
            "",
            "+",
            "0525512345678",
            "52 55",
            "１２３４５６７８",
            "123456",
            "1234567890123456",
            "+5255x",
        ] {
            assert_eq!(e164_digits(text), None, "{text}");
        }
    }
}
