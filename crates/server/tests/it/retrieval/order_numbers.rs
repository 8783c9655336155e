//! `POST /v1/orderNumbers`.

use testkit::server::TestServer;

use super::Shop;

const DAY_MS: i64 = 24 * 3600 * 1000;

on_every_store! {
    fn orders_come_by_number_and_by_day(server: &TestServer) {
        let shop = Shop::open(server);
        assert_eq!(shop.numbers(r#""sinceOrderId": 0"#), [""; 0]);
        // Two on the 27th, at noon, one at the very end of that day, two on the 28th.
        server.order("jane", "p001", 1);
        server.order("jane", "p001", 1);
        server.clock().advance_ms(DAY_MS / 2 - 1);
        server.order("jane", "p001", 1);
        let late = server.payable("jane", "p001", 1);
        server.clock().advance_ms(1);
        server.order("jane", "p001", 1);
        server.order("jane", "p001", 1);
        let all = ["1-1", "1-2", "1-3", "1-4", "1-5"];
        assert_eq!(shop.numbers(r#""sinceOrderId": 0"#), all);
        assert_eq!(shop.numbers(r#""sinceOrderId": "1-2""#), all[2..]);
        assert_eq!(shop.numbers(r#""sinceOrderId": 4"#), all[4..]);
        assert_eq!(shop.numbers(r#""sinceOrderId": "5""#), [""; 0]);
        assert_eq!(shop.numbers(r#""sinceOrderId": 99"#), [""; 0]);
        assert_eq!(shop.numbers(r#""sinceDate": "20250626""#), all);
        assert_eq!(shop.numbers(r#""sinceDate": 20250627"#), all);
        assert_eq!(shop.numbers(r#""sinceDate": "20250628""#), all[3..]);
        assert_eq!(shop.numbers(r#""sinceDate": "20250629""#), [""; 0]);
        let days = |since: &str, through: &str| {
            shop.numbers(&format!(r#""sinceDate": "{since}", "throughDate": "{through}""#))
        };
        assert_eq!(days("20250627", "20250627"), all[..3]);
        assert_eq!(days("20250628", "20250628"), all[3..]);
        assert_eq!(days("20250628", "20250627"), [""; 0]);
        assert_eq!(days("20250101", "20250626"), [""; 0]);
        let ignored = r#""sinceOrderId": 0, "throughDate": "20250101", "sinceDate": null"#;
        assert_eq!(shop.numbers(ignored), all);
        // It was placed the day before, and is complete now.
        assert!(!shop.numbers(r#""sinceOrderId": 0"#).contains(&"1-6".into()));
        server.at_provider(&late.intent, "confirm");
        server.eventually(&late.order, "/payment_status", "paid");
        assert_eq!(shop.numbers(r#""sinceOrderId": 5"#), ["1-6"]);
        assert_eq!(shop.numbers(r#""sinceDate": "20250628""#), ["1-4", "1-5", "1-6"]);
    }

    fn those_without_a_merchant_order_id_are_found(server: &TestServer) {
        let shop = Shop::open(server);
        for _ in 0..3 {
            server.order("jane", "p001", 1);
        }
        let missing = r#""missingMerchantOrderId": "true""#;
        assert_eq!(shop.numbers(missing), ["1-1", "1-2", "1-3"]);
        shop.ask("v1/updateMerchantOrderId", r#""orderId": 2, "merchantOrderId": 7"#);
        assert_eq!(shop.numbers(missing), ["1-1", "1-3"]);
        assert_eq!(shop.numbers(&format!(r#"{missing}, "sinceOrderId": 1"#)), ["1-3"]);
        server.clock().advance_ms(14 * DAY_MS);
        assert_eq!(shop.numbers(missing), ["1-1", "1-3"], "of fourteen days");
        server.clock().advance_ms(1);
        server.order("jane", "p001", 1);
        assert_eq!(shop.numbers(missing), ["1-4"]);
        assert_eq!(shop.numbers(&format!(r#"{missing}, "sinceDate": "20250101""#)), ["1-4"]);
        assert_eq!(shop.numbers(r#""missingMerchantOrderId": false, "sinceOrderId": 3"#), ["1-4"]);
    }
}

#[test]
fn entries_say_more_where_that_is_asked_for() {
    let server = TestServer::start();
    let shop = Shop::open(&server);
    let orders: Vec<String> = (0..3).map(|_| server.order("jane", "p001", 1)).collect();
    server.clock().advance_ms(1500);
    server.advance(&orders[1], "shipped");
    let hold = server.post(&format!("/api/orders/{}/hold", orders[2])).by(&server.staff());
    assert_eq!(hold.send().status, 200);
    let plain = shop.ask("v2/orderNumbers", r#""sinceOrderId": 1"#);
    assert_eq!(
        plain.body,
        r#"{"orders":[{"id":"1-2","testOrder":false},{"id":"1-3","testOrder":false}],"#.to_owned()
            + r#""orderCount":2}"#
    );
    let told = shop.ask("v1/orderNumbers", r#""sinceOrderId": 0, "statuses": true"#);
    let entry = |nth: usize| {
        let of = |name: &str| told.text(&format!("/orders/{nth}/{name}"));
        format!("{} {} {}", of("id"), of("orderStatus"), of("orderStatusDate"))
    };
    assert_eq!(entry(0), "1-1 IGLOBAL_ORDER_IN_PROCESS 2025-06-27T12:00:00Z");
    assert_eq!(entry(1), "1-2 VENDOR_END_OF_DAY_COMPLETE 2025-06-27T12:00:01.500Z");
    assert_eq!(entry(2), "1-3 IGLOBAL_ORDER_ON_HOLD 2025-06-27T12:00:01.500Z");
}

#[test]
fn what_selects_nothing_is_refused() {
    let server = TestServer::start();
    let shop = Shop::open(&server);
    let check = |members: &str, sentence: &str| {
        let expected = format!("400 {sentence}");
        assert_eq!(shop.refusal("v1/orderNumbers", members), expected, "{members}");
    };
    let none = "Parameter sinceOrderId or sinceDate is required";
    check("", none);
    check(r#""statuses": true"#, none);
    check(r#""throughDate": "20250627""#, none);
    check(r#""missingMerchantOrderId": false, "sinceOrderId": null, "sinceDate": """#, none);
    check(
        r#""sinceOrderId": 1, "sinceDate": "20250627""#,
        "Cannot specify both Parameters sinceOrderId and sinceDate",
    );
    for date in ["2015-01-01", "20150132", "20150001", "2015011", "201501011", "today", "-2015011"]
    {
        let sentence = format!("{date} is not a valid date (yyyymmdd)");
        check(&format!(r#""sinceDate": "{date}""#), &format!("sinceDate: {sentence}"));
        let through = format!(r#""sinceDate": "20150101", "throughDate": "{date}""#);
        check(&through, &format!("throughDate: {sentence}"));
    }
    for id in ["x", "2-1", "1-", "1-x", "-1", "01", "1.0", "ORD1", "1-1-1", "99999999999999999999"]
    {
        let sentence = format!("sinceOrderId: {id} is not a valid orderId");
        check(&format!(r#""sinceOrderId": "{id}""#), &sentence);
    }
    check(r#""sinceOrderId": [1]"#, "sinceOrderId: an array is not a valid orderId");
}

/// A list that is longer than any page comes whole, and so do two at once.
#[test]
fn a_long_list_comes_whole() {
    let server = TestServer::start();
    let shop = Shop::oslo(&server);
    let orders = 450;
    for _ in 0..orders {
        shop.sell_mug();
    }
    let expected: Vec<String> = (1..=orders).map(|no| format!("2-{no}")).collect();
    assert_eq!(shop.numbers(r#""sinceOrderId": 0"#), expected);
    assert_eq!(shop.numbers(r#""sinceOrderId": 0, "statuses": true"#), expected);
    assert_eq!(shop.numbers(r#""missingMerchantOrderId": true"#), expected);
    let reply = shop.ask("v1/orderNumbers", r#""sinceOrderId": 449"#);
    assert_eq!(reply.at("/orders/0/testOrder"), "true", "the store is for tests");
}
