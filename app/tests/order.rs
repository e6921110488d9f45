//! Modules import one another in one direction only: a module may import what stands before it in the order, and itself.
//! The files of one module must not import one another in a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

#[path = "order/imports.rs"]
mod imports;

use imports::{Module, Source, imports, sources};

/// The modules of `app/src`. Each may import those before it, and no others.
const ORDER: &[&str] = &[
    "text",
    "links",
    "rendering",
    "forms",
    "parts",
    "problem",
    "reading",
    "session",
    "pages::people",
    "pages::public",
    "pages::bodies",
    "pages::submissions",
    "pages::requests",
    "pages::credits",
    "pages::baskets",
    "pages::catalogue",
    "pages::calls",
    "split",
    "routes",
    "frame",
    "shell",
    "browser",
];

/// Every import against the order, every module that the order lacks, every circle of files.
fn faults(sources: &[Source], order: &[&str]) -> Vec<String> {
    let order: Vec<Module> = order.iter().map(|name| name.split("::").map(str::to_owned).collect()).collect();
    let files: BTreeSet<&Module> = sources.iter().map(|source| &source.module).collect();
    let mut faults = Vec::new();
    let mut edges: BTreeMap<&Module, BTreeSet<&Module>> = BTreeMap::new();
    for source in sources.iter().filter(|source| !source.module.is_empty()) {
        let only_declares =
            order.iter().any(|entry| entry.len() > source.module.len() && entry.starts_with(&source.module));
        let Some(own) = place(&order, &source.module) else {
            if !only_declares {
                faults.push(format!("{} has no place in the order", source.module.join("::")));
            }
            continue;
        };
        for import in imports(source) {
            let (name, path) = (source.module.join("::"), import.join("::"));
            match place(&order, &import) {
                Some(other) if other > own => {
                    faults.push(format!("{name} imports {path}, which stands above it"));
                }
                Some(_) => {}
                None => faults.push(format!("{name} imports {path}, which has no place in the order")),
            }
            // The longest beginning of the path that is a file.
            let file = (1..=import.len()).rev().find_map(|length| files.get(&import[..length].to_vec()));
            edges.entry(&source.module).or_default().extend(file.filter(|file| ***file != source.module));
        }
    }
    faults.extend(circle(&edges));
    faults
}

/// The place of a path in the order. Whoever imports a folder of several places may use the highest of them.
fn place(order: &[Module], path: &[String]) -> Option<usize> {
    order.iter().rposition(|entry| path.starts_with(entry) || entry.starts_with(path))
}

fn circle(edges: &BTreeMap<&Module, BTreeSet<&Module>>) -> Option<String> {
    // What imports nothing that is left is taken away, until nothing is left or only circles and what leads to them.
    let mut left = edges.clone();
    loop {
        let free: Vec<&Module> = left
            .iter()
            .filter(|(_, imports)| imports.iter().all(|import| !left.contains_key(*import)))
            .map(|(module, _)| *module)
            .collect();
        if free.is_empty() {
            break;
        }
        left.retain(|module, _| !free.contains(module));
    }
    let mut at = *left.keys().next()?;
    let mut way = vec![at];
    loop {
        at = left[at].iter().copied().find(|import| left.contains_key(*import))?;
        if let Some(begin) = way.iter().position(|module| *module == at) {
            let names: Vec<String> =
                way[begin..].iter().chain([&at]).map(|module| module.join("::")).collect();
            return Some(format!("a circle: {}", names.join(" imports ")));
        }
        way.push(at);
    }
}

#[test]
fn modules_import_downwards_only() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let sources = sources(&root).expect("the sources can be read");
    assert_eq!(faults(&sources, ORDER), Vec::<String>::new());
}

fn made_up(files: &[(&str, &str)]) -> Vec<String> {
    let sources: Vec<Source> = files.iter().map(|(path, text)| Source::new(path, text)).collect();
    faults(&sources, &["text", "parts", "pages::people", "pages::calls", "frame"])
}

#[test]
fn an_import_upwards_is_found_wherever_it_stands() {
    for text in [
        "use crate::frame::App;",
        "use crate::{text::Lang, frame::{header, footer::Footer as Foot}};",
        "use crate::{\n    text::{self, Lang},\n    frame,\n};",
        "use super::super::frame;",
        "fn at() -> char { '\"' }\nfn app() { crate::frame::App(); }",
        "type Shown = Vec<crate::frame::Shown<'static>>;",
        "mod tests { mod more { use super::super::super::super::frame::App; } }",
    ] {
        let found = made_up(&[("parts/alert.rs", text), ("frame/mod.rs", "")]);
        assert!(
            found.iter().any(|fault| fault.starts_with("parts::alert imports frame")),
            "{text}: {found:?}"
        );
    }
}

#[test]
fn what_is_no_import_upwards_is_left_alone() {
    for text in [
        "use crate::{text::Lang, parts::Icon};",
        "// use crate::frame::App;",
        "/* crate::frame */ const HELP: &str = \"crate::frame\";",
        "const HELP: &str = r#\"\" crate::frame\"#;",
        "macro_rules! app { () => { $crate::frame::App } }",
        "use other::frame::App;",
        "mod tests { use super::*; fn all() { super::frame::App(); } }",
        "mod tests { use super::super::frame::App; }",
    ] {
        assert_eq!(
            made_up(&[("parts/alert.rs", text), ("frame/mod.rs", "")]),
            Vec::<String>::new(),
            "{text}"
        );
    }
}

#[test]
fn areas_have_their_places_too() {
    let calls = ("pages/calls/board.rs", "use crate::pages::people::area;");
    assert_eq!(made_up(&[calls, ("pages/people/area.rs", "")]), Vec::<String>::new());
    let people = ("pages/people/area.rs", "use crate::pages::calls::board::Board;");
    assert_eq!(
        made_up(&[people, ("pages/calls/board.rs", "")]),
        ["pages::people::area imports pages::calls::board::Board, which stands above it"]
    );
    // Whoever imports the folder may use all that is in it.
    assert_eq!(
        made_up(&[("pages/people/area.rs", "use crate::pages;")]),
        ["pages::people::area imports pages, which stands above it"]
    );
}

#[test]
fn a_module_without_a_place_is_found() {
    assert_eq!(made_up(&[("helpers.rs", "")]), ["helpers has no place in the order"]);
    assert_eq!(
        made_up(&[("frame/mod.rs", "use crate::helpers::help;")]),
        ["frame imports helpers::help, which has no place in the order"]
    );
}

#[test]
fn files_of_one_module_import_in_no_circle() {
    let circle = [
        ("parts/alert.rs", "use super::icon::Icon;"),
        ("parts/icon.rs", "use super::list::List;"),
        ("parts/list.rs", "use crate::parts::alert::Alert;"),
    ];
    assert_eq!(
        made_up(&circle),
        ["a circle: parts::alert imports parts::icon imports parts::list imports parts::alert"]
    );
    assert_eq!(made_up(&circle[..2]), Vec::<String>::new());
}
