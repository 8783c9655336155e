//! How a source file has to look. Code is read as tokens, so that words in comments and strings
//! break nothing.

use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::{Breach, File, Tree};

const FILE_LENGTH_MAX: usize = 600;
const LINE_WIDTH_MAX: usize = 100;
const DRAWERS: &[&str] = &["utils", "util", "common", "core", "helpers", "helper"];

pub(super) fn file_length(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for file in tree.sources().filter(|file| is_in_src(&file.path)) {
        let lines = file.text.lines().count();
        if lines > FILE_LENGTH_MAX {
            let what = format!("{lines} lines, of {FILE_LENGTH_MAX} at most");
            breaches.push(Breach::new(&file.path, FILE_LENGTH_MAX + 1, what));
        }
    }
    breaches
}

pub(super) fn line_width(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for file in tree.sources() {
        for (index, line) in file.text.lines().enumerate() {
            let columns = line.chars().count();
            if columns > LINE_WIDTH_MAX {
                let what = format!("{columns} columns, of {LINE_WIDTH_MAX} at most");
                breaches.push(Breach::new(&file.path, index + 1, what));
            }
        }
    }
    breaches
}

pub(super) fn bare_allow(tree: &Tree) -> Vec<Breach> {
    each_token_run(tree, |file, run, breaches| {
        // `#[allow(…)]` and `#![allow(…)]`.
        let [TokenTree::Punct(hash), rest @ ..] = run else { return };
        let rest = match rest {
            [TokenTree::Punct(bang), rest @ ..] if bang.as_char() == '!' => rest,
            _ => rest,
        };
        let [TokenTree::Group(group), ..] = rest else { return };
        if hash.as_char() != '#' || group.delimiter() != Delimiter::Bracket {
            return;
        }
        if is_word(group.stream().into_iter().next().as_ref(), &["allow"]) {
            let line = hash.span().start().line;
            breaches.push(Breach::new(&file.path, line, "`allow` where `expect` is asked for"));
        }
    })
}

pub(super) fn unfinished(tree: &Tree) -> Vec<Breach> {
    each_token_run(tree, |file, run, breaches| {
        let [word @ TokenTree::Ident(name), TokenTree::Punct(bang), ..] = run else { return };
        if bang.as_char() == '!' && is_word(Some(word), &["todo", "unimplemented", "dbg"]) {
            let line = name.span().start().line;
            breaches.push(Breach::new(&file.path, line, format!("`{name}!` was left behind")));
        }
    })
}

pub(super) fn drawers(tree: &Tree) -> Vec<Breach> {
    let mut breaches = each_token_run(tree, |file, run, breaches| {
        let [keyword, name @ TokenTree::Ident(_), TokenTree::Group(_), ..] = run else { return };
        if is_word(Some(keyword), &["mod"]) && is_word(Some(name), DRAWERS) {
            let line = name.span().start().line;
            breaches.push(Breach::new(&file.path, line, format!("a module called `{name}`")));
        }
    });
    for file in tree.files.iter().filter(|file| file.path.starts_with("crates")) {
        let names = file.path.iter().filter_map(|part| Path::new(part).file_stem()?.to_str());
        for name in names.filter(|name| DRAWERS.contains(name)) {
            breaches.push(Breach::new(&file.path, 0, format!("a place called `{name}`")));
        }
    }
    breaches
}

/// Reads a file as tokens; one that cannot be read as Rust is a breach of its own.
pub(super) fn tokens(file: &File) -> Result<TokenStream, Breach> {
    file.text.parse().map_err(|error: proc_macro2::LexError| {
        let line = error.span().start().line;
        Breach::new(&file.path, line, format!("cannot be read as Rust: {error}"))
    })
}

pub(super) fn is_word(token: Option<&TokenTree>, words: &[&str]) -> bool {
    matches!(token, Some(TokenTree::Ident(ident)) if words.iter().any(|word| ident == word))
}

pub(super) fn is_in_src(path: &Path) -> bool {
    path.iter().nth(2).is_some_and(|part| part == "src")
}

/// Shows `look` every token of every source together with all that follow it in its group.
fn each_token_run(
    tree: &Tree,
    look: impl Fn(&File, &[TokenTree], &mut Vec<Breach>),
) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for file in tree.sources() {
        let mut streams = match tokens(file) {
            Ok(stream) => vec![stream],
            Err(breach) => {
                breaches.push(breach);
                continue;
            }
        };
        while let Some(stream) = streams.pop() {
            let run: Vec<TokenTree> = stream.into_iter().collect();
            for start in 0..run.len() {
                look(file, &run[start..], &mut breaches);
                if let TokenTree::Group(group) = &run[start] {
                    streams.push(group.stream());
                }
            }
        }
    }
    breaches.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    breaches
}
