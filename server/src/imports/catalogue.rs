//! The catalogue as a folder of documents: `areas.toml`, `services/<code>.toml`, `packages.toml`.
//!
//! A folder is whole in itself: what its services and packages name must stand in it. What the store holds beyond it
//! is left as it is, and must still be sound beside it.

use std::collections::BTreeMap;
use std::path::Path;

use model::api::Problem;
use model::calendar::Instant;
use model::catalogue::{Area, Package, Service};
use model::ids::ServiceCode;
use serde::Deserialize;

use super::{ImportError, Tally, allowed, document, noted, soundness};
use store::{CallRow, Catalogue, StoreResult, Transaction, UnitOfWork};

/// The contents of the files, by their path inside the folder.
pub type Files = BTreeMap<String, Vec<u8>>;

pub const AREAS: &str = "areas.toml";
pub const PACKAGES: &str = "packages.toml";
const SERVICES: &str = "services/";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Areas {
    #[serde(rename = "area")]
    areas: Vec<Area>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Packages {
    #[serde(rename = "package")]
    packages: Vec<Package>,
}

/// Takes the files of a folder that make up a catalogue; others are passed over.
///
/// # Errors
/// One fault for what can't be read.
pub fn folder(folder: &Path) -> Result<Files, ImportError> {
    let mut files = Files::new();
    let unreadable = |path: &Path, error: std::io::Error| {
        ImportError::of_file(&path.display().to_string(), format!("can't be read ({error})"))
    };
    for name in [AREAS, PACKAGES] {
        let path = folder.join(name);
        let bytes = std::fs::read(&path).map_err(|error| unreadable(&path, error))?;
        files.insert(name.to_owned(), bytes);
    }
    let services = folder.join(SERVICES);
    let entries = std::fs::read_dir(&services).map_err(|error| unreadable(&services, error))?;
    for entry in entries {
        let path = entry.map_err(|error| unreadable(&services, error))?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let bytes = std::fs::read(&path).map_err(|error| unreadable(&path, error))?;
            files.insert(format!("{SERVICES}{name}"), bytes);
        }
    }
    Ok(files)
}

/// The file in which a service stands.
pub fn service_file(code: &ServiceCode) -> String {
    format!("{SERVICES}{code}.toml")
}

/// Reads a catalogue, and judges it whole.
///
/// # Errors
/// Every fault, by file, and by line where the document tells it.
pub fn read(files: &Files) -> Result<Catalogue, Vec<ImportError>> {
    let mut faults = Vec::new();
    let areas: Option<Areas> = one(files, AREAS, &mut faults);
    let packages: Option<Packages> = one(files, PACKAGES, &mut faults);
    let unread = faults.len();
    let services = services(files, &mut faults);
    let read = soundness::PartsRead {
        areas: areas.is_some(),
        services: faults.len() == unread,
        packages: packages.is_some(),
    };
    let mut catalogue = Catalogue::default();
    catalogue.areas = areas.map(|read| read.areas).unwrap_or_default();
    catalogue.packages = packages.map(|read| read.packages).unwrap_or_default();
    catalogue.services = services;
    faults.extend(soundness::faults(&catalogue, files, read));
    if faults.is_empty() { Ok(catalogue) } else { Err(faults) }
}

/// The services that read well, by the names of their files.
fn services(files: &Files, faults: &mut Vec<ImportError>) -> BTreeMap<ServiceCode, Service> {
    let mut services = BTreeMap::new();
    for (file, bytes) in files {
        let Some(code) = file.strip_prefix(SERVICES).and_then(|name| name.strip_suffix(".toml")) else {
            continue;
        };
        match service(file, code, bytes) {
            Ok(service) => {
                services.insert(service.code.clone(), service);
            }
            Err(fault) => faults.push(fault),
        }
    }
    services
}

fn one<T: serde::de::DeserializeOwned>(
    files: &Files,
    file: &str,
    faults: &mut Vec<ImportError>,
) -> Option<T> {
    let read = match files.get(file) {
        Some(bytes) => document(file, bytes),
        None => Err(ImportError::of_file(file, "is missing")),
    };
    read.map_err(|fault| faults.push(fault)).ok()
}

