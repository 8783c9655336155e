//! Every command of the README is run as it stands there: each section by itself, against a demo
//! shop of its own, with what the sections before it would have left.

use std::{fmt::Write, path::Path, process::Command};

use crate::process::{ORDERD, Serving, assert_verified, orderd};

const README: &str = include_str!("../../../../README.md");
const DATABASE: &str = "sqlite:orderd.db";

/// A section whose commands are run.
struct Section {
    heading: &'static str,
    /// What must be there before.
    before: &'static str,
    /// Commands of it that are refused, by a part of what they say; all others must succeed.
    refused: &'static [&'static str],
    /// What must be said in the course of it.
    told: &'static [&'static str],
}

/// Places an order of two cables, not prepaid: it is confirmed.
const ORDER: &str = r#"curl $H/api/orders -H "Authorization: Bearer $TOKEN" \
    -H 'Content-Type: application/json' -d '{"deliveryMethodId": "standard", "deliveryAddress":
    {"street": "1 Main St", "city": "New York", "state": "NY", "zipCode": "10001",
    "country": "US"}, "items": [{"productId": "p001", "quantity": 2}]}'
"#;

/// The same, prepaid, and paid at the sandbox; the shop knows it when this is over.
const PAID: &str = r#"INTENT=$(curl $H/api/orders/with-payment -H "Authorization: Bearer $TOKEN" \
    -H 'Content-Type: application/json' -d '{"deliveryMethodId": "standard", "deliveryAddress":
    {"street": "1 Main St", "city": "New York", "state": "NY", "zipCode": "10001",
    "country": "US"}, "items": [{"productId": "p001", "quantity": 2}]}' |
    sed 's/.*"clientSecret":"//; s/_secret_.*//')
curl -X POST $H/sandbox/payments/$INTENT/confirm -H "Authorization: Bearer $STAFF"
until curl $H/api/orders/ORD1 -H "Authorization: Bearer $STAFF" | grep -q '"status":"confirmed"'
do sleep 0.1; done
"#;

/// One order is placed and shipped, and another one placed.
const SIX_EVENTS: &str = r#"place() { curl $H/api/orders -H "Authorization: Bearer $TOKEN" \
    -H 'Content-Type: application/json' -d '{"deliveryMethodId": "standard", "deliveryAddress":
    {"street": "1 Main St", "city": "New York", "state": "NY", "zipCode": "10001",
    "country": "US"}, "items": [{"productId": "p001", "quantity": 2}]}'; }
place
curl -X PUT $H/api/orders/ORD1/status -H "Authorization: Bearer $STAFF" \
    -H 'Content-Type: application/json' -d '{"status": "shipped"}'
place
"#;

const PUT_MUG: &str = r#"curl -X PUT $H/api/products/mug -H "Authorization: Bearer $STAFF" \
    -H 'Content-Type: application/json' -d '{"name": "Mug", "price": 12.50}'
"#;

/// A customer whose orders have all arrived.
const ERASABLE: &str = r#"curl -X PUT $H/api/customers/jane -H "Authorization: Bearer $STAFF" \
    -H 'Content-Type: application/json' -d '{"name": "Jane Doe"}'
"#;

