//! The locale files: how they are read, what they must keep to, which functions they become.
//!
//! `locales/it/baskets.json` with the key `left` becomes `Lang::baskets_left`. A sentence may be plain text, text with
//! `{placeholders}`, an object `{"one": …, "other": …}` that the number `n` chooses from, or a list of texts.
//! Both languages must say the same things about the same facts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

/// A locale file as it was found.
pub struct File {
    /// For sentences to the programmer: `locales/it/baskets.json`.
    pub path: String,
    /// The file's name, which begins the name of each of its functions.
    pub area: String,
    pub text: String,
}

#[derive(Clone, Debug)]
enum Sentence {
    Plain(String),
    /// Chosen by the number `n`.
    Plural {
        one: String,
        other: String,
    },
    List(Vec<String>),
}

struct Area<'f> {
    file: &'f File,
    /// In the order of the file.
    sentences: Vec<(String, Sentence)>,
}

/// The functions of both languages, or every fault that keeps them from being made.
pub fn functions(italian: &[File], english: &[File]) -> Result<String, Vec<String>> {
    let mut faults = Vec::new();
    let italian = areas(italian, &mut faults);
    let english = areas(english, &mut faults);
    compare_areas(&italian, &english, &mut faults);
    let mut code = String::from(
        "#[allow(clippy::match_same_arms, reason = \"a word may be the same in both languages\")]\nimpl Lang {\n",
    );
    let mut taken = BTreeMap::new();
    for area in &italian {
        let Some(other) = english.iter().find(|other| other.file.area == area.file.area) else {
            continue;
        };
        for (key, sentence) in &area.sentences {
            let name = format!("{}_{key}", area.file.area);
            if let Some(first) = taken.insert(name.clone(), &area.file.path) {
                faults.push(format!(
                    "{} key {key:?} and a key of {first} would both be {name}()",
                    area.file.path
                ));
            }
            if let Some((_, translated)) = other.sentences.iter().find(|(other, _)| other == key) {
                let place = Place { file: area.file, other: other.file, key };
                match place.function(&name, sentence, translated) {
                    Ok(function) => code.push_str(&function),
                    Err(fault) => faults.push(fault),
                }
            }
        }
    }
    code.push_str("}\n");
    if faults.is_empty() { Ok(code) } else { Err(faults) }
}

fn areas<'f>(files: &'f [File], faults: &mut Vec<String>) -> Vec<Area<'f>> {
    files
        .iter()
        .map(|file| {
            let Entries(entries) = serde_json::from_str(&file.text).unwrap_or_else(|why| {
                faults.push(format!("{}: {why}", file.path));
                Entries(Vec::new())
            });
            let mut sentences = Vec::new();
            let mut seen = BTreeSet::new();
            if !is_name(&file.area) {
                faults.push(format!(
                    "{}: a file is named with small letters, digits and underscores",
                    file.path
                ));
            }
            for (key, value) in entries {
                if !seen.insert(key.clone()) {
                    faults.push(format!("{} says {key:?} twice", file.path));
                }
                match sentence(&key, value) {
                    Ok(sentence) => sentences.push((key, sentence)),
                    Err(fault) => faults.push(format!("{} key {key:?}: {fault}", file.path)),
                }
            }
            Area { file, sentences }
        })
        .collect()
}

fn compare_areas(italian: &[Area], english: &[Area], faults: &mut Vec<String>) {
    let mut lacking = |from: &[Area], to: &[Area], language: &str| {
        for area in from {
            let Some(other) = to.iter().find(|other| other.file.area == area.file.area) else {
                faults.push(format!("locales/{language}/{}.json is missing", area.file.area));
                continue;
            };
            for (key, _) in &area.sentences {
                if other.sentences.iter().all(|(other, _)| other != key) {
                    faults.push(format!("{} lacks the key {key:?} of {}", other.file.path, area.file.path));
                }
            }
        }
    };
    lacking(italian, english, "en");
    lacking(english, italian, "it");
}

fn sentence(key: &str, value: Value) -> Result<Sentence, String> {
    if !is_name(key) {
        return Err("a key is made of small letters, digits and underscores".to_owned());
    }
    let sentence = match value {
        Value::String(text) => Sentence::Plain(text),
        Value::Array(texts) => Sentence::List(texts.into_iter().map(text).collect::<Result<_, _>>()?),
        Value::Object(mut forms) => {
            let mut form = |name: &str| {
                forms.remove(name).map_or_else(|| Err(format!("the plural lacks {name:?}")), text)
            };
            let plural = Sentence::Plural { one: form("one")?, other: form("other")? };
            if let Some(name) = forms.keys().next() {
                return Err(format!("a plural has the forms \"one\" and \"other\", not {name:?}"));
            }
            plural
        }
        _ => return Err("expected a text, a plural or a list of texts".to_owned()),
    };
    for text in sentence.texts() {
        if text.trim() != text || text.is_empty() {
            return Err("a text is neither empty nor begins or ends with a space".to_owned());
        }
        if text.contains(char::is_control) {
            return Err("a text holds no line breaks or other control characters".to_owned());
        }
        placeholders(text)?;
    }
    Ok(sentence)
}

