//! From Rust to WebAssembly and the script that loads it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use wasm_bindgen_cli_support::Bindgen;

use super::{NAME, Part};
use crate::step::step;
use crate::tools::node::NpmTools;
use crate::tools::wasm::TARGET;
use crate::{place, process, tools};

/// Puts the module and its loader into `stage`, unless those there come from the same module.
pub(super) fn make(npm: Option<&NpmTools>, stage: &Path) -> Result<()> {
    let compiled = compile()?;
    let origin = stage.join("origin");
    let digest = Sha256::digest(fs::read(&compiled)?);
    let now = format!("{} optimized: {}", hex::encode(digest), npm.is_some());
    if fs::read_to_string(&origin).is_ok_and(|then| then == now) {
        return Ok(());
    }
    fs::remove_dir_all(stage)?;
    fs::create_dir_all(stage)?;
    bind(&compiled, stage, npm.is_some())?;
    if let Some(npm) = npm {
        optimize(npm, &stage.join(Part::Wasm.staged_name()))?;
    }
    Ok(fs::write(origin, now)?)
}

/// Compiles the `frontend` crate and returns the module as the compiler left it.
fn compile() -> Result<PathBuf> {
    tools::wasm::require()?;
    let folder = place::target().join("front");
    step(
        "Compiling the frontend to WebAssembly",
        "read the compiler's message above.",
        || {
            let mut cargo = process::cargo();
            cargo
                .args([
                    "build",
                    "--package",
                    "frontend",
                    "--profile",
                    "wasm-release",
                ])
                .args(["--target", TARGET, "--target-dir"])
                .arg(&folder)
                .env("LEPTOS_OUTPUT_NAME", NAME);
            process::run(&mut cargo)
        },
    )?;
    Ok(folder.join(TARGET).join("wasm-release/frontend.wasm"))
}

/// Writes `wallet.js` and `wallet_bg.wasm`.
///
/// The page passes the address of the module to the loader, so the loader names none itself and
/// its hash does not depend on the module's.
fn bind(compiled: &Path, stage: &Path, optimized_later: bool) -> Result<()> {
    step(
        "Writing the loader",
        "check that wasm-bindgen and wasm-bindgen-cli-support have one version (`cargo xtask check`).",
        || {
            Bindgen::new()
                .input_path(compiled)
                .out_name(NAME)
                .web(true)?
                .typescript(false)
                .omit_default_module_path(true)
                .remove_producers_section(true)
                .remove_name_section(!optimized_later)
                .generate(stage)
        },
    )
}

/// Makes the module smaller. Stripping happens here and not earlier, for the loader's writer must
/// see which features of WebAssembly the compiler used.
fn optimize(npm: &NpmTools, module: &Path) -> Result<()> {
    step(
        "Optimizing the WebAssembly module",
        "run `npm ci` in end2end; wasm-opt comes with the package `binaryen`.",
        || {
            let small = module.with_extension("small");
            let mut wasm_opt = npm.tool("wasm-opt")?;
            wasm_opt
                .args([
                    // Copies of a function into its callers compress worse than the calls do:
                    // with them the module is smaller as it is, and a tenth larger as it is sent.
                    "--no-inline=*",
                    "-Oz",
                    "--strip-debug",
                    "--strip-producers",
                    "--strip-target-features",
                ])
                .arg(module)
                .arg("--output")
                .arg(&small);
            process::run(&mut wasm_opt)?;
            fs::rename(&small, module).context("wasm-opt wrote nothing")
        },
    )
}
