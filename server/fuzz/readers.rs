//! The fuzzer: one program for all readers, so that it is linked once. `READER` names the one that is tried,
//! `SAMPLES` the folder into which what it reads well is put first.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

#[path = "../tests/stories/parsers/readers.rs"]
mod readers;

use readers::{ALL, Reader};

static TRIED: LazyLock<&Reader> = LazyLock::new(|| {
    let name = std::env::var("READER").expect("READER names a reader");
    ALL.iter().find(|reader| reader.name == name).unwrap_or_else(|| panic!("no reader is called {name}"))
});

fuzz_target!(
    init: {
        let folder = std::env::var("SAMPLES").expect("SAMPLES names a folder");
        for (number, sample) in (TRIED.samples)().iter().enumerate() {
            std::fs::write(format!("{folder}/sample-{number:03}"), sample).expect("a sample is written");
        }
    },
    |bytes: &[u8]| (TRIED.read)(bytes)
);
