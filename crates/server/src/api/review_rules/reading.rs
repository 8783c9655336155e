//! Reads the rules that somebody has written.

use std::collections::BTreeSet;

use domain::{
    CustomerId, RuleId, StoreId,
    review::{
        BLOCKED_MAX, RULES_MAX, SCORE_MAX, VELOCITY_MINUTES_MAX, VELOCITY_ORDERS_MAX,
        put::{Draft, DraftCheck, DraftRule},
        velocity::By,
    },
};

use crate::{
    api::{delivery_methods::country, products::price},
    json::{Field, Fields},
};

const DOMAIN_LENGTH_MAX: usize = 253;
const REASON_LENGTH_MAX: usize = 200;

/// All rules together may ask for so many points.
const THRESHOLD_MAX: i64 = RULES_MAX as i64 * SCORE_MAX as i64;

/// A rule has the fields of its kind.
const OF_KINDS: [(&str, &[&str]); 4] = [
    ("total_over", &["amount"]),
    ("countries_differ", &[]),
    ("velocity", &["by", "orders", "within_minutes"]),
    ("blocked", &["countries", "email_domains", "customers"]),
];

/// The fields of the rules' own document; others may stand beside them.
pub(super) fn draft(body: &Fields<'_, '_>, named: Option<StoreId>) -> Option<Draft> {
    let repeated = body.optional("store_id");
    let other = repeated.integer(1..=u32::MAX.into());
    if named.zip(other).is_some_and(|(named, other)| i64::from(named.0) != other) {
        repeated.fault("id_mismatch", "must be the store in the address");
    }
    let enabled = body.optional("enabled").bool();
    let threshold = body.required("threshold").integer(1..=THRESHOLD_MAX);
    let rules = body.required("rules").array(0..=RULES_MAX);
    let rules = rules.map(|it| {
        let mut known = BTreeSet::new();
        it.iter().filter_map(|it| rule(it, &mut known)).collect()
    });
    // What GET shows may be put back as it is.
    _ = body.optional("version").integer(0..=i64::MAX);
    Some(Draft {
        enabled: enabled.unwrap_or(false),
        threshold: u32::try_from(threshold?).ok()?,
        rules: rules?,
    })
}

fn rule(field: Field<'_, '_>, known: &mut BTreeSet<RuleId>) -> Option<DraftRule> {
    let rule = field.object()?;
    let named = rule.required("rule_id");
    let id = named.id().and_then(|it| it.parse::<RuleId>().ok());
    if id.as_ref().is_some_and(|it| !known.insert(it.clone())) {
        named.fault("duplicate_id", "must be of no other rule");
    }
    let kinds = OF_KINDS.map(|(kind, _)| (kind, kind));
    let kind = rule.required("kind").one_of(&kinds);
    let check = kind.and_then(|kind| check(&rule, kind));
    let score = rule.required("score").integer(1..=SCORE_MAX.into());
    let reason = rule.required("reason").string(1..=REASON_LENGTH_MAX);
    if kind.is_some() {
        rule.deny_unknown();
    }
    Some(DraftRule {
        id: id?,
        score: u32::try_from(score?).ok()?,
        reason: reason?.into(),
        check: check?,
    })
}

fn check(rule: &Fields<'_, '_>, kind: &'static str) -> Option<DraftCheck> {
    for (of, names) in OF_KINDS {
        for name in names.iter().filter(|_| of != kind) {
            let field = rule.optional(*name);
            if field.is_present() {
                field.fault("other_kind", format!("is of rules of the kind {of}"));
            }
        }
    }
    match kind {
        "total_over" => Some(DraftCheck::TotalOver { amount: price(rule.required("amount"))? }),
        "velocity" => velocity(rule),
        "blocked" => blocked(rule),
        _ => Some(DraftCheck::CountriesDiffer),
    }
}

fn velocity(rule: &Fields<'_, '_>) -> Option<DraftCheck> {
    let by = rule.required("by").one_of(&By::ALL.map(|it| (it.name(), it)));
    let orders = rule.required("orders").integer(1..=VELOCITY_ORDERS_MAX.into());
    let within = rule.required("within_minutes").integer(1..=VELOCITY_MINUTES_MAX.into());
    Some(DraftCheck::Velocity {
        by: by?,
        orders: u32::try_from(orders?).ok()?,
        within_minutes: u32::try_from(within?).ok()?,
    })
}

fn blocked(rule: &Fields<'_, '_>) -> Option<DraftCheck> {
    let countries = rule.optional("countries").array(0..=BLOCKED_MAX);
    let countries: Vec<_> =
        countries.map(|it| it.iter().filter_map(country).collect()).unwrap_or_default();
    let domains = rule.optional("email_domains").array(0..=BLOCKED_MAX);
    let email_domains: Vec<_> =
        domains.map(|it| it.iter().filter_map(email_domain).collect()).unwrap_or_default();
    let customers = rule.optional("customers").array(0..=BLOCKED_MAX);
    let customers: Vec<CustomerId> = customers
        .map(|it| it.iter().filter_map(|it| it.id()?.parse().ok()).collect())
        .unwrap_or_default();
    let lists = ["countries", "email_domains", "customers"];
    if !lists.iter().any(|it| rule.optional(*it).is_present()) {
        rule.fault("list_required", "must have countries, email_domains or customers");
    }
    Some(DraftCheck::Blocked { countries, email_domains, customers })
}

/// What stands behind the `@`, in small letters.
fn email_domain(field: Field<'_, '_>) -> Option<String> {
    field.parse(field.string(1..=DOMAIN_LENGTH_MAX), "invalid_domain", |text| {
        let is_plain = |part: &str| {
            !part.is_empty() && part.chars().all(|it| it.is_alphanumeric() || it == '-')
        };
        match text.split('.').all(is_plain) {
            true => Ok(text.to_lowercase()),
            false => Err("must be the name of a domain, such as mail.example"),
        }
    })
}
