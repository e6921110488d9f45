//! What a locale file must keep to, and what it becomes.

#[path = "../build/locales.rs"]
mod locales;

use locales::{File, functions};

fn files(language: &str, text: &str) -> Vec<File> {
    vec![File {
        path: format!("locales/{language}/baskets.json"),
        area: "baskets".to_owned(),
        text: text.to_owned(),
    }]
}

fn made(it: &str, en: &str) -> Result<String, Vec<String>> {
    functions(&files("it", it), &files("en", en))
}

#[test]
fn arguments_come_in_the_order_of_the_italian_text() {
    let code = made(
        r#"{"left": "Restano {left} su {all}", "title": "Pacchetto"}"#,
        r#"{"title": "Package", "left": "Of {all}, {left} left"}"#,
    )
    .expect("the files agree");
    assert!(code.contains("fn baskets_title(self) -> &'static str"), "{code}");
    assert!(
        code.contains("fn baskets_left(self, left: impl std::fmt::Display, all: impl std::fmt::Display)"),
        "{code}"
    );
    assert!(code.contains(r#""Of \u{2}, \u{1} left""#), "{code}");
}

#[test]
fn a_plural_is_chosen_by_its_number() {
    let code = made(
        r#"{"count": {"one": "un servizio di {body}", "other": "{n} servizi di {body}"}}"#,
        r#"{"count": {"one": "one service of {body}", "other": "{n} services of {body}"}}"#,
    )
    .expect("the files agree");
    assert!(code.contains("fn baskets_count(self, n: i64, body: impl std::fmt::Display)"), "{code}");
}

#[test]
fn each_disagreement_is_told_with_file_and_key() {
    for (it, en, told) in [
        (r#"{"a": "x"}"#, "{}", r#"locales/en/baskets.json lacks the key "a" of locales/it/baskets.json"#),
        ("{}", r#"{"a": "x"}"#, r#"locales/it/baskets.json lacks the key "a" of locales/en/baskets.json"#),
        (
            r#"{"a": "{n} x"}"#,
            r#"{"a": "x"}"#,
            r#"locales/en/baskets.json key "a" has other placeholders than in locales/it/baskets.json"#,
        ),
        (
            r#"{"a": ["x", "y"]}"#,
            r#"{"a": ["x"]}"#,
            r#"locales/en/baskets.json key "a" has another number of texts than in locales/it/baskets.json"#,
        ),
        (
            r#"{"a": "x"}"#,
            r#"{"a": ["x"]}"#,
            r#"locales/en/baskets.json key "a" is of another kind (text, plural or list) than in locales/it/baskets.json"#,
        ),
    ] {
        assert_eq!(made(it, en), Err(vec![told.to_owned()]), "{it} {en}");
    }
}

#[test]
fn what_can_t_be_a_sentence_is_refused() {
    for bad in [
        r#"{"a": 1}"#,
        r#"{"a": ""}"#,
        r#"{"a": "x "}"#,
        r#"{"a": "{"}"#,
        r#"{"a": "{}"}"#,
        r#"{"a": "{Name}"}"#,
        r#"{"A": "x"}"#,
        r#"{"a": "x", "a": "y"}"#,
        r#"{"a": {"one": "x"}}"#,
        r#"{"a": {"one": "x", "other": "y", "many": "z"}}"#,
        r#"{"a": {"one": "{body}", "other": "{n}"}}"#,
        r#"{"a": ["{n}"]}"#,
        r#"{"a": "x\ny"}"#,
        "[]",
    ] {
        assert!(made(bad, bad).is_err(), "{bad}");
    }
}

#[test]
fn two_files_may_not_make_the_same_function() {
    let file =
        |area: &str, text: &str| File { path: area.to_owned(), area: area.to_owned(), text: text.to_owned() };
    let both = [file("a", r#"{"b_c": "x"}"#), file("a_b", r#"{"c": "y"}"#)];
    assert_eq!(
        functions(&both, &both),
        Err(vec![r#"a_b key "c" and a key of a would both be a_b_c()"#.to_owned()])
    );
}

#[test]
fn both_languages_have_the_same_files() {
    assert_eq!(
        functions(&files("it", "{}"), &[]),
        Err(vec!["locales/en/baskets.json is missing".to_owned()])
    );
}
