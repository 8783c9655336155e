//! What holds of every line, in whatever parts it is shipped, cancelled, returned and refunded.

use domain::{
    Command, Order, OrderNo,
    order::{ShippingStatus, Status},
    refund::RefundState,
};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::{
    house::{House, arrive, cancel, deliver, ship, ship_open, ship_some, staff},
    till::{hold, paid, parts, refund, release, settle},
};

const ORDER: OrderNo = OrderNo(1);

#[derive(Clone, Debug)]
enum Deed {
    Run(Command),
    /// The provider decides about a refund.
    Settle(usize, RefundState),
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_piece_is_lost_or_doubled(deeds in vec(deed(), 0..40)) {
        let mut house = House::new();
        paid(&mut house);
        for deed in deeds {
            let before = house.order(ORDER).clone();
            // A refusal is as good an answer as any: what matters is what stands in the books.
            match deed {
                Deed::Run(command) => _ = house.run(&staff(), &command),
                Deed::Settle(k, state) if k <= before.refunds.len() => {
                    settle(&mut house, ORDER, k, state).unwrap();
                }
                Deed::Settle(..) => {}
            }
            check_lines(&house, &before);
            check_states(house.order(ORDER));
        }
    }
}

/// Three desks on a shelf of ten, and two books.
fn check_lines(house: &House, before: &Order) {
    let order = house.order(ORDER);
    let (mut on_hand, mut reserved) = (10, 0);
    for (line, was) in order.lines.iter().zip(&before.lines) {
        let counts = line.counts;
        let sum = line.open() + counts.cancelled + counts.shipped;
        assert_eq!(sum, line.quantity.get(), "ordered = open + cancelled + shipped: {line:?}");
        assert!(counts.returned <= counts.shipped, "{line:?}");
        assert!(counts.refunded <= line.quantity.get(), "{line:?}");
        let was = was.counts;
        let rises = counts.cancelled >= was.cancelled
            && counts.shipped >= was.shipped
            && counts.returned >= was.returned
            && counts.refunded >= was.refunded;
        assert!(rises, "what has happened has happened: {line:?} after {was:?}");
        let parcels = order.shipments.iter().flat_map(|it| &it.items);
        let sent: u32 = parcels.filter(|it| it.line == line.no).map(|it| it.quantity.get()).sum();
        assert_eq!(sent, counts.shipped, "what was shipped lies in parcels: {line:?}");
        if line.stock_key().is_some() {
            on_hand += i64::from(counts.returned) - i64::from(counts.shipped);
            reserved += i64::from(line.open());
        }
    }
    assert_eq!(house.shelf("desk"), (on_hand, reserved), "the shelf is what the lines say");
}

fn check_states(order: &Order) {
    let open = order.lines.iter().any(|it| it.open() > 0);
    let arrived = order.shipments.iter().all(|it| it.delivered_at.is_some());
    match order.status {
        Status::Pending => panic!("it was paid"),
        Status::Confirmed => {
            let expected = match order.shipments.len() {
                0 => ShippingStatus::Processing,
                _ => ShippingStatus::PartiallyShipped,
            };
            assert_eq!(order.shipping_status, expected);
        }
        Status::Shipped => assert!(!open && !order.shipments.is_empty()),
        Status::Delivered => assert!(!open && arrived),
        Status::Cancelled => assert!(!open && order.shipments.is_empty()),
    }
}

fn deed() -> impl Strategy<Value = Deed> {
    let some = || vec((1..3_u32, 1..3_u32), 1..3);
    let shipped = some().prop_map(|items| ship_some(ORDER, &items));
    let refunded = (some(), any::<bool>());
    let refunded =
        refunded.prop_map(|(items, restock)| refund(ORDER, parts(&items, None, restock)));
    let rare: [fn(OrderNo) -> Command; 6] = [cancel, ship, ship_open, deliver, hold, release];
    let rare = select(rare.to_vec()).prop_map(|build| build(ORDER));
    let arrived = (1..4_u32).prop_map(|k| arrive(ORDER, k));
    let ends = select(&[RefundState::Succeeded, RefundState::Failed][..]);
    prop_oneof![
        6 => shipped.prop_map(Deed::Run),
        4 => refunded.prop_map(Deed::Run),
        2 => arrived.prop_map(Deed::Run),
        2 => rare.prop_map(Deed::Run),
        3 => (1..5_usize, ends).prop_map(|(k, state)| Deed::Settle(k, state)),
    ]
}
