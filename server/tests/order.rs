//! Imports run one way: in each crate of the server a module imports only from those above it in the list of its `lib.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

#[path = "../../app/tests/order/imports.rs"]
mod imports;

use imports::{Source, imports, sources};

/// The modules of a crate in their declared order, and the module of each name that the crate's root passes on.
struct Order {
    modules: Vec<String>,
    passed_on: BTreeMap<String, String>,
}

impl Order {
    fn of(root: &str) -> Self {
        let modules = root.lines().filter_map(|line| {
            let line = line.trim_start_matches("pub ").strip_prefix("mod ")?;
            Some(line.strip_suffix(';')?.to_owned())
        });
        // What the root names begins with the module that it comes from.
        let mut passed_on = BTreeMap::new();
        for line in root.lines().filter(|line| line.contains("use ")) {
            let Some((_, path)) = line.split_once("use ") else { continue };
            let (module, names) = path.split_once("::").unwrap_or((path, path));
            for name in names.split(|sign: char| !sign.is_alphanumeric() && sign != '_') {
                passed_on.insert(name.to_owned(), module.trim_end_matches(';').to_owned());
            }
        }
        Self { modules: modules.collect(), passed_on }
    }

    fn place(&self, module: &str) -> Option<usize> {
        self.modules.iter().position(|known| known == module)
    }

    /// What a file imports from modules below its own in the list.
    fn broken_by(&self, source: &Source) -> Vec<String> {
        let Some(module) = source.module.first() else { return Vec::new() };
        let Some(own) = self.place(module) else { return vec![format!("{module} is in no list")] };
        let targets = imports(source).into_iter().filter_map(|import| {
            let first = import.into_iter().next()?;
            Some(if self.place(&first).is_some() { first } else { self.passed_on.get(&first)?.clone() })
        });
        let broken = targets.filter(|target| self.place(target) > Some(own));
        broken.map(|target| format!("{} imports {target}", source.module.join("::"))).collect()
    }
}

#[test]
fn each_module_imports_only_from_those_above_it() {
    let server = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut broken = Vec::new();
    for folder in ["src", "handlers/src", "store/src"] {
        let folder = server.join(folder);
        let order = Order::of(&fs::read_to_string(folder.join("lib.rs")).expect("the crate's root"));
        assert!(order.modules.len() > 5, "{} declares its modules", folder.display());
        let sources = sources(&folder).expect("the sources are read");
        broken.extend(sources.iter().flat_map(|source| order.broken_by(source)));
    }
    assert!(broken.is_empty(), "against the order:\n{}", broken.join("\n"));
}

#[test]
fn an_import_against_the_order_is_found() {
    let root =
        "pub mod low;\n// mod no;\nmod high;\npub use low::Thing;\npub use high::{Other, deep::More};\n";
    let order = Order::of(root);
    assert_eq!(order.modules, ["low", "high"]);
    for (file, text, broken) in [
        ("high.rs", "use crate::low::x;", 0),
        ("low.rs", "use crate::high::x;", 1),
        ("low.rs", "use crate::{high::{a, b}, low::c};", 2),
        ("low/inner.rs", "fn f() { crate::high::g() }", 1),
        ("low.rs", "use crate::Other;\nuse crate::{More, Thing};", 2),
        ("low.rs", "// crate::high", 0),
        ("high.rs", "use crate::{Thing, Other};", 0),
        ("new.rs", "", 1),
    ] {
        assert_eq!(order.broken_by(&Source::new(file, text)).len(), broken, "{file}: {text}");
    }
}

/// Names that only this project used, and that stand for something with a usual name: see CONTRIBUTING.md.
const PRIVATE_NAMES: [&str; 16] = [
    "Deed",
    "DeedRow",
    "Desk",
    "Errand",
    "TownHall",
    "Parcel",
    "Courier",
    "Trouble",
    "Lasting",
    "Passing",
    "Charter",
    "Measures",
    "Folder",
    "SessionOperation",
    "meddle",
    "hand_of_body",
];

/// Where the product is written.
const CODE: [&str; 7] = [
    "src",
    "handlers/src",
    "store/src",
    "metrics/src",
    "../app/src",
    "../app/model/src",
    "../app/bundle/src",
];

/// The name of a type that a line declares outside of a function and of a test.
fn declared_type(line: &str) -> Option<&str> {
    let mut line = line;
    for visibility in ["pub ", "pub(crate) ", "pub(super) "] {
        line = line.strip_prefix(visibility).unwrap_or(line);
    }
    let name = ["struct ", "enum ", "trait ", "type "].iter().find_map(|kind| line.strip_prefix(kind))?;
    name.split(|sign: char| !sign.is_alphanumeric()).next()
}

#[test]
fn no_type_name_stands_for_two_things() {
    let server = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut seen, mut twice) = (BTreeSet::new(), Vec::new());
    for folder in CODE {
        for source in sources(&server.join(folder)).expect("the sources are read") {
            let names = source.text.lines().filter_map(declared_type).map(str::to_owned);
            twice.extend(names.filter(|name| !seen.insert(name.clone())));
        }
    }
    assert!(seen.len() > 300, "{} types", seen.len());
    assert!(twice.is_empty(), "{twice:?}");
}

#[test]
fn no_private_name_comes_back() {
    let server = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in CODE.into_iter().chain(["tests", "benches"]) {
        for source in sources(&server.join(folder)).expect("the sources are read") {
            let module = source.module.join("::");
            if module == "order" {
                continue;
            }
            let words = source.text.split(|sign: char| !sign.is_alphanumeric() && sign != '_');
            let private: Vec<_> = words.filter(|word| PRIVATE_NAMES.contains(word)).collect();
            assert!(private.is_empty(), "{folder}: {module} says {private:?}");
        }
    }
}
