//! Where things are, by Cargo.toml.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// The settings of `[[workspace.metadata.leptos]]` that are used here.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Project {
    /// The package that is compiled to WebAssembly.
    pub lib_package: String,
    /// The package of the server, whose program has the same name.
    pub bin_package: String,
    /// What the names of the files begin with.
    pub output_name: String,
    pub site_root: PathBuf,
    pub site_pkg_dir: PathBuf,
    pub style_file: PathBuf,
    pub assets_dir: PathBuf,
    /// Where cargo builds.
    #[serde(skip)]
    pub target: PathBuf,
}

#[derive(Deserialize)]
struct Metadata {
    target_directory: PathBuf,
    metadata: ProjectMetadata,
}

#[derive(Deserialize)]
struct ProjectMetadata {
    leptos: Vec<Project>,
}

impl Project {
    /// What Cargo.toml of the folder we are in says.
    pub fn read() -> Result<Self> {
        let output = cargo()
            .args(["metadata", "--no-deps", "--format-version=1"])
            .stderr(Stdio::inherit())
            .output()
            .context("cargo can't be run")?;
        ensure!(output.status.success(), "cargo metadata failed: run it in the repository's folder");
        Self::parse(&output.stdout)
    }

    fn parse(metadata: &[u8]) -> Result<Self> {
        let metadata: Metadata = serde_json::from_slice(metadata)
            .context("[[workspace.metadata.leptos]] of Cargo.toml is not as expected")?;
        let mut project = metadata.metadata.leptos.into_iter().next().context("it is empty")?;
        project.target = metadata.target_directory;
        Ok(project)
    }

    /// The names of the site's files, in the format of Leptos. Beside the folder, for the server's program wants it
    /// beside itself.
    pub fn hash_file(&self) -> PathBuf {
        self.site_root.with_file_name("made").join("hash.txt")
    }
}

pub fn cargo() -> Command {
    Command::new("cargo")
}

/// Cargo, which leaves the processor to whoever else needs it.
pub fn gentle_cargo() -> Command {
    let mut command = Command::new("nice");
    command.args(["-n", "10", "cargo"]);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_are_those_of_cargo_leptos() {
        let project = Project::read().expect("Cargo.toml is read");
        assert_eq!(project.output_name, "comunanza");
        assert_eq!(project.hash_file(), PathBuf::from("target/made/hash.txt"));
        assert!(project.target.is_absolute());
    }

    #[test]
    fn missing_settings_are_named() {
        let error =
            Project::parse(br#"{"target_directory": "/t", "metadata": null}"#).err().expect("refused");
        assert!(error.to_string().contains("workspace.metadata.leptos"));
    }
}
