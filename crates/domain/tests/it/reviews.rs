//! Fraud review: what each rule stops, what is counted, and what becomes of an order that waits.

use std::sync::Arc;

use domain::{
    Actor, Command, Currency, Event, Moment, Money, Order, OrderNo, Outcome, Refusal, Role,
    StoreId, Subject,
    address::{Address, Person},
    customer::{erasure::ErasePerson, put::PutCustomer},
    event::AdminEvent,
    money::MoneyFault,
    order::{
        CancelCause, PaymentMethod, PaymentStatus, ReviewStatus, Status,
        place::PlaceOrder,
        review::{ReviewDecision, ReviewOrder},
    },
    payment::PaymentState,
    review::{
        Check, ReviewRules, Rule, Suspect,
        put::{Draft, DraftCheck, DraftRule, PutReviewRules},
        trial::{PastOrder, Trial},
        velocity::By,
    },
    shop::{Shop, put::PutStore},
    version::Expected,
};

use crate::{
    house::{
        House, NOON, address, cancel, command, confirm, country, customer, decimal, deliver, id,
        place, ship, staff,
    },
    refusals::Case,
    till::{pay, take_all},
};

const MINUTE: i64 = 60_000;

fn rule(name: &str, score: u32, check: DraftCheck) -> DraftRule {
    DraftRule { id: id(name), score, reason: format!("for {name}"), check }
}

/// One rule is enough to stop an order.
fn draft(checks: &[DraftCheck]) -> Draft {
    let rules = (1..).zip(checks).map(|(no, it)| rule(&format!("r{no}"), 100, it.clone()));
    Draft { enabled: true, threshold: 100, rules: rules.collect() }
}

fn put(draft: Draft) -> Command {
    let (store, expected) = (StoreId::FIRST, Expected::Any);
    Command::PutReviewRules(Box::new(PutReviewRules { store, draft, expected }))
}

fn house_with(checks: &[DraftCheck]) -> House {
    let mut house = House::new();
    house.stock("desk", 1000, 0);
    house.must(&put(draft(checks)));
    house
}

fn decide(order: OrderNo, decision: ReviewDecision) -> Command {
    let note = Some("called back".into());
    Command::ReviewOrder(ReviewOrder { order, decision, note, expected: Expected::Any })
}

fn pass(order: OrderNo) -> Command {
    decide(order, ReviewDecision::Pass)
}

fn fail(order: OrderNo) -> Command {
    decide(order, ReviewDecision::Fail)
}

fn over(amount: &str) -> DraftCheck {
    DraftCheck::TotalOver { amount: decimal(amount) }
}

fn velocity(by: By, orders: u32, within_minutes: u32) -> DraftCheck {
    DraftCheck::Velocity { by, orders, within_minutes }
}

fn blocked(countries: &[&str], domains: &[&str], customers: &[&str]) -> DraftCheck {
    DraftCheck::Blocked {
        countries: countries.iter().map(|it| country(it)).collect(),
        email_domains: domains.iter().map(|it| (*it).into()).collect(),
        customers: customers.iter().map(|it| id(it)).collect(),
    }
}

/// Places it and tells whether it is looked at.
fn is_stopped(house: &mut House, order: PlaceOrder) -> bool {
    let no = placed(house, order);
    house.order(no).review_status == ReviewStatus::UnderReview
}

fn placed(house: &mut House, order: PlaceOrder) -> OrderNo {
    let outcome = house.run(&staff(), &command(order)).unwrap();
    let Outcome::Order(no) = outcome else { panic!("{outcome:?}") };
    no
}

/// One desk and its shipping: 15.00.
fn order(change: impl FnOnce(&mut PlaceOrder)) -> PlaceOrder {
    let mut order = place(&[("desk", 1)]);
    change(&mut order);
    order
}

fn email(text: &str) -> PlaceOrder {
    order(|it| it.person.contact.email = Some(text.into()))
}

fn to(change: impl FnOnce(&mut Address)) -> PlaceOrder {
    order(|it| change(it.person.shipping_address.as_mut().unwrap()))
}

fn billed(to: &str) -> PlaceOrder {
    order(|it| it.person.billing_address = Some(address(to)))
}

