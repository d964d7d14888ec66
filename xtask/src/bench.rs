//! `cargo xtask bench`: figures, and the limits they must keep.

use anyhow::{Result, bail};
use serde::Serialize;

use crate::front::{self, Bundle, Part};
use crate::process;

/// What a first visit may weigh, compressed: wasm, its loader, the style. 1 kB = 1000 bytes.
const BUDGET: u64 = 250_000;

/// Compressed sizes of what a page needs, in bytes.
#[derive(Serialize)]
struct Sizes {
    wasm_br: u64,
    js_br: u64,
    css_br: u64,
    total_br: u64,
}

impl Sizes {
    fn of(bundle: &Bundle) -> Result<Self> {
        let brotli = |part| size(bundle, part, ".br");
        let (wasm_br, js_br, css_br) = (brotli(Part::Wasm)?, brotli(Part::Js)?, brotli(Part::Css)?);
        Ok(Self {
            wasm_br,
            js_br,
            css_br,
            total_br: wasm_br + js_br + css_br,
        })
    }

    fn require_in_budget(&self) -> Result<()> {
        if self.total_br <= BUDGET {
            return Ok(());
        }
        bail!(
            "✗ The bundle weighs {} bytes, {} over its budget of {BUDGET}.\n  What to do: see what \
             the last changes added, or justify a bigger budget in ARCHITECTURE.md.",
            self.total_br,
            self.total_br - BUDGET,
        )
    }
}

/// Builds the bundle, prints its sizes, and fails above the budget. The last line is JSON.
pub(crate) fn web() -> Result<()> {
    crate::signals::watch()?;
    let bundle = front::build()?;
    let sizes = Sizes::of(&bundle)?;
    println!("part        bytes       brotli         gzip");
    for part in Part::ALL {
        println!(
            "{:4} {:>12} {:>12} {:>12}",
            part.ending(),
            size(&bundle, part, "")?,
            size(&bundle, part, ".br")?,
            size(&bundle, part, ".gz")?,
        );
    }
    println!("{}", serde_json::to_string(&sizes)?);
    sizes.require_in_budget()
}

/// Measures the books beside the limit of the database, small and grown to this many transfers, on a
/// throw-away cluster with fsync on. The last line is JSON.
pub(crate) fn ledger(seconds: u64, transfers: u64) -> Result<()> {
    example("ledger", "bench_ledger", &[seconds, transfers])
}

/// Measures the charging API on a throw-away cluster with fsync on. The last line is JSON.
pub(crate) fn charging(seconds: u64) -> Result<()> {
    example("server", "bench_charging", &[seconds])
}

/// Runs an example of a crate as it would be shipped.
fn example(package: &str, name: &str, numbers: &[u64]) -> Result<()> {
    crate::signals::watch()?;
    crate::tools::postgres::require()?;
    let mut cargo = process::cargo();
    cargo.args(["run", "--release", "--package", package, "--example", name]);
    cargo.arg("--").args(numbers.iter().map(u64::to_string));
    process::run(&mut cargo)
}

fn size(bundle: &Bundle, part: Part, suffix: &str) -> Result<u64> {
    let file = front::package().join(bundle.file_name(part) + suffix);
    Ok(std::fs::metadata(file)?.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_ends_where_it_says() {
        let sizes = |total_br| Sizes {
            wasm_br: 0,
            js_br: 0,
            css_br: 0,
            total_br,
        };
        assert!(sizes(250_000).require_in_budget().is_ok());
        let refusal = sizes(250_001).require_in_budget().expect_err("is over");
        assert!(
            refusal.to_string().contains("1 over its budget"),
            "{refusal}"
        );
    }

    #[test]
    fn the_last_line_names_every_part() {
        let sizes = Sizes {
            wasm_br: 1,
            js_br: 2,
            css_br: 3,
            total_br: 6,
        };
        let line = serde_json::to_string(&sizes).expect("is plain");
        assert_eq!(line, r#"{"wasm_br":1,"js_br":2,"css_br":3,"total_br":6}"#);
    }
}
