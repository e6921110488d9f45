//! Aggregators and bodies.

use std::collections::BTreeMap;

use model::assignment::{Known, Variable};
use model::calendar::Day;
use model::ids::{AggregatorId, BodyId};
use model::territory::{Aggregator, Body, BodyKind, Joined};
use sqlx::FromRow;

use crate::database::row::row;
use crate::database::sql::Statement;
use crate::{StoreError, StoreResult, Transaction, counted, from_json, parse_column, sql, to_json};

row! {
    pub struct AggregatorRow of "aggregator" {
        pub id: AggregatorId,
        pub host: String,
        profile: String,
    }
}

impl AggregatorRow {
    pub fn profile(&self) -> StoreResult<Aggregator> {
        from_json(&self.profile, "aggregator.profile")
    }
}

row! {
    struct BodyRow of "body" {
        id: BodyId,
        kind: String,
        istat: String,
        name: String,
        other_name: String,
        cadastral: String,
        province: String,
        region: String,
        ipa: String,
        population: Option<i64>,
        population_year: Option<i64>,
        population_source: String,
        joined_on: Option<Day>,
        joined_act: String,
        /// "mountain=yes union=unknown"
        variables: String,
    }
}

impl TryFrom<BodyRow> for Body {
    type Error = StoreError;

    fn try_from(row: BodyRow) -> StoreResult<Self> {
        let number = |value: Option<i64>, what| match value {
            Some(value) => parse_column(u32::try_from(value).ok(), what, &value.to_string()).map(Some),
            None => Ok(None),
        };
        Ok(Self {
            id: row.id,
            kind: if row.kind == "union" { BodyKind::Union } else { BodyKind::Municipality },
            istat: row.istat,
            name: row.name,
            other_name: row.other_name,
            cadastral: row.cadastral,
            province: row.province,
            region: row.region,
            ipa: row.ipa,
            population: number(row.population, "body.population")?,
            population_year: number(row.population_year, "body.population_year")?
                .and_then(|year| u16::try_from(year).ok()),
            population_source: row.population_source,
            joined: row.joined_on.map(|on| Joined { on, act: row.joined_act }),
            variables: row.variables.split_whitespace().map(variable).collect::<StoreResult<_>>()?,
        })
    }
}

/// "mountain=yes"
fn variable(text: &str) -> StoreResult<(Variable, Known)> {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    let variable = Variable::ALL.into_iter().find(|variable| variable.name() == name);
    let variable = parse_column(variable, "body_variable.variable", name)?;
    Ok((variable, parse_column(Known::from_name(value), "body_variable.known", value)?))
}

/// A municipality as the national list gives it.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct MunicipalityRow {
    pub istat: String,
    pub name: String,
    pub other_name: String,
    pub cadastral: String,
    pub province: String,
    pub province_name: String,
    pub region: String,
    pub capital: bool,
    pub population: Option<i64>,
    pub population_year: Option<i64>,
    pub population_source: String,
}

/// Other days are an `INTEGER` of PostgreSQL; this one is a `BIGINT`.
macro_rules! bodies {
    ($which:literal) => {
        concat!(
            "SELECT b.id, b.kind, b.istat, b.name, b.other_name, b.cadastral, b.province, b.region, b.ipa,
                    b.population, b.population_year, b.population_source, CAST(b.joined_on AS INTEGER) AS joined_on,
                    b.joined_act,
                    COALESCE((SELECT STRING_AGG(v.variable || '=' || v.known, ' ') FROM body_variable v
                              WHERE v.body = b.id), '') AS variables
             FROM body b WHERE b.aggregator = $1 AND ",
            $which
        )
    };
}

impl Transaction {
    async fn bodies(&mut self, statement: Statement) -> StoreResult<Vec<Body>> {
        let rows: Vec<BodyRow> = self.all(statement).await?;
        rows.into_iter().map(Body::try_from).collect()
    }

    pub async fn body(&mut self, id: BodyId) -> StoreResult<Option<Body>> {
        Ok(self.bodies(self.sql(bodies!("b.id = $2")).bind(id)).await?.pop())
    }

    pub async fn body_by_istat(&mut self, istat: &str) -> StoreResult<Option<Body>> {
        // An empty code is no code: the index knows none either.
        let statement = self.sql(bodies!("b.istat = $2 AND b.istat <> ''"));
        Ok(self.bodies(statement.bind(istat)).await?.pop())
    }

