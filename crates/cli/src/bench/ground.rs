//! What the bench stands on: a directory with a database file, a schema in PostgreSQL, or a
//! server that somebody else runs. All of its own is gone when the ground is dropped.

use super::BenchArgs;
use super::failure::{Doing, Failure, Result};
use super::random::fresh_seed;
use super::raw::{self, Raw};
use super::schema::Schema;
use super::server::Server;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use tempfile::TempDir;

pub(super) struct Ground {
    binary: PathBuf,
    directory: TempDir,
    kind: Kind,
}

enum Kind {
    Sqlite,
    Postgres(Schema),
    Outside(SocketAddr),
}

impl Ground {
    pub(super) fn prepare(args: &BenchArgs) -> Result<Self> {
        let binary = match &args.binary {
            Some(path) => path.canonicalize().doing(format!("looking for {}", path.display()))?,
            None => own_binary()?,
        };
        let base = args
            .dir
            .canonicalize()
            .doing(format!("looking for the directory {}", args.dir.display()))?;
        let directory = tempfile::Builder::new()
            .prefix("orderd-bench-")
            .tempdir_in(&base)
            .doing(format!("making a directory in {}", base.display()))?;
        let kind = match (&args.url, &args.database) {
            (Some(url), _) => Kind::Outside(address_of(url)?),
            (None, Some(url)) if is_postgres(url) => {
                Kind::Postgres(Schema::create(url, &format!("orderd_bench_{:x}", fresh_seed()))?)
            }
            (None, Some(_)) => {
                return Err(Failure::new(
                    "--database takes a postgres:// URL; SQLite is the default",
                ));
            }
            (None, None) => Kind::Sqlite,
        };
        Ok(Self { binary, directory, kind })
    }

    /// The database of the server that the bench starts; `None` for an outside server.
    pub(super) fn database(&self) -> Option<String> {
        match &self.kind {
            Kind::Sqlite => {
                Some(format!("sqlite:{}", self.directory.path().join("bench.db").display()))
            }
            Kind::Postgres(schema) => Some(schema.url()),
            Kind::Outside(_) => None,
        }
    }

    pub(super) fn outside_address(&self) -> Option<SocketAddr> {
        match &self.kind {
            Kind::Outside(address) => Some(*address),
            Kind::Sqlite | Kind::Postgres(_) => None,
        }
    }

    pub(super) fn start_server(&self, database: &str) -> Result<Server> {
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--database", database];
        Server::start(&self.binary, &arguments, self.directory.path())
    }

    /// A server of this very build that answers everything with the same bytes.
    pub(super) fn start_constant(&self, bytes: usize) -> Result<Server> {
        let bytes = bytes.to_string();
        let arguments = ["bench-constant", "--bytes", &bytes];
        Server::start(&own_binary()?, &arguments, self.directory.path())
    }

    /// The store by itself, empty.
    pub(super) fn raw(&self) -> Result<Raw> {
        match &self.kind {
            Kind::Sqlite => raw::sqlite::Raw::begin(self.directory.path()).map(Raw::Sqlite),
            Kind::Postgres(schema) => raw::postgres::Raw::begin(&schema.url()).map(Raw::Postgres),
            Kind::Outside(_) => Ok(Raw::OutOfReach),
        }
    }

    pub(super) fn bare_commit_ms(&self) -> Result<Option<f64>> {
        match &self.kind {
            Kind::Sqlite => raw::sqlite::bare_commit_ms(self.directory.path()).map(Some),
            Kind::Postgres(schema) => raw::postgres::bare_commit_ms(&schema.url()).map(Some),
            Kind::Outside(_) => Ok(None),
        }
    }
}

fn own_binary() -> Result<PathBuf> {
    std::env::current_exe().doing("looking for the program itself")
}

fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

fn address_of(url: &str) -> Result<SocketAddr> {
    let authority = url.strip_prefix("http://").map(|rest| rest.trim_end_matches('/'));
    let authority = authority.ok_or_else(|| {
        Failure::new("--url takes http://host:port; the bench does not speak TLS")
    })?;
    let with_port =
        if authority.contains(':') { authority.to_owned() } else { format!("{authority}:80") };
    with_port
        .to_socket_addrs()
        .doing(format!("looking up {authority}"))?
        .next()
        .ok_or_else(|| Failure::new(format!("{authority} has no address")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_address_out_of_a_url() {
        let check = |url: &str, expected: Option<&str>| {
            let expected = expected.map(|text| text.parse().unwrap());
            assert_eq!(address_of(url).ok(), expected, "{url}");
        };
        check("http://127.0.0.1:8080", Some("127.0.0.1:8080"));
        check("http://127.0.0.1:8080/", Some("127.0.0.1:8080"));
        check("http://127.0.0.1", Some("127.0.0.1:80"));
        check("https://127.0.0.1:8080", None);
        check("127.0.0.1:8080", None);
    }
}
