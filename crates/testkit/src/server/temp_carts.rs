//! Temp carts, as a shop fills them for its buyers.

use domain::{
    Actor, CartId, Command, Quantity, Role, StoreId,
    cart::temp::create::{CreateTempCart, WantedLine},
    order::{LineDetails, MerchantReference},
};
use engine::{Answer, Submission};

use super::TestServer;

/// A line of a temp cart: a product of the catalogue, if it names one, at its price.
pub fn temp_line(product: Option<&str>, name: &str, quantity: u32, price: &str) -> WantedLine {
    WantedLine {
        product: product.map(|it| it.parse().expect("an id")),
        variant: None,
        name: name.into(),
        sku: None,
        quantity: Quantity::new(quantity).expect("one at least"),
        price: price.parse().expect("an amount"),
        requires_shipping: true,
        weight_grams: 30,
        details: LineDetails::default(),
    }
}

impl TestServer {
    /// A cart of the shop's own, in store 1; its id.
    #[track_caller]
    pub fn temp_cart(&self, lines: Vec<WantedLine>, confirmation_url: Option<&str>) -> String {
        let app = &self.running.as_ref().expect("it runs").app;
        let engine = app.engine();
        let cart: CartId =
            engine.ids().uuid(engine.clock().now()).to_string().parse().expect("an id");
        let reference_id = Some("R-7".into());
        let create = CreateTempCart {
            cart: cart.clone(),
            store: StoreId::FIRST,
            is_shop: true,
            lines,
            domestic_shipping: None,
            merchant: Some(MerchantReference { reference_id, ..MerchantReference::default() }),
            confirmation_url: confirmation_url.map(Into::into),
            continue_url: None,
        };
        let submission = Submission {
            command: Command::CreateTempCart(Box::new(create)),
            actor: Actor { role: Role::System, subject: "test".into(), stores: None },
            request_id: "test".into(),
            idempotency: None,
            render: Box::new(|_, _| Answer::default()),
        };
        let made = self.runtime.block_on(engine.submit(submission));
        made.expect("a cart that can be made");
        cart.to_string()
    }
}
