//! Who buys.

use serde::{Deserialize, Serialize};

use crate::{id::CustomerId, moment::Moment};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    pub id: CustomerId,
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub registered_at: Moment,
}
