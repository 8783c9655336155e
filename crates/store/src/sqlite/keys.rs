//! Idempotency keys, exact and cheap at any number of them.
//!
//! A key is random, and a B-tree with a random key costs a page for every row once it is large. So
//! rows are appended in the order of commit; the hashes of the newest are in memory, and older ones
//! are sealed into segments: sorted runs, written a slice a batch at the end of one tree, each with
//! a small filter in memory that says almost always rightly that a key is not in it. A segment
//! counts from the transaction that completes it, so a crash loses nothing: what is not in a
//! segment is read again into memory.

use std::collections::HashMap;

use domain::{
    CustomerId, Moment, World,
    idempotency::{Fingerprint, KeyHash, Remembered},
    world::Change,
};
use fastbloom::BloomFilter;
use rusqlite::{Connection, Row, params};

use super::{
    failed,
    load::{one, prepare},
    pace::{Pace, slice},
    row,
};
use crate::{IDEMPOTENCY_KEPT_MS, StoreError};

/// Bits that a key sets in a filter: part of the file's format, like the seed.
const FILTER_HASHES: u32 = 11;

/// The filter's own hashing must be the same in every process.
const FILTER_SEED: u128 = 0x6f72_6465_7264;

pub(super) struct Keys {
    pace: Pace,
    /// The rows of keys that no segment has yet.
    recent: HashMap<KeyHash, i64>,
    next_id: i64,
    segments: Vec<Segment>,
    sealing: Option<Sealing>,
    /// What the batch under way has done; it counts when the batch is committed.
    staged: Staged,
}

struct Segment {
    number: i64,
    last_id: i64,
    last_at: Moment,
    filter: BloomFilter,
}

struct Sealing {
    number: i64,
    entries: Vec<(KeyHash, i64)>,
    done: usize,
    last_id: i64,
}

#[derive(Default)]
struct Staged {
    added: Vec<(KeyHash, i64)>,
    sealed_to: usize,
    sealed: Option<Segment>,
    dropped: bool,
}

impl Keys {
    pub(super) fn open(connection: &Connection, pace: Pace) -> Result<Keys, StoreError> {
        let sql = "SELECT segment, last_id, last_at, filter FROM idempotency_segments
            ORDER BY segment";
        let mut statement = prepare(connection, sql)?;
        let mut rows = statement.query([]).map_err(failed)?;
        let mut segments = Vec::new();
        while let Some(row) = rows.next().map_err(failed)? {
            segments.push(segment(row)?);
        }
        let sealed = segments.last().map_or(0, |it| it.last_id);
        let sql = "SELECT hash, id FROM idempotency WHERE id > ?1 ORDER BY id";
        let mut statement = prepare(connection, sql)?;
        let mut rows = statement.query([sealed]).map_err(failed)?;
        let mut recent = HashMap::new();
        let mut next_id = sealed + 1;
        while let Some(row) = rows.next().map_err(failed)? {
            let id: i64 = row.get(1).map_err(failed)?;
            recent.insert(KeyHash(row.get(0).map_err(failed)?), id);
            next_id = id + 1;
        }
        Ok(Keys { pace, recent, next_id, segments, sealing: None, staged: Staged::default() })
    }

    pub(super) fn find(
        &self,
        connection: &Connection,
        hash: KeyHash,
    ) -> Result<Option<Remembered>, StoreError> {
        Ok(self.find_row(connection, hash)?.map(|(_, remembered)| remembered))
    }

    /// With its number.
    fn find_row(
        &self,
        connection: &Connection,
        hash: KeyHash,
    ) -> Result<Option<(i64, Remembered)>, StoreError> {
        match self.recent.get(&hash) {
            Some(id) => row_of(connection, *id, hash),
            None => self.find_sealed(connection, hash),
        }
    }

