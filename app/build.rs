//! Names the form of what page and server send each other: a hash over the sources it follows from.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("set by Cargo"));
    let mut files = Vec::new();
    for folder in [
        here.join("src"),
        here.join("../domain/src"),
        here.join("../language/src"),
        here.join("../language/words"),
    ] {
        println!("cargo:rerun-if-changed={}", folder.display());
        gather(&folder, &mut files)?;
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        fs::read(file)?.hash(&mut hasher);
    }
    println!(
        "cargo:rustc-env=WIRE_VERSION={:08x}",
        hasher.finish() as u32
    );
    Ok(())
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            gather(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