#[test]
fn each_kind_of_rule_stops_what_it_says() {
    let check = |rule: DraftCheck, order: PlaceOrder, expected: bool| {
        let mut house = house_with(std::slice::from_ref(&rule));
        assert_eq!(is_stopped(&mut house, order.clone()), expected, "{rule:?} {order:?}");
    };
    let plain = || order(|_| {});
    check(over("15.00"), plain(), false);
    check(over("14.99"), plain(), true);
    check(over("0"), plain(), true);
    check(DraftCheck::CountriesDiffer, plain(), false);
    check(DraftCheck::CountriesDiffer, billed("US"), false);
    check(DraftCheck::CountriesDiffer, billed("DE"), true);
    let only_billed = |it: &mut PlaceOrder| {
        it.items = place(&[("book", 1)]).items;
        it.person.billing_address = it.person.shipping_address.take();
    };
    let mut nowhere = house_with(&[DraftCheck::CountriesDiffer]);
    nowhere.product("book", |it| (it.track_stock, it.requires_shipping) = (false, false));
    assert!(!is_stopped(&mut nowhere, order(only_billed)));
    check(blocked(&["US"], &[], &[]), plain(), true);
    check(blocked(&["DE"], &[], &[]), plain(), false);
    check(blocked(&["DE"], &[], &[]), billed("DE"), true);
    check(blocked(&[], &[], &["ann"]), plain(), true);
    check(blocked(&[], &[], &["Ann", "bob"]), plain(), false);
    check(blocked(&[], &[], &["ann"]), order(|it| it.customer = None), false);
    for (text, expected) in [
        ("a@bad.example", true),
        ("A@BAD.Example ", true),
        ("a@mail.bad.example", true),
        ("\"x@y\"@bad.example.", true),
        ("a@verybad.example", false),
        ("a@bad.example.org", false),
        ("bad.example", false),
    ] {
        check(blocked(&[], &["bad.example"], &[]), email(text), expected);
    }
    check(blocked(&[], &["bad.example"], &[]), plain(), false);
    check(blocked(&[], &[], &[]), plain(), false);
}

/// What was told before is what the order has.
#[test]
fn the_address_that_the_shop_knows_is_looked_at_too() {
    let mut house = house_with(&[blocked(&[], &["bad.example"], &[]), velocity(By::Email, 1, 10)]);
    let known = PutCustomer {
        id: id("ann"),
        name: None,
        email: Some("ann@bad.example".into()),
        phone: None,
        locale: None,
        notify: Vec::new(),
        expected: Expected::Any,
    };
    house.must(&Command::PutCustomer(Box::new(known)));
    let no = placed(&mut house, order(|_| {}));
    assert_eq!(rules_hit(&house, no), ["r1"]);
    let other = order(|it| {
        it.customer = None;
        it.person.contact.email = Some("ANN@bad.example".into());
    });
    let no = placed(&mut house, other);
    assert_eq!(rules_hit(&house, no), ["r1", "r2"]);
}

fn rules_hit(house: &House, no: OrderNo) -> Vec<String> {
    let started = house.world.events.iter().filter(|it| it.order == Some(no));
    let hits = started.filter_map(|it| {
        let Event::OrderReviewStarted(it) = &it.event else { return None };
        Some(&it.hits)
    });
    hits.flatten().map(|it| it.rule.to_string()).collect()
}

#[test]
fn points_add_up_to_the_threshold() {
    let check = |threshold: u32, expected: bool| {
        let mut house = House::new();
        let rules = vec![
            rule("large", 30, over("1")),
            rule("abroad", 40, DraftCheck::CountriesDiffer),
            rule("huge", 1000, over("1000")),
        ];
        house.must(&put(Draft { enabled: true, threshold, rules }));
        let no = placed(&mut house, billed("DE"));
        let stopped = house.order(no).review_status == ReviewStatus::UnderReview;
        assert_eq!(stopped, expected, "{threshold}");
        let told = house.world.events.iter().find_map(|it| {
            let Event::OrderReviewStarted(it) = &it.event else { return None };
            Some(it.clone())
        });
        assert_eq!(told.is_some(), expected);
        if let Some(told) = told {
            assert_eq!((told.score, told.threshold), (70, threshold));
            let hits: Vec<_> = told.hits.iter().map(|it| (it.kind.as_str(), it.score)).collect();
            assert_eq!(hits, [("total_over", 30), ("countries_differ", 40)]);
            assert_eq!(told.hits[0].reason, "for large");
        }
    };
    check(70, true);
    check(71, false);
    check(1, true);
}

