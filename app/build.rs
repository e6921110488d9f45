//! Turns the locale files into functions, so that a sentence that is missing in a language breaks the build.
//!
//! What may stand in a locale file, and what comes out of it, is told in `build/locales.rs`.

use std::path::Path;
use std::{env, fs, process};

#[path = "build/locales.rs"]
mod locales;

use locales::File;

#[expect(
    clippy::disallowed_methods,
    reason = "cargo tells a build script by the environment alone where to write"
)]
fn main() {
    println!("cargo::rerun-if-changed=locales");
    println!("cargo::rerun-if-changed=build");
    let files = read("it").and_then(|italian| Ok((italian, read("en")?)));
    let code = files.and_then(|(italian, english)| locales::functions(&italian, &english));
    let written = code.and_then(|code| {
        let folder = env::var("OUT_DIR").map_err(|_| vec!["cargo gave no folder to write to".to_owned()])?;
        let file = Path::new(&folder).join("locales.rs");
        fs::write(&file, code).map_err(|why| vec![format!("can't write {}: {why}", file.display())])
    });
    if let Err(faults) = written {
        for fault in faults {
            println!("cargo::error={fault}");
        }
        process::exit(1);
    }
}

/// The files of a language, in the order of their names.
fn read(language: &str) -> Result<Vec<File>, Vec<String>> {
    let folder = Path::new("locales").join(language);
    let cant = |why: std::io::Error| vec![format!("can't read {}: {why}", folder.display())];
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder).map_err(cant)? {
        let path = entry.map_err(cant)?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let area = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            files.push(File {
                path: path.display().to_string(),
                area,
                text: fs::read_to_string(&path).map_err(cant)?,
            });
        }
    }
    files.sort_by(|one, other| one.area.cmp(&other.area));
    Ok(files)
}
