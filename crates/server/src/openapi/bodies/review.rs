//! What requests about fraud review carry.

use utoipa::ToSchema;

use super::super::words;
use crate::view::Amount;

#[derive(ToSchema)]
pub(crate) struct ReviewBody {
    #[schema(schema_with = words::review_decision)]
    decision: String,
    /// For the shop.
    #[schema(min_length = 1, max_length = 500)]
    note: Option<String>,
}

#[derive(ToSchema)]
pub(crate) struct PutReviewRulesBody {
    /// May repeat the store in the address.
    store_id: Option<u32>,
    /// Whether new orders are judged; without it, they are not.
    enabled: Option<bool>,
    /// An order with so many points is looked at.
    #[schema(minimum = 1, maximum = 50_000)]
    threshold: u32,
    #[schema(max_items = 50)]
    rules: Vec<ReviewRuleBody>,
    /// Ignored, so that what GET shows may be put back; `If-Match` is what compares versions.
    version: Option<u64>,
}

/// A rule has the members of its kind; the others are left out or null.
#[derive(ToSchema)]
pub(crate) struct ReviewRuleBody {
    /// The shop's own, of no other rule of the store.
    rule_id: String,
    #[schema(schema_with = words::rule_kind)]
    kind: String,
    /// Of `total_over`: the total is more than this, in the store's currency.
    amount: Option<Amount>,
    /// Of `velocity`: whose orders are counted. Addresses are the same whatever their case, spaces
    /// and punctuation, and whoever lives there.
    #[schema(schema_with = words::optional_velocity, required = false)]
    by: String,
    /// Of `velocity`: how many are let through; the next one is hit.
    #[schema(minimum = 1, maximum = 100)]
    orders: Option<u32>,
    /// Of `velocity`: within this time.
    #[schema(minimum = 1, maximum = 43_200)]
    within_minutes: Option<u32>,
    /// Of `blocked`: where it goes to, or the bill does. ISO 3166 codes or English names.
    #[schema(max_items = 1000)]
    countries: Option<Vec<String>>,
    /// Of `blocked`: what stands behind the `@`, or ends so: `mail.example` is within `example`.
    #[schema(max_items = 1000)]
    email_domains: Option<Vec<String>>,
    /// Of `blocked`: the customers' ids.
    #[schema(max_items = 1000)]
    customers: Option<Vec<String>>,
    /// The points that it gives.
    #[schema(minimum = 1, maximum = 1000)]
    score: u32,
    /// For the people who decide.
    #[schema(min_length = 1, max_length = 200)]
    reason: String,
}

#[derive(ToSchema)]
pub(crate) struct TryReviewRulesBody {
    /// May repeat the store in the address.
    store_id: Option<u32>,
    /// Ignored: nothing is stored.
    enabled: Option<bool>,
    /// An order with so many points is stopped.
    #[schema(minimum = 1, maximum = 50_000)]
    threshold: u32,
    #[schema(max_items = 50)]
    rules: Vec<ReviewRuleBody>,
    /// Ignored.
    version: Option<u64>,
    /// The last so many orders; not beside the times.
    #[schema(minimum = 1, maximum = 10_000)]
    last: Option<u32>,
    /// Orders placed at this time or later.
    from: Option<String>,
    /// And at this time or earlier.
    to: Option<String>,
}
