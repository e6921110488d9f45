//! A whole installation on its way into an empty database of either kind: one reading of the source, as it was at
//! one instant, and one transaction on the target, which is kept only when both hold the same.

use futures::TryStreamExt as _;
use model::ids::AggregatorId;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};

use crate::catalogue_cache::Catalogues;
use crate::database::address::{Address, describe};
use crate::database::dialect::{LockMode, refuse_read_only};
use crate::database::open;
use crate::database::open_error::OpenError;
use crate::database::{Connection, Scope};
use crate::transfer::error::CopyError;
use crate::transfer::export::{Digest, ExportedRow, TableHash};
use crate::transfer::tables::DatabaseTable;
use crate::{StoreError, Transaction};

pub struct Transfer {
    pub source: Transaction,
    pub target: Transaction,
    /// The same tables, as each database describes them.
    tables: Vec<(DatabaseTable, DatabaseTable)>,
    tenants: Vec<AggregatorId>,
    /// The highest number of each column that the target numbers itself: table, column, number.
    highest: Vec<(String, String, i64)>,
    /// The target, an SQLite file, is ours alone until all is done.
    _taken: Option<std::fs::File>,
}

impl Transfer {
    /// Opens both and begins: the source at one instant, the target to itself.
    ///
    /// # Errors
    /// Why nothing was copied.
    pub async fn begin(from: Address<'_>, to: Address<'_>) -> Result<Self, CopyError> {
        let mut source = source(&from).await?;
        to.refuse_passing()?;
        let taken = crate::database::backup::take(to.url)?;
        let mut target = connected(&to, false).await?;
        if source.identity().await? == target.identity().await? {
            return Err(CopyError::SameDatabase { from: from.given, to: to.given });
        }
        prepare(&to, &mut target).await?;
        let (ours, theirs) = (source.tables().await?, target.tables().await?);
        refuse_different(&from, &to, &ours, &theirs)?;
        let tenants = source.tenants().await?;
        if tenants.is_empty() {
            return Err(CopyError::NoAggregator { place: from.place() });
        }
        let tables = ours.into_iter().zip(theirs).collect();
        Ok(Self { source, target, tables, tenants, highest: Vec::new(), _taken: taken })
    }

    /// Copies every row, and reports each table that is done with the number of its rows.
    ///
    /// # Errors
    /// A sentence that names the table.
    pub async fn pour(&mut self, mut report: impl FnMut(&str, u64)) -> Result<Digest, CopyError> {
        if let Some(table) = self.source.dangling().await? {
            return Err(CopyError::DamagedSource { table });
        }
        let mut digest = Digest::default();
        for at in 0..self.tables.len() {
            let name = self.tables[at].0.name.clone();
            let lines = self.pour_table(at).await;
            let lines = lines.map_err(|error| CopyError::Table { table: name.clone(), error })?;
            report(&name, digest.note(&self.tables[at].0, lines));
        }
        Ok(digest)
    }

    async fn pour_table(&mut self, at: usize) -> Result<TableHash, StoreError> {
        let (from, to) = &self.tables[at];
        let mut lines = TableHash::of(from);
        let mut highest = None;
        for scope in from.scopes(&self.tenants) {
            let statement = self.source.contents(from, scope).await?;
            self.target.turn_to(scope).await?;
            let rows = self.source.stream::<ExportedRow>(statement).map_ok(|ExportedRow(row)| row);
            let mut portions = rows.try_chunks(to.rows_together());
            while let Some(rows) = portions.try_next().await.map_err(|error| error.1)? {
                for row in &rows {
                    lines.add(row);
                }
                highest = highest.max(to.highest(&rows).map(|(column, number)| (number, column)));
                let statement = to.insert(rows, self.target.places());
                self.target.run(statement).await?;
            }
        }
        if let Some((number, column)) = highest {
            self.highest.push((to.name.clone(), column.to_owned(), number));
        }
        Ok(lines)
    }

    /// Reads the target again, not yet committed.
    ///
    /// # Errors
    /// A sentence that names the first table that is not as it was read from the source.
    pub async fn compare(&mut self, read: &Digest) -> Result<(), CopyError> {
        let written = self.target.digest().await?;
        match read.difference(&written) {
            None => Ok(()),
            Some(table) => Err(CopyError::Difference { table: table.to_owned() }),
        }
    }

