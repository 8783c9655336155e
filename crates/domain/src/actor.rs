//! Who asks. A right is checked where the request comes in; what depends on the facts, such as
//! whose order it is, is checked here.

use std::fmt;

use crate::id::{CustomerId, StoreId};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    pub role: Role,
    /// The subject of the caller's token, or the part of the server that acts.
    pub subject: String,
    /// The stores that the caller is narrowed to; absent: all.
    pub stores: Option<Vec<StoreId>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// Sees and changes what is the customer's own.
    Customer(CustomerId),
    Staff,
    Integration,
    /// The server itself: jobs, callbacks.
    System,
}

impl Actor {
    pub fn is_customer(&self) -> bool {
        matches!(self.role, Role::Customer(_))
    }

    pub fn is_staff(&self) -> bool {
        matches!(self.role, Role::Staff)
    }

    /// Whether this actor may know that an order of this customer in this store exists.
    pub fn may_see(&self, owner: Option<&CustomerId>, store: StoreId) -> bool {
        let of_theirs = match &self.role {
            Role::Customer(me) => owner == Some(me),
            Role::Staff | Role::Integration | Role::System => true,
        };
        of_theirs && self.may_use(store)
    }

    pub fn may_use(&self, store: StoreId) -> bool {
        self.stores.as_ref().is_none_or(|stores| stores.contains(&store))
    }
}

/// As the audit log names it: `staff:boss`.
impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let role = match self.role {
            Role::Customer(_) => "customer",
            Role::Staff => "staff",
            Role::Integration => "integration",
            Role::System => "system",
        };
        write!(f, "{role}:{}", self.subject)
    }
}
