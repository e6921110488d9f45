//! How one body stands in a call: what is one row each of several tables, read in one statement; and in another what it
//! chooses from and has chosen.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::basket::Choice;
use model::catalogue::PackageItem;
use model::ids::{BodyId, CallId, ServiceCode};
use sqlx::FromRow;

use crate::baskets::choose;
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

/// A row of each table, with its key or none before it.
#[derive(FromRow)]
struct StandingRow {
    catalogue_version: i64,
    extended: Option<i64>,
    #[sqlx(flatten)]
    extension: ExtensionRow,
    assigned: Option<i64>,
    #[sqlx(flatten)]
    assignment: AssignmentRow,
    opened: Option<i64>,
    #[sqlx(flatten)]
    account: AccountRow,
    begun: Option<i64>,
    #[sqlx(flatten)]
    basket: BasketRow,
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
                .bind(call.0)
                .bind(body.0),
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
                self.sql("SELECT b.id AS body, o.catalogue_version,
                    e.id AS extended, COALESCE(e.until, 0) AS until, COALESCE(e.reason, '') AS reason,
                    g.body AS assigned, COALESCE(g.package, '') AS package,
                    COALESCE(g.credits, 0) AS credits, COALESCE(g.explanation, '') AS explanation,
                    COALESCE(g.by_hand, FALSE) AS by_hand,
                    a.id AS opened, COALESCE(a.id, 0) AS id, COALESCE(a.granted, 0) AS granted,
                    COALESCE(a.held, 0) AS held, COALESCE(a.spent, 0) AS spent, COALESCE(a.pledged, 0) AS pledged,
                    COALESCE(a.sequence, 0) AS sequence, COALESCE(a.last_hash, '') AS last_hash,
                    k.body AS begun, COALESCE(k.version, 0) AS version,
                    COALESCE(k.saved_at, 0) AS saved_at
             FROM body b JOIN aggregator o ON o.id = b.aggregator
             LEFT JOIN extension e ON e.id = (SELECT l.id FROM extension l WHERE l.call = $2 AND l.body = b.id
                                              ORDER BY l.id DESC LIMIT 1)
             LEFT JOIN assignment g ON g.call = $2 AND g.body = b.id
             LEFT JOIN account a ON a.call = $2 AND a.body = b.id
             LEFT JOIN basket k ON k.call = $2 AND k.body = b.id
             WHERE b.aggregator = $1 AND b.id = $3")
                .bind(call.0)
                .bind(body.0),
            )
            .await?;
        Ok(BodyStanding {
            extension: row.extended.map(|_| row.extension),
            assignment: row.assigned.map(|_| row.assignment),
            account: row.opened.map(|_| row.account),
            basket: row.begun.map(|_| row.basket),
            catalogue: self.catalogue_at(row.catalogue_version).await?,
        })
    }
}
