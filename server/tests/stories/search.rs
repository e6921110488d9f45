//! Twenty queries of people who look for something find it first, in the catalogue of the demonstration.

use std::fs;
use std::path::Path;

use model::catalogue::{Area, Service, ServiceStatus};
use model::ids::ServiceCode;
use serde::Deserialize;
use store::Index;

#[derive(Deserialize)]
struct Queries {
    query: Vec<Query>,
}

#[derive(Deserialize)]
struct Query {
    text: String,
    expects: String,
}

#[derive(Deserialize)]
struct Areas {
    area: Vec<Area>,
}

fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> T {
    let text = fs::read_to_string(path).expect("the file is there");
    toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn catalogue() -> (Index, Vec<ServiceCode>) {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/catalogue");
    let areas: Areas = read(&demo.join("areas.toml"));
    let mut index = Index::default();
    let mut codes = Vec::new();
    let mut files: Vec<_> =
        fs::read_dir(demo.join("services")).expect("services").flatten().map(|entry| entry.path()).collect();
    files.sort();
    for path in files {
        let service: Service = read(&path);
        if service.status == ServiceStatus::Draft {
            continue;
        }
        let area = areas.area.iter().find(|area| area.code == service.area).expect("its area");
        index.add(&service, &area.name);
        codes.push(ServiceCode(path.file_stem().expect("a name").to_string_lossy().into_owned()));
    }
    (index, codes)
}

#[test]
fn each_query_finds_its_service_first() {
    let (index, codes) = catalogue();
    let queries: Queries = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/queries.toml"));
    assert!(queries.query.len() >= 20);
    let mut wrong = Vec::new();
    for Query { text, expects } in queries.query {
        let found: Vec<_> =
            index.search(&text).into_iter().take(3).map(|position| codes[position].0.clone()).collect();
        if found.first() != Some(&expects) {
            wrong.push(format!("{text}: expected {expects}, found {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn nonsense_finds_nothing() {
    let (index, _) = catalogue();
    for nothing in ["", "   ", "di a da in con", "zzzzqqqq", "<script>", "%_'\""] {
        assert_eq!(index.search(nothing), Vec::<usize>::new(), "{nothing}");
    }
}

#[test]
fn the_beginning_of_a_word_finds_it_too() {
    let (index, codes) = catalogue();
    let found = index.search("contravv");
    assert_eq!(codes[found[0]].0, "pagamento-contravvenzioni");
}

#[test]
fn a_word_said_a_hundred_thousand_times_counts_once() {
    let (index, _) = catalogue();
    let once = index.search("contravvenzioni");
    assert!(!once.is_empty());
    assert_eq!(index.search(&"contravvenzioni ".repeat(100_000)), once);
    let many: Vec<_> = (0..30_000).map(|number| format!("pagamento{number} con")).collect();
    index.search(&many.join(" "));
}
