//! Which crate may use which, read from the manifests.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::{Spanned, Value};

use super::{Breach, File, Tree};

/// Every crate, and those of ours it may use.
const EDGES: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("store", &["domain"]),
    ("adapters", &["domain"]),
    ("engine", &["store", "adapters", "domain"]),
    ("server", &["engine", "store", "domain"]),
    ("cli", &["server", "engine", "store", "domain"]),
    ("testkit", &["cli", "server", "engine", "adapters", "store", "domain"]),
];

/// Any crate's tests may use it, and nothing that ships.
const TESTS_ONLY: &str = "testkit";

type Table = BTreeMap<Spanned<String>, Value>;

#[derive(Deserialize)]
struct Manifest {
    package: Package,
    #[serde(default)]
    target: BTreeMap<String, Dependencies>,
}

#[derive(Deserialize)]
struct Package {
    name: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Dependencies {
    #[serde(default)]
    dependencies: Table,
    #[serde(default)]
    dev_dependencies: Table,
    #[serde(default)]
    build_dependencies: Table,
}

pub(super) fn crate_edges(tree: &Tree) -> Vec<Breach> {
    crate_manifests(tree)
        .flat_map(|file| edges_of(file).unwrap_or_else(|breach| vec![breach]))
        .collect()
}

pub(super) fn crate_names(tree: &Tree) -> Vec<Breach> {
    crate_manifests(tree).filter_map(|file| check_name(file).err()).collect()
}

fn edges_of(file: &File) -> Result<Vec<Breach>, Breach> {
    let manifest: Manifest = read(file)?;
    let name = &manifest.package.name;
    let from = name.get_ref();
    let Some(allowed) = allowed_for(from) else {
        let what = format!("crate `{from}` is not in the list of crates and their edges");
        return Err(Breach::new(&file.path, line_at(&file.text, name.span().start), what));
    };
    let mut breaches = Vec::new();
    let mut check = |table: Table, is_for_tests: bool| {
        for (key, value) in table {
            let to = value.get("package").and_then(Value::as_str).unwrap_or(key.get_ref());
            let is_ours = allowed_for(to).is_some();
            let is_allowed = allowed.contains(&to) || (is_for_tests && to == TESTS_ONLY);
            if is_ours && !is_allowed {
                let what = match to {
                    TESTS_ONLY => format!("`{from}` may use `{to}` only in its tests"),
                    _ => format!("`{from}` may not use `{to}`, only {allowed:?}"),
                };
                let line = line_at(&file.text, key.span().start);
                breaches.push(Breach::new(&file.path, line, what));
            }
        }
    };
    // The file's own tables are read apart: serde cannot keep positions in flattened fields.
    let own: Dependencies = read(file)?;
    for tables in std::iter::once(own).chain(manifest.target.into_values()) {
        check(tables.dependencies, false);
        check(tables.build_dependencies, false);
        check(tables.dev_dependencies, true);
    }
    Ok(breaches)
}

fn check_name(file: &File) -> Result<(), Breach> {
    let folder = file.path.parent().and_then(Path::file_name).unwrap_or_default();
    let Manifest { package: Package { name }, .. } = read(file)?;
    if folder == name.get_ref().as_str() {
        return Ok(());
    }
    let what = format!("package `{}` stands in folder {folder:?}", name.get_ref());
    Err(Breach::new(&file.path, line_at(&file.text, name.span().start), what))
}

fn read<T: DeserializeOwned>(file: &File) -> Result<T, Breach> {
    toml::from_str(&file.text).map_err(|error| {
        let line = error.span().map_or(0, |span| line_at(&file.text, span.start));
        Breach::new(&file.path, line, format!("cannot be read: {}", error.message()))
    })
}

/// The manifests of the crates, which stand one level below `crates`.
pub(super) fn crate_manifests(tree: &Tree) -> impl Iterator<Item = &File> {
    tree.files.iter().filter(|file| {
        file.path.starts_with("crates")
            && file.path.ends_with("Cargo.toml")
            && file.path.components().count() == 3
    })
}

fn allowed_for(name: &str) -> Option<&'static [&'static str]> {
    EDGES.iter().find(|(from, _)| *from == name).map(|(_, to)| *to)
}

pub(super) fn line_at(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}
