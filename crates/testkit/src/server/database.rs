//! A database for one test, gone at its end.

use std::{
    env,
    hash::{BuildHasher, RandomState},
    path::Path,
    sync::Arc,
};

use rusqlite::types::ValueRef;
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
    place: Place,
}

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
        (Database { place }, store.expect("the database can be opened"))
    }
}

impl Database {
    /// Whether there is anything to look into past the store.
    pub(super) fn has_tables(&self) -> bool {
        !matches!(self.place, Place::Memory)
    }

    /// The tables that have this text somewhere, whatever its case.
    pub(super) fn tables_with(&self, text: &str) -> Vec<String> {
        match &self.place {
            Place::Memory => Vec::new(),
            Place::Folder(folder) => in_file(&folder.path().join("orderd.db"), text),
            Place::Schema(schema) => schema.tables_with(text),
        }
    }
}

fn in_file(path: &Path, text: &str) -> Vec<String> {
    let connection = rusqlite::Connection::open(path).expect("the file can be opened");
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table'";
    let mut tables = connection.prepare(tables).expect("a sound statement");
    let tables = tables.query_map([], |row| row.get(0)).expect("there are tables");
    let mut tables: Vec<String> = tables.map(|it| it.expect("a name")).collect();
    tables.retain(|table| {
        let all = format!("SELECT * FROM {table}");
        let mut all = connection.prepare(&all).expect("a sound statement");
        let columns = all.column_count();
        let mut rows = all.query([]).expect("the table can be read");
        let mut is_there = false;
        while let Some(row) = rows.next().expect("the table can be read") {
            is_there |= (0..columns).any(|column| {
                let bytes = match row.get_ref(column).expect("a column") {
                    ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes,
                    ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => &[],
                };
                let found = String::from_utf8_lossy(bytes).to_lowercase();
                found.contains(&text.to_lowercase())
            });
        }
        is_there
    });
    tables
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

impl Schema {
    fn tables_with(&self, text: &str) -> Vec<String> {
        let hex: String = text.bytes().map(|it| format!("{it:02x}")).collect();
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let connected = tokio_postgres::connect(&self.url(), tokio_postgres::NoTls).await;
            let (client, connection) = connected.expect("PostgreSQL can be reached");
            let connection = tokio::spawn(connection);
            let tables = "SELECT tablename::text FROM pg_tables WHERE schemaname = $1";
            let tables = client.query(tables, &[&self.name]).await.expect("there are tables");
            let mut found = Vec::new();
            for table in tables.iter().map(|it| it.get::<_, String>(0)) {
                // Bytes are shown in hexadecimal digits.
                let sql = format!(
                    "SELECT 1 FROM {table} AS it WHERE it::text ILIKE '%' || $1 || '%'
                        OR it::text LIKE '%' || $2 || '%' LIMIT 1"
                );
                let rows = client.query(&sql, &[&text, &hex]).await.expect("a sound statement");
                found.extend((!rows.is_empty()).then_some(table));
            }
            drop(client);
            _ = connection.await;
            found
        })
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
