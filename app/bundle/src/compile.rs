//! From Rust to WebAssembly: compiles the program, splits it into portions, writes the JavaScript that starts it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, anyhow, ensure};
use serde::Deserialize;
use wasm_bindgen_cli_support::Bindgen;

use crate::project::{Project, cargo};

/// The script that fetches the portions. The program asks for its functions by this name, whatever the file is called
/// in the end.
pub const LOADER: &str = "__wasm_split.js";
/// Which files each portion needs.
pub const MANIFEST: &str = "__wasm_split_manifest.json";

/// Compiles the program; answers where it is.
///
/// In a target folder of its own, so that cargo can compile the server at the same time. They share nothing anyway, for
/// their rustflags differ.
pub fn compile(project: &Project, profile: &str) -> Result<PathBuf> {
    let package = format!("--package={}", project.lib_package);
    let profile = format!("--profile={profile}");
    let output = cargo()
        .args([
            "build",
            "--lib",
            "--target=wasm32-unknown-unknown",
            "--message-format=json-render-diagnostics",
        ])
        .args([package, profile])
        .arg("--target-dir")
        .arg(project.target.join("front"))
        .stderr(Stdio::inherit())
        .output()
        .context("cargo can't be run")?;
    ensure!(output.status.success(), "the front end does not compile: see above");
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .find_map(|line| program(line, &project.lib_package))
        .with_context(|| format!("cargo built no program of {}", project.lib_package))
}

#[derive(Deserialize)]
struct Message {
    target: Target,
    filenames: Vec<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

/// The program that a line of cargo's report names, if it does.
fn program(line: &str, package: &str) -> Option<PathBuf> {
    let message: Message = serde_json::from_str(line).ok()?;
    let mut files = message.filenames.into_iter();
    files.find(|file| message.target.name == package && file.extension().is_some_and(|kind| kind == "wasm"))
}

/// Writes the program, its portions, their manifest and the scripts into the folder.
pub fn split(project: &Project, program: &Path, folder: &Path) -> Result<()> {
    let wasm = fs::read(program).with_context(|| format!("{} can't be read", program.display()))?;
    let main = program.with_extension("main.wasm");
    let (main_script, loader) = (format!("./{}.js", project.output_name), format!("./{LOADER}"));
    let mut options = wasm_split_cli_support::Options::new(&wasm);
    options.output_dir = folder;
    options.main_out_path = &main;
    options.main_module = &main_script;
    options.link_name = &loader;
    let parts = wasm_split_cli_support::transform(options).map_err(|error| {
        anyhow!("the program can't be split: {error:#} (the rustflags of .cargo/config.toml must hold)")
    })?;
    let manifest = serde_json::to_vec(&parts.prefetch_map)?;
    fs::write(folder.join(MANIFEST), manifest).with_context(|| format!("{MANIFEST} can't be written"))?;

    let mut bindgen = Bindgen::new();
    bindgen.input_path(&main).out_name(&project.output_name).web(true)?;
    // The portions use what the linker exports, by the names that it gave.
    bindgen.keep_lld_exports(true).demangle(false).generate(folder).context("wasm-bindgen failed")?;
    // Leptos looks for it under this name.
    let [from, to] = ["_bg.wasm", ".wasm"].map(|end| folder.join([&project.output_name, end].concat()));
    fs::rename(&from, to).with_context(|| format!("{} is missing", from.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_found_in_the_report() {
        let line = r#"{"reason":"compiler-artifact","target":{"name":"client"},"filenames":["/t/client.d","/t/client.wasm"]}"#;
        assert_eq!(program(line, "client"), Some(PathBuf::from("/t/client.wasm")));
        assert_eq!(program(line, "app"), None);
        assert_eq!(program(r#"{"reason":"build-finished","success":true}"#, "client"), None);
    }
}