#[test]
fn rules_that_are_off_cost_nothing() {
    let mut house = House::new();
    let off = Draft { enabled: false, ..draft(&[over("1"), velocity(By::Customer, 1, 10)]) };
    house.must(&put(off));
    assert!(!is_stopped(&mut house, order(|_| {})));
    assert!(!is_stopped(&mut house, order(|_| {})));
    assert_eq!(house.world.velocities.changes().count(), 0, "nothing is counted");
    house.must(&put(draft(&[over("1")])));
    assert!(is_stopped(&mut house, order(|_| {})));
    assert_eq!(house.world.velocities.changes().count(), 0, "no rule counts");
}

#[test]
fn orders_are_counted_within_their_time() {
    let check = |gaps: &[i64], expected: &str| {
        let mut house = house_with(&[velocity(By::Customer, 2, 10)]);
        let stopped = gaps.iter().map(|gap| {
            house.clock = house.clock.plus_ms(*gap);
            if is_stopped(&mut house, order(|_| {})) { '!' } else { '.' }
        });
        assert_eq!(stopped.collect::<String>(), expected, "{gaps:?}");
    };
    check(&[0, 0, 0, 0], "..!!");
    check(&[0, 0, 10 * MINUTE - 1], "..!");
    check(&[0, 0, 10 * MINUTE], "...");
    check(&[0, 5 * MINUTE, 5 * MINUTE - 1, 1], "..!!");
    check(&[0, 5 * MINUTE, 5 * MINUTE, 5 * MINUTE], "....");
    // Those that were stopped count like any.
    check(&[0, 0, 0, 10 * MINUTE, 0, 0], "..!..!");
}

/// The wider of two rules does not keep the narrower from counting exactly.
#[test]
fn rules_of_one_kind_share_what_is_counted() {
    let mut house = house_with(&[velocity(By::Customer, 1, 1), velocity(By::Customer, 3, 60)]);
    let mut place = |gap: i64| {
        house.clock = house.clock.plus_ms(gap);
        let no = placed(&mut house, order(|_| {}));
        rules_hit(&house, no).join(" ")
    };
    let found = [0, MINUTE, MINUTE - 1, MINUTE, 57 * MINUTE, 0].map(&mut place);
    assert_eq!(found, ["", "", "r1", "r2", "r2", "r1 r2"]);
}

#[test]
fn who_is_counted_together() {
    let check = |by: By, first: PlaceOrder, second: PlaceOrder, same: bool| {
        let mut house = house_with(&[velocity(by, 1, 10)]);
        assert!(!is_stopped(&mut house, first));
        assert_eq!(is_stopped(&mut house, second.clone()), same, "{by:?} {second:?}");
    };
    let plain = || order(|_| {});
    let bob = || order(|it| it.customer = Some(id("bob")));
    let guest = || order(|it| it.customer = None);
    check(By::Customer, plain(), plain(), true);
    check(By::Customer, plain(), bob(), false);
    check(By::Customer, guest(), guest(), false);
    check(By::Address, plain(), bob(), true);
    check(By::Address, plain(), to(|it| it.address = " 123,  MAIN st. ".into()), true);
    check(By::Address, plain(), to(|it| it.city = "SPRINGFIELD".into()), true);
    check(By::Address, plain(), to(|it| it.name = Some("Somebody".into())), true);
    check(By::Address, plain(), to(|it| it.address = "124 Main St".into()), false);
    check(By::Address, plain(), to(|it| it.country = country("DE")), false);
    check(By::Address, plain(), to(|it| it.zip = Some("10001".into())), false);
    let floor = |it: &mut Address| it.address2 = Some("Apt 4".into());
    let joined = |it: &mut Address| it.address = "123 Main St, Apt 4".into();
    check(By::Address, to(floor), to(joined), true);
    check(By::Email, email("Ann@x.example"), email(" ann@X.EXAMPLE"), true);
    check(By::Email, email("ann@x.example"), email("bob@x.example"), false);
    check(By::Email, plain(), plain(), false);
}

