//! Whether a catalogue holds together: each service by itself, what they name, and every package alone.

use std::collections::{BTreeMap, BTreeSet};

use model::api::calls::Call;
use model::calls::CallStatus;
use model::catalogue::{Package, Service};
use model::ids::ServiceCode;

use super::ImportError;
use super::catalogue::{AREAS, Files, PACKAGES, service_file};
use store::Catalogue;

type ServicesByCode = BTreeMap<ServiceCode, Service>;

/// Which parts could be read whole: what could not must not look as if it were missing.
#[derive(Clone, Copy, Debug)]
pub struct PartsRead {
    pub areas: bool,
    pub services: bool,
    pub packages: bool,
}

/// Every fault of a catalogue that was read from these files.
pub fn faults(catalogue: &Catalogue, files: &Files, read: PartsRead) -> Vec<ImportError> {
    let mut faults = Vec::new();
    if read.areas {
        faults.extend(areas(catalogue));
    }
    for service in catalogue.services.values() {
        let file = service_file(&service.code);
        let text = files.get(&file).map(Vec::as_slice).unwrap_or_default();
        let mut of_service = of_service(service, catalogue);
        if read.areas && catalogue.area(&service.area).is_none() {
            of_service.push(("area", format!("no area is called {}", service.area)));
        }
        of_service.extend(unknown(service, files));
        for (field, what) in of_service {
            let fault = ImportError::of_file(&file, what).in_field(field);
            faults.push(match line_of(text, field) {
                Some(line) => fault.on_line(line),
                None => fault,
            });
        }
    }
    faults.extend(cycles(&catalogue.services));
    if read.packages && read.services {
        faults.extend(packages(catalogue));
    }
    faults
}

/// What a service names and no file holds.
fn unknown(service: &Service, files: &Files) -> Vec<(&'static str, String)> {
    let named = |field, codes: &[ServiceCode]| -> Vec<_> {
        codes
            .iter()
            .filter(|code| !files.contains_key(&service_file(code)))
            .map(|code| (field, format!("no service is called {code}")))
            .collect()
    };
    let mut unknown = named("requires", &service.requires);
    unknown.extend(named("excludes", &service.excludes));
    unknown
}

/// The packages that the store holds beyond the folder must stand alone beside its services too.
pub fn faults_of_what_is_left(before: &Catalogue, now: &Catalogue) -> Vec<ImportError> {
    let mut services = before.services.clone();
    services.extend(now.services.clone());
    before
        .packages
        .iter()
        .filter(|package| now.package(&package.code).is_none())
        .flat_map(|package| {
            package.faults(&[], &services, None).into_iter().map(|fault| {
                let what =
                    format!("package {}, which is in the store and not in this file: {fault}", package.code);
                ImportError::of_file(PACKAGES, what)
            })
        })
        .collect()
}

/// What calls that go on need of their packages: each call's own limits, and what its modifiers add.
pub fn faults_for_calls(before: &Catalogue, now: &Catalogue, calls: &[Call]) -> Vec<ImportError> {
    let mut services = before.services.clone();
    services.extend(now.services.clone());
    let left = before.packages.iter().filter(|package| now.package(&package.code).is_none());
    let packages: Vec<_> = now.packages.iter().chain(left).cloned().collect();
    let mut faults = Vec::new();
    // What is wrong with a package whatever the call is reported by itself.
    let alone: Vec<_> = packages.iter().flat_map(|package| package.faults(&[], &services, None)).collect();
    for call in calls.iter().filter(|call| call.status != CallStatus::Archived) {
        let unsound = call.rule().unsound(&packages, &services, call.terms.high());
        for unsound in unsound.iter().filter(|unsound| !alone.contains(&unsound.fault)) {
            faults.push(ImportError::of_file(PACKAGES, format!("{unsound} (call “{}”)", call.title)));
        }
    }
    faults
}

