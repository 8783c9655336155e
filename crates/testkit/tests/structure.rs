//! This repository keeps its own rules, and each rule can be broken.

use std::path::Path;

use testkit::structure::{RULES, Rule, Tree};

#[test]
fn this_repository_keeps_its_rules() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let tree = Tree::read(&root).expect("the repository can be read");
    let mut report = String::new();
    for rule in RULES {
        for breach in rule.check(&tree) {
            report += &format!("{breach}\n    {}: {}\n", rule.name, rule.why);
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn every_rule_has_a_tree_that_breaks_it() {
    for rule in RULES {
        let is_broken =
            CASES.iter().any(|case| case.rule == rule.name && !case.breaches.is_empty());
        assert!(is_broken, "no case below breaks `{}`", rule.name);
    }
}

#[test]
fn rules_report_file_and_line() {
    for case in CASES {
        check(case);
    }
}

/// A small tree and what one rule says about it.
struct Case {
    rule: &'static str,
    files: &'static [(&'static str, &'static str)],
    breaches: &'static [&'static str],
}

fn check(case: &Case) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (path, text) in case.files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder");
        // Long files and lines are written short here.
        let text = text.replace("«600 lines»", &"\n".repeat(600)).replace("«90»", &"9".repeat(90));
        std::fs::write(path, text).expect("a file");
    }
    let tree = Tree::read(folder.path()).expect("a tree");
    let rule: &Rule = RULES.iter().find(|rule| rule.name == case.rule).expect("a rule's name");
    let breaches: Vec<String> = rule.check(&tree).iter().map(ToString::to_string).collect();
    assert_eq!(breaches, case.breaches, "rule {}, files {:?}", case.rule, case.files);
}

const DOMAIN: (&str, &str) = ("crates/domain/Cargo.toml", "[package]\nname = \"domain\"\n");

