//! The caller of a request: issuer, subject, and the rights that the token's scopes give.

use axum::http::StatusCode;
use sha2::{Digest, Sha256};

use crate::problem::Problem;
use crate::refused;

const FIRST_STORE: i64 = domain::StoreId::FIRST.0 as i64;

/// What a request may need. "Own" is about orders and carts of the caller alone, "any" about
/// everyone's within the caller's stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// Place, read, list, cancel and pay one's own orders, keep one's own carts and address.
    OwnOrders,
    ReadAnyOrder,
    /// Place for others, move orders on, cancel, ship, record refunds, keep others' carts.
    WriteAnyOrder,
    /// Refund through a provider.
    RefundPayments,
    HoldAndReview,
    /// Products, stock, delivery methods, customers.
    WriteCatalog,
    ReadEvents,
    WriteWebhooks,
    /// Stores, settings, machine clients, the admin log.
    Administer,
}

impl Right {
    const ALL: [Right; 9] = [
        Right::OwnOrders,
        Right::ReadAnyOrder,
        Right::WriteAnyOrder,
        Right::RefundPayments,
        Right::HoldAndReview,
        Right::WriteCatalog,
        Right::ReadEvents,
        Right::WriteWebhooks,
        Right::Administer,
    ];

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// Every scope that is known, and what it gives.
const SCOPES: [(&str, &[Right]); 7] = [
    ("customer", &[Right::OwnOrders]),
    ("staff", &Right::ALL),
    ("orders:read", &[Right::ReadAnyOrder]),
    ("orders:write", &[Right::WriteAnyOrder]),
    ("catalog:write", &[Right::WriteCatalog]),
    ("events:read", &[Right::ReadEvents]),
    ("webhooks:write", &[Right::WriteWebhooks]),
];
const STAFF: Scopes = Scopes(1 << 1);

/// A set of known scopes, one bit for each row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scopes(u8);

impl Scopes {
    pub const CUSTOMER: Scopes = Scopes(1);

    /// Reads a space-separated list (RFC 6749, 3.3). Unknown scopes are ignored; a list with none
    /// that is known is a customer's.
    pub fn parse(list: &str) -> Self {
        let known = Scopes::known(list);
        if known.is_empty() { Scopes::CUSTOMER } else { known }
    }

    /// Those of a list that are known, and nothing else.
    pub fn known(list: &str) -> Self {
        Scopes(list.split(' ').filter_map(position).fold(0, |bits, index| bits | 1 << index))
    }

    /// Whether there is a scope of this name.
    pub fn has_word(word: &str) -> bool {
        position(word).is_some()
    }

    /// Every scope there is.
    pub fn all_words() -> impl Iterator<Item = &'static str> {
        SCOPES.iter().map(|(scope, _)| *scope)
    }

    /// Those that the other has too.
    pub fn among(self, other: Scopes) -> Self {
        Scopes(self.0 & other.0)
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn words(self) -> impl Iterator<Item = &'static str> {
        SCOPES
            .iter()
            .enumerate()
            .filter(move |(index, _)| self.0 & 1 << index != 0)
            .map(|(_, s)| s.0)
    }

    fn rights(self) -> u16 {
        let given = SCOPES.iter().enumerate().filter(|(index, _)| self.0 & 1 << index != 0);
        given.flat_map(|(_, (_, rights))| rights.iter()).fold(0, |bits, right| bits | right.bit())
    }
}

fn position(word: &str) -> Option<usize> {
    SCOPES.iter().position(|(scope, _)| *scope == word)
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    issuer: Box<str>,
    subject: Box<str>,
    fingerprint: [u8; 16],
    scopes: Scopes,
    rights: u16,
    /// The stores that the token is narrowed to; none: all.
    stores: Option<Box<[i64]>>,
    /// What an order falls back to where its body is silent.
    email: Option<Box<str>>,
    store: Option<i64>,
    expires_at_ms: i64,
}

impl Caller {
    pub fn new(issuer: &str, subject: &str, scope: &str) -> Self {
        Caller::with_scopes(issuer, subject, Scopes::parse(scope))
    }

    pub fn with_scopes(issuer: &str, subject: &str, scopes: Scopes) -> Self {
        Caller {
            issuer: issuer.into(),
            subject: subject.into(),
            fingerprint: fingerprint(issuer, subject),
            scopes,
            rights: scopes.rights(),
            stores: None,
            email: None,
            store: None,
            expires_at_ms: i64::MAX,
        }
    }

    pub fn with_stores(mut self, stores: Option<Vec<i64>>) -> Self {
        self.stores = stores.map(Vec::into_boxed_slice);
        self
    }

    pub fn with_email(mut self, email: Option<String>) -> Self {
        self.email = email.map(String::into_boxed_str);
        self
    }

    pub fn with_store(mut self, store: Option<i64>) -> Self {
        self.store = store;
        self
    }

