//! The imports, on a real database: what they count, what they refuse, and that a refusal changes nothing.

use std::collections::BTreeMap;
use std::path::Path;

use handlers::clock::Clock;
use handlers::context::Identity;
use handlers::marketplace::Marketplace;
use model::api::calls::{CallTerms, CreateCall};
use model::api::{ApiError, FieldErrorKind, Problem};
use model::calendar::Instant;
use model::ids::AggregatorId;
use model::territory::Aggregator;
use server::imports::aggregator::SaveAggregator;
use server::imports::call;
use server::imports::catalogue::{self, Files, ImportCatalogue, Imported};
use server::imports::comuni::{self, Census, ImportMunicipalities};
use server::imports::joined::{self, ImportJoined};
use server::imports::{ImportError, Tally};
use store::{Scope, Store, Transaction};

use crate::test_app::TestDatabase;

const NOW: Instant = Instant(1_790_000_000_000);

struct TestApp {
    store: Store,
    tenant: AggregatorId,
    _ground: TestDatabase,
}

impl TestApp {
    async fn new() -> Self {
        let database = TestDatabase::break_new().await;
        let store = Store::open(&database.url).await.expect("a new database opens");
        let profile =
            Aggregator { name: "Provincia".into(), brand: "Servizi".into(), ..Aggregator::default() };
        let unit = SaveAggregator { host: "localhost".into(), profile, now: NOW };
        let id = store.write(Scope::Installation, unit).await.expect("it is stored");
        Self { store, tenant: id, _ground: database }
    }

    async fn work(&self) -> Transaction {
        self.store.read(self.tenant).await.expect("the store answers")
    }

    async fn comuni(&self, bytes: &[u8]) -> Tally {
        let census = Census { year: None, source: "ISTAT".into() };
        let rows = comuni::read("comuni.csv", bytes, &census).expect("the file is good");
        self.store.write(self.tenant, ImportMunicipalities { rows, now: NOW }).await.expect("it is stored")
    }

    async fn catalogue(&self, files: &Files) -> Result<Imported, Vec<ImportError>> {
        let catalogue = catalogue::read(files)?;
        self.store
            .write(self.tenant, ImportCatalogue { catalogue, now: NOW })
            .await
            .expect("the store answers")
    }

    async fn joined(&self, text: &str) -> Result<Tally, Vec<ImportError>> {
        let joinings = joined::read("joined.csv", text.as_bytes())?;
        let unit = ImportJoined { file: "joined.csv".into(), joinings, now: NOW };
        self.store.write(self.tenant, unit).await.expect("the store answers")
    }
}

fn demo(path: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo");
    std::fs::read(folder.join(path)).expect("the file is there")
}

fn shown(faults: &[ImportError]) -> Vec<String> {
    faults.iter().map(ToString::to_string).collect()
}

fn tally(added: usize, changed: usize, unchanged: usize) -> Tally {
    Tally { added, changed, unchanged, left: Vec::new() }
}

#[tokio::test]
async fn all_municipalities_come_in_once_and_change_when_the_list_does() {
    let app = TestApp::new().await;
    let list = String::from_utf8(demo("comuni.csv")).expect("it is UTF-8");
    assert_eq!(app.comuni(list.as_bytes()).await, tally(7_896, 0, 0));
    assert_eq!(app.comuni(list.as_bytes()).await, tally(0, 0, 7_896));
    let rows = app.work().await.municipalities().await.expect("they can be read");
    let unknown: Vec<_> = rows.iter().filter(|row| row.population.is_none()).collect();
    assert_eq!(unknown.len(), 3);
    assert!(unknown.iter().all(|row| row.population_year.is_none() && row.population_source.is_empty()));
    assert_eq!(rows.iter().filter(|row| row.province == "CO").count(), 147);

    let bellagio = "013250,Bellagio,,M335,CO,Como,Lombardia,0,3566";
    assert!(list.contains(bellagio), "the list still has this line");
    let fewer = list.replace(bellagio, &bellagio.replace("3566", "3600"));
    let fewer = fewer.lines().filter(|line| !line.starts_with("001001,")).collect::<Vec<_>>().join("\n");
    let done = app.comuni(fewer.as_bytes()).await;
    assert_eq!((done.added, done.changed, done.unchanged), (0, 1, 7_894));
    assert_eq!(done.left, ["Agliè (001001)"]);
    let body = app.work().await.body_by_istat("013250").await.expect("it answers").expect("it is there");
    assert_eq!(body.population, Some(3_600));
}