#[test]
fn stores_count_apart() {
    let shop = |no: u32| Shop { id: StoreId(no), ..Shop::first() };
    let price = (Money(1), Currency::USD);
    let ann = id("ann");
    let key = |shop: &Shop, by: By| {
        let mail = Person::default();
        Suspect::new(shop.id, Some(&ann), price, Some(&mail)).velocity_key(by)
    };
    assert_ne!(key(&shop(1), By::Customer), key(&shop(2), By::Customer));
    assert_eq!(key(&shop(1), By::Email), None);
}

/// It keeps its stock, may be paid, gets its numbers, and does not ship.
#[test]
fn an_order_under_review_goes_on_but_for_shipping() {
    let mut house = house_with(&[over("1")]);
    let no = placed(&mut house, order(|_| {}));
    let told: Vec<_> = house.world.events.iter().map(|it| it.event.kind()).collect();
    assert_eq!(told, ["order.created", "order.review_started", "order.confirmed"]);
    let found = house.order(no);
    assert_eq!((found.status, found.review_status), (Status::Confirmed, ReviewStatus::UnderReview));
    assert!(found.invoice.is_some() && found.retrieval_no.is_some());
    assert_eq!(house.shelf("desk"), (1000, 1));
    assert_eq!(house.run(&staff(), &ship(no)), Err(Refusal::UnderReview(no).into()));
    house.must(&pass(no));
    assert_eq!(house.order(no).review_status, ReviewStatus::Passed);
    house.must(&ship(no));
    assert_eq!(house.order(no).status, Status::Shipped);
}

/// A paid order under review that has been judged by hand so far.
fn stopped(house: &mut House) -> OrderNo {
    let no = house.order_paid_by(PaymentMethod::CreditCard);
    start(house, no);
    no
}

fn start(house: &mut House, no: OrderNo) {
    let started = domain::event::OrderReviewStarted { score: 1, threshold: 1, hits: Vec::new() };
    house.tell(no, vec![Event::OrderReviewStarted(started)]);
}

#[test]
fn a_failed_review_takes_all_of_it_back() {
    let mut house = House::new();
    let no = stopped(&mut house);
    take_all(&mut house, no);
    let before = house.world.events.len();
    house.must(&fail(no));
    let told: Vec<_> = house.world.events[before..].iter().map(|it| it.event.kind()).collect();
    assert_eq!(told, ["order.review_failed", "order.cancelled", "refund.created"]);
    let order: &Order = house.order(no);
    assert_eq!((order.status, order.review_status), (Status::Cancelled, ReviewStatus::Failed));
    assert_eq!(order.cancelled_by, Some(CancelCause::ReviewFailed));
    assert_eq!(order.cancel_reason, None, "the note is for the shop alone");
    assert_eq!(
        (order.refunds[0].amount, order.payment_status()),
        (order.total, PaymentStatus::Paid)
    );
    assert!(order.credit_note.is_some());
    assert_eq!(house.shelf("desk"), (10, 0));
    // Money that is only promised is let go.
    let mut house = House::new();
    let no = stopped(&mut house);
    pay(&mut house, no, 1, PaymentState::Authorized, 5500);
    house.must(&fail(no));
    let wishes: Vec<_> = house.world.effects.iter().map(|it| it.id.to_string()).collect();
    assert_eq!(wishes, ["void_1_1"]);
}

/// One that ran out of time while it waited would come back with its payment.
#[test]
fn what_was_cancelled_before_only_learns_the_decision() {
    for (decision, review) in
        [(ReviewDecision::Pass, ReviewStatus::Passed), (ReviewDecision::Fail, ReviewStatus::Failed)]
    {
        let mut house = House::new();
        let no = stopped(&mut house);
        house.must(&cancel(no));
        let before = house.world.events.len();
        house.must(&decide(no, decision));
        assert_eq!(house.world.events.len(), before + 1);
        let order = house.order(no);
        assert_eq!((order.status, order.review_status), (Status::Cancelled, review));
        assert_eq!(order.cancelled_by, Some(CancelCause::Staff));
    }
}

