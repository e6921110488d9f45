//! The catalogue, read whole and kept by its version: some dozens of services are one small document, and change
//! only when an administrator imports them.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use model::api::calls::PackageRef;
use model::catalogue::{Area, Package, PackageItem, Service, ServiceRef, ServiceStatus};
use model::credits::Credits;
use model::ids::{AreaCode, PackageCode, ServiceCode};

use crate::catalogue::search::Index;
use crate::{StoreResult, Transaction, counted, from_json, sql, to_json};

pub(crate) mod search;

/// Areas in their order, services and packages by code.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    pub areas: Vec<Area>,
    pub services: BTreeMap<ServiceCode, Service>,
    pub packages: Vec<Package>,
    /// What is searched: made when somebody searches first.
    index: OnceLock<Index>,
}

/// The catalogues that were read, with their versions.
#[derive(Clone, Default)]
pub(crate) struct Catalogues(Arc<RwLock<HashMap<i64, Kept>>>);

/// A version, and the catalogue as it was then.
type Kept = (i64, Arc<Catalogue>);

impl Catalogues {
    fn get(&self, aggregator: i64, version: i64) -> Option<Arc<Catalogue>> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        kept.get(&aggregator).filter(|(of, _)| *of == version).map(|(_, catalogue)| Arc::clone(catalogue))
    }

    fn put(&self, aggregator: i64, version: i64, catalogue: &Arc<Catalogue>) {
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        kept.insert(aggregator, (version, Arc::clone(catalogue)));
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

impl Transaction {
    /// The catalogue as it is now.
    pub async fn catalogue(&mut self) -> StoreResult<Arc<Catalogue>> {
        let aggregator = self.aggregator().0;
        let version: i64 = self
            .scalar(sql("SELECT catalogue_version FROM aggregator WHERE id = $1").bind(aggregator))
            .await?;
        self.catalogue_at(version).await
    }

    /// The catalogue, of which this is the version now.
    pub(crate) async fn catalogue_at(&mut self, version: i64) -> StoreResult<Arc<Catalogue>> {
        let aggregator = self.aggregator().0;
        if let Some(catalogue) = self.catalogues().get(aggregator, version) {
            return Ok(catalogue);
        }
        let catalogue = Arc::new(self.read_catalogue().await?);
        // A write may yet be undone: only what a reader saw is kept for others.
        if self.reads_only() {
            self.catalogues().put(aggregator, version, &catalogue);
        }
        Ok(catalogue)
    }

    /// The catalogue changed: what was kept of it is old.
    async fn bump_catalogue(&mut self) -> StoreResult<()> {
        let aggregator = self.aggregator().0;
        self.run(
            sql("UPDATE aggregator SET catalogue_version = catalogue_version + 1 WHERE id = $1")
                .bind(aggregator),
        )
        .await?;
        Ok(())
    }

    async fn read_catalogue(&mut self) -> StoreResult<Catalogue> {
        let aggregator = self.aggregator().0;
        let areas: Vec<(String, String, String)> = self
            .all(
                sql("SELECT code, name, summary FROM area WHERE aggregator = $1 ORDER BY position")
                    .bind(aggregator),
            )
            .await?;
        let services: Vec<(String,)> =
            self.all(sql("SELECT document FROM service WHERE aggregator = $1").bind(aggregator)).await?;
        let packages: Vec<(String, String, String)> = self
            .all(
                sql("SELECT code, name, summary FROM package WHERE aggregator = $1 ORDER BY position")
                    .bind(aggregator),
            )
            .await?;
        let items: Vec<(String, String, i64)> = self.all(sql(
            "SELECT package, service, value FROM package_item WHERE aggregator = $1 ORDER BY package, position",
        )
        .bind(aggregator)).await?;
        let services = services
            .iter()
            .map(|(text,)| from_json::<Service>(text, "service.document"))
            .collect::<StoreResult<Vec<_>>>()?;
        let items_of = |code: &str| -> Vec<PackageItem> {
            items
                .iter()
                .filter(|(package, _, _)| package == code)
                .map(|(_, service, value)| PackageItem {
                    service: ServiceCode(service.clone()),
                    value: *value,
                })
                .collect()
        };
        Ok(Catalogue {
            areas: areas
                .into_iter()
                .map(|(code, name, summary)| Area { code: AreaCode(code), name, summary })
                .collect(),
            services: services.into_iter().map(|service| (service.code.clone(), service)).collect(),
            packages: packages
                .into_iter()
                .map(|(code, name, summary)| {
                    let items = items_of(&code);
                    Package { code: PackageCode(code), name, summary, items }
                })
                .collect(),
            index: OnceLock::new(),
        })
    }

    pub async fn save_area(&mut self, position: i64, area: &Area) -> StoreResult<()> {
        let aggregator = self.aggregator().0;
        self.run(
            sql("INSERT INTO area (aggregator, code, position, name, summary) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (aggregator, code) DO UPDATE SET
                 position = excluded.position, name = excluded.name, summary = excluded.summary")
            .bind(aggregator)
            .bind(area.code.as_str())
            .bind(position)
            .bind(&area.name)
            .bind(&area.summary),
        )
        .await?;
        self.bump_catalogue().await
    }

    pub async fn save_service(&mut self, service: &Service) -> StoreResult<()> {
        let aggregator = self.aggregator().0;
        let status = to_json(&service.status);
        self.run(sql(
            "INSERT INTO service (aggregator, code, area, name, price, interaction_level, status, document)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (aggregator, code) DO UPDATE SET
                 area = excluded.area, name = excluded.name, price = excluded.price,
                 interaction_level = excluded.interaction_level, status = excluded.status,
                 document = excluded.document",
        )
        .bind(aggregator)
        .bind(service.code.as_str())
        .bind(service.area.as_str())
        .bind(&service.name)
        .bind(service.price)
        .bind(i64::from(u8::from(service.interaction_level)))
        .bind(status.trim_matches('"'))
        .bind(to_json(service))).await?;
        self.bump_catalogue().await
    }

    pub async fn save_package(&mut self, position: i64, package: &Package) -> StoreResult<()> {
        let aggregator = self.aggregator().0;
        self.run(
            sql("INSERT INTO package (aggregator, code, position, name, summary) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (aggregator, code) DO UPDATE SET
                 position = excluded.position, name = excluded.name, summary = excluded.summary")
            .bind(aggregator)
            .bind(package.code.as_str())
            .bind(position)
            .bind(&package.name)
            .bind(&package.summary),
        )
        .await?;
        self.run(
            sql("DELETE FROM package_item WHERE aggregator = $1 AND package = $2")
                .bind(aggregator)
                .bind(package.code.as_str()),
        )
        .await?;
        for (position, item) in (0_i64..).zip(&package.items) {
            self.add_package_item(&package.code, position, &item.service, item.value).await?;
        }
        self.bump_catalogue().await
    }

    async fn add_package_item(
        &mut self,
        package: &PackageCode,
        position: i64,
        service: &ServiceCode,
        value: Credits,
    ) -> StoreResult<()> {
        let aggregator = self.aggregator().0;
        self.run(sql(
            "INSERT INTO package_item (aggregator, package, position, service, value) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(aggregator)
        .bind(package.as_str())
        .bind(position)
        .bind(service.as_str())
        .bind(value)).await?;
        Ok(())
    }

    /// For how many bodies a service is live.
    pub async fn live_count(&mut self, service: &ServiceCode) -> StoreResult<u32> {
        let aggregator = self.aggregator().0;
        self.scalar(
            sql("SELECT COUNT(*) FROM (SELECT DISTINCT body FROM request
             WHERE aggregator = $1 AND state = 'live' AND service = $2) AS bodies")
            .bind(aggregator)
            .bind(service.as_str()),
        )
        .await
        .map(counted)
    }

    /// The latest services to go live: service, body's kind and name, when.
    pub async fn latest_activations(&mut self, most: i64) -> StoreResult<Vec<(String, String, String, i64)>> {
        let aggregator = self.aggregator().0;
        self.all(
            sql("SELECT r.service, b.kind, b.name, r.changed_at FROM request r JOIN body b ON b.id = r.body
             WHERE r.aggregator = $1 AND r.state = 'live' ORDER BY r.changed_at DESC, r.id DESC LIMIT $2")
            .bind(aggregator)
            .bind(most),
        )
        .await
    }
}