#[tokio::test]
async fn a_catalogue_comes_in_once_and_what_left_the_folder_stays() {
    let app = TestApp::new().await;
    let mut files = server::demo::files::catalogue();
    let done = app.catalogue(&files).await.expect("it is sound");
    assert_eq!((done.areas, done.services, done.packages), (tally(8, 0, 0), tally(33, 0, 0), tally(5, 0, 0)));
    let done = app.catalogue(&files).await.expect("it is sound");
    assert_eq!((done.areas, done.services, done.packages), (tally(0, 0, 8), tally(0, 0, 33), tally(0, 0, 5)));

    files.remove("services/wifi-pubblico.toml").expect("it was there");
    change(&mut files, "services/supporto-rtd.toml", "price = 6", "price = 7");
    let done = app.catalogue(&files).await.expect("it is sound");
    assert_eq!((done.services.changed, done.services.unchanged), (1, 31));
    assert_eq!(done.services.left, ["wifi-pubblico"]);
    let catalogue = app.work().await.catalogue().await.expect("it can be read");
    assert_eq!(catalogue.services.len(), 33);
    assert_eq!(catalogue.services[&"supporto-rtd".into()].price, 7);
}

fn change(files: &mut Files, file: &str, from: &str, to: &str) {
    let text = String::from_utf8(files[file].clone()).expect("it is UTF-8");
    assert!(text.contains(from), "{file} has {from}");
    files.insert(file.to_owned(), text.replace(from, to).into_bytes());
}

/// Changes one file of the demonstration's catalogue, and tells what is said of it.
async fn refused(file: &str, from: &str, to: &str) -> Vec<String> {
    let app = TestApp::new().await;
    let mut files = server::demo::files::catalogue();
    change(&mut files, file, from, to);
    let faults = app.catalogue(&files).await.expect_err("it is not sound");
    let stored = app.work().await.catalogue().await.expect("it can be read");
    assert!(stored.areas.is_empty() && stored.services.is_empty(), "nothing was imported");
    shown(&faults)
}

#[tokio::test]
async fn every_fault_of_a_catalogue_is_named_with_its_file() {
    let ici = "services/pagamento-ici.toml";
    for (file, from, to, said) in [
        (ici, "price = 7", "price = -1", "services/pagamento-ici.toml, line 9, price: 0 or more"),
        (ici, "price", "prize", "services/pagamento-ici.toml, line 9: unknown field `prize`"),
        (ici, "price = 7", "price = ", "services/pagamento-ici.toml, line 9: "),
        (
            ici,
            "\"nodo-pagamenti\"",
            "\"nodo\"",
            "services/pagamento-ici.toml, line 10, requires: no service is called nodo",
        ),
        (
            ici,
            "entrate-tributarie",
            "entrate",
            "services/pagamento-ici.toml, line 2, area: no area is called entrate",
        ),
        (
            ici,
            "name = ",
            "code = \"ici\"\nname = ",
            "services/pagamento-ici.toml, code: the file's name is the code",
        ),
        (
            "services/accesso-spid.toml",
            "requires = [\"portale-servizi\"]",
            "requires = [\"sportello-istanze\"]",
            "services/accesso-spid.toml, requires: they need each other in a ring: \
             accesso-spid → sportello-istanze → accesso-spid",
        ),
        (
            "services/sportello-istanze.toml",
            "excludes = []",
            "excludes = [\"portale-servizi\"]",
            "it needs portale-servizi, and they exclude each other",
        ),
        (
            "packages.toml",
            "{ service = \"accesso-spid\", value = 1 }",
            "{ service = \"accesso-spid\", value = 9 }",
            "packages.toml: package essenziale: the value of accesso-spid must be from 0 to its price, 2",
        ),
        (
            "packages.toml",
            "code = \"base\"",
            "code = \"essenziale\"",
            "packages.toml: package essenziale: stands there twice",
        ),
        (
            "areas.toml",
            "code = \"istruzione\"",
            "code = \"ambiente\"",
            "areas.toml: area ambiente stands there twice",
        ),
    ] {
        let faults = refused(file, from, to).await;
        assert!(faults.iter().any(|fault| fault.contains(said)), "{said} is not in {faults:#?}");
    }
}

#[tokio::test]
async fn faults_of_several_files_are_named_together() {
    let mut files = server::demo::files::catalogue();
    change(&mut files, "areas.toml", "summary", "sommario");
    change(&mut files, "services/wifi-pubblico.toml", "price = 8", "price = 8.5");
    files.insert("services/modulistica.toml".to_owned(), b"name = \"\xe8\"".to_vec());
    files.insert("services/supporto-rtd.toml".to_owned(), b"\nname = 1\n".to_vec());
    files.remove("packages.toml").expect("it was there");
    let faults = shown(&catalogue::read(&files).expect_err("it is not sound"));
    let places: Vec<_> = faults.iter().map(|fault| fault.split(':').next().unwrap_or_default()).collect();
    assert_eq!(
        places,
        [
            "areas.toml, line 6",
            "packages.toml",
            "services/modulistica.toml, line 1",
            "services/supporto-rtd.toml, line 2",
            "services/wifi-pubblico.toml, line 9",
        ]
    );
}

