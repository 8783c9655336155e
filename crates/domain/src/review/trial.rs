//! Rules tried on orders that are there already: what they would have found, had they been in force
//! when each was placed. Nothing of it is kept.

use std::collections::{HashMap, VecDeque};

use super::{
    ReviewRules, Suspect, Verdict, Window,
    velocity::{VelocityKey, is_within},
};
use crate::{
    address::Person,
    id::{CustomerId, OrderNo, StoreId},
    moment::Moment,
    money::{Currency, Money},
    order::Order,
};

/// What is kept of an order until its turn comes.
#[derive(Clone, Debug)]
pub struct PastOrder {
    pub no: OrderNo,
    pub at: Moment,
    store: StoreId,
    customer: Option<CustomerId>,
    total: Money,
    currency: Currency,
    person: Option<Box<Person>>,
}

impl From<Order> for PastOrder {
    fn from(order: Order) -> PastOrder {
        PastOrder {
            no: order.no,
            at: order.created_at,
            store: order.store,
            customer: order.customer,
            total: order.total,
            currency: order.currency,
            person: order.person,
        }
    }
}

/// Orders are to come in the order in which they were placed: each is counted for those after it.
pub struct Trial<'r> {
    rules: &'r ReviewRules,
    windows: Vec<Window>,
    seen: HashMap<VelocityKey, VecDeque<Moment>>,
}

impl<'r> Trial<'r> {
    pub fn new(rules: &'r ReviewRules) -> Trial<'r> {
        Trial { rules, windows: rules.windows().collect(), seen: HashMap::new() }
    }

    pub fn judge(&mut self, past: &PastOrder) -> Verdict {
        let (customer, price) = (past.customer.as_ref(), (past.total, past.currency));
        let suspect = Suspect::new(past.store, customer, price, past.person.as_deref());
        let verdict = self.rules.judge(&suspect, |by, minutes| {
            let seen = suspect.velocity_key(by).and_then(|key| self.seen.get(&key));
            seen.map_or(0, |it| it.iter().filter(|at| is_within(**at, minutes, past.at)).count())
        });
        for window in &self.windows {
            let Some(key) = suspect.velocity_key(window.by) else { continue };
            let seen = self.seen.entry(key).or_default();
            seen.push_back(past.at);
            if seen.len() > usize::try_from(window.orders).unwrap_or(usize::MAX) {
                seen.pop_front();
            }
        }
        verdict
    }
}
