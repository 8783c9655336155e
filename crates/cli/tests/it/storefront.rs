//! The example of a storefront, run as it stands against the demo shop.

use std::process::Command;

use crate::process::{Serving, assert_verified, orderd};

const DATABASE: &str = "sqlite:orderd.db";
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/storefront.sh");

#[test]
fn the_storefront_example_places_confirms_and_pays() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["serve", "--demo", "--listen", "127.0.0.1:0", "--database", DATABASE];
    let serving = Serving::of(orderd(folder.path(), &arguments), folder.path(), DATABASE);
    let run = || {
        let mut command = Command::new("bash");
        command.arg(SCRIPT).env("H", &serving.address);
        command.env("TOKEN", serving.token("user789", "customer"));
        command.env("STAFF", serving.token("boss", "staff"));
        let output = command.output().unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
        told
    };
    let told = run();
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[0], "placed ORD1: pending");
    assert_eq!(lines[1], "the provider says: succeeded");
    let invoice = lines[2].strip_prefix("ORD1 is confirmed and paid: invoice INV-").unwrap();
    assert!(invoice.ends_with("-000001"), "{told}");
    assert!(run().contains("ORD2 is confirmed and paid"), "it can be run again");
    serving.end();
    assert_verified(folder.path(), DATABASE);
}
