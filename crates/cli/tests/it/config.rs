//! `orderd check-config`.

use crate::process::{orderd, run};

#[test]
fn settings_are_shown_with_their_place() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("orderd.toml"), "[queue]\nmax = 7\n").unwrap();
    let mut command = orderd(folder.path(), &["check-config", "--listen", "127.0.0.1:9"]);
    command.env("ORDERD_DATABASE", "postgres://shop:geheim@db.example/orders");
    let secret = "5e".repeat(32);
    command.env("ORDERD_MASTER_KEY", &secret);
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    let lines: Vec<&str> = said.lines().collect();
    for line in [
        "listen = \"127.0.0.1:9\"    # flag",
        "database = \"postgres://shop:(hidden)@db.example/orders\"    # environment",
        "cart.kept_days = 30    # default",
        "# ORDERD_MASTER_KEY is set",
    ] {
        assert!(lines.contains(&line), "{line}: {said}");
    }
    assert!(lines.iter().any(|it| it.starts_with("queue.max = 7 ") && it.contains("orderd.toml")));
    assert!(!said.contains("geheim") && !said.contains(&secret), "{said}");
}

#[test]
fn a_wrong_setting_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let check = |name: &str, value: &str, told: &str| {
        let mut command = orderd(folder.path(), &["check-config"]);
        let output = command.env(name, value).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{name}={value}");
        assert!(
            said.to_lowercase().contains(told) && !said.contains("geheim"),
            "{name}={value}: {said}"
        );
        assert!(output.stdout.is_empty(), "{name}={value}");
    };
    check("ORDERD_LISTN", "127.0.0.1:1", "listn");
    check("ORDERD_QUEUE_MAX", "0", "queue.max");
    check("ORDERD_LOG_FILTER", "=,=", "log.filter");
    check("ORDERD_DATABASE", "mysql://root:geheim@host/shop", "database");
    check("ORDERD_DATABASE", "postgres://shop:ge%heim@:x/y", "database");
    let built_in = cfg!(feature = "telemetry");
    let told = if built_in { "telemetry.endpoint" } else { "without the feature telemetry" };
    check("ORDERD_TELEMETRY_ENDPOINT", "http://me:geheim@localhost:4318", told);
    check("ORDERD_MASTER_KEY", "geheim", "orderd_master_key is no master key");
    check("ORDERD_MASTER_KEY_OLD", &"5e".repeat(32), "without orderd_master_key");
    // Nothing is opened or made by looking.
    let output = run(folder.path(), &["check-config", "--database", "sqlite:new.db"]);
    assert!(output.status.success(), "{output:?}");
    assert!(!folder.path().join("new.db").exists());
}
