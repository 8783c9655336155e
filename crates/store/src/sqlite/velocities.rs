//! The rows by which new orders are counted. Only stores whose rules count have any, so this is the
//! one tree with random keys that orders write to: theirs, and it stays as small as its time.

use domain::{
    World,
    review::velocity::{Velocity, VelocityKey},
    world::Change,
};
use rusqlite::{Connection, Row, params};

use super::{
    failed,
    load::{one, prepare},
    row,
};
use crate::{StoreError, VELOCITIES_DROPPED_MAX, codec};

pub(super) fn load(
    connection: &Connection,
    keys: &domain::Keys,
    world: &mut World,
) -> Result<(), StoreError> {
    let sql = "SELECT document FROM velocities WHERE digest = ?1";
    for key in &keys.velocities {
        let found = one(&mut prepare(connection, sql)?, [key.0], row::shared)?;
        world.velocities.load(*key, found);
    }
    Ok(())
}

/// Where some change, some that have run out go, the longest ago first.
pub(super) fn write(connection: &Connection, world: &World) -> Result<(), StoreError> {
    if world.velocities.changes().next().is_none() {
        return Ok(());
    }
    let put = "INSERT OR REPLACE INTO velocities (digest, kept_until, document)
        VALUES (?1, ?2, ?3)";
    let delete = "DELETE FROM velocities WHERE digest = ?1";
    for (key, change) in world.velocities.changes() {
        match change {
            Change::Insert(it) | Change::Update(it) => prepare(connection, put)?.execute(params![
                key.0,
                it.kept_until.0,
                codec::to_document(it)?
            ]),
            Change::Delete => prepare(connection, delete)?.execute([key.0]),
        }
        .map_err(failed)?;
    }
    let drop = "DELETE FROM velocities WHERE digest IN (
        SELECT digest FROM velocities WHERE kept_until <= ?1
        ORDER BY kept_until, digest LIMIT ?2)";
    let now = world.counters.moment().0;
    prepare(connection, drop)?.execute(params![now, VELOCITIES_DROPPED_MAX]).map_err(failed)?;
    Ok(())
}

pub(super) const PAGE: &str =
    "SELECT document, digest FROM velocities WHERE digest > ?1 ORDER BY digest LIMIT ?2";

pub(super) fn read(row: &Row<'_>) -> Result<(VelocityKey, Velocity), StoreError> {
    let digest: [u8; 16] = row.get(1).map_err(failed)?;
    Ok((VelocityKey(digest), row::document(row, 0)?))
}