const SECTIONS: &[Section] = &[
    run("A first order", "", &["\"status\":\"shipped\"", "Order ORD2 cancelled", "\"last_seq\":7"]),
    run("Catalogue and stock", "", &["\"on_hand\":37", "\"imported\":2", "\"imported\":1"]),
    run("Shipping", ORDER, &["\"shipment_id\":\"shp_1_1\""]),
    run("Carts", "", &["Order received and confirmed."]),
    run("A hosted checkout", "", &["Shipping address", "USB Cable"]),
    Section {
        heading: "Paying",
        before: "",
        refused: &["payment_not_completed"],
        told: &["\"orderId\":\"ORD1\"", "\"provider_status\":\"open\""],
    },
    run("Refunds and holds", PAID, &["\"refund_id\":\"re_1_1\""]),
    run("Fraud review", "", &["\"orders_stopped\":0", "\"review_status\":\"passed\""]),
    run("The payment sandbox", "", &[]),
    run("Collecting the money", ORDER, &[]),
    run("Lists and pages", ORDER, &["\"next_cursor\":null", "\"order_id\":\"ORD1\""]),
    Section {
        heading: "Changing safely",
        before: PUT_MUG,
        refused: &["version_mismatch"],
        told: &["412"],
    },
    run("Trying a change", ORDER, &["\"status\":200", "order.cancelled"]),
    run("Following events", SIX_EVENTS, &["event: order.confirmed", "product.put"]),
    run(
        "Fetching finished orders",
        ORDER,
        &["\"orderCount\":1", "IGLOBAL_ORDER_IN_PROCESS", "new tracking info."],
    ),
    Section {
        heading: "Errors",
        before: "",
        refused: &["validation_failed"],
        told: &["/items/0/quantity"],
    },
    run("Stores", "", &["\"invoice_prefix\":\"OSL\""]),
    run("Customers", ORDER, &["\"name\":\"Jane Doe\""]),
    run("Erasing a person", ERASABLE, &["204"]),
    run("Roles and tokens", "", &["eyJ"]),
    run("Settings", "", &["database = \"sqlite:orderd.db\"    # default"]),
    run("Backing up", ORDER, &["copy.db has everything up to event 2", "the books are right"]),
    run("Checking the books", ORDER, &["the books are right"]),
    run("Against the provider's books", PAID, &["\"complete\":true"]),
];

/// Blocks that are not run, by how they begin, and why.
const NOT_RUN: &[(&str, &str)] = &[
    ("cargo run --release -- serve --demo", "it is what every section runs against; builds"),
    ("orderd serve --listen 127.0.0.1:8080", "its port may be taken; serve.rs starts servers"),
    ("orderd serve --listen 0.0.0.0:8080", "a test listens on loopback alone"),
    ("ORDERD_CART_URL=", "it names a service that is not there; carts.rs has one"),
    ("orderd client add", "it asks the server at the setting listen; clients.rs runs it"),
    ("curl \"$H/oauth/token\"", "its client is made by the command before; clients.rs runs it"),
    ("orderd key rotate", "it names a key that is made up; keys have tests of their own"),
    ("openssl rand", "it makes a key for somebody to keep; master_key.rs has some"),
    ("H=$H STORE=1", "its path is that of the tree; reconcile.rs runs it"),
    ("cargo run --release -- bench", "it takes minutes, and builds"),
    ("cargo build --release --features telemetry", "it builds; telemetry.rs has a collector"),
];

const fn run(
    heading: &'static str,
    before: &'static str,
    told: &'static [&'static str],
) -> Section {
    Section { heading, before, refused: &[], told }
}

/// A block of commands, and the first line of the answer that is shown below it.
struct Block {
    heading: String,
    commands: String,
    shown: Option<String>,
}

fn blocks() -> Vec<Block> {
    let (mut found, mut heading) = (Vec::<Block>::new(), String::new());
    let mut lines = README.lines().peekable();
    let mut follows_commands = false;
    while let Some(line) = lines.next() {
        if let Some(text) = line.strip_prefix("## ") {
            heading = text.to_owned();
        }
        let Some(language) = line.strip_prefix("```") else {
            follows_commands = false;
            continue;
        };
        let content = lines.by_ref().take_while(|it| *it != "```");
        let content = content.collect::<Vec<_>>();
        match language {
            "sh" => {
                let commands = content.join("\n");
                found.push(Block { heading: heading.clone(), commands, shown: None });
            }
            "" if follows_commands => {
                let block = found.last_mut().expect("it follows commands");
                block.shown = content.first().map(|it| (*it).to_owned());
            }
            _ => {}
        }
        follows_commands = language == "sh";
    }
    found
}

fn is_run(block: &Block) -> bool {
    !NOT_RUN.iter().any(|(begin, _)| block.commands.starts_with(begin))
}

