//! The browser's half, built as released: wasm, its loader, the style, names by content.

mod compress;
mod css;
mod names;
mod stamp;
mod wasm;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::step::step;
use crate::tools::node::NpmTools;
use crate::{lock, place};
pub(crate) use names::{Bundle, Part};

/// The name in front of every hash: `wallet.HASH.js`. The loader learns it at compile time too.
const NAME: &str = "wallet";

/// Builds the bundle and the static files, unless nothing they are made of has changed.
pub(crate) fn build() -> Result<Bundle> {
    let _alone = lock::wait("bundle")?;
    let tools = NpmTools::find_or_warn(
        "Without the npm tools the bundle is neither optimized nor its style minified: it is about \
         a third bigger.",
    );
    let stamp = stamp::of_inputs(tools.is_some())?;
    let former = names::read_record();
    if let Some(record) = &former
        && record.stamp == stamp
        && record.current.is_complete(&package())
    {
        record.current.write_hashes()?;
        eprintln!("✓ The browser's half is up to date");
        return Ok(record.current.clone());
    }
    let bundle = step(
        "Building the browser's half",
        "read the message above; `cargo xtask front` repeats this step alone.",
        || {
            make(tools.as_ref(), |bundle| {
                names::before(bundle, former.as_ref())
            })
        },
    )?;
    names::write_record(stamp, &bundle, former.as_ref())?;
    Ok(bundle)
}

fn make(tools: Option<&NpmTools>, previous: impl Fn(&Bundle) -> Option<Bundle>) -> Result<Bundle> {
    let stage = place::target().join("front/bundle");
    fs::create_dir_all(&stage)?;
    wasm::make(tools, &stage)?;
    let style = stage.join(Part::Css.staged_name());
    fs::write(&style, css::bundle(&place::root().join("style/main.css"))?)?;
    if let Some(tools) = tools {
        css::minify(tools, &style)?;
    }

    let bundle = Bundle::of(&stage)?;
    publish(&stage, &bundle, previous(&bundle).as_ref())?;
    bundle.write_hashes()?;
    Ok(bundle)
}

/// Puts the bundle under its hashed names, compressed, and the copies of `public` beside it.
///
/// The files of the release before stay, for pages that are still open.
fn publish(stage: &Path, bundle: &Bundle, previous: Option<&Bundle>) -> Result<()> {
    let package = package();
    fs::create_dir_all(&package)?;
    for part in Part::ALL {
        let file = package.join(bundle.file_name(part));
        fs::copy(stage.join(part.staged_name()), &file)?;
        compress::beside(&file)?;
    }
    let snippets = stage.join("snippets");
    if snippets.is_dir() {
        for file in copy_tree(&snippets, &package.join("snippets"))? {
            compress::beside(&file)?;
        }
    }
    let kept: Vec<&Bundle> = [Some(bundle), previous].into_iter().flatten().collect();
    names::remove_stale(&package, &kept)?;
    copy_public()
}

/// The folder of the hashed files.
pub(crate) fn package() -> PathBuf {
    place::site().join("pkg")
}

/// Makes the site's root equal to `public`, beside `pkg`.
fn copy_public() -> Result<()> {
    let public = place::root().join("public");
    if !public.is_dir() {
        return Ok(());
    }
    let copied = copy_tree(&public, &place::site())?;
    for file in place::files_below(&place::site())? {
        if !file.starts_with(package()) && !copied.contains(&file) {
            fs::remove_file(&file)?;
        }
    }
    Ok(())
}

/// Copies a folder's files and returns where they went.
fn copy_tree(from: &Path, to: &Path) -> Result<Vec<PathBuf>> {
    let mut copied = Vec::new();
    for file in place::files_below(from)? {
        let inner = file
            .strip_prefix(from)
            .expect("the walk stays below its start");
        let copy = to.join(inner);
        if let Some(folder) = copy.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::copy(&file, &copy).with_context(|| format!("cannot copy {}", file.display()))?;
        copied.push(copy);
    }
    Ok(copied)
}
