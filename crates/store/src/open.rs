//! The backend is chosen here, in one `match` on the URL's scheme, and nowhere else.

use std::{fmt, path::Path, sync::Arc};

use crate::{
    Store, StoreError,
    memory::Memory,
    postgres::Postgres,
    sqlite::{self, Sqlite},
};

/// What a process wants of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To serve: to be the one that writes an embedded file.
    Serve,
    /// To write for a moment: an embedded file that another process has is refused at once.
    Write,
    /// To look or to copy, beside a process that serves.
    Beside,
    /// The same, of a database that must be there.
    Inspect,
}

/// Opens the database that a URL names, and brings its tables up to date.
pub async fn open(url: &str, purpose: Purpose) -> Result<Arc<dyn Store>, OpenError> {
    match url.split_once(':') {
        Some(("sqlite", path)) => {
            let path = path.strip_prefix("//").unwrap_or(path);
            Ok(Arc::new(Sqlite::open(path.as_ref(), purpose)?))
        }
        Some(("postgres" | "postgresql", _)) => Ok(Arc::new(Postgres::open(url, purpose).await?)),
        Some(("memory", "")) => {
            tracing::warn!("the database is in memory: nothing of it is kept");
            Ok(Arc::new(Memory::new()))
        }
        _ => Err(OpenError::Url(url.into())),
    }
}

/// That a URL names a database of a kind that can be opened; nothing is opened.
pub fn check(url: &str) -> Result<(), OpenError> {
    match url.split_once(':') {
        Some(("postgres" | "postgresql", _)) => Postgres::check(url),
        Some(("sqlite", file)) if !file.is_empty() => Ok(()),
        Some(("memory", "")) => Ok(()),
        _ => Err(OpenError::Url(url.into())),
    }
}

/// A copy of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    pub bytes: u64,
    /// The last event that it has.
    pub last_seq: u64,
}

/// Copies the database that a URL names into a new file, beside a process that may serve it.
pub fn backup(url: &str, to: &Path) -> Result<Copied, OpenError> {
    match url.split_once(':') {
        Some(("sqlite", path)) => {
            sqlite::backup::copy(path.strip_prefix("//").unwrap_or(path).as_ref(), to)
        }
        Some(("postgres" | "postgresql", _)) => Err(OpenError::Backup(
            "a PostgreSQL database is copied by its own tools, while orderd serves: \
             pg_dump --format=custom --file=FILE --dbname=URL, and back by \
             pg_restore --dbname=URL FILE"
                .into(),
        )),
        Some(("memory", "")) => {
            Err(OpenError::Backup("a database in memory ends with its process".into()))
        }
        _ => Err(OpenError::Url(url.into())),
    }
}

#[derive(Debug)]
pub enum OpenError {
    /// Not a URL of a database that this binary knows. It is shown without what may be a password.
    Url(String),
    /// The URL of a PostgreSQL that can't be read. Nothing of it is shown.
    Unreadable,
    /// Another process serves this file.
    Locked(String),
    /// The tables are of a newer release, or could not be brought up to date.
    Schema(String),
    /// There is no way to copy it so.
    Backup(String),
    Store(StoreError),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenError::Url(url) => {
                let scheme = url.split(':').next().unwrap_or_default();
                write!(
                    f,
                    "a database URL begins with sqlite: or postgres://, this one with {scheme:?}"
                )
            }
            OpenError::Unreadable => f.write_str(
                "the postgres:// URL can't be read; in a password, characters such as @ : / ? # % \
                are written as %40 %3A %2F %3F %23 %25",
            ),
            OpenError::Locked(file) => write!(
                f,
                "another orderd serves {file}; end it first, or use PostgreSQL to run several"
            ),
            OpenError::Schema(why) => write!(f, "the database's tables do not fit: {why}"),
            OpenError::Backup(why) => f.write_str(why),
            OpenError::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for OpenError {}

impl From<StoreError> for OpenError {
    fn from(error: StoreError) -> OpenError {
        OpenError::Store(error)
    }
}
