//! Lets go of people: of what orders knew of them, and of the words by which they were found.
//!
//! While a batch erases, what it deletes is overwritten in the file, whatever that costs.

use domain::{World, world::Change};
use rusqlite::{Connection, params};

use super::{failed, load::prepare, row::signed};
use crate::{StoreError, codec, list::segment_of, projection::words_of_person};

/// What a batch deletes stays in no free page of the file, if it erases somebody.
pub(super) fn begin(connection: &Connection, world: &World) -> Result<(), StoreError> {
    overwrite(connection, world, "ON")
}

pub(super) fn end(connection: &Connection, world: &World) -> Result<(), StoreError> {
    overwrite(connection, world, "FAST")
}

fn overwrite(connection: &Connection, world: &World, how: &str) -> Result<(), StoreError> {
    let erases = !world.erased.is_empty() || world.erasures.changes().next().is_some();
    let forgets = world.idempotency.changes().any(|(_, it)| matches!(it, Change::Update(_)));
    if !erases && !forgets {
        return Ok(());
    }
    let sql = format!("PRAGMA secure_delete = {how}");
    connection.query_row(&sql, [], |_| Ok(())).map_err(failed)
}

pub(super) fn write(connection: &Connection, world: &World) -> Result<(), StoreError> {
    for (customer, change) in world.erasures.changes() {
        match change {
            Change::Insert(it) | Change::Update(it) => {
                let sql = "INSERT OR REPLACE INTO erasures (customer_id, document) VALUES (?1, ?2)";
                let document = codec::to_document(it)?;
                prepare(connection, sql)?.execute(params![customer.as_str(), document])
            }
            Change::Delete => {
                let sql = "DELETE FROM erasures WHERE customer_id = ?1";
                prepare(connection, sql)?.execute([customer.as_str()])
            }
        }
        .map_err(failed)?;
    }
    for (no, person) in &world.erased {
        let sql = "DELETE FROM persons WHERE order_no = ?1";
        prepare(connection, sql)?.execute([signed(no.0)]).map_err(failed)?;
        let Some(order) = world.orders.get(no) else { continue };
        let sql = "DELETE FROM order_words WHERE segment = ?1 AND word = ?2 AND no = ?3";
        let mut delete = prepare(connection, sql)?;
        for word in words_of_person(order, person) {
            let place = params![signed(segment_of(no.0)), word, signed(no.0)];
            delete.execute(place).map_err(failed)?;
        }
    }
    Ok(())
}
