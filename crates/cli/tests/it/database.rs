//! The databases that a process can be killed on.

use std::hash::{BuildHasher, RandomState};

use tokio_postgres::NoTls;

/// A database of a test's own, gone at its end.
pub(crate) struct Database {
    pub(crate) url: String,
    schema: Option<(String, String)>,
}

impl Database {
    /// A file in the folder of the processes.
    pub(crate) fn sqlite() -> Database {
        Database { url: "sqlite:orderd.db".into(), schema: None }
    }

    /// A schema on the server that `ORDERD_TEST_POSTGRES` names.
    pub(crate) async fn postgres() -> Database {
        let server = std::env::var("ORDERD_TEST_POSTGRES");
        let server = server.expect("scripts/postgres runs a command with ORDERD_TEST_POSTGRES");
        let name = format!("kill_{:016x}", RandomState::new().hash_one("schema"));
        execute(&server, &format!("CREATE SCHEMA {name}")).await;
        let separator = if server.contains('?') { '&' } else { '?' };
        let url = format!("{server}{separator}options=-c%20search_path%3D{name}");
        Database { url, schema: Some((server, name)) }
    }

    /// After a test that went well; one that did not leaves its schema to be looked at.
    pub(crate) async fn drop(self) {
        if let Some((server, name)) = self.schema {
            execute(&server, &format!("DROP SCHEMA {name} CASCADE")).await;
        }
    }
}

async fn execute(server: &str, statement: &str) {
    let (client, connection) = tokio_postgres::connect(server, NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    client.batch_execute(statement).await.unwrap();
    drop(client);
    connection.await.unwrap().unwrap();
}
