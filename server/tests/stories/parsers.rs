//! No reader panics, whatever it is given: noise, and what is well written with a few bytes changed.
//!
//! The same readers are fuzzed for longer by `make test-deep`.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

mod readers;

use readers::{ALL, Reader};

/// A change of a text: where, how much goes, and what comes.
type Change = (prop::sample::Index, usize, Vec<u8>);

/// What breaks numbers, texts and signs more often than noise does.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let edges =
        ["", "0", "-1", "9223372036854775807", "-9223372036854775808", "1e999", "\u{feff}", "à", "\0"];
    let signs = ["\"", "{", "}", "[", "]", ",", ";", "=", "%", "%FF", "&", "\n", "\r", "\\u0000", "\\ud800"];
    let known = edges.into_iter().chain(signs).map(|text| text.as_bytes().to_vec()).collect::<Vec<_>>();
    prop_oneof![prop::sample::select(known), prop::collection::vec(any::<u8>(), 0..6)]
}

fn changed(mut text: Vec<u8>, changes: Vec<Change>) -> Vec<u8> {
    for (at, goes, comes) in changes {
        let start = at.index(text.len() + 1);
        let end = text.len().min(start + goes);
        text.splice(start..end, comes);
    }
    text
}

fn endures(reader: &Reader) {
    let samples = (reader.samples)();
    assert!(!samples.is_empty());
    for sample in &samples {
        (reader.read)(sample);
    }
    let change = (any::<prop::sample::Index>(), 0..8_usize, piece());
    let broken = (prop::sample::select(samples), prop::collection::vec(change, 1..4))
        .prop_map(|(sample, changes)| changed(sample, changes));
    let noise = prop::collection::vec(any::<u8>(), 0..200);
    // Panics go to the runner, which makes the text smaller and shows it.
    let config = ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() };
    let outcome = TestRunner::new(config).run(&prop_oneof![3 => broken, 1 => noise], |bytes| {
        (reader.read)(&bytes);
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{}: {failure}", reader.name);
    }
}

macro_rules! each {
    ($($story:ident: $name:literal;)+) => {
        $(
            #[test]
            fn $story() {
                endures(ALL.iter().find(|reader| reader.name == $name).expect("a reader"));
            }
        )+

        #[test]
        fn every_reader_has_its_story() {
            assert_eq!(vec![$($name),+], ALL.iter().map(|reader| reader.name).collect::<Vec<_>>());
        }
    };
}

each! {
    json_of_any_kind_is_read_or_refused: "json";
    forms_of_any_kind_are_read_or_refused: "form";
    queries_of_any_kind_are_read_or_refused: "query";
    cookies_of_any_kind_are_read_or_passed_over: "cookies";
    a_list_of_municipalities_is_read_or_refused: "comuni";
    a_list_of_who_joined_is_read_or_refused: "joined";
    a_catalogue_is_read_or_refused: "catalogue";
    a_call_is_read_or_refused: "call";
    an_aggregator_is_read_or_refused: "aggregator";
    any_words_can_be_looked_for: "search";
    a_copy_of_the_ledger_is_judged_or_refused: "ledger";
    days_and_instants_are_read_or_refused: "calendar";
    headers_of_any_kind_are_read_or_passed_over: "headers";
    no_redirect_leads_elsewhere: "redirects";
    settings_of_any_kind_are_read_or_refused: "settings";
}