#[test]
fn every_command_has_its_section() {
    let blocks = blocks();
    assert!(blocks.len() > 25, "only {} blocks of commands", blocks.len());
    for block in blocks.iter().filter(|it| is_run(it)) {
        let is_known = SECTIONS.iter().any(|it| it.heading == block.heading);
        assert!(is_known, "nothing runs the commands of {:?}", block.heading);
    }
    for Section { heading, .. } in SECTIONS {
        assert!(blocks.iter().any(|it| it.heading == *heading), "{heading:?} has no commands");
    }
    for (begin, _) in NOT_RUN {
        assert!(blocks.iter().any(|it| it.commands.starts_with(begin)), "{begin} is gone");
    }
}

#[test]
fn slow_every_command_does_what_it_says() {
    let blocks = blocks();
    let mut wrong = String::new();
    std::thread::scope(|scope| {
        let blocks = &blocks;
        // Two at a time: a section mostly waits for its processes.
        for sections in SECTIONS.chunks(2) {
            let running: Vec<_> =
                sections.iter().map(|it| scope.spawn(move || walk(it, blocks))).collect();
            for it in running {
                if let Err(why) = it.join().unwrap() {
                    writeln!(wrong, "{why}\n").unwrap();
                }
            }
        }
    });
    assert!(wrong.is_empty(), "{wrong}");
}

/// A refusal ends a script, as a command that can't be run does, unless it is one that is expected.
/// A stream is cut off after a moment.
const PRELUDE: &str = r#"set -eu -o pipefail
refused=""
curl() {
  case " $* " in
    *" -N "*) command curl --noproxy '*' -sS --max-time 2 "$@" || [ $? -eq 28 ]; return ;;
  esac
  local answer code=0
  answer="$(command curl --noproxy '*' -sS --fail-with-body "$@")" || code=$?
  printf '%s\n' "$answer"
  if [ "$code" -eq 22 ]; then
    for it in $expected; do
      case "$answer" in *"\"code\":\"$it\""*) refused="$refused $it"; return 0 ;; esac
    done
  fi
  return "$code"
}
"#;

fn walk(section: &Section, blocks: &[Block]) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["serve", "--demo", "--listen", "127.0.0.1:0", "--database", DATABASE];
    let serving = Serving::of(orderd(folder.path(), &arguments), folder.path(), DATABASE);
    let of_section = blocks.iter().filter(|it| it.heading == section.heading && is_run(it));
    let of_section: Vec<&Block> = of_section.collect();
    let expected = section.refused.join(" ");
    let mut script = format!("expected='{expected}'\n{PRELUDE}{}", section.before);
    for block in &of_section {
        writeln!(script, "{}", block.commands).unwrap();
    }
    writeln!(script, "echo \"refused:$refused\"").unwrap();
    let script = script.replace("http://127.0.0.1:8080", &serving.address);
    let bin = Path::new(ORDERD).parent().unwrap().display();
    let path = std::env::var("PATH").unwrap_or_default();
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(folder.path())
        .env("PATH", format!("{bin}:{path}"))
        .env("H", &serving.address)
        .env("TOKEN", serving.token("user789", "customer"))
        .env("STAFF", serving.token("boss", "staff"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    serving.end();
    assert_verified(folder.path(), DATABASE);
    let why = |what: &str| Err(format!("{}: {what}\n{said}\n{complaint}", section.heading));
    if !output.status.success() {
        return why("a command has failed");
    }
    for told in section.told {
        if !said.contains(told) {
            return why(&format!("nothing says {told}"));
        }
    }
    let refused = section.refused.iter().map(|it| format!(" {it}")).collect::<String>();
    if !said.ends_with(&format!("refused:{refused}\n")) {
        return why("another command was refused than should be");
    }
    for shown in of_section.iter().filter_map(|it| it.shown.as_deref()) {
        if shown.starts_with("HTTP/1.1 ") && !said.contains(shown) {
            return why(&format!("nothing answers {shown}"));
        }
    }
    Ok(())
}