fn service(file: &str, code: &str, bytes: &[u8]) -> Result<Service, ImportError> {
    let mut service: Service = document(file, bytes)?;
    let named = std::mem::replace(&mut service.code, code.into());
    if named.as_str().is_empty() || named == service.code {
        Ok(service)
    } else {
        let what = format!("the file's name is the code: {code}, not {named}");
        Err(ImportError::of_file(file, what).in_field("code"))
    }
}

/// What an import did to each part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    pub areas: Tally,
    pub services: Tally,
    pub packages: Tally,
}

/// Stores a catalogue that was read.
#[derive(Clone)]
pub struct ImportCatalogue {
    pub catalogue: Catalogue,
    pub now: Instant,
}

impl UnitOfWork for ImportCatalogue {
    type Answer = Result<Imported, Vec<ImportError>>;
    /// It concerns every body.
    const EXCLUSIVE: bool = true;

    async fn run(self, tx: &mut Transaction) -> Result<Self::Answer, Problem> {
        allowed(tx, self.now).await?;
        let before = tx.catalogue().await?;
        let mut faults = soundness::faults_of_what_is_left(&before, &self.catalogue);
        let rows = tx.all_calls().await?;
        let calls = rows.iter().map(CallRow::call).collect::<StoreResult<Vec<_>>>()?;
        faults.extend(soundness::faults_for_calls(&before, &self.catalogue, &calls));
        if !faults.is_empty() {
            return Ok(Err(faults));
        }
        noted(tx, "import catalogue", self.now).await?;
        Ok(Ok(Imported {
            areas: save_areas(tx, &before, &self.catalogue).await?,
            services: save_services(tx, &before, &self.catalogue).await?,
            packages: save_packages(tx, &before, &self.catalogue).await?,
        }))
    }
}

async fn save_areas(tx: &mut Transaction, before: &Catalogue, now: &Catalogue) -> Result<Tally, Problem> {
    let mut tally = Tally::default();
    let left = before.areas.iter().filter(|area| now.area(&area.code).is_none());
    tally.left = left.clone().map(|area| area.code.to_string()).collect();
    for (position, area) in now.areas.iter().chain(left).enumerate() {
        let in_place = before.areas.get(position) == Some(area);
        if position < now.areas.len() {
            count(&mut tally, before.area(&area.code).is_some(), in_place);
        }
        if !in_place {
            let position = i64::try_from(position).unwrap_or(i64::MAX);
            tx.save_area(position, area).await?;
        }
    }
    Ok(tally)
}

async fn save_services(tx: &mut Transaction, before: &Catalogue, now: &Catalogue) -> Result<Tally, Problem> {
    let mut tally = Tally::default();
    let left = before.services.keys();
    tally.left = left.filter(|code| !now.services.contains_key(*code)).map(ToString::to_string).collect();
    for (code, service) in &now.services {
        let known = before.services.get(code);
        let same = known == Some(service);
        count(&mut tally, known.is_some(), same);
        if !same {
            tx.save_service(service).await?;
        }
    }
    Ok(tally)
}

async fn save_packages(tx: &mut Transaction, before: &Catalogue, now: &Catalogue) -> Result<Tally, Problem> {
    let mut tally = Tally::default();
    let left = before.packages.iter().filter(|package| now.package(&package.code).is_none());
    tally.left = left.clone().map(|package| package.code.to_string()).collect();
    for (position, package) in now.packages.iter().chain(left).enumerate() {
        let in_place = before.packages.get(position) == Some(package);
        if position < now.packages.len() {
            count(&mut tally, before.package(&package.code).is_some(), in_place);
        }
        if !in_place {
            let position = i64::try_from(position).unwrap_or(i64::MAX);
            tx.save_package(position, package).await?;
        }
    }
    Ok(tally)
}

fn count(tally: &mut Tally, known: bool, same: bool) {
    match (known, same) {
        (_, true) => tally.unchanged += 1,
        (true, false) => tally.changed += 1,
        (false, false) => tally.added += 1,
    }
}
