//! Versions that must move together.

use anyhow::{Context, Result, bail};

use super::graph::{lock_file, locked};
use crate::place;
use crate::tools::chromium;

/// The crate in the page and the tool that writes its loader speak one private language.
pub(super) fn wasm_bindgen_matches() -> Result<()> {
    let lock = lock_file()?;
    let library = locked(&lock, "wasm-bindgen").context("wasm-bindgen is not locked")?;
    let tool = locked(&lock, "wasm-bindgen-cli-support").context("its tool is not locked")?;
    if library != tool {
        bail!("wasm-bindgen is {library}, wasm-bindgen-cli-support {tool}: pin both to one");
    }
    Ok(())
}

/// Chromium's major version that a Playwright release was made for.
fn chromium_of(playwright: &str) -> Option<u32> {
    match playwright.split('.').take(2).collect::<Vec<_>>()[..] {
        ["1", "63"] => Some(153),
        ["1", "64"] => Some(156),
        ["1", "65"] => Some(159),
        _ => None,
    }
}

/// Debian moves Chromium, npm does not move Playwright. Where no Chromium is installed yet,
/// there is nothing to compare: the journeys install it and would find out.
pub(super) fn playwright_matches_chromium() -> Result<()> {
    let package = std::fs::read_to_string(place::end2end().join("package.json"))?;
    let package: serde_json::Value = serde_json::from_str(&package)?;
    let pinned = package["devDependencies"]["@playwright/test"]
        .as_str()
        .context("package.json pins no @playwright/test")?;
    let wanted = chromium_of(pinned)
        .with_context(|| format!("say here which Chromium Playwright {pinned} is made for"))?;
    let Some(program) = chromium::find() else {
        return Ok(());
    };
    let installed = chromium::major(&program)?;
    if installed != wanted {
        bail!(
            "Playwright {pinned} is made for Chromium {wanted}, installed is {installed}: move the pin"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patch_releases_of_playwright_drive_the_same_browser() {
        assert_eq!(chromium_of("1.64.1"), Some(156));
        assert_eq!(chromium_of("1.64.0"), Some(156));
        assert_eq!(chromium_of("2.0.0"), None);
    }
}
