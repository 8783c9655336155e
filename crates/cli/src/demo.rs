//! A small shop to try: `orderd serve --demo`.

use std::net::SocketAddr;

use domain::{
    Actor, Command, Expected, Role,
    catalog::put::{PutProduct, PutVariant},
    country::Country,
    delivery::put::PutDeliveryMethod,
    stock::{StockKey, set::SetStock},
};
use engine::{Answer, Engine, Rejected, Submission};
use store::ProductQuery;

/// Puts a catalogue into a database that has none.
pub(crate) async fn fill(engine: &Engine) -> Result<(), String> {
    let query = ProductQuery { limit: 1, ..ProductQuery::default() };
    let found = engine.reads().products(query).await.map_err(|error| error.to_string())?;
    if !found.is_empty() {
        return Ok(());
    }
    for command in shop()? {
        submit(engine, command).await?;
    }
    Ok(())
}

/// Three commands to try: a token, an order, the description.
pub(crate) fn invite(scheme: &str, address: SocketAddr, database: &str) {
    let order = "{\"customerId\": \"user789\", \"deliveryMethodId\": \"standard\", \
        \"deliveryAddress\": {\"street\": \"123 Main St\", \"city\": \"New York\", \
        \"state\": \"NY\", \"zipCode\": \"10001\", \"country\": \"USA\"}, \
        \"items\": [{\"productId\": \"p001\", \"quantity\": 2}]}";
    let headers = "-H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' \
        -H 'Prefer: return=representation'";
    println!(
        "Try, in another terminal:
  TOKEN=$(orderd token --database {database} --sub user789)
  curl -i {scheme}://{address}/api/orders {headers} -d '{order}'
  curl {scheme}://{address}/openapi.json"
    );
}

async fn submit(engine: &Engine, command: Command) -> Result<(), String> {
    let submission = Submission {
        command,
        actor: Actor { role: Role::System, subject: "demo".into(), stores: None },
        request_id: "demo".into(),
        idempotency: None,
        render: Box::new(|_, _| Answer::default()),
    };
    match engine.submit(submission).await {
        Ok(_) => Ok(()),
        Err(Rejected::Refused(refusals)) => Err(format!("the demo is refused: {refusals:?}")),
        Err(other) => Err(format!("the demo can't be filled in: {other:?}")),
    }
}

/// The first product and the first delivery method of the lists suit an order to any country.
fn shop() -> Result<Vec<Command>, String> {
    let mut commands = vec![
        method("us-express", "Express", "25.00", None, &["US", "CA"], (1, 2))?,
        method("standard", "Standard", "10.00", Some("100.00"), &[], (2, 5))?,
    ];
    for (id, name, sku, price, weight_grams, variants) in [
        ("p001", "USB Cable", "USB-C-1M", "10.00", 60, &[][..]),
        ("p002", "Wireless Mouse", "MOUSE", "45.00", 120, &["black", "white"][..]),
        ("p003", "Premium Headphones", "HEAD-1", "199.99", 450, &[][..]),
    ] {
        let variants = variants.iter().map(|variant| {
            Ok(PutVariant {
                id: id_of(variant)?,
                name: (*variant).into(),
                sku: Some(format!("{sku}-{}", variant[..1].to_uppercase())),
                price: None,
            })
        });
        let variants = variants.collect::<Result<Vec<_>, String>>()?;
        let shelves: Vec<_> = match variants.is_empty() {
            true => vec![None],
            false => variants.iter().map(|it| Some(it.id.clone())).collect(),
        };
        commands.push(Command::PutProduct(Box::new(PutProduct {
            id: id_of(id)?,
            name: name.into(),
            sku: Some(sku.into()),
            price: price.parse().map_err(|_| format!("{price} is no price"))?,
            currency: None,
            active: true,
            requires_shipping: true,
            track_stock: true,
            weight_grams,
            tax_class: None,
            delivery_methods: Vec::new(),
            variants,
            low_stock_at: Some(5),
            metadata: Default::default(),
            expected: Expected::Any,
        })));
        for variant in shelves {
            commands.push(Command::SetStock(SetStock {
                stock: StockKey::main(id_of(id)?, variant),
                on_hand: 1000,
                reason: Some("demo".into()),
                expected: Expected::Any,
            }));
        }
    }
    Ok(commands)
}

fn method(
    id: &str,
    name: &str,
    price: &str,
    free_from: Option<&str>,
    countries: &[&str],
    estimated_days: (u16, u16),
) -> Result<Command, String> {
    let amount = |text: &str| text.parse().map_err(|_| format!("{text} is no price"));
    Ok(Command::PutDeliveryMethod(Box::new(PutDeliveryMethod {
        id: id_of(id)?,
        name: name.into(),
        price: amount(price)?,
        free_from: free_from.map(amount).transpose()?,
        countries: countries.iter().filter_map(|it| Country::parse(it)).collect(),
        max_weight_grams: None,
        active: true,
        estimated_days: Some(estimated_days),
        expected: Expected::Any,
    })))
}

fn id_of<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("{text} is no id"))
}
