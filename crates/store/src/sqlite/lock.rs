//! The lock that a serving process holds on `<database>.lock`. The operating system lets go of it
//! when the process ends, however it ends.

use std::{
    ffi::OsString,
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use crate::{OpenError, StoreError};

/// A process that is told to end needs a moment: its successor waits this long.
const PATIENCE: Duration = Duration::from_secs(15);
const PAUSE: Duration = Duration::from_millis(50);

pub(super) struct Lock {
    _file: File,
}

impl Lock {
    pub(super) fn acquire(database: &Path) -> Result<Lock, OpenError> {
        Lock::acquire_within(database, PATIENCE)
    }

    pub(super) fn acquire_at_once(database: &Path) -> Result<Lock, OpenError> {
        Lock::acquire_within(database, Duration::ZERO)
    }

    fn acquire_within(database: &Path, patience: Duration) -> Result<Lock, OpenError> {
        let path = beside(database);
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| unavailable(&path, &error))?;
        let mut waited = Duration::ZERO;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Lock { _file: file }),
                Err(TryLockError::WouldBlock) if waited < patience => {
                    thread::sleep(PAUSE);
                    waited += PAUSE;
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(OpenError::Locked(database.display().to_string()));
                }
                Err(TryLockError::Error(error)) => return Err(unavailable(&path, &error)),
            }
        }
    }
}

fn beside(database: &Path) -> PathBuf {
    let mut name = OsString::from(database);
    name.push(".lock");
    name.into()
}

fn unavailable(path: &Path, error: &std::io::Error) -> OpenError {
    StoreError::Unavailable(format!("{}: {error}", path.display())).into()
}
