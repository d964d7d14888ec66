//! Compressed copies, made once so that the server never compresses a static file.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;

/// Writes `FILE.br` and `FILE.gz` at their highest levels.
pub(crate) fn beside(file: &Path) -> Result<()> {
    let plain = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    fs::write(with_suffix(file, "br"), brotli(&plain)?)?;
    let mut gzip = GzEncoder::new(File::create(with_suffix(file, "gz"))?, Compression::best());
    gzip.write_all(&plain)?;
    gzip.finish()?;
    Ok(())
}

/// A path with one more suffix: `wallet.js` becomes `wallet.js.br`.
pub(crate) fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}

fn brotli(plain: &[u8]) -> Result<Vec<u8>> {
    let params = BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: plain.len(),
        ..BrotliEncoderParams::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &plain[..], &mut compressed, &params)?;
    Ok(compressed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compressed_comes_back() {
        let plain = "a calm instrument ".repeat(500).into_bytes();
        let small = brotli(&plain).expect("compresses");
        assert!(small.len() * 20 < plain.len(), "{} bytes", small.len());
        let mut back = Vec::new();
        brotli::BrotliDecompress(&mut small.as_slice(), &mut back).expect("decompresses");
        assert_eq!(back, plain);
    }
}
