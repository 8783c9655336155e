//! Rows of the tables and what they are of the domain.

use domain::{
    CustomerId, LocationId, Logged, Moment, Order, OrderNo, Recorded, StoreId, VariantId,
    address::Person,
    cart::CartKey,
    counter::Counters,
    id::NotAnId,
    shop::Shop,
    stock::{Stock, StockKey},
};
use tokio_postgres::{Row, types::FromSql};

use super::failed;
use crate::{Columns, KeptKey, StoreError, codec};

pub(super) fn first_shop() -> Result<String, StoreError> {
    codec::to_document(&Shop::first())
}

/// `document`, and `persons.document` where it was joined.
pub(super) fn order(row: &Row, from: usize) -> Result<Order, StoreError> {
    let mut order: Order = document(row, from)?;
    if let Some(person) = get::<Option<&str>>(row, from + 1)? {
        order.person = Some(Box::new(codec::from_document::<Person>(person)?));
    }
    Ok(order)
}

pub(super) fn columns(row: &Row) -> Result<Columns, StoreError> {
    Ok(Columns {
        no: order_no(row)?,
        total: get(row, 1)?,
        created_at: get(row, 2)?,
        expires_at: get(row, 3)?,
        reference_id: get(row, 4)?,
    })
}

pub(super) fn order_no(row: &Row) -> Result<OrderNo, StoreError> {
    Ok(OrderNo(unsigned(get(row, 0)?)))
}

pub(super) fn document<T: serde::de::DeserializeOwned>(
    row: &Row,
    column: usize,
) -> Result<T, StoreError> {
    codec::from_document(get(row, column)?)
}

/// A guest's carts have the empty owner.
pub(super) fn owner_text(key: &CartKey) -> &str {
    key.owner.as_ref().map_or("", CustomerId::as_str)
}

pub(super) const EVENT: &str =
    "seq, at, store_id, order_no, type, version, actor, request_id, data";

pub(super) fn event(row: &Row) -> Result<Recorded, StoreError> {
    Ok(Recorded {
        seq: unsigned(get(row, 0)?),
        at: Moment(get(row, 1)?),
        store: store(get(row, 2)?)?,
        order: get::<Option<i64>>(row, 3)?.map(|no| OrderNo(unsigned(no))),
        actor: get::<&str>(row, 6)?.into(),
        request_id: get::<&str>(row, 7)?.into(),
        event: codec::event(get(row, 4)?, version(get(row, 5)?)?, get(row, 8)?)?,
    })
}

pub(super) const ADMIN_EVENT: &str = "seq, at, type, version, actor, request_id, data";

pub(super) fn admin_event(row: &Row) -> Result<Logged, StoreError> {
    Ok(Logged {
        seq: unsigned(get(row, 0)?),
        at: Moment(get(row, 1)?),
        actor: get::<&str>(row, 4)?.into(),
        request_id: get::<&str>(row, 5)?.into(),
        event: codec::admin_event(get(row, 2)?, version(get(row, 3)?)?, get(row, 6)?)?,
    })
}

pub(super) const STOCK: &str =
    "product_id, variant_id, location_id, on_hand, reserved, stock.version";

pub(super) fn stock(row: &Row) -> Result<(StockKey, Stock), StoreError> {
    let key = StockKey {
        product: get::<&str>(row, 0)?.parse().map_err(not_an_id)?,
        variant: match get(row, 1)? {
            "" => None,
            id => Some(id.parse::<VariantId>().map_err(not_an_id)?),
        },
        location: location(row, 2)?,
    };
    Ok((key, stock_counts(row, 3)?))
}

/// A customer's id, where there is one.
pub(super) fn customer(row: &Row, column: usize) -> Result<Option<CustomerId>, StoreError> {
    get::<Option<&str>>(row, column)?.map(|it| it.parse().map_err(not_an_id)).transpose()
}

pub(super) fn location(row: &Row, column: usize) -> Result<LocationId, StoreError> {
    get::<&str>(row, column)?.parse().map_err(not_an_id)
}

pub(super) fn stock_counts(row: &Row, from: usize) -> Result<Stock, StoreError> {
    Ok(Stock {
        on_hand: get(row, from)?,
        reserved: get(row, from + 1)?,
        version: unsigned(get(row, from + 2)?),
    })
}

/// A counter that was never taken is as good as absent; the write lock's row is always there.
pub(super) fn counters(rows: &[Row]) -> Result<Counters, StoreError> {
    let mut counters = Counters::default();
    for row in rows {
        let name: &str = get(row, 0)?;
        let counter = name
            .parse()
            .map_err(|_| StoreError::Broken(format!("a counter is called {name:?}")))?;
        match unsigned(get(row, 1)?) {
            0 => {}
            value => counters.load(counter, value),
        }
    }
    Ok(counters)
}

/// The order of the columns is the question's.
pub(super) fn signing_key(row: &Row) -> Result<KeptKey, StoreError> {
    Ok(KeptKey {
        key_id: get(row, 0)?,
        seed: get(row, 1)?,
        created_at: Moment(get(row, 2)?),
        signs_from: get::<Option<i64>>(row, 3)?.map(Moment),
        withdrawn_at: get::<Option<i64>>(row, 4)?.map(Moment),
    })
}

pub(super) fn get<'r, T: FromSql<'r>>(row: &'r Row, column: usize) -> Result<T, StoreError> {
    row.try_get(column).map_err(failed)
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

pub(super) fn store(number: i64) -> Result<StoreId, StoreError> {
    let number = u32::try_from(number);
    number.map(StoreId).map_err(|_| StoreError::Broken("a row's store is no store".into()))
}

fn version(number: i32) -> Result<u16, StoreError> {
    let number = u16::try_from(number);
    number.map_err(|_| StoreError::Broken("a row's version is no version".into()))
}

fn not_an_id(NotAnId: NotAnId) -> StoreError {
    StoreError::Broken("a row's id is no id".into())
}