/// What staff know of an order is taken out of what is counted with its person.
#[test]
fn an_erased_order_is_counted_no_more() {
    let mut house = house_with(&[velocity(By::Customer, 5, 60), velocity(By::Address, 5, 60)]);
    let mine = placed(&mut house, order(|_| {}));
    let theirs = placed(&mut house, order(|it| it.customer = Some(id("bob"))));
    let counted = |house: &House| {
        let mut rows: Vec<Vec<u64>> = house
            .world
            .velocities
            .iter()
            .map(|it| it.orders.iter().map(|it| it.order.0).collect())
            .collect();
        rows.sort();
        rows
    };
    assert_eq!(counted(&house), [vec![mine.0], vec![mine.0, theirs.0], vec![theirs.0]]);
    house.must(&ship(mine));
    house.must(&deliver(mine));
    house.must(&Command::ErasePerson(ErasePerson { order: mine }));
    assert_eq!(counted(&house), [vec![theirs.0], vec![theirs.0]]);
    house.must(&cancel(theirs));
    house.must(&Command::ErasePerson(ErasePerson { order: theirs }));
    assert_eq!(counted(&house), Vec::<Vec<u64>>::new(), "empty rows go");
}

#[test]
fn rules_are_put_as_they_were_seen_and_stay_with_their_store() {
    let mut house = House::new();
    let expecting = |version: u64| {
        let (store, expected) = (StoreId::FIRST, Expected::OneOf(vec![version]));
        let draft = draft(&[over("7.50")]);
        Command::PutReviewRules(Box::new(PutReviewRules { store, draft, expected }))
    };
    let stale = house.run(&staff(), &expecting(1)).unwrap_err();
    assert_eq!(*stale.first(), Refusal::VersionMismatch { current: Some(0) });
    house.must(&expecting(0));
    house.must(&expecting(1));
    let rules = |house: &House| -> Arc<ReviewRules> {
        house.world.stores.get(&StoreId::FIRST).unwrap().review.clone().unwrap()
    };
    let found = rules(&house);
    let amount = Check::TotalOver { amount: Money(750), currency: Currency::USD };
    assert_eq!((found.version, &found.rules[0].check), (2, &amount));
    house.must(&Command::PutStore(Box::new(PutStore {
        id: StoreId::FIRST,
        name: "Other".into(),
        currency: Currency::parse("JPY").unwrap(),
        time_zone: "UTC".into(),
        invoice_prefix: None,
        success_url: None,
        success_hosts: Vec::new(),
        test: false,
        expected: Expected::Any,
    })));
    assert_eq!(rules(&house), found, "the store is put without them");
    let told = house.world.admin_events.iter().filter_map(|it| {
        let AdminEvent::ReviewRulesPut(it) = &it.event else { return None };
        Some(it.rules.version)
    });
    assert_eq!(told.collect::<Vec<_>>(), [1, 2]);
    let Some(AdminEvent::StorePut(shop)) =
        house.world.admin_events.iter().map(|it| &it.event).find(|it| it.kind() == "store.put")
    else {
        panic!("no store was put")
    };
    assert_eq!(shop.review, None);
}

