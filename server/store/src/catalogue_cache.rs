//! The catalogue, read as a whole and cached by its version: some dozens of services are one small document, and change only
//! when an administrator imports them.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use model::api::calls::PackageRef;
use model::catalogue::{Area, Package, Service, ServiceRef, ServiceStatus};
use model::ids::{AreaCode, PackageCode, ServiceCode};

use crate::search::Index;

/// Areas in their order, services and packages by code.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    pub areas: Vec<Area>,
    pub services: BTreeMap<ServiceCode, Service>,
    pub packages: Vec<Package>,
    /// What is searched: made when somebody searches first.
    pub(crate) index: OnceLock<Index>,
}

/// The catalogues that were read, with their versions.
#[derive(Clone, Default)]
pub(crate) struct Catalogues(Arc<RwLock<HashMap<i64, Cached>>>);

/// A version, and the catalogue as it was then.
type Cached = (i64, Arc<Catalogue>);

impl Catalogues {
    pub fn get(&self, scope: i64, version: i64) -> Option<Arc<Catalogue>> {
        let cached = self.0.read().unwrap_or_else(PoisonError::into_inner);
        cached.get(&scope).filter(|(of, _)| *of == version).map(|(_, catalogue)| Arc::clone(catalogue))
    }

    pub fn put(&self, scope: i64, version: i64, catalogue: &Arc<Catalogue>) {
        let mut cached = self.0.write().unwrap_or_else(PoisonError::into_inner);
        cached.insert(scope, (version, Arc::clone(catalogue)));
    }
}

impl Catalogue {
    pub fn area(&self, code: &AreaCode) -> Option<&Area> {
        self.areas.iter().find(|area| area.code == *code)
    }

    pub fn package(&self, code: &PackageCode) -> Option<&Package> {
        self.packages.iter().find(|package| package.code == *code)
    }

    /// A package by its name; by its code if it left the catalogue.
    pub fn package_reference(&self, code: &PackageCode) -> PackageRef {
        let name = self.package(code).map_or(&code.0, |package| &package.name);
        PackageRef { code: code.clone(), name: name.clone() }
    }

    /// A service by its name; by its code if it left the catalogue.
    pub fn reference(&self, code: &ServiceCode) -> ServiceRef {
        self.services
            .get(code)
            .map_or_else(|| ServiceRef { code: code.clone(), name: code.0.clone() }, Service::reference)
    }

    /// The services that a query finds, best first; drafts are not for the public.
    pub fn search(&self, query: &str) -> Vec<&Service> {
        let public: Vec<_> = self.public().collect();
        let index = self.index.get_or_init(|| {
            let mut index = Index::default();
            for service in &public {
                index.add(service, self.area(&service.area).map_or("", |area| area.name.as_str()));
            }
            index
        });
        index.search(query).into_iter().map(|position| public[position]).collect()
    }

    /// The services that anybody may see.
    pub fn public(&self) -> impl Iterator<Item = &Service> {
        self.services.values().filter(|service| service.status != ServiceStatus::Draft)
    }

    pub fn summary(&self, code: &ServiceCode) -> String {
        self.services.get(code).map(|service| service.summary.clone()).unwrap_or_default()
    }
}