    /// The bodies that joined, by name.
    pub async fn joined_bodies(&mut self) -> StoreResult<Vec<Body>> {
        self.bodies(self.sql(bodies!("b.joined_on IS NOT NULL ORDER BY b.name, b.id"))).await
    }

    /// Bodies that joined, and municipalities of the province.
    pub async fn count_bodies(&mut self, province: &str) -> StoreResult<(u32, u32)> {
        let statement = self.sql(
            "SELECT (SELECT COUNT(*) FROM body WHERE aggregator = $1 AND joined_on IS NOT NULL),
                    (SELECT COUNT(*) FROM body WHERE aggregator = $1 AND province = $2),
                    (SELECT COUNT(*) FROM body
                     WHERE aggregator = $1 AND joined_on IS NOT NULL AND province <> $2)",
        );
        let (joined, here, elsewhere): (i64, i64, i64) = self.one(statement.bind(province)).await?;
        Ok((counted(joined), counted(here + elsewhere)))
    }

    pub async fn municipalities(&mut self) -> StoreResult<Vec<MunicipalityRow>> {
        self.all(self.sql(
            "SELECT istat, name, other_name, cadastral, province, province_name, region, capital, population,
                    population_year, population_source
             FROM body WHERE aggregator = $1 AND kind = 'municipality'",
        ))
        .await
    }

    /// Adds municipalities, or brings what the national list says of them up to date: many rows a statement.
    pub async fn save_municipalities(&mut self, rows: &[MunicipalityRow]) -> StoreResult<()> {
        let rows: Vec<_> = rows
            .iter()
            .map(|row| {
                [
                    "municipality".into(),
                    (&row.istat).into(),
                    (&row.name).into(),
                    (&row.other_name).into(),
                    (&row.cadastral).into(),
                    (&row.province).into(),
                    (&row.province_name).into(),
                    (&row.region).into(),
                    row.capital.into(),
                    row.population.into(),
                    row.population_year.into(),
                    (&row.population_source).into(),
                ]
            })
            .collect();
        self.run_rows(
            "INSERT INTO body (aggregator, kind, istat, name, other_name, cadastral, province, province_name,
                               region, capital, population, population_year, population_source)
             VALUES {rows} ON CONFLICT (aggregator, istat) WHERE istat <> '' DO UPDATE SET
                 name = excluded.name, other_name = excluded.other_name, cadastral = excluded.cadastral,
                 province = excluded.province, province_name = excluded.province_name, region = excluded.region,
                 capital = excluded.capital, population = excluded.population,
                 population_year = excluded.population_year, population_source = excluded.population_source",
            &rows,
        )
        .await
        .map(drop)
    }

    pub async fn save_joined(
        &mut self,
        body: BodyId,
        joined: &Joined,
        variables: &BTreeMap<Variable, Known>,
    ) -> StoreResult<()> {
        self.run(
            self.sql("UPDATE body SET joined_on = $3, joined_act = $4 WHERE aggregator = $1 AND id = $2")
                .bind(body)
                .bind(i64::from(joined.on.0))
                .bind(&joined.act),
        )
        .await?;
        let rows: Vec<_> = variables
            .iter()
            .map(|(variable, value)| [body.0.into(), variable.name().into(), value.name().into()])
            .collect();
        self.run_rows(
            "INSERT INTO body_variable (aggregator, body, variable, known) VALUES {rows}
             ON CONFLICT (body, variable) DO UPDATE SET known = excluded.known",
            &rows,
        )
        .await
        .map(drop)
    }

    /// The aggregators of this installation: the one query that names no tenant, since it finds it.
    pub async fn aggregators(&mut self) -> StoreResult<Vec<AggregatorRow>> {
        self.all(sql("SELECT id, host, profile FROM aggregator ORDER BY id")).await
    }

    /// The aggregator itself, as its public pages show it.
    pub async fn profile(&mut self) -> StoreResult<Aggregator> {
        let profile: Option<String> =
            self.scalar_optional(self.sql("SELECT profile FROM aggregator WHERE id = $1")).await?;
        from_json(&profile.unwrap_or_default(), "aggregator.profile")
    }

    pub async fn save_aggregator(&mut self, host: &str, profile: &Aggregator) -> StoreResult<AggregatorId> {
        let saved = self
            .scalar(
                sql("INSERT INTO aggregator (host, profile) VALUES ($1, $2)
             ON CONFLICT (host) DO UPDATE SET profile = excluded.profile RETURNING id")
                .bind(host)
                .bind(to_json(profile)),
            )
            .await?;
        Ok(AggregatorId(saved))
    }
}
