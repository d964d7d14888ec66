//! The style as one file: imports resolved in order, then minified.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::process;
use crate::step::step;
use crate::tools::node::NpmTools;

/// Replaces every `@import` by the file it names, wrapped in its layer when it names one.
///
/// Understands `@import "file.css";` and `@import url("file.css") layer(name);`, one a line.
/// Imported files import nothing themselves: the order of everything is read in one place.
pub(crate) fn bundle(main: &Path) -> Result<String> {
    let text =
        fs::read_to_string(main).with_context(|| format!("cannot read {}", main.display()))?;
    let folder = main.parent().expect("a file lies in a folder");
    let mut whole = String::new();
    for line in text.lines() {
        let Some(rule) = line.trim_start().strip_prefix("@import") else {
            whole.push_str(line);
            whole.push('\n');
            continue;
        };
        let import = Import::parse(rule)
            .with_context(|| format!("{} has an import I cannot read: {line}", main.display()))?;
        let file = folder.join(import.file);
        let style =
            fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        if style.contains("@import") {
            bail!("{} imports; only main.css may", file.display());
        }
        match import.layer {
            Some(layer) => whole.push_str(&format!("@layer {layer} {{\n{style}}}\n")),
            None => whole.push_str(&style),
        }
    }
    Ok(whole)
}

struct Import<'a> {
    file: &'a str,
    layer: Option<&'a str>,
}

impl<'a> Import<'a> {
    fn parse(rule: &'a str) -> Option<Self> {
        let rule = rule.trim().strip_suffix(';')?;
        let (address, rest) = match rule.strip_prefix("url(") {
            Some(inner) => inner.split_once(')')?,
            None => {
                let quote = rule
                    .chars()
                    .next()
                    .filter(|letter| ['"', '\''].contains(letter))?;
                rule[1..].split_once(quote)?
            }
        };
        let rest = rest.trim();
        let layer = if rest.is_empty() {
            None
        } else {
            Some(rest.strip_prefix("layer(")?.strip_suffix(')')?.trim())
        };
        let file = address.trim().trim_matches(['"', '\'']);
        (!file.is_empty() && !file.contains(':')).then_some(Self { file, layer })
    }
}

/// Minifies the style in place.
pub(crate) fn minify(npm: &NpmTools, style: &Path) -> Result<()> {
    step(
        "Minifying the style",
        "correct the style where the message points, or run `npm ci` in end2end.",
        || {
            let small = style.with_extension("min");
            let mut lightningcss = npm.tool("lightningcss")?;
            lightningcss
                .arg("--minify")
                .arg(style)
                .arg("--output-file")
                .arg(&small);
            process::run(&mut lightningcss)?;
            fs::rename(&small, style).context("lightningcss wrote nothing")
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_read_with_and_without_a_layer() {
        let plain = Import::parse(" \"tokens.css\";").expect("reads");
        assert_eq!((plain.file, plain.layer), ("tokens.css", None));
        let layered = Import::parse(" url('base.css') layer(base);").expect("reads");
        assert_eq!((layered.file, layered.layer), ("base.css", Some("base")));
        let spaced = Import::parse(" \"base.css\" layer( base ) ;").expect("reads");
        assert_eq!((spaced.file, spaced.layer), ("base.css", Some("base")));
    }

    #[test]
    fn media_queries_and_foreign_addresses_are_refused() {
        for rule in [
            " \"a.css\" screen;",
            " url(https://x.test/a.css);",
            " a.css;",
            " \"\";",
        ] {
            assert!(Import::parse(rule).is_none(), "{rule}");
        }
    }

    #[test]
    fn the_bundle_keeps_the_order_of_main() {
        let folder = std::env::temp_dir().join(format!("xtask-css-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("creates");
        let main = "@layer reset, base;\n@import \"b.css\" layer(base);\n@import \"a.css\";\n";
        fs::write(folder.join("main.css"), main).expect("writes");
        fs::write(folder.join("a.css"), "a{}\n").expect("writes");
        fs::write(folder.join("b.css"), "b{}\n").expect("writes");
        let whole = bundle(&folder.join("main.css")).expect("bundles");
        assert_eq!(whole, "@layer reset, base;\n@layer base {\nb{}\n}\na{}\n");
        fs::remove_dir_all(folder).expect("removes");
    }
}
