//! What is done to the files once they are there: made small, and compressed beforehand.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, write::GzEncoder};

use crate::parallel;

/// How much is made of the files.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// As they come: for who writes them.
    None,
    /// As they come, compressed lightly: for trials and tests on the same machine.
    Quick,
    /// As small as they can be: for who is far away.
    Full,
}

/// Makes WebAssembly and JavaScript of the folder smaller, with `wasm-opt` and `terser` from PATH.
pub fn shrink(folder: &Path) -> Result<()> {
    let files = files(folder)?.into_iter().filter(|file| kind(file) == "wasm" || kind(file) == "js");
    parallel::each(files.collect(), |file| {
        let mut command = if kind(&file) == "wasm" {
            let mut command = Command::new("wasm-opt");
            command.args(["-Oz", "--enable-bulk-memory", "--enable-nontrapping-float-to-int"]);
            // What only tools read.
            command.args(["--strip-producers", "--strip-target-features"]).arg(&file);
            command
        } else {
            let mut command = Command::new("terser");
            command.arg(&file).args(["--module", "--compress", "passes=2", "--mangle"]);
            command
        };
        command.arg("-o").arg(&file);
        let name = command.get_program().to_string_lossy().into_owned();
        let output = command.output().with_context(|| format!("{name} is missing: .make/setup front"))?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{name} failed on {}: {said}", file.display());
        Ok(())
    })
}

/// Puts a `.br` and a `.gz` beside each file of the folder and of those in it.
pub fn compress(folder: &Path, finish: Finish) -> Result<()> {
    parallel::each(files(folder)?, |file| {
        let content = fs::read(&file)?;
        let beside = |end: &str| file.with_added_extension(end);
        fs::write(beside("br"), brotli(&content, finish)?)?;
        fs::write(beside("gz"), gzip(&content, finish)?)?;
        Ok(())
    })
    .with_context(|| format!("the files of {} can't be compressed", folder.display()))
}

fn brotli(mut content: &[u8], finish: Finish) -> Result<Vec<u8>> {
    let quality = if finish == Finish::Full { 11 } else { 3 };
    let (mut small, parameters) = (Vec::new(), BrotliEncoderParams { quality, ..Default::default() });
    brotli::BrotliCompress(&mut content, &mut small, &parameters)?;
    Ok(small)
}

fn gzip(content: &[u8], finish: Finish) -> Result<Vec<u8>> {
    let level = if finish == Finish::Full { Compression::best() } else { Compression::fast() };
    let mut encoder = GzEncoder::new(Vec::new(), level);
    encoder.write_all(content)?;
    Ok(encoder.finish()?)
}

/// All files of the folder and of those in it, the largest last: it is taken first.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("{} can't be read", folder.display()))? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                found.push((entry.metadata()?.len(), entry.path()));
            }
        }
    }
    found.sort();
    Ok(found.into_iter().map(|(_, path)| path).collect())
}

fn kind(file: &Path) -> &str {
    file.extension().and_then(OsStr::to_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_gets_its_twins() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("fonts")).expect("a folder");
        fs::write(folder.path().join("fonts/one.txt"), "one ".repeat(100)).expect("a file");
        compress(folder.path(), Finish::Full).expect("compressed");
        let length = |name: &str| fs::metadata(folder.path().join(name)).expect("a file").len();
        assert!(length("fonts/one.txt.br") < 40);
        assert!(length("fonts/one.txt.gz") < 60);
    }
}
