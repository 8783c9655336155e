//! The raw limit: how fast the store by itself writes the rows of an order, with no server, no
//! rules and no JSON of a request in the way. The server's rate is judged against it.
//!
//! The rows are the same for both stores: an order of sixteen columns with a 340-byte address,
//! two lines, one event of 400 bytes of JSON, one idempotency key of 16 random bytes, and the
//! stock of two products. They begin in an empty database, 256 orders to a transaction.

pub(super) mod postgres;
pub(super) mod sqlite;

use super::failure::Result;
use super::random::Random;

/// The raw store of a run; nothing where the store is out of reach.
pub(super) enum Raw {
    Sqlite(sqlite::Raw),
    Postgres(postgres::Raw),
    OutOfReach,
}

impl Raw {
    /// Orders a second, over the next `orders` orders.
    pub(super) fn orders_per_second(&mut self, orders: u64) -> Result<f64> {
        match self {
            Self::Sqlite(raw) => raw.orders_per_second(orders),
            Self::Postgres(raw) => raw.orders_per_second(orders),
            Self::OutOfReach => Ok(f64::NAN),
        }
    }
}

const BATCH_ORDERS: u64 = 256;
/// Enough single commits for a steady median, few enough to take a second on a slow disk.
const BARE_COMMITS: u64 = 400;
const PRODUCTS: usize = 10_000;
const CUSTOMERS: usize = 10_000;
const ADDRESS_BYTES: usize = 340;
const EVENT_BYTES: usize = 400;
const ON_HAND: i64 = 1_000_000_000;

/// Makes the rows up. What is long and alike in all orders is made once.
struct Rows {
    random: Random,
    customers: Vec<String>,
    address: String,
    event: String,
}

struct Order<'a> {
    id: i64,
    customer: &'a str,
    address: &'a str,
    event: &'a str,
    key: [u8; 16],
    /// Product number and quantity.
    lines: [(i64, i64); 2],
    total: i64,
    at: i64,
}

impl Rows {
    fn new() -> Self {
        Self {
            random: Random::new(1),
            customers: (0..CUSTOMERS).map(|number| format!("customer-{number:05}")).collect(),
            address: padded_json(
                concat!(
                    r#"{"name":"Jane Doe","address":"123 Main St","city":"New York","state":"NY","#,
                    r#""zip":"10001","country":"US","address2":""#
                ),
                ADDRESS_BYTES,
            ),
            event: padded_json(
                concat!(
                    r#"{"status":"confirmed","payment_method":"cash_on_delivery","#,
                    r#""items":[{"line":1,"quantity":2},{"line":2,"quantity":1}],"note":""#
                ),
                EVENT_BYTES,
            ),
        }
    }

    fn order(&mut self, id: i64) -> Order<'_> {
        let first = self.random.below(PRODUCTS);
        let second = (first + 1 + self.random.below(PRODUCTS - 1)) % PRODUCTS;
        let mut key = [0; 16];
        key[..8].copy_from_slice(&self.random.next().to_le_bytes());
        key[8..].copy_from_slice(&self.random.next().to_le_bytes());
        Order {
            id,
            customer: &self.customers[self.random.below(CUSTOMERS)],
            address: &self.address,
            event: &self.event,
            key,
            lines: [(first as i64, 2), (second as i64, 1)],
            total: 3_500,
            at: 1_750_000_000_000 + id,
        }
    }
}

/// The beginning of an object, continued to the wanted length by its last string.
fn padded_json(beginning: &str, bytes: usize) -> String {
    let padding = "x".repeat(bytes - beginning.len() - "\"}".len());
    format!("{beginning}{padding}\"}}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_have_the_size_that_is_asked_for() {
        let mut rows = Rows::new();
        let order = rows.order(1);
        for (text, bytes) in [(order.address, ADDRESS_BYTES), (order.event, EVENT_BYTES)] {
            assert_eq!(text.len(), bytes);
            serde_json::from_str::<serde_json::Value>(text).unwrap();
        }
        assert_ne!(order.lines[0].0, order.lines[1].0);
    }
}
