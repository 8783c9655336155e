//! Who buys.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::{id::CustomerId, moment::Moment};

#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    pub id: CustomerId,
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub registered_at: Moment,
}
