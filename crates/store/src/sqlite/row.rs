//! Rows of the tables and what they are of the domain.

use std::sync::Arc;

use domain::{
    CustomerId, LocationId, Logged, Moment, Order, OrderNo, Recorded, StoreId, VariantId,
    address::Person,
    cart::CartKey,
    id::NotAnId,
    shop::Shop,
    stock::{Stock, StockKey},
};
use rusqlite::Row;

use super::failed;
use crate::{Columns, KeptKey, StoreError, codec};

pub(super) fn first_shop() -> Result<String, StoreError> {
    codec::to_document(&Shop::first())
}

pub(super) const ORDER_WITH_PERSON: &str = "SELECT orders.document, persons.document
    FROM orders LEFT JOIN persons ON persons.order_no = orders.no WHERE no = ?1";

/// `document`, and `persons.document` where it was joined.
pub(super) fn order(row: &Row<'_>) -> Result<Order, StoreError> {
    let mut order: Order = document(row, 0)?;
    if let Some(person) = row.get_ref(1).map_err(failed)?.as_str_or_null().map_err(mistyped)? {
        order.person = Some(Box::new(codec::from_document::<Person>(person)?));
    }
    Ok(order)
}

pub(super) fn columns(row: &Row<'_>) -> Result<Columns, StoreError> {
    Ok(Columns {
        no: order_no(row)?,
        total: row.get(1).map_err(failed)?,
        created_at: row.get(2).map_err(failed)?,
        expires_at: row.get(3).map_err(failed)?,
        reference_id: row.get(4).map_err(failed)?,
    })
}

pub(super) fn order_no(row: &Row<'_>) -> Result<OrderNo, StoreError> {
    Ok(OrderNo(unsigned(row.get(0).map_err(failed)?)))
}

pub(super) fn document<T: serde::de::DeserializeOwned>(
    row: &Row<'_>,
    column: usize,
) -> Result<T, StoreError> {
    let text = row.get_ref(column).map_err(failed)?.as_str().map_err(mistyped)?;
    codec::from_document(text)
}

/// A document that outlives the batch.
pub(super) fn shared<T: serde::de::DeserializeOwned>(row: &Row<'_>) -> Result<Arc<T>, StoreError> {
    document(row, 0).map(Arc::new)
}

/// The order of the columns is the question's.
pub(super) fn signing_key(row: &Row<'_>) -> Result<KeptKey, StoreError> {
    Ok(KeptKey {
        key_id: row.get(0).map_err(failed)?,
        seed: row.get(1).map_err(failed)?,
        created_at: Moment(row.get(2).map_err(failed)?),
        signs_from: row.get::<_, Option<i64>>(3).map_err(failed)?.map(Moment),
        withdrawn_at: row.get::<_, Option<i64>>(4).map_err(failed)?.map(Moment),
    })
}

pub(super) const EVENT: &str =
    "seq, at, store_id, order_no, type, version, actor, request_id, data";

pub(super) fn event(row: &Row<'_>) -> Result<Recorded, StoreError> {
    let text = |column| row.get_ref(column).map_err(failed)?.as_str().map_err(mistyped);
    let order: Option<i64> = row.get(3).map_err(failed)?;
    Ok(Recorded {
        seq: unsigned(row.get(0).map_err(failed)?),
        at: Moment(row.get(1).map_err(failed)?),
        store: StoreId(row.get(2).map_err(failed)?),
        order: order.map(|no| OrderNo(unsigned(no))),
        actor: text(6)?.into(),
        request_id: text(7)?.into(),
        event: codec::event(text(4)?, row.get(5).map_err(failed)?, text(8)?)?,
    })
}

pub(super) const ADMIN_EVENT: &str = "seq, at, type, version, actor, request_id, data";

pub(super) fn admin_event(row: &Row<'_>) -> Result<Logged, StoreError> {
    let text = |column| row.get_ref(column).map_err(failed)?.as_str().map_err(mistyped);
    Ok(Logged {
        seq: unsigned(row.get(0).map_err(failed)?),
        at: Moment(row.get(1).map_err(failed)?),
        actor: text(4)?.into(),
        request_id: text(5)?.into(),
        event: codec::admin_event(text(2)?, row.get(3).map_err(failed)?, text(6)?)?,
    })
}

pub(super) const STOCK: &str = "product_id, variant_id, location_id, on_hand, reserved, version
    FROM shelves JOIN stock USING (shelf)";

pub(super) fn stock(row: &Row<'_>) -> Result<(StockKey, Stock), StoreError> {
    let text = |column| row.get_ref(column).map_err(failed)?.as_str().map_err(mistyped);
    let key = StockKey {
        product: text(0)?.parse().map_err(not_an_id)?,
        variant: match text(1)? {
            "" => None,
            id => Some(id.parse::<VariantId>().map_err(not_an_id)?),
        },
        location: location(row, 2)?,
    };
    Ok((key, stock_counts(row, 3)?))
}

/// A customer's id, where there is one.
pub(super) fn customer(row: &Row<'_>, column: usize) -> Result<Option<CustomerId>, StoreError> {
    let text = row.get_ref(column).map_err(failed)?.as_str_or_null().map_err(mistyped)?;
    text.map(|it| it.parse().map_err(not_an_id)).transpose()
}

pub(super) fn location(row: &Row<'_>, column: usize) -> Result<LocationId, StoreError> {
    let text = row.get_ref(column).map_err(failed)?.as_str().map_err(mistyped)?;
    text.parse().map_err(not_an_id)
}

pub(super) fn stock_counts(row: &Row<'_>, from: usize) -> Result<Stock, StoreError> {
    Ok(Stock {
        on_hand: row.get(from).map_err(failed)?,
        reserved: row.get(from + 1).map_err(failed)?,
        version: unsigned(row.get(from + 2).map_err(failed)?),
    })
}

/// The store's integers are signed, the domain's numbers are not; none comes near the edge.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

pub(super) fn variant_text(variant: Option<&VariantId>) -> &str {
    variant.map_or("", VariantId::as_str)
}

/// A guest's carts have the empty owner.
pub(super) fn owner_text(key: &CartKey) -> &str {
    key.owner.as_ref().map_or("", CustomerId::as_str)
}

pub(super) fn mistyped(error: rusqlite::types::FromSqlError) -> StoreError {
    StoreError::Broken(format!("a column is of another type: {error}"))
}

fn not_an_id(NotAnId: NotAnId) -> StoreError {
    StoreError::Broken("a row's id is no id".into())
}
