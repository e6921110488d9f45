//! Whether the file of an SQLite database is still the one that was opened. A file that is removed or replaced goes on
//! being written by those who have it open, and nobody finds it again: what is written then is lost.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::{StoreError, StoreResult};
use metrics::Metrics;

/// The files of a database as they were when it was opened.
#[derive(Clone)]
pub(crate) struct OpenedFile(Arc<Opened>);

struct Opened {
    /// The database itself and the log beside it, each with its device and its number there.
    files: Vec<(PathBuf, (u64, u64))>,
    gone: AtomicBool,
    metrics: Metrics,
}

impl OpenedFile {
    /// Notes the files; none of a database that is only in memory.
    pub fn of(path: Option<PathBuf>, metrics: Metrics) -> Self {
        let files = path.into_iter().flat_map(|path| {
            let mut log = path.clone().into_os_string();
            log.push("-wal");
            [path, log.into()]
        });
        let files = files.filter_map(|file| number_of(&file).map(|number| (file, number))).collect();
        Self(Arc::new(Opened { files, gone: AtomicBool::new(false), metrics }))
    }

    /// # Errors
    /// That one of them is not there any more, or another is in its place.
    pub fn check(&self) -> StoreResult<()> {
        let Opened { files, gone, metrics } = &*self.0;
        let missing = files.iter().find(|(file, number)| number_of(file) != Some(*number));
        if gone.swap(missing.is_some(), Ordering::Relaxed) != missing.is_some() {
            metrics.file_gone.set(i64::from(missing.is_some()));
            if let Some((file, _)) = missing {
                tracing::error!(
                    file = %file.display(),
                    "this file of the database was removed or replaced while it was in use, and nothing is written any \
                     more: stop the server, put the file back or a copy by `server restore`, and start it again"
                );
            } else {
                tracing::warn!("the file of the database is back: it is written again");
            }
        }
        match missing {
            Some((file, _)) => Err(StoreError::FileGone(file.clone())),
            None => Ok(()),
        }
    }
}

fn number_of(file: &Path) -> Option<(u64, u64)> {
    let found = std::fs::metadata(file).ok()?;
    Some((found.dev(), found.ino()))
}
