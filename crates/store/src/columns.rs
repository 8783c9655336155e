//! What an order's row says beside its document where no list would show it to be wrong: the sum
//! and the moment between which lists search, the moment at which a job lets go of its stock, and
//! the name that the shop asks for it by.

use domain::{Order, OrderNo};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    pub no: OrderNo,
    pub(crate) total: i64,
    pub(crate) created_at: i64,
    pub(crate) expires_at: Option<i64>,
    pub(crate) reference_id: Option<String>,
}

impl Columns {
    pub fn of(order: &Order) -> Columns {
        Columns {
            no: order.no,
            total: order.total.0,
            created_at: order.created_at.0,
            expires_at: order.expires_at.map(|it| it.0),
            reference_id: reference_of(order).map(Into::into),
        }
    }

    /// The names of those that are not the order's.
    pub fn differing(&self, order: &Order) -> Vec<&'static str> {
        let own = Columns::of(order);
        let compared = [
            ("total", self.total == own.total),
            ("created_at", self.created_at == own.created_at),
            ("expires_at", self.expires_at == own.expires_at),
            ("reference_id", self.reference_id == own.reference_id),
        ];
        compared.into_iter().filter(|(_, same)| !same).map(|(name, _)| name).collect()
    }
}

pub(crate) fn reference_of(order: &Order) -> Option<&str> {
    order.merchant_reference()?.reference_id.as_deref()
}
