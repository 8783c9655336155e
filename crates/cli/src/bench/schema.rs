//! A PostgreSQL schema that belongs to one bench: made empty, handed on as a URL whose search
//! path leads into it, and dropped afterwards. Whatever else lives in the database is not seen.

use super::failure::{Doing, Failure, Result};
use tokio_postgres::{Client, NoTls};

pub(super) struct Schema {
    name: String,
    database: String,
}

impl Schema {
    pub(super) fn create(database: &str, name: &str) -> Result<Self> {
        execute(database, &format!("CREATE SCHEMA {name}"))?;
        Ok(Self { name: name.to_owned(), database: database.to_owned() })
    }

    /// The database's URL for a connection that works inside the schema only.
    pub(super) fn url(&self) -> String {
        url_into(&self.database, &self.name)
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        let dropped = execute(&self.database, &format!("DROP SCHEMA {} CASCADE", self.name));
        if let Err(failure) = dropped {
            eprintln!("the schema {} is left behind: {failure}", self.name);
        }
    }
}

/// Opens a connection and drives it on the current runtime until the client is dropped.
pub(super) async fn connect(url: &str) -> Result<Client> {
    let (client, connection) =
        tokio_postgres::connect(url, NoTls).await.doing("connecting to PostgreSQL")?;
    tokio::spawn(async move {
        // A broken connection fails the query that waits on it, and that one is reported.
        let _ = connection.await;
    });
    Ok(client)
}

fn url_into(database: &str, schema: &str) -> String {
    let separator = if database.contains('?') { '&' } else { '?' };
    format!("{database}{separator}options=-c%20search_path%3D{schema}")
}

fn execute(url: &str, sql: &str) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(format!("starting a runtime: {error}")))?;
    runtime.block_on(async {
        let client = connect(url).await?;
        client.batch_execute(sql).await.doing(sql)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_leads_into_the_schema_and_keeps_its_other_settings() {
        for database in ["postgres://shop@db/orders", "postgres://db/orders?connect_timeout=5"] {
            let url = url_into(database, "bench_1");
            let config: tokio_postgres::Config = url.parse().unwrap();
            assert_eq!(config.get_options(), Some("-c search_path=bench_1"));
            assert_eq!(config.get_dbname(), Some("orders"));
            assert_eq!(config.get_connect_timeout().is_some(), database.contains("timeout"));
        }
    }
}