    pub fn with_expiry(mut self, at_ms: i64) -> Self {
        self.expires_at_ms = at_ms;
        self
    }

    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Of issuer and subject, for tables of callers that hold no names.
    pub fn fingerprint(&self) -> [u8; 16] {
        self.fingerprint
    }

    pub fn scopes(&self) -> Scopes {
        self.scopes
    }

    pub fn stores(&self) -> Option<&[i64]> {
        self.stores.as_deref()
    }

    pub fn email(&self) -> Option<&str> {
        self.email.as_deref()
    }

    pub fn store(&self) -> Option<i64> {
        self.store
    }

    /// When the token runs out.
    pub fn expires_at_ms(&self) -> i64 {
        self.expires_at_ms
    }

    pub fn may(&self, right: Right) -> bool {
        self.rights & right.bit() != 0
    }

    /// The right, or 403.
    pub fn require(&self, right: Right) -> Result<(), Problem> {
        self.require_any(&[right])
    }

    /// One of the rights, or 403.
    pub fn require_any(&self, rights: &[Right]) -> Result<(), Problem> {
        if rights.iter().any(|right| self.may(*right)) {
            return Ok(());
        }
        let detail = "Your token does not give the right to do this";
        Err(Problem::new(StatusCode::FORBIDDEN, "forbidden", detail))
    }

    /// The right over what all stores share, or 403: a caller narrowed to some has none over it.
    pub fn require_everywhere(&self, right: Right) -> Result<(), Problem> {
        self.require(right)?;
        if self.stores.is_none() {
            return Ok(());
        }
        let detail = "Your token is narrowed to stores, and this is about all of them";
        Err(Problem::new(StatusCode::FORBIDDEN, "forbidden", detail))
    }

    /// Products, stock and delivery methods are the first store's: who does not reach it has no
    /// right over them.
    pub fn may_write_catalog(&self) -> bool {
        self.may(Right::WriteCatalog) && self.may_use_store(FIRST_STORE)
    }

    /// That right, or 403.
    pub fn require_catalog(&self) -> Result<(), Problem> {
        self.require(Right::WriteCatalog)?;
        if self.may_write_catalog() { Ok(()) } else { Err(refused::another_store()) }
    }

    pub fn may_use_store(&self, store: i64) -> bool {
        self.stores.as_ref().is_none_or(|stores| stores.contains(&store))
    }

    pub fn is_staff(&self) -> bool {
        self.scopes.0 & STAFF.0 != 0
    }

    /// A customer sees no actors, reasons and notes, and nobody else's orders.
    pub fn is_customer(&self) -> bool {
        self.scopes == Scopes::CUSTOMER
    }
}

fn fingerprint(issuer: &str, subject: &str) -> [u8; 16] {
    let length = issuer.len().to_be_bytes();
    let whole = Sha256::new().chain_update(length).chain_update(issuer).chain_update(subject);
    let mut half = [0; 16];
    half.copy_from_slice(&whole.finalize()[..16]);
    half
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_give_rights() {
        let check = |scope: &str, expected: &[Right]| {
            let caller = Caller::new("orderd", "u", scope);
            let found: Vec<Right> =
                Right::ALL.into_iter().filter(|right| caller.may(*right)).collect();
            assert_eq!(found, expected, "{scope:?}");
            for right in Right::ALL {
                let refused = caller.require(right).err().map(|problem| problem.status().as_u16());
                assert_eq!(refused, (!expected.contains(&right)).then_some(403));
            }
        };
        check("", &[Right::OwnOrders]);
        check("customer", &[Right::OwnOrders]);
        check("openid profile", &[Right::OwnOrders]);
        check("staff", &Right::ALL);
        check("Staff", &[Right::OwnOrders]);
        check("orders:read", &[Right::ReadAnyOrder]);
        check("openid orders:write  events:read", &[Right::WriteAnyOrder, Right::ReadEvents]);
        check("catalog:write webhooks:write", &[Right::WriteCatalog, Right::WriteWebhooks]);
        check("customer orders:read", &[Right::OwnOrders, Right::ReadAnyOrder]);
    }

    #[test]
    fn a_caller_is_one_of_three_kinds() {
        let kind = |scope: &str| {
            let caller = Caller::new("orderd", "u", scope);
            (caller.is_customer(), caller.is_staff())
        };
        assert_eq!(kind(""), (true, false));
        assert_eq!(kind("staff"), (false, true));
        assert_eq!(kind("orders:read"), (false, false));
        assert_eq!(kind("customer orders:read"), (false, false));
        let words: Vec<&str> = Scopes::parse("events:read x staff").words().collect();
        assert_eq!(words, ["staff", "events:read"]);
    }

    #[test]
    fn a_token_may_be_narrowed_to_stores() {
        let caller = Caller::new("orderd", "u", "staff");
        assert!(caller.may_use_store(1));
        let caller = caller.with_stores(Some(vec![2, 3]));
        assert!(!caller.may_use_store(1));
        assert!(caller.may_use_store(3));
        assert!(!caller.with_stores(Some(vec![])).may_use_store(3));
    }
}