    /// Lets the numbers of the target go on after those that were copied: from then on rows can be added.
    ///
    /// # Errors
    /// A sentence that names the table.
    pub async fn number(&mut self) -> Result<(), CopyError> {
        for (table, column, number) in &self.highest {
            let numbered = self.target.number_after(table, column, *number).await;
            numbered.map_err(|error| CopyError::Numbers { table: table.clone(), error })?;
        }
        Ok(())
    }

    /// Stores what was copied: all of it, now.
    ///
    /// # Errors
    /// Why nothing was copied.
    pub async fn keep(mut self) -> Result<(), CopyError> {
        let stored = self.target.execute_raw("COMMIT").await;
        stored.map_err(CopyError::NotStored)?;
        // What SQLite still has beside the file goes into it.
        if let Connection::Sqlite(connection) = self.target.connection {
            connection.close().await.map_err(CopyError::NotClosed)?;
        }
        Ok(())
    }
}

/// A new connection of its own.
async fn connected(address: &Address<'_>, reads: bool) -> Result<Transaction, OpenError> {
    address.refuse_other_kinds()?;
    let connection = if address.is_sqlite() {
        let options = if reads { reading(address)? } else { open::writing(address)? };
        Connection::Sqlite(open::sqlite_connection(address, &options.disable_statement_logging()).await?)
    } else {
        // No statement of a copy is too slow.
        let limits = [
            ("idle_in_transaction_session_timeout", "0"),
            ("statement_timeout", "0"),
            ("lock_timeout", "3s"),
        ];
        let options = address.postgres()?.application_name("comunanza").options(limits);
        let options = options.disable_statement_logging();
        Connection::PostgresAlone(open::postgres_connection(address, &options).await?)
    };
    let catalogues = Catalogues::default();
    Ok(Transaction {
        connection,
        scope: Scope::Installation,
        catalogues,
        failure: None,
        moved: 0,
        changed: false,
    })
}

fn reading(address: &Address<'_>) -> Result<SqliteConnectOptions, OpenError> {
    address.refuse_absent()?;
    Ok(address.sqlite()?.read_only(true))
}

/// The source, as it is at this instant.
async fn source(address: &Address<'_>) -> Result<Transaction, OpenError> {
    let mut tx = connected(address, true).await?;
    open::refuse_other_tables(address, tx.connection()).await?;
    let begun = match tx.connection {
        Connection::Sqlite(_) => tx.execute_raw("BEGIN").await,
        _ => tx.begin_on_postgres(LockMode::Reading).await,
    };
    begun.map_err(|error| address.unopened(&error))?;
    Ok(tx)
}

/// Makes the target's tables where there are none, begins, and refuses what is not empty.
async fn prepare(address: &Address<'_>, tx: &mut Transaction) -> Result<(), CopyError> {
    let filled = || Err(CopyError::NotEmpty { place: address.place(), given: address.given });
    let there = tx.columns().await?;
    // Before anything is changed there: it may be a whole installation, named by mistake.
    if !there.is_empty() {
        if !open::has_our_tables(tx.connection()).await {
            return filled();
        }
        refuse_read_only(address, &mut tx.connection()).await?;
        if !tx.tenants().await.is_ok_and(|tenants| tenants.is_empty()) {
            return filled();
        }
    }
    open::bring_up_to_date(address, tx.connection()).await?;
    let begun = tx.begin_alone().await;
    begun.map_err(|error| CopyError::InUse { place: address.place(), reason: describe(&error) })?;
    // Every row is of an aggregator.
    if tx.tenants().await?.is_empty() { Ok(()) } else { filled() }
}

fn refuse_different(
    from: &Address<'_>,
    to: &Address<'_>,
    ours: &[DatabaseTable],
    theirs: &[DatabaseTable],
) -> Result<(), CopyError> {
    let named = |tables: &[DatabaseTable]| -> Vec<_> {
        tables.iter().map(|table| (table.name.clone(), table.column_names().join(", "))).collect()
    };
    let (ours, theirs) = (named(ours), named(theirs));
    let alone = |these: &[(String, String)], those: &[(String, String)]| {
        these.iter().find(|table| !those.contains(table)).map(|(name, _)| name.clone())
    };
    for (address, found) in [(from, alone(&ours, &theirs)), (to, alone(&theirs, &ours))] {
        if let Some(table) = found {
            return Err(CopyError::OtherTables { place: address.place(), table });
        }
    }
    if ours == theirs { Ok(()) } else { Err(CopyError::OtherReferences) }
}