fn text(value: Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text),
        _ => Err("expected a text".to_owned()),
    }
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// The names within braces, each once, in the order in which they come.
fn placeholders(text: &str) -> Result<Vec<String>, String> {
    let mut names: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let name = rest[at..].strip_prefix('{').and_then(|after| after.split_once('}'));
        let Some((name, after)) = name.filter(|(name, _)| is_name(name)) else {
            return Err(format!("a brace without a name in {text:?}"));
        };
        if names.iter().all(|known| known != name) {
            names.push(name.to_owned());
        }
        rest = after;
    }
    if names.len() > 8 {
        return Err("a text has at most eight placeholders".to_owned());
    }
    Ok(names)
}

impl Sentence {
    fn texts(&self) -> Vec<&str> {
        match self {
            Self::Plain(text) => vec![text],
            Self::Plural { one, other } => vec![other, one],
            Self::List(texts) => texts.iter().map(String::as_str).collect(),
        }
    }

    /// The arguments of the function, in the order of the text; of a plural `n` first.
    fn arguments(&self) -> Vec<String> {
        let mut names: Vec<String> = match self {
            Self::Plain(_) | Self::List(_) => Vec::new(),
            Self::Plural { .. } => vec!["n".to_owned()],
        };
        for text in self.texts() {
            for name in placeholders(text).unwrap_or_default() {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        names
    }
}

/// Where a sentence stands, for the faults that are found in it.
struct Place<'f> {
    file: &'f File,
    other: &'f File,
    key: &'f str,
}

impl Place<'_> {
    fn function(&self, name: &str, it: &Sentence, en: &Sentence) -> Result<String, String> {
        let arguments = it.arguments();
        let same: BTreeSet<_> = arguments.iter().cloned().collect();
        if same != en.arguments().into_iter().collect() {
            return Err(self.fault("has other placeholders"));
        }
        match (it, en) {
            (Sentence::List(it), Sentence::List(en)) => self.list(name, it, en),
            (Sentence::Plain(it), Sentence::Plain(en)) if arguments.is_empty() => Ok(format!(
                "    pub fn {name}(self) -> &'static str {{\n        \
                 match self {{ Self::It => {it:?}, Self::En => {en:?} }}\n    }}\n"
            )),
            (Sentence::Plain(it), Sentence::Plain(en)) => {
                let texts = [it, en].map(|text| template(text, &arguments));
                let choice = format!("match self {{ Self::It => {}, Self::En => {} }}", texts[0], texts[1]);
                Ok(woven(name, &arguments, false, &choice))
            }
            (Sentence::Plural { one, other }, Sentence::Plural { one: en_one, other: en_other }) => {
                for (file, one, other) in [(self.file, one, other), (self.other, en_one, en_other)] {
                    same_facts(one, other)
                        .map_err(|fault| format!("{} key {:?}: {fault}", file.path, self.key))?;
                }
                let texts = [one, other, en_one, en_other].map(|text| template(text, &arguments));
                let choice = format!(
                    "match (self, n == 1 || n == -1) {{ (Self::It, true) => {}, (Self::It, false) => {}, \
                     (Self::En, true) => {}, (Self::En, false) => {} }}",
                    texts[0], texts[1], texts[2], texts[3]
                );
                Ok(woven(name, &arguments, true, &choice))
            }
            _ => Err(self.fault("is of another kind (text, plural or list)")),
        }
    }

    fn list(&self, name: &str, it: &[String], en: &[String]) -> Result<String, String> {
        if it.len() != en.len() {
            return Err(self.fault("has another number of texts"));
        }
        if [it, en].concat().iter().any(|text| text.contains('{')) {
            return Err(format!("{} key {:?}: a list has no placeholders", self.file.path, self.key));
        }
        Ok(format!(
            "    pub fn {name}(self) -> [&'static str; {}] {{\n        \
             match self {{ Self::It => {it:?}, Self::En => {en:?} }}\n    }}\n",
            it.len()
        ))
    }

    fn fault(&self, what: &str) -> String {
        format!("{} key {:?} {what} than in {}", self.other.path, self.key, self.file.path)
    }
}

/// The singular may leave the number out (*un credito*), and nothing else.
fn same_facts(one: &str, other: &str) -> Result<(), String> {
    let facts = |text| -> Result<BTreeSet<_>, String> {
        Ok(placeholders(text)?.into_iter().filter(|name| name != "n").collect())
    };
    if facts(one)? == facts(other)? {
        Ok(())
    } else {
        Err("the forms have different placeholders".to_owned())
    }
}

/// The text as a literal in which the control character number i stands for the i-th argument. A number and what it
/// counts stay on one line.
fn template(text: &str, arguments: &[String]) -> String {
    let mut template = text.replace("{n} ", "{n}\u{a0}");
    for (argument, mark) in arguments.iter().zip('\u{1}'..) {
        template = template.replace(&format!("{{{argument}}}"), &mark.to_string());
    }
    format!("{template:?}")
}

fn woven(name: &str, arguments: &[String], plural: bool, choice: &str) -> String {
    let mut signature = String::from("self");
    let mut values = Vec::new();
    for argument in arguments {
        // Counts are written as the language writes numbers.
        let counts = plural && argument == "n";
        let kind = if counts { "i64" } else { "impl std::fmt::Display" };
        let _ = write!(signature, ", {argument}: {kind}");
        values.push(if counts { "&self.number(n)".to_owned() } else { format!("&{argument}.to_string()") });
    }
    format!(
        "    pub fn {name}({signature}) -> String {{\n        let text = {choice};\n        \
         woven(text, &[{}])\n    }}\n",
        values.join(", ")
    )
}

/// An object whose keys keep their order, and come twice where they are written twice.
struct Entries(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Entries;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object of sentences")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}
