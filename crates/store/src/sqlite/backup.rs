//! Copies a database while another process writes to it.
//!
//! All pages are read from one snapshot, taken at the start: whatever was acknowledged before is in
//! it, and nothing of a later batch. The writer is never kept waiting by it. Between two slices the
//! disk is left to the others for as long as the slice has taken. The copy gets its name when it is
//! whole and on disk, so that nobody takes half a copy for a whole one.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    thread,
    time::Instant,
};

use rusqlite::{
    Connection, OpenFlags,
    backup::{Backup, StepResult},
};

use super::{failed, row::unsigned};
use crate::{Copied, OpenError, StoreError};

/// A mebibyte.
const PAGES_SLICE: i32 = 256;

/// Tables are left as they are: a copy may be made before a new release brings them up to date.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<Copied, OpenError> {
    if !from.exists() {
        let why = format!("there is no database at {}", from.display());
        return Err(StoreError::Unavailable(why).into());
    }
    if to.exists() {
        let why = format!("{} is there already, and nothing is written over it", to.display());
        return Err(OpenError::Backup(why));
    }
    let folder = match to.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        Some(_) | None => PathBuf::from("."),
    };
    // Nobody but its owner may read it: it has what the database has, keys and addresses too.
    let part = tempfile::Builder::new().prefix(".orderd-backup-").tempfile_in(&folder);
    let part = part.map_err(|error| unwritable(to, &error))?;
    let last_seq = copy_pages(from, part.path())?;
    part.as_file().sync_all().map_err(|error| unwritable(to, &error))?;
    let whole = part.persist_noclobber(to).map_err(|error| unwritable(to, &error.error))?;
    let bytes = whole.metadata().map_err(|error| unwritable(to, &error))?.len();
    // The name is on disk when its folder is.
    File::open(&folder).and_then(|it| it.sync_all()).map_err(|error| unwritable(to, &error))?;
    Ok(Copied { bytes, last_seq })
}

/// The number of the last event that the copy has.
#[expect(clippy::disallowed_methods, reason = "it rests as long as it has kept the disk busy")]
fn copy_pages(from: &Path, to: &Path) -> Result<u64, StoreError> {
    let source = Connection::open_with_flags(
        from,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    );
    let source = source.map_err(failed)?;
    source.busy_timeout(std::time::Duration::from_secs(10)).map_err(failed)?;
    source.pragma_update(None, "query_only", true).map_err(failed)?;
    // The first look takes the snapshot, and it is held to the end: without it a change would
    // begin the copy anew.
    let snapshot = source.unchecked_transaction().map_err(failed)?;
    let sql = "SELECT COALESCE(MAX(seq), 0) FROM events";
    let last_seq = snapshot.query_row(sql, [], |row| row.get(0)).map_err(failed)?;
    let mut target = Connection::open(to).map_err(failed)?;
    // What is half a copy after a crash is thrown away, so it needs no journal.
    target.pragma_update(None, "journal_mode", "OFF").map_err(failed)?;
    target.pragma_update(None, "synchronous", "OFF").map_err(failed)?;
    let copying = Backup::new(&snapshot, &mut target).map_err(failed)?;
    loop {
        let begun = Instant::now();
        let step = copying.step(PAGES_SLICE).map_err(failed)?;
        if step == StepResult::Done {
            break;
        }
        if step != StepResult::More {
            return Err(StoreError::Unavailable(format!("the copy can't go on: {step:?}")));
        }
        thread::sleep(begun.elapsed());
    }
    drop(copying);
    target.close().map_err(|(_, error)| failed(error))?;
    Ok(unsigned(last_seq))
}

fn unwritable(to: &Path, error: &io::Error) -> OpenError {
    StoreError::Unavailable(format!("{}: {error}", to.display())).into()
}
