//! Orders that are paid at the sandbox.

use std::time::Duration;

use super::{Reply, TestServer, order_of};

/// How long something that happens by itself may take.
const SOON: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(20);

/// An order that waits for its payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payable {
    pub order: String,
    pub intent: String,
}

impl Payable {
    /// As an answer tells it.
    #[track_caller]
    pub fn of(reply: &Reply) -> Payable {
        assert_eq!(reply.status, 200, "{reply}");
        let secret = reply.text("/clientSecret");
        let (intent, _) = secret.split_once("_secret_").expect("a client secret names its intent");
        Payable { order: reply.text("/orderId"), intent: intent.to_owned() }
    }

    /// An address of the order.
    pub fn path(&self, rest: &str) -> String {
        format!("/api/orders/{}{rest}", self.order)
    }
}

impl TestServer {
    /// A customer's order of one product, to be paid now.
    #[track_caller]
    pub fn payable(&self, customer: &str, product: &str, quantity: u32) -> Payable {
        let items = format!(r#"{{"product_id": "{product}", "quantity": {quantity}}}"#);
        let call = self.post("/api/orders/with-payment").by(&self.token(customer, ""));
        Payable::of(&call.json(order_of(&items)).send())
    }

    /// The same, paid, and told so by the customer.
    #[track_caller]
    pub fn paid(&self, customer: &str, product: &str, quantity: u32) -> Payable {
        let payable = self.payable(customer, product, quantity);
        self.at_provider(&payable.intent, "confirm");
        let call = self.patch(&payable.path("/paid")).by(&self.token(customer, ""));
        let reply = call.send();
        assert!(matches!(reply.status, 204 | 400), "the callback may be faster: {reply}");
        self.eventually(&payable.order, "/payment_status", "paid");
        payable
    }

    /// What a customer does at the provider: `confirm`, `decline`, `processing` or `cancel`.
    #[track_caller]
    pub fn at_provider(&self, intent: &str, verb: &str) {
        let reply = self.post(&format!("/sandbox/payments/{intent}/{verb}")).by(&self.staff());
        let reply = reply.send();
        assert_eq!(reply.status, 200, "{reply}");
    }

    /// How the sandbox behaves from now on.
    #[track_caller]
    pub fn behave(&self, members: &str) {
        let call = self.put("/sandbox/behaviour").by(&self.staff());
        let reply = call.json(format!("{{{members}}}")).send();
        assert_eq!(reply.status, 204, "{reply}");
    }

    /// Waits until an order has a text in one of its fields, and gives the order.
    #[track_caller]
    pub fn eventually(&self, order: &str, pointer: &str, text: &str) -> Reply {
        self.eventually_in(0, order, pointer, text)
    }

    /// The same, while the server's clock goes on by so much at each look.
    #[track_caller]
    pub fn eventually_in(&self, step_ms: i64, order: &str, pointer: &str, text: &str) -> Reply {
        let mut tries = SOON.as_millis() / PAUSE.as_millis();
        loop {
            let reply = self.get(&format!("/api/orders/{order}")).by(&self.staff()).send();
            if reply.has(pointer) && reply.at(pointer).trim_matches('"') == text {
                return reply;
            }
            assert!(tries > 0, "{pointer} is not {text}: {reply}");
            tries -= 1;
            std::thread::sleep(PAUSE);
            self.clock().advance_ms(step_ms);
        }
    }
}
