use std::collections::BTreeMap;

use super::*;

/// A folder as the build leaves it, with one portion of this content.
fn laid(portion: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let files = [
        ("site.wasm", "the program"),
        ("site.css", "the style"),
        ("site.js", r#"import * as a from "./__wasm_split.js"; const b = { "./__wasm_split.js": a };"#),
        (
            "__wasm_split.js",
            r#"import {initSync} from"./site.js"; fetch("./chunk_1.wasm"); fetch("./chunk_10.wasm");"#,
        ),
        ("__wasm_split_manifest.json", r#"{"b":["chunk_10"],"a":["chunk_1","chunk_10"]}"#),
        ("chunk_1.wasm", portion),
        ("chunk_10.wasm", "another"),
    ];
    for (name, content) in files {
        fs::write(folder.path().join(name), content).expect("a file");
    }
    folder
}

/// The files of the folder by their name without the hash: their whole name and their text.
fn read_all(folder: &Path) -> BTreeMap<String, (String, String)> {
    let entries = fs::read_dir(folder).expect("the folder").flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names
        .map(|name| {
            let parts: Vec<_> = name.split('.').collect();
            let plain = [parts[0], parts[2]].join(".");
            let content = fs::read_to_string(folder.join(&name)).expect("a text");
            (plain, (name, content))
        })
        .collect()
}

#[test]
fn what_names_another_file_names_it_right() {
    let folder = laid("one");
    let hashes = name_by_content(folder.path(), "site").expect("named");
    let files = read_all(folder.path());
    let name = |plain: &str| files[plain].0.as_str();
    let content = |plain: &str| files[plain].1.as_str();

    for (plain, (name, _)) in &files {
        let hash = name.split('.').nth(1).expect("a hash");
        assert_eq!(hash.len(), 20, "{plain}");
        let listed = !plain.starts_with("chunk");
        assert_eq!(hashes.contains(hash), listed, "{plain} in {hashes}");
    }
    assert!(hashes.starts_with("js: "));
    // The import changes, the name by which program and script know each other does not.
    assert!(content("site.js").contains(&format!(r#"from "./{}""#, name("__wasm_split.js"))));
    assert!(content("site.js").contains(r#""./__wasm_split.js": a"#));
    assert!(content("__wasm_split.js").contains(&format!(r#"from"./{}""#, name("site.js"))));
    for chunk in ["chunk_1.wasm", "chunk_10.wasm"] {
        assert!(content("__wasm_split.js").contains(&format!(r#""./{}""#, name(chunk))));
    }
    let [one, ten] = ["chunk_1.wasm", "chunk_10.wasm"].map(|chunk| name(chunk).trim_end_matches(".wasm"));
    let expected = format!(r#"{{"a":["{one}","{ten}"],"b":["{ten}"]}}"#);
    assert_eq!(content("__wasm_split_manifest.json"), expected);
}

#[test]
fn the_same_content_gets_the_same_names() {
    let [first, second] = [laid("one"), laid("one")];
    let names = |folder: &tempfile::TempDir| name_by_content(folder.path(), "site").expect("named");
    assert_eq!(names(&first), names(&second));
    assert_eq!(read_all(first.path()), read_all(second.path()));
}

#[test]
fn a_changed_portion_changes_the_names_of_what_names_it() {
    let [before, after] = ["one", "two"].map(|portion| {
        let folder = laid(portion);
        name_by_content(folder.path(), "site").expect("named");
        read_all(folder.path())
    });
    for (plain, (name, _)) in &before {
        let kept = ["chunk_10.wasm", "site.css", "site.wasm"].contains(&plain.as_str());
        assert_eq!(after[plain].0 == *name, kept, "{plain}");
    }
}

#[test]
fn what_is_not_understood_is_refused() {
    let folder = laid("one");
    fs::write(folder.path().join("site.js"), "no import").expect("a file");
    assert!(name_by_content(folder.path(), "site").is_err());
    let folder = laid("one");
    fs::write(folder.path().join("__wasm_split_manifest.json"), r#"{"a":["chunk_2"]}"#).expect("a file");
    let error = name_by_content(folder.path(), "site").expect_err("refused");
    assert!(error.to_string().contains("chunk_2"));
}
