//! The demonstration on a database of its own, with an officer for each municipality that has not begun yet.

use std::collections::BTreeMap;

use axum::Router;
use futures::stream::{StreamExt as _, iter};
use handlers::clock::Clock;
use handlers::context::{Handler, Identity};
use handlers::marketplace::Marketplace;
use leptos::config::LeptosOptions;
use model::api::Problem;
use model::api::baskets::{ChangeBasket, ReadBasket};
use model::api::calls::{Assign, BoardOrder, Progress, ReadBoard};
use model::api::submissions::{Authorise, ReadSubmission};
use model::basket::Change;
use model::calendar::Instant;
use model::ids::{AggregatorId, BodyId, PersonId, SubmissionId};
use model::people::{Period, Role};
use model::seen::Seen;
use model::territory::Joined;
use server::addresses::TrustedProxies;
use server::demo;
use server::http::Site;
use server::http::host::OwnNames;
use server::imports::comuni::{Census, ImportMunicipalities, read};
use server::imports::joined::{ImportJoined, Joining};
use server::serve::router;
use store::hashing::{token, token_hash};
use store::{MunicipalityRow, NewSession, Store, Transaction, UnitOfWork};

pub struct World {
    pub marketplace: Marketplace,
    pub tenant: AggregatorId,
    pub officers: Vec<Officer>,
    administrator: PersonId,
    /// Cookie of an administrator.
    pub ctx: String,
}

/// A basket as its officer saw it.
#[derive(Clone)]
pub struct Composed {
    pub version: i64,
    pub seen: Vec<Seen>,
}

#[derive(Clone)]
pub struct Officer {
    pub body: BodyId,
    pub person: PersonId,
    pub cookie: String,
}

impl World {
    pub async fn at(url: &str) -> Self {
        let store = Store::open(url).await.unwrap();
        demo::make(&store, Clock::Real.now()).await.unwrap();
        let marketplace = Marketplace::open(store, Clock::Real, true).await.unwrap();
        let tenant = marketplace.tenants[0].id;
        let (administrator, ctx) =
            marketplace.write(tenant, Employ { role: Role::Administrator, body: None }).await.unwrap();
        let mut world = Self { marketplace, tenant, officers: Vec::new(), administrator, ctx };
        world.employ().await;
        world
    }

    /// An officer for each municipality that has not begun.
    async fn employ(&mut self) {
        let asked = ReadBoard { order: BoardOrder::default(), progress: Some(Progress::NotStarted) };
        let board = self.direct(asked).await;
        let employed = board.rows.iter().map(async |row| {
            let employ = Employ { role: Role::Officer, body: Some(row.body.id) };
            let (person, cookie) = self.marketplace.write(self.tenant, employ).await.unwrap();
            Officer { body: row.body.id, person, cookie }
        });
        self.officers = some_at_once(employed).await;
    }

    /// Performs an operation as an administrator.
    async fn direct<F: Handler>(&self, handler: F) -> F::Answer {
        let key = (F::METHOD == model::api::Method::Post).then(token);
        self.marketplace
            .execute(self.tenant, Identity::Person(self.administrator), key, handler)
            .await
            .unwrap()
    }

    /// Lets so many municipalities of the country join, so that nobody's history grows long while it is measured.
    pub async fn joined_by(mut self, count: usize) -> Self {
        let rows = country();
        let day = Clock::Real.now().day_in_rome();
        let joinings = rows.iter().take(count).zip(1..).map(|(row, line)| Joining {
            line,
            istat: row.istat.clone(),
            joined: Joined { on: day, act: "Delibera".to_owned() },
            variables: BTreeMap::new(),
        });
        let joined =
            ImportJoined { file: String::new(), joinings: joinings.collect(), now: Clock::Real.now() };
        self.marketplace
            .write(self.tenant, ImportMunicipalities { rows, now: Clock::Real.now() })
            .await
            .unwrap();
        self.marketplace.write(self.tenant, joined).await.unwrap().unwrap();
        let call = self.direct(ReadBoard::default()).await.call.id;
        let trial = self.direct(Assign { call, dry_run: true, seen: None }).await;
        self.direct(Assign { call, dry_run: false, seen: Some(trial.effect) }).await;
        self.employ().await;
        self
    }

    pub fn router(&self) -> Router {
        let site = Site {
            marketplace: self.marketplace.clone(),
            names: OwnNames { loopback: true, ..OwnNames::default() },
            secure: false,
            anchors: None,
            trusted: TrustedProxies::default(),
        };
        let options = LeptosOptions::builder().output_name("comunanza").site_root("target/site").build();
        router(&site, &options).unwrap()
    }

    /// Performs an operation as an officer.
    pub async fn execute<F: Handler>(&self, officer: &Officer, handler: F) -> Result<F::Answer, Problem> {
        let key = (F::METHOD == model::api::Method::Post).then(token);
        self.marketplace.execute(self.tenant, Identity::Person(officer.person), key, handler).await
    }

    /// The mayor authorises what was sent.
    pub async fn authorise(&self, officer: &Officer, submission: SubmissionId) {
        let employ = Employ { role: Role::Mayor, body: Some(officer.body) };
        let (mayor, _) = self.marketplace.write(self.tenant, employ).await.unwrap();
        let mayor = Identity::Person(mayor);
        let read = ReadSubmission { submission };
        let seen = self.marketplace.execute(self.tenant, mayor.clone(), None, read).await.unwrap().seen();
        let authorise = Authorise { submission, seen };
        self.marketplace.execute(self.tenant, mayor, Some(token()), authorise).await.unwrap();
    }

    /// Adds a service to a basket; tells what is to be sent.
    pub async fn compose(&self, officer: &Officer, service: &str) -> Composed {
        let body = officer.body;
        let add = ChangeBasket { body, change: Change::Add, service: service.into() };
        let view = match self.execute(officer, add).await {
            Ok(view) => view,
            Err(_) => self.execute(officer, ReadBasket { body }).await.unwrap(),
        };
        Composed { version: view.version, seen: view.seen() }
    }
}

/// Does all of it in turn, a few at the same time: no database has a connection for each of thousands.
pub async fn some_at_once<D: Future>(actions: impl Iterator<Item = D>) -> Vec<D::Output> {
    iter(actions).buffered(16).collect().await
}

/// Every municipality of the country.
fn country() -> Vec<MunicipalityRow> {
    let census = Census { year: None, source: "ISTAT".to_owned() };
    read("comuni.csv", &std::fs::read("server/demo/comuni.csv").unwrap(), &census).unwrap()
}

/// Makes a person with a role and a session.
#[derive(Clone)]
struct Employ {
    role: Role,
    body: Option<BodyId>,
}

impl UnitOfWork for Employ {
    type Answer = (PersonId, String);

    async fn run(self, tx: &mut Transaction) -> Result<Self::Answer, Problem> {
        let token = token();
        let email = format!("{}@example.org", token_hash(&token));
        let person = tx.add_person(&email, "Prova", "", false, Instant(0)).await?;
        tx.add_role(person, self.role, self.body, Period::beginning(Instant(0))).await?;
        let (token_hash, end) = (token_hash(&token), Instant(i64::MAX));
        tx.open_session(&NewSession {
            token_hash,
            person,
            opened_at: Instant(0),
            expires_at: end,
            idle_expires_at: end,
        })
        .await?;
        Ok((person, format!("session={token}")))
    }
}