    fn find_sealed(
        &self,
        connection: &Connection,
        hash: KeyHash,
    ) -> Result<Option<(i64, Remembered)>, StoreError> {
        let Some(newest) = self.segments.last() else { return Ok(None) };
        // All filters hash alike, so once is enough.
        let source = newest.filter.source_hash(&hash.0);
        for segment in self.segments.iter().rev() {
            if !segment.filter.contains_hash(source) {
                continue;
            }
            let sql = "SELECT id FROM idempotency_index WHERE segment = ?1 AND hash = ?2";
            let mut statement = prepare(connection, sql)?;
            let id = one(&mut statement, params![segment.number, hash.0], |row| {
                row.get(0).map_err(failed)
            })?;
            let Some(id) = id else { continue };
            if let Some(found) = row_of(connection, id, hash)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Frees and appends the batch's keys, and does a slice of the housekeeping.
    pub(super) fn write(
        &mut self,
        connection: &Connection,
        world: &World,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO idempotency (id, hash, fingerprint, at, answer, shows)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let mut insert = prepare(connection, sql)?;
        let mut id = self.next_id;
        for (hash, change) in world.idempotency.changes() {
            // One that was freed and used again in the same batch is another row.
            if let Change::Update(_) | Change::Delete = change {
                self.free(connection, *hash)?;
            }
            if let Change::Insert(it) | Change::Update(it) = change {
                insert
                    .execute(params![
                        id,
                        hash.0,
                        it.fingerprint.0,
                        it.at.0,
                        it.answer,
                        it.shows.as_ref().map(CustomerId::as_str),
                    ])
                    .map_err(failed)?;
                self.staged.added.push((*hash, id));
                id += 1;
            }
        }
        let now = world.counters.moment();
        self.seal_slice(connection, now)?;
        self.drop_slice(connection, now)
    }

    /// Deletes the key's row. What points at it, in memory or in a segment, leads nowhere from now
    /// on: a row that was written since is newer, and so found first.
    fn free(&self, connection: &Connection, hash: KeyHash) -> Result<(), StoreError> {
        let Some((id, _)) = self.find_row(connection, hash)? else {
            return Err(StoreError::Broken("a key that was loaded has lost its row".into()));
        };
        let sql = "DELETE FROM idempotency WHERE id = ?1";
        prepare(connection, sql)?.execute([id]).map(|_| ()).map_err(failed)
    }

    /// What the batch has done is on disk.
    pub(super) fn committed(&mut self) {
        let staged = std::mem::take(&mut self.staged);
        if let Some((_, last)) = staged.added.last() {
            self.next_id = last + 1;
        }
        self.recent.extend(staged.added);
        if let Some(sealing) = &mut self.sealing {
            sealing.done = sealing.done.max(staged.sealed_to);
        }
        if let Some(segment) = staged.sealed {
            self.recent.retain(|_, id| *id > segment.last_id);
            self.segments.push(segment);
            self.sealing = None;
        }
        if staged.dropped {
            self.segments.remove(0);
        }
    }

    fn seal_slice(&mut self, connection: &Connection, now: Moment) -> Result<(), StoreError> {
        if self.sealing.is_none() && self.recent.len() >= self.pace.segment {
            self.sealing = Some(self.oldest_of_recent());
        }
        let Some(sealing) = &self.sealing else { return Ok(()) };
        let slice = slice(self.pace.keys_slice, self.staged.added.len());
        let until = sealing.entries.len().min(sealing.done + slice);
        // Rows that a crash has left of an unfinished segment are these rows again, or lead nowhere
        // since their keys were freed.
        let sql = "INSERT OR REPLACE INTO idempotency_index (segment, hash, id)
            VALUES (?1, ?2, ?3)";
        let mut insert = prepare(connection, sql)?;
        for (hash, id) in &sealing.entries[sealing.done..until] {
            insert.execute(params![sealing.number, hash.0, id]).map_err(failed)?;
        }
        self.staged.sealed_to = until;
        if until == sealing.entries.len() {
            let segment = sealing.finished(now, self.pace);
            let sql = "INSERT INTO idempotency_segments (segment, last_id, last_at, filter)
                VALUES (?1, ?2, ?3, ?4)";
            prepare(connection, sql)?
                .execute(params![
                    segment.number,
                    segment.last_id,
                    segment.last_at.0,
                    filter_bytes(&segment.filter)
                ])
                .map_err(failed)?;
            self.staged.sealed = Some(segment);
        }
        Ok(())
    }

    /// As many as a filter is made for, however many have come since.
    fn oldest_of_recent(&self) -> Sealing {
        let mut entries: Vec<_> = self.recent.iter().map(|(hash, id)| (*hash, *id)).collect();
        if entries.len() > self.pace.segment {
            entries.select_nth_unstable_by_key(self.pace.segment - 1, |(_, id)| *id);
            entries.truncate(self.pace.segment);
        }
        let last_id = entries.iter().map(|(_, id)| *id).max().unwrap_or(0);
        entries.sort_unstable();
        let number = self.segments.last().map_or(1, |it| it.number + 1);
        Sealing { number, entries, done: 0, last_id }
    }

    /// Lets go of a slice of the oldest segment once all of it is older than promised.
    fn drop_slice(&mut self, connection: &Connection, now: Moment) -> Result<(), StoreError> {
        let Some(oldest) =
            self.segments.first().filter(|it| it.last_at.0 + IDEMPOTENCY_KEPT_MS < now.0)
        else {
            return Ok(());
        };
        let slice = slice(self.pace.keys_slice, self.staged.added.len());
        let most = i64::try_from(slice).unwrap_or(i64::MAX);
        let sql = "DELETE FROM idempotency WHERE id IN
            (SELECT id FROM idempotency WHERE id <= ?1 ORDER BY id LIMIT ?2)";
        let rows = prepare(connection, sql)?.execute(params![oldest.last_id, most]);
        let sql = "DELETE FROM idempotency_index WHERE segment = ?1 AND hash IN
            (SELECT hash FROM idempotency_index WHERE segment = ?1 ORDER BY hash LIMIT ?2)";
        let entries = prepare(connection, sql)?.execute(params![oldest.number, most]);
        if rows.map_err(failed)?.max(entries.map_err(failed)?) < slice {
            let sql = "DELETE FROM idempotency_segments WHERE segment = ?1";
            prepare(connection, sql)?.execute([oldest.number]).map_err(failed)?;
            self.staged.dropped = true;
        }
        Ok(())
    }
}

impl Sealing {
    fn finished(&self, now: Moment, pace: Pace) -> Segment {
        let bits = pace.filter_bits * pace.segment;
        let mut filter = BloomFilter::with_num_bits(bits).seed(&FILTER_SEED).hashes(FILTER_HASHES);
        for (hash, _) in &self.entries {
            filter.insert(&hash.0);
        }
        Segment { number: self.number, last_id: self.last_id, last_at: now, filter }
    }
}

/// The row that memory or a segment points at. A row that was let go or freed is no answer, nor is
/// one that has another key: a new process may give a freed row's number again.
fn row_of(
    connection: &Connection,
    id: i64,
    hash: KeyHash,
) -> Result<Option<(i64, Remembered)>, StoreError> {
    let sql = "SELECT fingerprint, at, answer, shows FROM idempotency WHERE id = ?1 AND hash = ?2";
    let mut statement = prepare(connection, sql)?;
    one(&mut statement, params![id, hash.0], |row| Ok((id, remembered(row)?)))
}

fn filter_bytes(filter: &BloomFilter) -> Vec<u8> {
    filter.as_slice().iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn segment(row: &Row<'_>) -> Result<Segment, StoreError> {
    let bytes = row.get_ref(3).map_err(failed)?.as_blob().map_err(row::mistyped)?;
    let words = bytes.chunks_exact(8).map(|word| {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(word);
        u64::from_le_bytes(bytes)
    });
    Ok(Segment {
        number: row.get(0).map_err(failed)?,
        last_id: row.get(1).map_err(failed)?,
        last_at: Moment(row.get(2).map_err(failed)?),
        filter: BloomFilter::from_vec(words.collect()).seed(&FILTER_SEED).hashes(FILTER_HASHES),
    })
}

fn remembered(row: &Row<'_>) -> Result<Remembered, StoreError> {
    Ok(Remembered {
        fingerprint: Fingerprint(row.get(0).map_err(failed)?),
        at: Moment(row.get(1).map_err(failed)?),
        answer: row.get(2).map_err(failed)?,
        shows: row::customer(row, 3)?,
    })
}

#[cfg(test)]
mod tests;