/// The line on which a document sets a key of its own.
fn line_of(text: &[u8], key: &str) -> Option<u64> {
    let text = std::str::from_utf8(text).ok()?;
    let sets = |line: &str| {
        let rest = line.trim_start().strip_prefix(key);
        rest.is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    let place = text.lines().position(sets)?;
    u64::try_from(place).ok().map(|place| place + 1)
}

fn areas(catalogue: &Catalogue) -> Vec<ImportError> {
    let mut faults = Vec::new();
    let mut fault = |what: String| faults.push(ImportError::of_file(AREAS, what));
    let mut seen = BTreeSet::new();
    if catalogue.areas.is_empty() {
        fault("holds no area".to_owned());
    }
    for area in &catalogue.areas {
        let code = &area.code;
        if !code.is_well_formed() {
            let form = "lower-case letters, digits and single hyphens are expected";
            fault(format!("area “{code}”: {form}"));
        }
        if area.name.trim().is_empty() {
            fault(format!("area {code}: its name is empty"));
        }
        if !seen.insert(code) {
            fault(format!("area {code} stands there twice"));
        }
    }
    faults
}

/// What is wrong with a service by itself, and with what it needs.
fn of_service(service: &Service, catalogue: &Catalogue) -> Vec<(&'static str, String)> {
    let mut faults = service.faults();
    let needed = needed(service, &catalogue.services);
    for code in needed.iter().filter(|code| **code != service.code) {
        let excludes = |one: &ServiceCode, other| {
            let one = catalogue.services.get(one);
            one.is_some_and(|one| one.excludes.contains(other))
        };
        if excludes(&service.code, code) || excludes(code, &service.code) {
            let what = format!("it needs {code}, and they exclude each other");
            faults.push(("excludes", what));
        }
    }
    faults
}

/// Everything that a service needs, directly or not.
fn needed(service: &Service, services: &ServicesByCode) -> BTreeSet<ServiceCode> {
    let mut found = BTreeSet::new();
    let mut open: Vec<_> = service.requires.clone();
    while let Some(code) = open.pop() {
        if let Some(next) = services.get(&code)
            && found.insert(code)
        {
            open.extend(next.requires.iter().cloned());
        }
    }
    found
}

/// Services that need each other in a ring: each ring once, from its first code.
fn cycles(services: &ServicesByCode) -> Vec<ImportError> {
    let mut faults = Vec::new();
    let mut reported: BTreeSet<&ServiceCode> = BTreeSet::new();
    for (code, service) in services {
        // A service that needs itself was reported with its own faults.
        if reported.contains(code) || service.requires.contains(code) {
            continue;
        }
        if let Some(ring) = ring(code, services) {
            reported.extend(ring.iter().copied());
            let names: Vec<_> = ring.iter().chain([&code]).map(|code| code.as_str()).collect();
            let what = format!("they need each other in a ring: {}", names.join(" → "));
            faults.push(ImportError::of_file(&service_file(code), what).in_field("requires"));
        }
    }
    faults
}

/// The shortest way from a service over what it needs back to itself.
fn ring<'s>(start: &'s ServiceCode, services: &'s ServicesByCode) -> Option<Vec<&'s ServiceCode>> {
    let mut ways = vec![vec![start]];
    let mut seen = BTreeSet::from([start]);
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            let last = way.last().and_then(|last| services.get(*last))?;
            for next in &last.requires {
                if next == start {
                    return Some(way);
                }
                if services.contains_key(next) && seen.insert(next) {
                    longer.push(way.iter().copied().chain([next]).collect());
                }
            }
        }
        ways = longer;
    }
    None
}

fn packages(catalogue: &Catalogue) -> Vec<ImportError> {
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    if catalogue.packages.is_empty() {
        faults.push(ImportError::of_file(PACKAGES, "holds no package"));
    }
    for package in &catalogue.packages {
        let code = &package.code;
        let mut clauses: Vec<String> =
            package.faults(&[], &catalogue.services, None).iter().map(ToString::to_string).collect();
        clauses.extend(of_package(package));
        if !seen.insert(code) {
            clauses.push("stands there twice".to_owned());
        }
        let reported =
            clauses.into_iter().map(|what| ImportError::of_file(PACKAGES, format!("package {code}: {what}")));
        faults.extend(reported);
    }
    faults
}

fn of_package(package: &Package) -> Vec<String> {
    let mut clauses = Vec::new();
    if !package.code.is_well_formed() {
        clauses.push("its code must be lower-case letters, digits and single hyphens".to_owned());
    }
    if package.name.trim().is_empty() {
        clauses.push("its name is empty".to_owned());
    }
    clauses
}