#[tokio::test]
async fn packages_are_judged_by_the_limits_of_the_calls_that_go_on() {
    let app = TestApp::new().await;
    let mut files = server::demo::files::catalogue();
    change(&mut files, "packages.toml", "  { service = \"certificati-anagrafici\", value = 4 },\n", "");
    app.catalogue(&files).await.expect("one high service is enough, while no call asks for more");
    let (title, terms) = call::read("call.toml", &demo("call.toml")).expect("the document is good");
    let opens = NOW;
    let create = |minimum| CreateCall {
        title: title.clone(),
        opens,
        closes: opens.plus_seconds(86_400),
        terms: CallTerms { minimum, ..terms.clone() },
    };
    let marketplace = Marketplace::open(app.store.clone(), Clock::set(NOW), false).await.expect("it opens");
    let execute = async |key: &str, create: CreateCall| {
        marketplace.execute(app.tenant, Identity::System, Some(format!("create-call-{key}")), create).await
    };
    let Err(Problem::ApiError(ApiError::Faulty { faults })) = execute("two", create(2)).await else {
        panic!("this call asks for two");
    };
    let detail = "package essenziale: 1 high-interactivity services; from 2 to 8 are expected".to_owned();
    assert_eq!(faults, [model::api::FieldError::new("band", FieldErrorKind::Unreadable { detail })]);
    execute("one", create(1)).await.expect("this one asks for one");

    // From now on an import must keep to what this call needs: none is too few.
    app.catalogue(&files).await.expect("as it is");
    change(&mut files, "packages.toml", "  { service = \"dichiarazione-tarsu\", value = 3 },\n", "");
    let faults = app.catalogue(&files).await.expect_err("the call's packages would be unsound");
    assert_eq!(
        shown(&faults),
        [format!(
            "packages.toml: package essenziale: 0 high-interactivity services; from 1 to 8 are expected (call \
             “{title}”)"
        )]
    );
}

#[tokio::test]
async fn a_package_that_left_the_folder_must_stay_sound() {
    let app = TestApp::new().await;
    let mut files = server::demo::files::catalogue();
    app.catalogue(&files).await.expect("it is sound");
    let text = String::from_utf8(files["packages.toml"].clone()).expect("it is UTF-8");
    let start = text.find("# Alta interattività: 8").expect("the last package");
    files.insert("packages.toml".to_owned(), text.as_bytes()[..start].to_vec());
    change(&mut files, "services/occupazione-suolo-pubblico.toml", "price = 9", "price = 5");
    let faults = app.catalogue(&files).await.expect_err("completo gives 8 back");
    assert_eq!(
        shown(&faults),
        ["packages.toml: package completo, which is in the store and not in this file: the value of \
          occupazione-suolo-pubblico must be from 0 to its price, 5"]
    );
    let catalogue = app.work().await.catalogue().await.expect("it can be read");
    assert_eq!(catalogue.services[&"occupazione-suolo-pubblico".into()].price, 9);
}

const JOINED: &str = "codice_istat,nome,act,date,mountain,structural_difficulty,union_member\n";

#[tokio::test]
async fn who_joined_comes_in_once_and_unknown_codes_are_all_named() {
    let app = TestApp::new().await;
    app.comuni(&demo("comuni.csv")).await;
    let unknown = format!(
        "{JOINED}013250,Bellagio,a,2026-01-15,yes,no,no\n999999,X,a,2026-01-15,yes,no,no\n999998,Y,a,2026-01-15,no,no,no\n"
    );
    let faults = app.joined(&unknown).await.expect_err("two codes are unknown");
    assert_eq!(
        shown(&faults),
        [
            "joined.csv, line 3, codice_istat: no municipality has the code 999999",
            "joined.csv, line 4, codice_istat: no municipality has the code 999998",
        ]
    );
    assert!(app.work().await.joined_bodies().await.expect("they can be read").is_empty());

    let late = format!("{JOINED}013250,Bellagio,a,9999-12-31,yes,no,no\n");
    let faults = app.joined(&late).await.expect_err("a slip of the hand");
    assert_eq!(shown(&faults), ["joined.csv, line 2, date: 9999-12-31 lies too far ahead"]);

    let list = String::from_utf8(demo("joined.csv")).expect("it is UTF-8");
    assert_eq!(app.joined(&list).await, Ok(tally(82, 0, 0)));
    assert_eq!(app.joined(&list).await, Ok(tally(0, 0, 82)));
    let one = format!("{JOINED}013250,Bellagio,altro atto,2026-01-15,yes,no,no\n");
    let done = app.joined(&one).await.expect("it is good");
    assert_eq!((done.added, done.changed, done.unchanged, done.left.len()), (0, 1, 0, 81));
    let bodies = app.work().await.joined_bodies().await.expect("they can be read");
    let acts: BTreeMap<_, _> = bodies
        .iter()
        .filter_map(|body| Some((body.istat.as_str(), body.joined.as_ref()?.act.as_str())))
        .collect();
    assert_eq!(acts["013250"], "altro atto");
    assert_eq!(acts.len(), 82);
}
