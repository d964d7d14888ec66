//! Browsers by the names that rows keep: `Chrome on Android`.

use crate::{Language, tell};

/// The name of a browser as it is kept, in English, told in a language. Another name stays as it is.
pub fn device(kept: &str, language: Language) -> String {
    if kept == tell!(Language::English, account::UNKNOWN_DEVICE) {
        return tell!(language, account::UNKNOWN_DEVICE);
    }
    let Some((browser, system)) = kept.split_once(" on ") else {
        return kept.to_owned();
    };
    let browser = if browser == tell!(Language::English, device::BROWSER) {
        tell!(language, device::BROWSER)
    } else {
        browser.to_owned()
    };
    tell!(language, device::ON, browser = browser, system = system)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_called_in_the_language_of_the_page() {
        for (kept, told) in [
            ("Chrome on Android", "Chrome en Android"),
            ("Browser on Linux", "Navegador en Linux"),
            ("Unknown device", "Dispositivo desconocido"),
            ("curl", "curl"),
        ] {
            assert_eq!(device(kept, Language::English), kept);
            assert_eq!(device(kept, Language::Spanish), told);
        }
    }
}