/// A trial finds in past orders what the rules found when they were placed.
#[test]
fn a_trial_finds_what_the_rules_would_have_found() {
    let checks = [over("20"), velocity(By::Customer, 2, 10), velocity(By::Address, 3, 60)];
    let mut house = house_with(&checks);
    let mut hit = Vec::new();
    for (gap, who, count) in
        [(0, "ann", 1), (1, "bob", 2), (2, "ann", 1), (3, "ann", 2), (9, "ann", 1), (50, "bob", 1)]
    {
        house.clock = house.clock.plus_ms(gap * MINUTE);
        let no = placed(
            &mut house,
            order(|it| {
                it.customer = Some(id(who));
                it.items = place(&[("desk", count)]).items;
            }),
        );
        hit.push(rules_hit(&house, no));
    }
    assert!(hit.iter().flatten().count() > 4, "{hit:?}");
    let rules = house.world.stores.get(&StoreId::FIRST).unwrap().review.clone().unwrap();
    let mut trial = Trial::new(&rules);
    let orders = (1..=6).map(|no| PastOrder::from(house.order(OrderNo(no)).clone()));
    let tried = orders.map(|it| trial.judge(&it).hits);
    let tried: Vec<Vec<String>> =
        tried.map(|it| it.iter().map(|it| it.rule.to_string()).collect()).collect();
    assert_eq!(tried, hit);
    // What is left of an order whose person was erased is its customer and its total.
    let erased = Order { person: None, person_erased: true, ..house.order(OrderNo(2)).clone() };
    let verdict = Trial::new(&rules).judge(&PastOrder::from(erased));
    assert_eq!(verdict.score, 100);
}

#[test]
fn old_rules_are_read() {
    let rules = ReviewRules {
        enabled: true,
        threshold: 5,
        rules: vec![Rule {
            id: id("r"),
            score: 5,
            reason: "x".into(),
            check: Check::Velocity { by: By::Email, orders: 3, within_minutes: 10 },
        }],
        version: 1,
    };
    let text = serde_json::to_string(&rules).unwrap();
    let check = r#"{"velocity":{"by":"email","orders":3,"within_minutes":10}}"#;
    let rule = format!(r#"{{"id":"r","score":5,"reason":"x","check":{check}}}"#);
    let expected = format!(r#"{{"enabled":true,"threshold":5,"rules":[{rule}],"version":1}}"#);
    assert_eq!(text, expected);
    assert_eq!(serde_json::from_str::<ReviewRules>(&text).unwrap(), rules);
}

/// Rows for the table of refusals.
pub(crate) fn refused() -> Vec<Case> {
    let order = OrderNo(1);
    let case = |what, asked: Command, review, prepare: fn(&mut House, OrderNo)| {
        let mut house = House::new();
        let no = house.order_in(Status::Confirmed);
        prepare(&mut house, no);
        let refusal = Refusal::NotUnderReview { order, review };
        Case { what, house, who: staff(), asked, subject: Subject::Request, refusal }
    };
    let amount = |what, text: &str, fault| Case {
        what,
        house: House::new(),
        who: staff(),
        asked: put(draft(&[DraftCheck::CountriesDiffer, over(text)])),
        subject: Subject::RuleAmount(1),
        refusal: Refusal::InvalidAmount(fault),
    };
    let elsewhere = Actor { stores: Some(vec![StoreId(2)]), ..staff() };
    let passed: fn(&mut House, OrderNo) = |house, no| {
        start(house, no);
        house.must(&pass(no));
    };
    let failed: fn(&mut House, OrderNo) = |house, no| {
        start(house, no);
        house.must(&fail(no));
    };
    vec![
        case("never stopped", pass(order), ReviewStatus::None, |_, _| {}),
        case("passed twice", pass(order), ReviewStatus::Passed, passed),
        case("failed once passed", fail(order), ReviewStatus::Passed, passed),
        case("passed once failed", pass(order), ReviewStatus::Failed, failed),
        amount("too fine", "1.001", MoneyFault::TooManyDecimals { allowed: 2 }),
        amount("below nothing", "-1", MoneyFault::Negative),
        Case {
            what: "rules of another's store",
            house: House::new(),
            who: elsewhere,
            asked: put(draft(&[])),
            subject: Subject::Store,
            refusal: Refusal::StoreNotFound(StoreId::FIRST),
        },
    ]
}

#[test]
fn others_do_not_decide_over_what_they_may_not_see() {
    let mut house = House::new();
    let no = stopped(&mut house);
    house.must(&confirm(no));
    let bob = customer("bob");
    assert!(matches!(bob.role, Role::Customer(_)));
    let refused = house.run(&bob, &pass(no)).unwrap_err();
    assert_eq!(*refused.first(), Refusal::OrderNotFound(no));
    assert_eq!(house.clock, Moment(NOON.0));
}
