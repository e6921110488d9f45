//! How one body stands in a call: what is one row each of several tables, read in one statement; and in another what it
//! chooses from and has chosen.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::basket::Choice;
use model::catalogue::PackageItem;
use model::ids::{BodyId, CallId, ServiceCode};

use crate::baskets::choose;
use crate::database::row::row;
use crate::{AccountRow, AssignmentRow, BasketRow, Catalogue, ExtensionRow, StoreResult, Transaction};

/// Its time, what it was given, its account and its basket, each only where it has one; and the catalogue that it
/// chooses from.
pub struct BodyStanding {
    pub extension: Option<ExtensionRow>,
    pub assignment: Option<AssignmentRow>,
    pub account: Option<AccountRow>,
    pub basket: Option<BasketRow>,
    pub catalogue: Arc<Catalogue>,
}

row! {
    /// A row of each table, where it has one.
    struct StandingRow of "aggregator" {
        catalogue_version: i64,
    } with {
        extension: ExtensionRow where extended,
        assignment: AssignmentRow where assigned,
        account: AccountRow where opened,
        basket: BasketRow where begun,
    }
}

/// What a body chooses from, and what it has chosen.
#[derive(Default)]
pub struct Selection {
    /// The package as it was given, in its order.
    pub package: Vec<PackageItem>,
    /// What authorised submissions of this call dropped.
    pub dropped_for_good: BTreeSet<ServiceCode>,
    pub choice: Choice,
}

impl Transaction {
    /// With the plus SQLite looks submissions up by their body, and not by all the numbers of the aggregator.
    pub async fn selection(&mut self, call: CallId, body: BodyId) -> StoreResult<Selection> {
        let rows: Vec<(String, String, i64, i64)> = self
            .all(
                self.sql(
                    "SELECT 'given' AS kind, service, value AS number, position FROM assigned_item
             WHERE aggregator = $1 AND call = $2 AND body = $3
             UNION ALL
             SELECT 'dropped for good', l.service, 0, 0
             FROM submission s JOIN submission_line l ON l.submission = s.id AND l.kind = 'drop'
             WHERE +s.aggregator = $1 AND s.call = $2 AND s.body = $3 AND s.state = 'authorised'
             UNION ALL
             SELECT kind, service, count, 0 FROM basket_line WHERE aggregator = $1 AND call = $2 AND body = $3
             ORDER BY position",
                )
                .bind(call)
                .bind(body),
            )
            .await?;
        let mut selection = Selection::default();
        for (kind, service, number, _) in rows {
            match kind.as_str() {
                "given" => {
                    selection.package.push(PackageItem { service: ServiceCode(service), value: number });
                }
                "dropped for good" => {
                    selection.dropped_for_good.insert(ServiceCode(service));
                }
                kind => choose(&mut selection.choice, kind, service, number)?,
            }
        }
        Ok(selection)
    }

    pub async fn standing(&mut self, call: CallId, body: BodyId) -> StoreResult<BodyStanding> {
        let row: StandingRow = self
            .one(
                self.sql(
                    "SELECT b.id AS body, o.catalogue_version,
                    e.id AS extended, e.until, e.reason,
                    g.body AS assigned, g.package, g.credits, g.explanation, g.by_hand,
                    a.id AS opened, a.id, a.granted, a.held, a.spent, a.pledged, a.sequence, a.last_hash,
                    k.body AS begun, k.version, k.saved_at
             FROM body b JOIN aggregator o ON o.id = b.aggregator
             LEFT JOIN extension e ON e.id = (SELECT l.id FROM extension l WHERE l.call = $2 AND l.body = b.id
                                              ORDER BY l.id DESC LIMIT 1)
             LEFT JOIN assignment g ON g.call = $2 AND g.body = b.id
             LEFT JOIN account a ON a.call = $2 AND a.body = b.id
             LEFT JOIN basket k ON k.call = $2 AND k.body = b.id
             WHERE b.aggregator = $1 AND b.id = $3",
                )
                .bind(call)
                .bind(body),
            )
            .await?;
        let StandingRow { catalogue_version, extension, assignment, account, basket } = row;
        let catalogue = self.catalogue_at(catalogue_version).await?;
        Ok(BodyStanding { extension, assignment, account, basket, catalogue })
    }
}
