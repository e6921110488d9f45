//! What the files of a crate import from one another: the tests of the order of imports, here and of the server, use it.
//!
//! It reads paths that begin with `crate::`, `self::` or `super::`, in `use` and elsewhere. What the file of a module
//! takes from its own submodules (`pub use button::Button`) is no import.

use std::collections::BTreeSet;
use std::path::Path;
use std::{fs, io};

/// A module as a path: `["pages", "people"]`; the root of the crate is empty.
pub type Module = Vec<String>;

/// A source file with the module that it holds.
pub struct Source {
    pub module: Module,
    pub text: String,
}

impl Source {
    /// `path` is relative to the folder of the sources.
    pub fn new(path: &str, text: &str) -> Self {
        let path = path.strip_suffix(".rs").unwrap_or(path);
        let mut module: Module = path.split('/').map(str::to_owned).collect();
        let last = module.last().map(String::as_str);
        if last == Some("mod") || (module.len() == 1 && matches!(last, Some("lib" | "main"))) {
            module.pop();
        }
        Self { module, text: text.to_owned() }
    }
}

/// All source files below a folder.
pub fn sources(root: &Path) -> io::Result<Vec<Source>> {
    let (mut sources, mut folders) = (Vec::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
                sources.push(Source::new(&name, &fs::read_to_string(&path)?));
            }
        }
    }
    sources.sort_by(|one, other| one.module.cmp(&other.module));
    Ok(sources)
}

/// The modules and items that a file names within its crate, each as its whole path.
pub fn imports(source: &Source) -> BTreeSet<Module> {
    let code = code(&source.text);
    let tokens = tokens(&code);
    let mut found = BTreeSet::new();
    // The module at this place, and how deep in braces each of its inner modules begins.
    let (mut module, mut inner, mut depth) = (source.module.clone(), Vec::new(), 0);
    for (at, token) in tokens.iter().enumerate() {
        match *token {
            "{" => {
                depth += 1;
                if at > 1 && tokens[at - 2] == "mod" {
                    module.push(tokens[at - 1].to_owned());
                    inner.push(depth);
                }
            }
            "}" => {
                if inner.pop_if(|begin| *begin == depth).is_some() {
                    module.pop();
                }
                depth -= 1;
            }
            _ => {}
        }
        let begins = at == 0 || (tokens[at - 1] != "::" && tokens[at - 1] != "$");
        if begins && matches!(*token, "crate" | "self" | "super") && tokens.get(at + 1) == Some(&"::") {
            let base = if *token == "crate" { Vec::new() } else { module.clone() };
            paths(&tokens, &mut (at.to_owned()), &base, &mut found);
        }
    }
    // `super::*` in the tests of a file names the file itself.
    found.retain(|path| !path.is_empty() && *path != source.module);
    found
}

/// Reads a path, and the group in braces that it may end with.
fn paths(tokens: &[&str], at: &mut usize, base: &Module, found: &mut BTreeSet<Module>) {
    let mut path = base.clone();
    loop {
        match tokens.get(*at).copied() {
            Some("{") => {
                *at += 1;
                while tokens.get(*at).is_some_and(|token| *token != "}") {
                    paths(tokens, at, &path, found);
                    if tokens.get(*at) == Some(&",") {
                        *at += 1;
                    } else if tokens.get(*at) == Some(&"as") {
                        *at += 2;
                    } else if tokens.get(*at) != Some(&"}") {
                        return;
                    }
                }
                *at += 1;
                return;
            }
            Some("super") => {
                path.pop();
            }
            Some("crate" | "self" | "*") => {}
            Some(name) if is_name(name) => path.push(name.to_owned()),
            _ => break,
        }
        *at += 1;
        if tokens.get(*at) != Some(&"::") {
            break;
        }
        *at += 1;
    }
    found.insert(path);
}

fn is_name(token: &str) -> bool {
    token.starts_with(|letter: char| letter.is_alphabetic() || letter == '_')
}

fn tokens(code: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = code.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if is_name(rest) {
            rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        tokens.push(&rest[..length]);
        rest = rest[length..].trim_start();
    }
    tokens
}

/// The text without comments and without what stands in quotes.
fn code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(length) = raw_string(rest) {
            length
        } else if first == '"' {
            string(rest)
        } else if rest.starts_with("'\"'") || rest.starts_with("'\\") {
            rest[2..].find('\'').map_or(rest.len(), |end| end + 3)
        } else {
            code.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        };
        code.push(' ');
        rest = &rest[skipped..];
    }
    code
}

/// Length of `"…"`, with which the text begins.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Length of `r"…"` or `r#"…"#`, where the text begins with one.
fn raw_string(text: &str) -> Option<usize> {
    let marks = text.strip_prefix('r')?;
    let count = marks.bytes().take_while(|byte| *byte == b'#').count();
    marks[count..].strip_prefix('"')?;
    let end = ["\"", &"#".repeat(count)].concat();
    let begin = 2 + count;
    Some(text[begin..].find(&end).map_or(text.len(), |at| begin + at + end.len()))
}
