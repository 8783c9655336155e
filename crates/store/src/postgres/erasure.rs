//! Lets go of people: of what orders knew of them, and of the words by which they were found.
//!
//! Whoever feeds words reads the persons in the transaction that writes them. So the position of
//! what is fed is held meanwhile: nobody feeds what is about to go.

use domain::{World, world::Change};
use tokio_postgres::types::ToSql;

use super::{
    projections,
    row::signed,
    session::{Failure, Flight, Session},
    write::column,
};
use crate::{StoreError, codec, list::segment_of, projection::words_of_person};

pub(super) const STATEMENTS: &[&str] =
    &[PUT_ERASURES, DELETE_ERASURES, HOLD_FEED, DELETE_PERSONS, DELETE_WORDS];

const PUT_ERASURES: &str = "INSERT INTO erasures (customer_id, document)
    SELECT * FROM unnest($1::text[], $2::text[])
    ON CONFLICT (partition, customer_id) DO UPDATE SET document = excluded.document";

const DELETE_ERASURES: &str =
    "DELETE FROM erasures WHERE partition = 0 AND customer_id = ANY($1::text[])";

const HOLD_FEED: &str =
    "SELECT position FROM projections WHERE partition = 0 AND name = $1 FOR UPDATE";

const DELETE_PERSONS: &str =
    "DELETE FROM persons WHERE partition = 0 AND order_no = ANY($1::bigint[])";

const DELETE_WORDS: &str = "DELETE FROM order_words WHERE ctid = ANY(ARRAY(
    SELECT found.ctid FROM unnest($1::bigint[], $2::text[], $3::bigint[]) AS gone(segment, word, no)
    CROSS JOIN LATERAL (
        SELECT ctid FROM order_words
        WHERE partition = 0 AND order_words.segment = gone.segment
            AND order_words.word = gone.word AND order_words.no = gone.no LIMIT 1
    ) AS found))";

pub(super) fn write<'a>(
    flight: &mut Flight<'a>,
    session: &'a Session,
    world: &'a World,
) -> Result<(), StoreError> {
    let (mut put, mut ended) = (Vec::new(), Vec::new());
    for (customer, change) in world.erasures.changes() {
        match change {
            Change::Insert(it) | Change::Update(it) => {
                put.push((customer.as_str(), codec::to_document(it)?));
            }
            Change::Delete => ended.push(customer.as_str()),
        }
    }
    if !put.is_empty() {
        flight.send(async move {
            let documents = column(&put, |(_, it)| it.as_str());
            session.execute(PUT_ERASURES, &[&column(&put, |(id, _)| *id), &documents]).await
        });
    }
    if !ended.is_empty() {
        flight.send(async move { session.execute(DELETE_ERASURES, &[&ended]).await });
    }
    if !world.erased.is_empty() {
        flight.send(async { session.query(HOLD_FEED, &[&projections::NAME]).await.map(|_| ()) });
        flight.send(delete_persons(session, world));
        flight.send(delete_words(session, world));
    }
    Ok(())
}

async fn delete_persons(session: &Session, world: &World) -> Result<(), Failure> {
    let numbers: Vec<i64> = world.erased.keys().map(|it| signed(it.0)).collect();
    session.execute(DELETE_PERSONS, &[&numbers]).await
}

async fn delete_words(session: &Session, world: &World) -> Result<(), Failure> {
    let mut gone = Vec::new();
    for (no, person) in &world.erased {
        let Some(order) = world.orders.get(no) else { continue };
        let words = words_of_person(order, person).into_iter();
        gone.extend(words.map(|word| (signed(segment_of(no.0)), word, signed(no.0))));
    }
    let params: [&(dyn ToSql + Sync); 3] =
        [&column(&gone, |it| it.0), &column(&gone, |it| it.1.as_str()), &column(&gone, |it| it.2)];
    session.execute(DELETE_WORDS, &params).await
}