const CASES: &[Case] = &[
    Case {
        rule: "crate_edges",
        files: &[
            DOMAIN,
            (
                "crates/engine/Cargo.toml",
                "[package]\nname = 'engine'\n[dependencies]\nserde = '1'\nstore.workspace = true\n\
                 domain = {}\n[dev-dependencies]\ntestkit.workspace = true\n",
            ),
            (
                "crates/testkit/Cargo.toml",
                "[package]\nname = 'testkit'\n[dependencies]\nserver = {}\ncli = {}\n",
            ),
        ],
        breaches: &[],
    },
    Case {
        rule: "crate_edges",
        files: &[(
            "crates/domain/Cargo.toml",
            "[package]\nname = \"domain\"\n\n[dependencies]\nserde = '1'\nstore.workspace = true\n",
        )],
        breaches: &["crates/domain/Cargo.toml:6: `domain` may not use `store`, only []"],
    },
    Case {
        rule: "crate_edges",
        files: &[(
            "crates/server/Cargo.toml",
            "[package]\nname = 'server'\n[dependencies]\ntestkit.workspace = true\n\
             [target.'cfg(unix)'.dev-dependencies]\nshop = { package = 'cli', path = '../cli' }\n\
             [build-dependencies]\nadapters = {}\n",
        )],
        breaches: &[
            "crates/server/Cargo.toml:4: `server` may use `testkit` only in its tests",
            "crates/server/Cargo.toml:8: `server` may not use `adapters`, only [\"engine\", \
             \"store\", \"domain\"]",
            "crates/server/Cargo.toml:6: `server` may not use `cli`, only [\"engine\", \"store\", \
             \"domain\"]",
        ],
    },
    Case {
        rule: "crate_edges",
        files: &[("crates/billing/Cargo.toml", "[package]\nname = \"billing\"\n")],
        breaches: &["crates/billing/Cargo.toml:2: crate `billing` is not in the list of crates \
             and their edges"],
    },
    Case {
        rule: "crate_names",
        files: &[DOMAIN, ("crates/sqlite/Cargo.toml", "[package]\n\nname = 'store'\n")],
        breaches: &["crates/sqlite/Cargo.toml:3: package `store` stands in folder \"sqlite\""],
    },
    Case {
        rule: "file_length",
        files: &[
            ("crates/domain/src/lib.rs", "«600 lines»"),
            ("crates/domain/tests/long.rs", "«600 lines»\n"),
            ("crates/domain/src/long.rs", "«600 lines»\n"),
        ],
        breaches: &["crates/domain/src/long.rs:601: 601 lines, of 600 at most"],
    },
    Case {
        rule: "line_width",
        files: &[
            ("crates/domain/src/lib.rs", "// éééé 34«90»\n// 4567890«90»1\n"),
            ("crates/domain/tests/wide.rs", "\n// 45678 «90»11\n"),
        ],
        breaches: &[
            "crates/domain/src/lib.rs:2: 101 columns, of 100 at most",
            "crates/domain/tests/wide.rs:2: 101 columns, of 100 at most",
        ],
    },
    Case {
        rule: "bare_allow",
        files: &[(
            "crates/domain/src/lib.rs",
            "#![allow(dead_code)]\n// #[allow(x)]\n#[expect(x, reason = \"y\")]\nfn a() {\n    \
             #[allow(x)]\n    let b = \"#[allow(x)]\";\n}\n",
        )],
        breaches: &[
            "crates/domain/src/lib.rs:1: `allow` where `expect` is asked for",
            "crates/domain/src/lib.rs:5: `allow` where `expect` is asked for",
        ],
    },
    Case {
        rule: "unfinished",
        files: &[(
            "crates/domain/src/lib.rs",
            "//! todo!() is a word here.\nfn a() { todo!() }\nfn b() { c(\"dbg!(x)\") }\n\
             fn todo() -> bool { !dbg!(true) }\nfn d() { std::unimplemented!() }\n",
        )],
        breaches: &[
            "crates/domain/src/lib.rs:2: `todo!` was left behind",
            "crates/domain/src/lib.rs:4: `dbg!` was left behind",
            "crates/domain/src/lib.rs:5: `unimplemented!` was left behind",
        ],
    },
    Case {
        rule: "unfinished",
        files: &[("crates/domain/src/lib.rs", "fn a() {}\nfn b() {\n")],
        breaches: &[
            "crates/domain/src/lib.rs:2: cannot be read as Rust: cannot parse string into \
             token stream",
        ],
    },
    Case {
        rule: "drawers",
        files: &[
            ("crates/domain/src/lib.rs", "mod money;\n\nmod helpers {}\n"),
            ("crates/domain/src/utils.rs", ""),
            ("crates/domain/tests/common/mod.rs", ""),
            ("crates/core/Cargo.toml", ""),
        ],
        breaches: &[
            "crates/domain/src/lib.rs:3: a module called `helpers`",
            "crates/core/Cargo.toml: a place called `core`",
            "crates/domain/src/utils.rs: a place called `utils`",
            "crates/domain/tests/common/mod.rs: a place called `common`",
        ],
    },
    Case {
        rule: "dead_files",
        files: &[
            DOMAIN,
            (
                "crates/domain/src/lib.rs",
                "mod a;\npub mod b;\nmod c { mod d; }\n#[cfg(test)]\n#[path = \"odd.rs\"]\nmod e;\n\
                 // mod dead;\n",
            ),
            ("crates/domain/src/a.rs", "mod f;"),
            ("crates/domain/src/a/f.rs", "mod r#move;"),
            ("crates/domain/src/a/f/move.rs", ""),
            ("crates/domain/src/b/mod.rs", "mod g;"),
            ("crates/domain/src/b/g.rs", ""),
            ("crates/domain/src/c/d.rs", ""),
            ("crates/domain/src/odd.rs", ""),
            ("crates/domain/src/dead.rs", "mod deep;"),
            ("crates/domain/src/dead/deep.rs", ""),
            ("crates/domain/src/bin/tool.rs", ""),
            ("crates/domain/tests/it/main.rs", "mod orders;"),
            ("crates/domain/tests/it/orders.rs", ""),
            ("crates/domain/tests/it/stock.rs", ""),
        ],
        breaches: &[
            "crates/domain/src/dead/deep.rs: no `mod` reaches this file",
            "crates/domain/src/dead.rs: no `mod` reaches this file",
            "crates/domain/tests/it/stock.rs: no `mod` reaches this file",
        ],
    },
    Case {
        rule: "dead_files",
        files: &[
            (
                "crates/cli/Cargo.toml",
                "[package]\nname = 'cli'\n[lib]\npath = 'src/shop.rs'\n\
                 [[test]]\nname = 'it'\npath = 'tests/deep/all.rs'\n",
            ),
            ("crates/cli/src/shop.rs", "mod till;"),
            ("crates/cli/src/till.rs", ""),
            ("crates/cli/tests/deep/all.rs", ""),
        ],
        breaches: &[],
    },
    Case { rule: "links", files: &[("crates/domain/src/lib.rs", "")], breaches: &[] },
    Case {
        rule: "links",
        files: &[
            (
                "README.md",
                "# Orders & stock\n[a](docs/a.md#the-end) [b](https://example.com/none)\n\
                 [c](#orders--stock) `[no](link)` [x]\n\n```\n[no](link)\n```\n\n\
                 [gone](docs/b.md)\n![picture](/docs)\n[up](../elsewhere.md)\n\
                 [d](docs/a.md#middle)\n\
                 [e][unknown] [f][known]\n\n[known]: docs/c.md\n",
            ),
            (
                "docs/a.md",
                "## The *end*\n[back](../README.md#orders--stock)\n\
                 ## Twice\n## Twice\n[2](#twice-1) [3](#twice-2)\n",
            ),
        ],
        breaches: &[
            "README.md:9: `docs/b.md` leads to docs/b.md, which is not there",
            "README.md:11: `../elsewhere.md` leaves the repository",
            "README.md:12: `docs/a.md#middle`: docs/a.md has no such heading",
            "README.md:13: `[unknown]` is not defined",
            "README.md:13: `docs/c.md` leads to docs/c.md, which is not there",
            "docs/a.md:5: `#twice-2`: docs/a.md has no such heading",
        ],
    },
];
