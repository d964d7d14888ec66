//! Addresses of our own pages: how a value is written into one, and which are safe to go to.

use std::fmt::Write;

/// A value as part of a query: the same text in the browser and on the server.
pub(crate) fn escape(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' | b':' => {
                escaped.push(char::from(byte));
            }
            other => write!(escaped, "%{other:02X}").expect("a string takes every write"),
        }
    }
    escaped
}

/// A path on this site, safe to redirect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReturnTo(String);

/// Where one goes who came from nowhere in particular.
const WALLET: &str = "/wallet";

impl ReturnTo {
    /// The wanted path if it is one of ours, else the wallet.
    ///
    /// Ours is one slash, then neither slash nor backslash (browsers read `//` and `/\` as another
    /// host), in printable ASCII (a line break would end the header), and not the sign-in page itself.
    pub(crate) fn read(wanted: &str) -> Self {
        let mut bytes = wanted.bytes();
        let starts_here = bytes.next() == Some(b'/') && !matches!(bytes.next(), Some(b'/' | b'\\'));
        let printable = wanted.bytes().all(|byte| byte.is_ascii_graphic());
        let elsewhere = !wanted.starts_with("/sign-in") && !wanted.starts_with("/api/");
        if starts_here && printable && elsewhere && wanted.len() <= 500 {
            Self(wanted.to_owned())
        } else {
            Self(WALLET.to_owned())
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The sign-in page that leads back here.
    pub(crate) fn sign_in(&self) -> String {
        format!("/sign-in?next={}", escape(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_paths_are_followed() {
        for own in [
            "/",
            "/wallet",
            "/top-ups/0190?x=1&y=2",
            "/wallet?kind=top-ups",
        ] {
            assert_eq!(ReturnTo::read(own).as_str(), own);
        }
        for foreign in [
            "",
            "wallet",
            "//evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "https://evil.example/",
            "javascript:alert(1)",
            " /wallet",
            "/wallet\r\nSet-Cookie: a=b",
            "/wallet\t",
            "/sign-in?next=/sign-in",
            "/api/sign_out",
            "/é",
        ] {
            assert_eq!(ReturnTo::read(foreign).as_str(), "/wallet", "{foreign:?}");
        }
        assert_eq!(
            ReturnTo::read(&format!("/{}", "a".repeat(600))).as_str(),
            "/wallet"
        );
    }

    #[test]
    fn the_way_back_survives_the_query() {
        let back = ReturnTo::read("/wallet?kind=top-ups&text=50%25");
        assert_eq!(
            back.sign_in(),
            "/sign-in?next=/wallet%3Fkind%3Dtop-ups%26text%3D50%2525"
        );
    }
}
