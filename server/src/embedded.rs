//! The site's files inside the program, so that it runs alone from any folder.
//!
//! Leptos reads the names of the hashed files from disk at each rendering, and the list of portions at the first. So
//! all of it is laid out in a folder of this run, and served from there like any other site.

use std::path::PathBuf;

use leptos::config::LeptosOptions;
use tempfile::TempDir;

/// What `.make/deb` packed: the folder `site`, and `hash.txt` beside it.
static PACKED: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/made/site.tar"));

/// The files could not be written.
#[derive(Debug, thiserror::Error)]
#[error("The site's files can't be laid out in {}: {error}. TMPDIR names another folder.", folder.display())]
pub struct LayOutError {
    folder: PathBuf,
    #[source]
    error: std::io::Error,
}

/// Lays out the files, and tells Leptos where. They are removed when what comes back is dropped.
///
/// # Errors
/// When the folder of temporary files takes none.
pub fn lay_out(options: &mut LeptosOptions) -> Result<TempDir, LayOutError> {
    let wrong = |error| LayOutError { folder: std::env::temp_dir(), error };
    let folder = tempfile::Builder::new().prefix("comunanza-").tempdir().map_err(wrong)?;
    tar::Archive::new(PACKED).unpack(folder.path()).map_err(wrong)?;
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    options.site_root = path("site").into();
    // A whole path: what Leptos puts before it, the program's own folder, then counts for nothing.
    options.hash_file = path("hash.txt").into();
    options.hash_files = true;
    Ok(folder)
}
