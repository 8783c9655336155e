//! Which files the compiler sees: those that a `mod` reaches from a target's root.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use toml::{Table, Value};

use super::manifests::crate_manifests;
use super::sources::{is_word, tokens};
use super::{Breach, Tree};

pub(super) fn dead_files(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let mut reached = BTreeSet::new();
    let mut waiting = roots(tree);
    while let Some((path, folder)) = waiting.pop() {
        let Some(file) = tree.files.iter().find(|file| file.path == path) else { continue };
        if !reached.insert(path) {
            continue;
        }
        match tokens(file) {
            Ok(stream) => children(tree, &file.path, &folder, stream, &mut waiting),
            Err(breach) => breaches.push(breach),
        }
    }
    for file in tree.sources() {
        let is_checked = file.path.iter().nth(2).is_some_and(|p| p == "src" || p == "tests");
        if is_checked && !reached.contains(&file.path) {
            breaches.push(Breach::new(&file.path, 0, "no `mod` reaches this file"));
        }
    }
    breaches
}

/// A file and the folder in which its `mod name;` are looked for.
type Place = (PathBuf, PathBuf);

/// Where Cargo starts to read: its usual places, and those that a manifest names.
fn roots(tree: &Tree) -> Vec<Place> {
    let mut roots = Vec::new();
    for manifest in crate_manifests(tree) {
        let home = manifest.path.parent().unwrap_or(Path::new(""));
        for file in tree.sources() {
            let Ok(inside) = file.path.strip_prefix(home) else { continue };
            let parts: Vec<_> = inside.iter().filter_map(|part| part.to_str()).collect();
            let is_root = matches!(
                parts[..],
                ["src", "lib.rs" | "main.rs"]
                    | ["src", "bin", _]
                    | ["tests", _]
                    | ["src", "bin", _, "main.rs"]
                    | ["tests", _, "main.rs"]
            );
            if is_root {
                roots.push(root(file.path.clone()));
            }
        }
        for path in named_targets(&manifest.text) {
            roots.push(root(home.join(path)));
        }
    }
    roots
}

fn root(path: PathBuf) -> Place {
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    (path, folder)
}

fn named_targets(manifest: &str) -> Vec<String> {
    // A manifest that cannot be read is reported by the rules about manifests.
    let manifest: Table = toml::from_str(manifest).unwrap_or_default();
    let targets = |key: &str| match manifest.get(key) {
        Some(Value::Array(targets)) => targets.clone(),
        Some(target) => vec![target.clone()],
        None => Vec::new(),
    };
    ["lib", "bin", "test"]
        .into_iter()
        .flat_map(targets)
        .filter_map(|target| Some(target.get("path")?.as_str()?.to_owned()))
        .collect()
}

fn children(
    tree: &Tree,
    file: &Path,
    folder: &Path,
    stream: TokenStream,
    waiting: &mut Vec<Place>,
) {
    let run: Vec<TokenTree> = stream.into_iter().collect();
    let mut named_path = None;
    for start in 0..run.len() {
        match &run[start..] {
            [TokenTree::Punct(hash), TokenTree::Group(group), ..] if hash.as_char() == '#' => {
                named_path = named_path.or(path_attribute(group.stream()));
            }
            [keyword, TokenTree::Ident(name), TokenTree::Punct(end), ..]
                if is_word(Some(keyword), &["mod"]) && end.as_char() == ';' =>
            {
                let name = name.to_string();
                let name = name.trim_start_matches("r#");
                if let Some(path) = named_path.take() {
                    waiting.push(root(file.parent().unwrap_or(Path::new("")).join(path)));
                    continue;
                }
                let inner = folder.join(name);
                let flat = folder.join(format!("{name}.rs"));
                let path = if tree.contains(&flat) { flat } else { inner.join("mod.rs") };
                waiting.push((path, inner));
            }
            [keyword, TokenTree::Ident(name), TokenTree::Group(body), ..]
                if is_word(Some(keyword), &["mod"]) =>
            {
                children(tree, file, &folder.join(name.to_string()), body.stream(), waiting);
            }
            [TokenTree::Punct(end), ..] if end.as_char() == ';' => named_path = None,
            _ => {}
        }
    }
}

/// The file of `#[path = "file"]`.
fn path_attribute(stream: TokenStream) -> Option<String> {
    let run: Vec<TokenTree> = stream.into_iter().collect();
    match &run[..] {
        [word, TokenTree::Punct(_), TokenTree::Literal(file)] if is_word(Some(word), &["path"]) => {
            Some(file.to_string().trim_matches('"').to_owned())
        }
        _ => None,
    }
}
