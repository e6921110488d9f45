//! The site's folder: everything that the server hands out as a file.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::finish::{self, Finish};
use crate::project::Project;
use crate::{compile, names};

/// Compiles the program and lays out the folder.
pub fn build(project: &Project, profile: &str, finish: Finish) -> Result<()> {
    lay_out(project, &compile::compile(project, profile)?, finish)
}

/// Lays out the folder beside the present one, which it then replaces: who serves it meanwhile finds all of one or all
/// of the other.
pub fn lay_out(project: &Project, program: &Path, finish: Finish) -> Result<()> {
    let [new, old] = ["new", "old"].map(|end| project.site_root.with_added_extension(end));
    let pkg = new.join(&project.site_pkg_dir);
    for left in [&new, &old] {
        remove(left)?;
    }
    fs::create_dir_all(&pkg).with_context(|| format!("{} can't be made", pkg.display()))?;

    compile::split(project, program, &pkg)?;
    if finish == Finish::Full {
        finish::shrink(&pkg)?;
    }
    let style = &project.style_file;
    let missing = || format!("{} is missing: npm --prefix style run build", style.display());
    fs::copy(style, pkg.join(&project.output_name).with_added_extension("css")).with_context(missing)?;
    let hashes = names::name_by_content(&pkg, &project.output_name)?;
    copy(&project.assets_dir, &new)?;
    if finish != Finish::None {
        finish::compress(&new, finish)?;
    }

    if project.site_root.exists() {
        fs::rename(&project.site_root, &old)?;
    }
    fs::rename(&new, &project.site_root)?;
    let hash_file = project.hash_file();
    fs::create_dir_all(hash_file.parent().unwrap_or(Path::new(".")))?;
    fs::write(&hash_file, hashes).with_context(|| format!("{} can't be written", hash_file.display()))?;
    remove(&old)
}

/// Copies the files of a folder, and of those in it.
fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("{} can't be read", from.display()))? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), &to)
                .with_context(|| format!("{} can't be copied", entry.path().display()))?;
        }
    }
    Ok(())
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("{} can't be removed", folder.display()))?;
    }
    Ok(())
}
