//! How many orders came lately of one customer, to one address, with one e-mail address.
//!
//! What is counted stands in rows of its own, named by a digest: nobody can be read from them. A
//! row has the orders of the widest look back, so a batch that has loaded it counts exactly, those
//! of the batch too. An order whose person is erased is taken out of its rows.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{ReviewRules, Suspect, Verdict, Window};
use crate::{
    address::Address,
    command::VelocityChange,
    id::OrderNo,
    moment::Moment,
    shop::Shop,
    world::{Facts, Keys, World},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    Customer,
    Address,
    Email,
}

impl By {
    pub const ALL: [By; 3] = [By::Customer, By::Address, By::Email];

    pub fn name(self) -> &'static str {
        match self {
            By::Customer => "customer",
            By::Address => "address",
            By::Email => "email",
        }
    }
}

/// Store, kind and value, hashed together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VelocityKey(pub [u8; 16]);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Velocity {
    /// The newest last, no more than the rules count.
    pub orders: Vec<RecentOrder>,
    /// Nobody looks back so far from then on.
    pub kept_until: Moment,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecentOrder {
    pub order: OrderNo,
    pub at: Moment,
}

impl Velocity {
    /// Orders that came less than so many minutes ago.
    pub(crate) fn count(&self, minutes: u32, now: Moment) -> usize {
        self.orders.iter().filter(|it| is_within(it.at, minutes, now)).count()
    }

    fn with(before: Option<&Velocity>, order: OrderNo, now: Moment, window: Window) -> Velocity {
        let mut orders = before.map(|it| it.orders.clone()).unwrap_or_default();
        orders.retain(|it| is_within(it.at, window.minutes, now));
        orders.push(RecentOrder { order, at: now });
        let most = usize::try_from(window.orders).unwrap_or(usize::MAX);
        orders.drain(..orders.len().saturating_sub(most));
        Velocity { orders, kept_until: now.plus_ms(milliseconds(window.minutes)) }
    }

    fn without(&self, order: OrderNo) -> Option<Velocity> {
        let orders: Vec<_> = self.orders.iter().copied().filter(|it| it.order != order).collect();
        (!orders.is_empty()).then_some(Velocity { orders, kept_until: self.kept_until })
    }
}

pub(super) fn is_within(at: Moment, minutes: u32, now: Moment) -> bool {
    at.plus_ms(milliseconds(minutes)) > now
}

fn milliseconds(minutes: u32) -> i64 {
    i64::from(minutes) * 60_000
}

impl Suspect<'_> {
    /// The row in which the order is counted; a guest has none as a customer.
    pub fn velocity_key(&self, by: By) -> Option<VelocityKey> {
        let value = match by {
            By::Customer => self.customer?.as_str().to_owned(),
            By::Address => normalized(self.shipping_address.or(self.billing_address)?),
            By::Email => self.email?.trim().to_lowercase(),
        };
        let whole = Sha256::new()
            .chain_update(self.store.0.to_be_bytes())
            .chain_update(by.name())
            .chain_update([0])
            .chain_update(value);
        let mut half = [0; 16];
        half.copy_from_slice(&whole.finalize()[..16]);
        Some(VelocityKey(half))
    }

    /// Every row that may know of the order, whatever the rules are now.
    fn every_key(&self) -> impl Iterator<Item = VelocityKey> {
        By::ALL.into_iter().filter_map(|by| self.velocity_key(by))
    }
}

/// An address as one line of words: neither case nor spaces nor punctuation make it another one,
/// nor does who lives there.
fn normalized(address: &Address) -> String {
    let parts = [
        Some(address.address.as_str()),
        address.address2.as_deref(),
        address.zip.as_deref(),
        Some(address.city.as_str()),
        Some(address.country.alpha2()),
    ];
    let words =
        parts.into_iter().flatten().flat_map(|it| it.split(|it: char| !it.is_alphanumeric()));
    let words: Vec<String> = words.filter(|it| !it.is_empty()).map(str::to_lowercase).collect();
    words.join(" ")
}

/// The rules by which new orders of a store are judged.
pub(crate) fn in_force(shop: &Shop) -> Option<&ReviewRules> {
    shop.review.as_deref().filter(|it| it.enabled)
}

/// The rows that have to be looked at before an order of the store is judged.
pub(crate) fn keys_of(shop: &Shop, suspect: &Suspect<'_>) -> Vec<VelocityKey> {
    let windows = in_force(shop).into_iter().flat_map(ReviewRules::windows);
    windows.filter_map(|it| suspect.velocity_key(it.by)).collect()
}

/// Judges a new order by the rows as they stand, and counts it.
pub(crate) fn judge(
    world: &World,
    rules: &ReviewRules,
    suspect: &Suspect<'_>,
    order: OrderNo,
    now: Moment,
) -> (Verdict, Vec<VelocityChange>) {
    let verdict = rules.judge(suspect, |by, minutes| {
        let row = suspect.velocity_key(by).and_then(|key| world.velocities.get(&key));
        row.map_or(0, |it| it.count(minutes, now))
    });
    let counted = rules.windows().filter_map(|window| {
        let key = suspect.velocity_key(window.by)?;
        let row = Velocity::with(world.velocities.get(&key), order, now, window);
        Some(VelocityChange { key, row: Some(row) })
    });
    (verdict, counted.collect())
}

/// The rows from which an order is taken whose person is erased.
pub(crate) fn keys_of_erased(suspect: &Suspect<'_>, keys: &mut Keys) {
    keys.velocities.extend(suspect.every_key());
}

pub(crate) fn forget(
    velocities: &Facts<VelocityKey, Velocity>,
    suspect: &Suspect<'_>,
    order: OrderNo,
) -> Vec<VelocityChange> {
    let known = suspect.every_key().filter_map(|key| Some((key, velocities.get(&key)?)));
    let has_it = known.filter(|(_, row)| row.orders.iter().any(|it| it.order == order));
    has_it.map(|(key, row)| VelocityChange { key, row: row.without(order) }).collect()
}
