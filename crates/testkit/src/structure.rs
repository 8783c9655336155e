//! What the tree has to look like, checked by reading it.
//!
//! Crate boundaries, file sizes, dead files and links are promises that no compiler keeps. Each is
//! a rule here: a name, the reason it exists, and a function from the files to the places that
//! break it. `tests/structure.rs` runs all of them on this repository, and each on small trees made
//! to break it. To add a rule, write its function, name it in `RULES`, and give it a failing tree.

mod links;
mod manifests;
mod modules;
mod sources;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

/// Every rule, in the order of its report.
pub const RULES: &[Rule] = &[
    Rule {
        name: "crate_edges",
        why: "each crate keeps one promise, and a new edge is how it is lost",
        breaches: manifests::crate_edges,
    },
    Rule {
        name: "crate_names",
        why: "a crate is found by its name without a search",
        breaches: manifests::crate_names,
    },
    Rule {
        name: "file_length",
        why: "a file is read as one thought; one that outgrew this holds two",
        breaches: sources::file_length,
    },
    Rule {
        name: "line_width",
        why: "two files fit side by side; rustfmt does not break strings and comments by itself",
        breaches: sources::line_width,
    },
    Rule {
        name: "bare_allow",
        why: "an exception says why and ends with its cause: `#[expect(…, reason = \"…\")]`",
        breaches: sources::bare_allow,
    },
    Rule {
        name: "unfinished",
        why: "what is merged is finished; a call that is not built yet does not exist",
        breaches: sources::unfinished,
    },
    Rule {
        name: "drawers",
        why: "a drawer for everything has no reason to refuse anything; name it by what it does",
        breaches: sources::drawers,
    },
    Rule {
        name: "dead_files",
        why: "a file that no `mod` reaches is neither compiled nor tested, and looks as if it were",
        breaches: modules::dead_files,
    },
    Rule {
        name: "links",
        why: "a page that points nowhere sends its reader away with nothing",
        breaches: links::dead_links,
    },
];

pub struct Rule {
    pub name: &'static str,
    pub why: &'static str,
    breaches: fn(&Tree) -> Vec<Breach>,
}

impl Rule {
    pub fn check(&self, tree: &Tree) -> Vec<Breach> {
        (self.breaches)(tree)
    }
}

/// A place that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// Relative to the tree's root.
    pub path: PathBuf,
    /// Counted from 1; 0 where the whole file is meant.
    pub line: usize,
    pub what: String,
}

impl Breach {
    fn new(path: &Path, line: usize, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into() }
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        write!(f, ": {}", self.what)
    }
}

/// The text files of a repository: manifests, sources and pages.
pub struct Tree {
    root: PathBuf,
    files: Vec<File>,
}

/// A file with its path relative to the root.
struct File {
    path: PathBuf,
    text: String,
}

impl Tree {
    /// Reads all that the rules look at, and nothing that git or the build put there.
    pub fn read(root: &Path) -> io::Result<Self> {
        let root = root.canonicalize()?;
        let mut files = Vec::new();
        let walk = WalkDir::new(&root).sort_by_file_name().into_iter();
        for entry in walk.filter_entry(|entry| !is_foreign(entry)) {
            let entry = entry?;
            let path = entry.path();
            let kind = path.extension().and_then(|extension| extension.to_str());
            if !entry.file_type().is_file() || !matches!(kind, Some("md" | "rs" | "toml")) {
                continue;
            }
            let text = std::fs::read_to_string(path)?;
            let path = path.strip_prefix(&root).map_err(io::Error::other)?.to_owned();
            files.push(File { path, text });
        }
        Ok(Self { root, files })
    }

    fn with_extension(&self, extension: &str) -> impl Iterator<Item = &File> {
        self.files.iter().filter(move |file| file.path.extension().is_some_and(|e| e == extension))
    }

    /// The sources of our own crates.
    fn sources(&self) -> impl Iterator<Item = &File> {
        self.with_extension("rs").filter(|file| file.path.starts_with("crates"))
    }

    fn contains(&self, path: &Path) -> bool {
        self.files.iter().any(|file| file.path == path)
    }
}

fn is_foreign(entry: &walkdir::DirEntry) -> bool {
    let name = entry.file_name();
    entry.file_type().is_dir() && [".git", "target", "node_modules"].iter().any(|n| name == *n)
}
