//! The catalogue in the database: areas, services and packages, with the version that each change raises.

use std::sync::{Arc, OnceLock};

use model::catalogue::{Area, Package, PackageItem, Service};
use model::credits::Credits;
use model::ids::{AreaCode, PackageCode, ServiceCode};

use crate::catalogue_cache::Catalogue;
use crate::{StoreResult, Transaction, counted, from_json, to_json};

impl Transaction {
    /// The catalogue as it is now.
    pub async fn catalogue(&mut self) -> StoreResult<Arc<Catalogue>> {
        let version: i64 =
            self.scalar(self.sql("SELECT catalogue_version FROM aggregator WHERE id = $1")).await?;
        self.catalogue_at(version).await
    }

    /// The catalogue, of which this is the version now.
    pub(crate) async fn catalogue_at(&mut self, version: i64) -> StoreResult<Arc<Catalogue>> {
        let scope = self.scope().number();
        if let Some(catalogue) = self.catalogues().get(scope, version) {
            return Ok(catalogue);
        }
        let catalogue = Arc::new(self.read_catalogue().await?);
        // A write may still be undone: only what a reader saw is cached for others.
        if self.reads_only() {
            self.catalogues().put(scope, version, &catalogue);
        }
        Ok(catalogue)
    }

    /// The catalogue changed: what is cached of it is out of date.
    async fn bump_catalogue(&mut self) -> StoreResult<()> {
        self.run(self.sql("UPDATE aggregator SET catalogue_version = catalogue_version + 1 WHERE id = $1"))
            .await?;
        Ok(())
    }

    async fn read_catalogue(&mut self) -> StoreResult<Catalogue> {
        let areas: Vec<(String, String, String)> = self
            .all(self.sql("SELECT code, name, summary FROM area WHERE aggregator = $1 ORDER BY position"))
            .await?;
        let services: Vec<(String,)> =
            self.all(self.sql("SELECT document FROM service WHERE aggregator = $1")).await?;
        let packages: Vec<(String, String, String)> = self
            .all(self.sql("SELECT code, name, summary FROM package WHERE aggregator = $1 ORDER BY position"))
            .await?;
        let items: Vec<(String, String, i64)> = self.all(self.sql(
            "SELECT package, service, value FROM package_item WHERE aggregator = $1 ORDER BY package, position",
        )).await?;
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
        self.run(
            self.sql(
                "INSERT INTO area (aggregator, code, position, name, summary) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (aggregator, code) DO UPDATE SET
                 position = excluded.position, name = excluded.name, summary = excluded.summary",
            )
            .bind(area.code.as_str())
            .bind(position)
            .bind(&area.name)
            .bind(&area.summary),
        )
        .await?;
        self.bump_catalogue().await
    }

    pub async fn save_service(&mut self, service: &Service) -> StoreResult<()> {
        let status = to_json(&service.status);
        self.run(self.sql(
            "INSERT INTO service (aggregator, code, area, name, price, interaction_level, status, document)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (aggregator, code) DO UPDATE SET
                 area = excluded.area, name = excluded.name, price = excluded.price,
                 interaction_level = excluded.interaction_level, status = excluded.status,
                 document = excluded.document",
        )
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
        self.run(
            self.sql(
                "INSERT INTO package (aggregator, code, position, name, summary) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (aggregator, code) DO UPDATE SET
                 position = excluded.position, name = excluded.name, summary = excluded.summary",
            )
            .bind(package.code.as_str())
            .bind(position)
            .bind(&package.name)
            .bind(&package.summary),
        )
        .await?;
        self.run(
            self.sql("DELETE FROM package_item WHERE aggregator = $1 AND package = $2")
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
        self.run(self.sql(
            "INSERT INTO package_item (aggregator, package, position, service, value) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(package.as_str())
        .bind(position)
        .bind(service.as_str())
        .bind(value)).await?;
        Ok(())
    }

    /// For how many bodies a service is live.
    pub async fn live_count(&mut self, service: &ServiceCode) -> StoreResult<u32> {
        self.scalar(
            self.sql(
                "SELECT COUNT(*) FROM (SELECT DISTINCT body FROM request
             WHERE aggregator = $1 AND state = 'live' AND service = $2) AS bodies",
            )
            .bind(service.as_str()),
        )
        .await
        .map(counted)
    }

    /// The latest services to go live: service, body's kind and name, when.
    pub async fn latest_activations(&mut self, most: i64) -> StoreResult<Vec<(String, String, String, i64)>> {
        self.all(
            self.sql(
                "SELECT r.service, b.kind, b.name, r.changed_at FROM request r JOIN body b ON b.id = r.body
             WHERE r.aggregator = $1 AND r.state = 'live' ORDER BY r.changed_at DESC, r.id DESC LIMIT $2",
            )
            .bind(most),
        )
        .await
    }
}
