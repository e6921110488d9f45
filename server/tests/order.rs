//! Imports run one way: in each crate of the server a module imports only from those above it in the list of its `lib.rs`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The modules of a crate in their declared order, and the module of each name that the crate's root passes on.
struct Order {
    modules: Vec<String>,
    passed_on: BTreeMap<String, String>,
}

impl Order {
    fn of(root: &str) -> Self {
        let mut modules = Vec::new();
        let mut passed_on = BTreeMap::new();
        for line in code(root).split(';') {
            let line = line.trim().trim_start_matches("#[macro_use]").trim();
            let line = line.rsplit('\n').next().unwrap_or_default().trim();
            let words = line.trim_start_matches("pub(crate) ").trim_start_matches("pub ");
            if let Some(name) = words.strip_prefix("mod ") {
                modules.push(name.trim().to_owned());
            } else if let Some(path) = words.strip_prefix("use ") {
                for (first, last) in paths(path) {
                    passed_on.insert(last, first);
                }
            }
        }
        Self { modules, passed_on }
    }

    fn place(&self, module: &str) -> Option<usize> {
        self.modules.iter().position(|known| known == module)
    }

    /// The modules below its own that a file imports from.
    fn broken_by(&self, module: &str, file: &str) -> Vec<String> {
        let own = self.place(module);
        let mut broken = Vec::new();
        for used in used_from_root(&code(file)) {
            let target = self.passed_on.get(&used).unwrap_or(&used);
            if self.place(target) > own {
                broken.push(format!("{module} imports from {target}"));
            }
        }
        broken
    }
}

/// The text without comments.
fn code(text: &str) -> String {
    let lines = text.lines().map(|line| line.find("//").map_or(line, |at| &line[..at]));
    lines.collect::<Vec<_>>().join("\n")
}

/// The first and the last segment of each path of a `use`, groups taken apart.
fn paths(path: &str) -> Vec<(String, String)> {
    let path = path.trim();
    let Some((before, group)) = path.split_once('{') else {
        let segments: Vec<&str> = path.split("::").map(str::trim).collect();
        let (first, last) = (segments[0], segments[segments.len() - 1]);
        let last = last.rsplit(" as ").next().unwrap_or(last);
        return vec![(first.to_owned(), last.to_owned())];
    };
    let group = group.rsplit_once('}').map_or(group, |(group, _)| group);
    members(group).iter().flat_map(|member| paths(&[before, member].concat())).collect()
}

/// The members of a group, split at the commas of its own level.
fn members(group: &str) -> Vec<String> {
    let (mut depth, mut members) = (0, vec![String::new()]);
    for sign in group.chars() {
        match sign {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                members.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = members.last_mut() {
            last.push(sign);
        }
    }
    let members = members.iter().map(|member| member.trim().to_owned());
    members.filter(|member| !member.is_empty()).collect()
}

/// The names that follow `crate::` in a file: of paths and of groups.
fn used_from_root(code: &str) -> Vec<String> {
    let mut used = Vec::new();
    for (at, begin) in code.match_indices("crate::") {
        let after = &code[at + begin.len()..];
        if let Some(group) = after.strip_prefix('{') {
            let mut depth = 1;
            let end = group.char_indices().find(|(_, sign)| {
                depth += i32::from(*sign == '{') - i32::from(*sign == '}');
                depth == 0
            });
            let group = end.map_or(group, |(end, _)| &group[..end]);
            used.extend(members(group).iter().map(|member| first_name(member)));
        } else {
            used.push(first_name(after));
        }
    }
    used
}

fn first_name(path: &str) -> String {
    path.chars().take_while(|sign| sign.is_alphanumeric() || *sign == '_').collect()
}

/// The Rust files of a folder and those below it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of sources").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            found.push(path);
        }
    }
    found
}

/// The module at the crate's root to which a file belongs; none for the root itself.
fn module_of(source: &Path, file: &Path) -> Option<String> {
    let first = file.strip_prefix(source).ok()?.components().next()?;
    let name = first.as_os_str().to_string_lossy();
    let name = name.strip_suffix(".rs").unwrap_or(&name);
    (!matches!(name, "lib" | "main")).then(|| name.to_owned())
}

#[test]
fn each_module_imports_only_from_those_above_it() {
    let server = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = Vec::new();
    for source in ["src", "handlers/src", "store/src"].map(|source| server.join(source)) {
        let order = Order::of(&fs::read_to_string(source.join("lib.rs")).expect("the crate's root"));
        assert!(order.modules.len() > 5, "{} declares its modules", source.display());
        for file in files(&source) {
            let Some(module) = module_of(&source, &file) else { continue };
            assert!(order.place(&module).is_some(), "{module} is in no list: {}", file.display());
            let text = fs::read_to_string(&file).expect("a source");
            let broken = order.broken_by(&module, &text);
            all.extend(broken.iter().map(|broken| format!("{}: {broken}", file.display())));
        }
    }
    assert!(all.is_empty(), "against the order:\n{}", all.join("\n"));
}

#[test]
fn an_import_against_the_order_is_found() {
    let order = Order::of(
        "pub mod low;\n// A comment; mod no;\nmod high;\npub use low::Thing;\npub use high::{Other, deep::More};",
    );
    assert_eq!(order.modules, ["low", "high"]);
    for (module, text, broken) in [
        ("high", "use crate::low::x;", 0),
        ("low", "use crate::high::x;", 1),
        ("low", "use crate::{high::{a, b}, low::c};", 1),
        ("low", "fn f() { crate::high::g() }", 1),
        ("low", "use crate::Other;\nuse crate::{More, Thing};", 2),
        ("low", "// crate::high", 0),
        ("high", "use crate::{Thing, Other};", 0),
    ] {
        assert_eq!(order.broken_by(module, text).len(), broken, "{module}: {text}");
    }
}
