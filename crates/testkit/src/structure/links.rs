//! Whether the links of the pages lead somewhere inside this tree. Links to the web are not asked.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use pulldown_cmark::{BrokenLink, CowStr, Event, Options, Parser, Tag, TagEnd};

use super::manifests::line_at;
use super::{Breach, File, Tree};

pub(super) fn dead_links(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for file in tree.with_extension("md") {
        let mut broken = Vec::new();
        // `[text][name]` without a definition would be printed with its brackets.
        let on_broken = |link: BrokenLink<'_>| -> Option<(CowStr<'_>, CowStr<'_>)> {
            if !matches!(link.link_type, pulldown_cmark::LinkType::Shortcut) {
                broken.push((link.span.start, format!("`[{}]` is not defined", link.reference)));
            }
            None
        };
        let parser = Parser::new_with_broken_link_callback(&file.text, options(), Some(on_broken));
        let mut found = Vec::new();
        for (event, span) in parser.into_offset_iter() {
            let Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) = event
            else {
                continue;
            };
            if let Some(what) = fault(tree, file, &dest_url) {
                found.push((span.start, what));
            }
        }
        found.append(&mut broken);
        found.sort();
        let place = |(offset, what)| Breach::new(&file.path, line_at(&file.text, offset), what);
        breaches.extend(found.into_iter().map(place));
    }
    breaches
}

fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_STRIKETHROUGH
}

/// What is wrong with a link, if anything.
fn fault(tree: &Tree, file: &File, url: &str) -> Option<String> {
    let is_outside = url.starts_with("//") || url.contains("://") || url.starts_with("mailto:");
    if is_outside {
        return None;
    }
    let (path, anchor) = url.split_once('#').unwrap_or((url, ""));
    let target = match path {
        "" => file.path.clone(),
        _ => match resolve(&file.path, path) {
            Some(target) => target,
            None => return Some(format!("`{url}` leaves the repository")),
        },
    };
    if !tree.root.join(&target).exists() {
        return Some(format!("`{url}` leads to {}, which is not there", target.display()));
    }
    let page = tree.files.iter().find(|page| page.path == target)?;
    let is_page = target.extension().is_some_and(|extension| extension == "md");
    if is_page && !anchor.is_empty() && !anchors(&page.text).contains_key(anchor) {
        return Some(format!("`{url}`: {} has no such heading", target.display()));
    }
    None
}

/// The path from the root, or nothing where the link climbs above it.
fn resolve(from: &Path, link: &str) -> Option<PathBuf> {
    let mut target = match link.strip_prefix('/') {
        Some(_) => PathBuf::new(),
        None => from.parent()?.to_owned(),
    };
    for part in Path::new(link.trim_start_matches('/')).components() {
        match part {
            Component::Normal(name) => target.push(name),
            Component::ParentDir if !target.pop() => return None,
            Component::ParentDir | Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(target)
}

/// The headings' anchors as GitHub writes them: the second `a` is `a-1`.
fn anchors(text: &str) -> BTreeMap<String, usize> {
    let mut anchors: BTreeMap<String, usize> = BTreeMap::new();
    let mut heading: Option<String> = None;
    for event in Parser::new_ext(text, options()) {
        if let Event::Start(Tag::Heading { .. }) = event {
            heading = Some(String::new());
        } else if let Event::End(TagEnd::Heading(_)) = event {
            let slug = slug(&heading.take().unwrap_or_default());
            let repeats = anchors.entry(slug.clone()).or_default();
            *repeats += 1;
            if *repeats > 1 {
                let repeated = format!("{slug}-{}", *repeats - 1);
                anchors.insert(repeated, 1);
            }
        } else if let (Some(heading), Event::Text(words) | Event::Code(words)) =
            (&mut heading, event)
        {
            heading.push_str(&words);
        }
    }
    anchors
}

fn slug(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}
