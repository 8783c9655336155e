//! A database for one test, gone at its end.

use std::{
    env,
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

use store::{Purpose, Store};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    Memory,
    Sqlite,
    /// On the server that `ORDERD_TEST_POSTGRES` names.
    Postgres,
}

pub(super) struct Database {
    _place: Place,
}

#[expect(dead_code, reason = "a place is kept until it is dropped")]
enum Place {
    Memory,
    Folder(TempDir),
    Schema(Schema),
}

impl Database {
    pub(super) fn open(runtime: &Runtime, backend: Backend) -> (Database, Arc<dyn Store>) {
        let (url, place) = match backend {
            Backend::Memory => ("memory:".into(), Place::Memory),
            Backend::Sqlite => {
                let folder = tempfile::tempdir().expect("a temporary folder");
                let file = folder.path().join("orderd.db");
                (format!("sqlite:{}", file.display()), Place::Folder(folder))
            }
            Backend::Postgres => {
                let schema = Schema::create();
                (schema.url(), Place::Schema(schema))
            }
        };
        let store = runtime.block_on(store::open(&url, Purpose::Serve));
        (Database { _place: place }, store.expect("the database can be opened"))
    }
}

/// A schema of its own on a shared server.
struct Schema {
    server: String,
    name: String,
}

impl Schema {
    fn create() -> Schema {
        let Ok(server) = env::var("ORDERD_TEST_POSTGRES") else {
            panic!("ORDERD_TEST_POSTGRES is not set: scripts/postgres runs a command with it");
        };
        let name = format!("http_{:016x}", RandomState::new().hash_one("schema"));
        execute(&server, &format!("CREATE SCHEMA {name}"));
        Schema { server, name }
    }

    fn url(&self) -> String {
        let separator = if self.server.contains('?') { '&' } else { '?' };
        format!("{}{separator}options=-c%20search_path%3D{}", self.server, self.name)
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        execute(&self.server, &format!("DROP SCHEMA {} CASCADE", self.name));
    }
}

fn execute(url: &str, statement: &str) {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let connected = tokio_postgres::connect(url, tokio_postgres::NoTls).await;
        let (client, connection) = connected.expect("PostgreSQL can be reached");
        let connection = tokio::spawn(connection);
        client.batch_execute(statement).await.expect("the statement is sound");
        drop(client);
        _ = connection.await;
    });
}
