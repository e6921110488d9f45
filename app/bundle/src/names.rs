//! Names the files by their content, so that a browser may keep each of them for ever.
//!
//! The scripts name each other and the portions, the manifest names the portions: a file is named only when what it
//! names has its name. The two scripts name each other, so both get their name by the content of both.

use std::collections::HashMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

use crate::compile::{LOADER, MANIFEST};

/// Names all files of the folder; answers the text of `hash.txt`, which tells Leptos the names.
pub fn name_by_content(folder: &Path, output_name: &str) -> Result<String> {
    let [wasm_name, css_name, script_name] =
        ["wasm", "css", "js"].map(|kind| format!("{output_name}.{kind}"));
    let portions = name_portions(folder, &wasm_name)?;

    let wasm = rename(folder, &wasm_name, &hash(&[&read(folder, &wasm_name)?]))?;
    let css = rename(folder, &css_name, &hash(&[&read(folder, &css_name)?]))?;

    let manifest = with_new_names(&read(folder, MANIFEST)?, &portions)?;
    let manifest = write(folder, MANIFEST, &hash(&[&manifest]), &manifest)?;

    let script = text(folder, &script_name)?;
    let mut loader = text(folder, LOADER)?;
    for (old, new) in &portions {
        loader = loader.replace(&format!("./{old}.wasm"), &format!("./{new}.wasm"));
    }
    let script_hash = hash(&[script.as_bytes(), loader.as_bytes()]);
    let loader_hash = hash(&[loader.as_bytes(), script.as_bytes()]);
    let script = with_import(&script, LOADER, &named(LOADER, &loader_hash))?;
    let loader = with_import(&loader, &script_name, &named(&script_name, &script_hash))?;
    write(folder, &script_name, &script_hash, script.as_bytes())?;
    write(folder, LOADER, &loader_hash, loader.as_bytes())?;

    Ok(format!("js: {script_hash}\nwasm: {wasm}\ncss: {css}\nmanifest: {manifest}\nsplit: {loader_hash}\n"))
}

/// Names every portion; answers their old and new names, without the ending.
fn name_portions(folder: &Path, main: &str) -> Result<HashMap<String, String>> {
    let mut names = HashMap::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let Some(stem) = name.strip_suffix(".wasm").filter(|_| name != main) else {
            continue;
        };
        let hash = rename(folder, &name, &hash(&[&read(folder, &name)?]))?;
        names.insert(stem.to_owned(), format!("{stem}.{hash}"));
    }
    Ok(names)
}

/// The manifest with the new names, always in the same order.
fn with_new_names(manifest: &[u8], names: &HashMap<String, String>) -> Result<Vec<u8>> {
    let mut manifest: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(manifest)?;
    for name in manifest.values_mut().filter_map(serde_json::Value::as_array_mut).flatten() {
        let new = name.as_str().and_then(|old| names.get(old));
        *name = new.with_context(|| format!("{MANIFEST} names {name}, which does not exist"))?.clone().into();
    }
    manifest.sort_keys();
    Ok(serde_json::to_vec(&manifest)?)
}

/// The script, importing the other one by its new name. Nothing else is changed: by the old name the program and the
/// script still know each other.
fn with_import(script: &str, old: &str, new: &str) -> Result<String> {
    let mut changed = script.to_owned();
    for (gap, quote) in [("", '"'), (" ", '"'), ("", '\''), (" ", '\'')] {
        let import = |name: &str| format!("from{gap}{quote}./{name}{quote}");
        changed = changed.replace(&import(old), &import(new));
    }
    ensure!(
        changed != script,
        "no script imports {old}: wasm-bindgen writes another form than is known here"
    );
    Ok(changed)
}

/// Twenty hexadecimal digits for the contents.
fn hash(contents: &[&[u8]]) -> String {
    let mut digest = Sha256::new();
    for content in contents {
        digest.update(content.len().to_le_bytes());
        digest.update(content);
    }
    digest.finalize().iter().take(10).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// `name.hash.kind` of `name.kind`.
fn named(name: &str, hash: &str) -> String {
    match name.rsplit_once('.') {
        Some((stem, kind)) => format!("{stem}.{hash}.{kind}"),
        None => format!("{name}.{hash}"),
    }
}

fn rename(folder: &Path, name: &str, hash: &str) -> Result<String> {
    fs::rename(folder.join(name), folder.join(named(name, hash)))
        .with_context(|| format!("{name} can't be renamed"))?;
    Ok(hash.to_owned())
}

/// Writes what becomes of a file under its new name.
fn write(folder: &Path, name: &str, hash: &str, content: &[u8]) -> Result<String> {
    fs::write(folder.join(name), content).with_context(|| format!("{name} can't be written"))?;
    rename(folder, name, hash)
}

fn read(folder: &Path, name: &str) -> Result<Vec<u8>> {
    fs::read(folder.join(name)).with_context(|| format!("{name} is missing"))
}

fn text(folder: &Path, name: &str) -> Result<String> {
    String::from_utf8(read(folder, name)?).with_context(|| format!("{name} is no text"))
}

#[cfg(test)]
mod tests;
