//! An e-mail address in the one form we compare and store.

use serde::{Deserialize, Serialize};

/// The longest address SMTP carries (RFC 5321, 4.5.3.1.3: a path of 256 with its brackets).
pub const MAX_LENGTH: usize = 254;

/// An e-mail address, trimmed and in lower case.
///
/// Checked for shape only (one `@`, a dotted domain, no spaces or control characters):
/// whether it exists is known when its owner reads the code we send.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type))]
#[cfg_attr(feature = "sqlx", sqlx(transparent))]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

/// The text is not the shape of an e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("read e-mail address: not of the form name@example.com")]
pub struct NotAnEmail;

impl Email {
    pub fn parse(text: &str) -> Result<Self, NotAnEmail> {
        let address = text.trim().to_lowercase();
        let (name, host) = address.rsplit_once('@').ok_or(NotAnEmail)?;
        let forbidden = |c: char| {
            c.is_whitespace()
                || c.is_control()
                || matches!(
                    c,
                    '<' | '>' | '(' | ')' | ',' | ';' | ':' | '"' | '\\' | '@'
                )
        };
        let labels_fit = host.contains('.')
            && host
                .split('.')
                .all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'));
        if address.len() > MAX_LENGTH
            || name.is_empty()
            || name.contains(forbidden)
            || host.contains(forbidden)
            || !labels_fit
        {
            return Err(NotAnEmail);
        }
        Ok(Self(address))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Email {
    type Error = NotAnEmail;
    fn try_from(text: String) -> Result<Self, NotAnEmail> {
        Self::parse(&text)
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

impl std::fmt::Display for Email {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_compared_in_lower_case_without_spaces_around() {
        assert_eq!(
            Email::parse("  Ana@Example.COM ").unwrap().as_str(),
            "ana@example.com"
        );
    }

    #[test]
    fn what_is_not_an_address_is_refused() {
        let long = format!("{}@example.com", "a".repeat(250));
        for text in [
            "",
            "ana",
            "@example.com",
            "ana@",
            "ana@example",
            "a b@example.com",
            "ana@exam ple.com",
            "ana@example.com\r\nBcc: x@y.zz",
            "ana@-example.com",
            "ana@example..com",
            "a@b@example.com",
            "<ana@example.com>",
            &long,
        ] {
            assert_eq!(Email::parse(text), Err(NotAnEmail), "{text:?}");
        }
    }
}
