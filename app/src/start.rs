//! How the program in the browser starts: in the frame after the first paint. What is HTML is seen, and works,
//! before; on a slow line the program would come instead of it.

use std::sync::OnceLock;

use leptos::config::LeptosOptions;
use leptos::nonce::use_nonce;
use leptos::prelude::*;

/// In the head of the document.
#[component]
pub(crate) fn Start(options: LeptosOptions) -> impl IntoView {
    static NAMES: OnceLock<[String; 2]> = OnceLock::new();
    let [loader, program] = NAMES.get_or_init(|| {
        ["js", "wasm"].map(|ending| format!("/{}/{}", options.site_pkg_dir, name(&options, ending)))
    });
    let script = format!(
        "const painted = (next) => requestAnimationFrame(() => requestAnimationFrame(next));
painted(async () => {{
  const program = fetch({program:?});
  const loader = await import({loader:?});
  await loader.default({{ module_or_path: program }});
  loader.hydrate();
}});"
    );
    view! {
        <link rel="modulepreload" href=loader.clone() nonce=use_nonce() />
        <script type="module" nonce=use_nonce()>
            {script}
        </script>
    }
}

/// The name of a built file, with its hash where built files have one.
fn name(options: &LeptosOptions, ending: &str) -> String {
    let output = &options.output_name;
    match hash(options, ending) {
        Some(hash) => format!("{output}.{hash}.{ending}"),
        None => format!("{output}.{ending}"),
    }
}

fn hash(options: &LeptosOptions, ending: &str) -> Option<String> {
    if !options.hash_files {
        return None;
    }
    let beside = std::env::current_exe()
        .ok()?
        .with_file_name(options.hash_file.as_ref());
    let hashes = std::fs::read_to_string(beside).ok()?;
    let mut files = hashes.lines().filter_map(|line| line.split_once(':'));
    let (_, hash) = files.find(|(file, _)| *file == ending)?;
    Some(hash.trim().to_owned())
}
