//! The rows by which new orders are counted. Only stores whose rules count have any.

use std::collections::BTreeSet;

use domain::{
    World,
    review::velocity::{Velocity, VelocityKey},
    world::{Change, Facts},
};
use tokio_postgres::{Row, types::ToSql};

use super::{
    load::load_rows,
    row::{self, get},
    session::{Failure, Flight, Session},
    write::{column, documents},
};
use crate::{StoreError, VELOCITIES_DROPPED_MAX};

pub(super) const STATEMENTS: &[&str] = &[LOAD, PUT, DELETE, DROP];

const LOAD: &str = "SELECT asked.place, found.document
    FROM unnest($1::bytea[]) WITH ORDINALITY AS asked(digest, place)
    CROSS JOIN LATERAL (
        SELECT document FROM velocities
        WHERE partition = 0 AND velocities.digest = asked.digest LIMIT 1
    ) AS found";

pub(super) async fn load(
    session: &Session,
    asked: &BTreeSet<VelocityKey>,
    velocities: &mut Facts<VelocityKey, Velocity>,
) -> Result<(), Failure> {
    let digests: Vec<&[u8]> = asked.iter().map(|it| &it.0[..]).collect();
    let read = |row: &Row| row::document(row, 1);
    load_rows(session, LOAD, asked, &[&digests], velocities, read).await
}

/// Where some change, some that have run out go, the longest ago first.
pub(super) fn write<'a>(flight: &mut Flight<'a>, session: &'a Session, world: &'a World) {
    let (mut put, mut gone) = (Vec::new(), Vec::new());
    for (key, change) in world.velocities.changes() {
        match change {
            Change::Insert(it) | Change::Update(it) => put.push((key, it)),
            Change::Delete => gone.push(&key.0[..]),
        }
    }
    if put.is_empty() && gone.is_empty() {
        return;
    }
    flight.send(put_rows(session, put));
    if !gone.is_empty() {
        flight.send(async move { session.execute(DELETE, &[&gone]).await });
    }
    flight.send(async move {
        let now = world.counters.moment().0;
        session.execute(DROP, &[&now, &i64::from(VELOCITIES_DROPPED_MAX)]).await
    });
}

const PUT: &str = "INSERT INTO velocities (digest, kept_until, document)
    SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::text[])
    ON CONFLICT (partition, digest)
    DO UPDATE SET kept_until = excluded.kept_until, document = excluded.document";

async fn put_rows(session: &Session, put: Vec<(&VelocityKey, &Velocity)>) -> Result<(), Failure> {
    if put.is_empty() {
        return Ok(());
    }
    let params: [&(dyn ToSql + Sync); 3] = [
        &column(&put, |(key, _)| &key.0[..]),
        &column(&put, |(_, it)| it.kept_until.0),
        &documents(&column(&put, |(_, it)| *it))?,
    ];
    session.execute(PUT, &params).await
}

const DELETE: &str = "DELETE FROM velocities WHERE partition = 0 AND digest = ANY($1::bytea[])";

const DROP: &str = "DELETE FROM velocities WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM velocities WHERE partition = 0 AND kept_until <= $1
    ORDER BY kept_until, digest LIMIT $2))";

pub(super) const PAGE: &str = "SELECT digest, document FROM velocities
    WHERE partition = 0 AND digest > $1 ORDER BY digest LIMIT $2";

pub(super) fn read(row: &Row) -> Result<(VelocityKey, Velocity), StoreError> {
    let digest = get::<&[u8]>(row, 0)?.try_into();
    let digest = digest.map_err(|_| StoreError::Broken("a digest is not of 16 bytes".into()))?;
    Ok((VelocityKey(digest), row::document(row, 1)?))
}
