//! The demonstration on a database of its own, with an officer for each municipality that has not begun yet.

use axum::Router;
use leptos::config::LeptosOptions;
use model::api::Problem;
use model::api::body::{ChangeBasket, ReadBasket};
use model::api::call::{BoardOrder, Progress, ReadBoard};
use model::basket::Change;
use model::ids::{AggregatorId, BodyId, PersonId};
use model::people::Role;
use server::clock::Clock;
use server::demo;
use server::desk::{Flow, Identity};
use server::http::Site;
use server::office::Office;
use server::passwords::{token, token_hash};
use server::serve::router;
use server::store::{Errand, Store, Work};

pub struct World {
    pub office: Office,
    pub tenant: AggregatorId,
    pub officers: Vec<Officer>,
    /// Cookie of an administrator.
    pub desk: String,
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
        let office = Office::open(store, Clock::Real, true).await.unwrap();
        let tenant = office.tenants[0].id;
        let (administrator, desk) =
            office.write(tenant, Employ { role: Role::Administrator, body: None }).await.unwrap();
        let asked = ReadBoard { order: BoardOrder::default(), progress: Some(Progress::NotStarted) };
        let identity = Identity::Person(administrator);
        let board = office.perform(tenant, identity, None, asked).await.unwrap();
        let mut officers = Vec::new();
        for row in board.rows.iter().take(40) {
            let employ = Employ { role: Role::Officer, body: Some(row.body.id) };
            let (person, cookie) = office.write(tenant, employ).await.unwrap();
            officers.push(Officer { body: row.body.id, person, cookie });
        }
        Self { office, tenant, officers, desk }
    }

    pub fn router(&self) -> Router {
        let site = Site { office: self.office.clone(), secure: false };
        let options = LeptosOptions::builder().output_name("comunanza").site_root("target/site").build();
        router(&site, &options).unwrap()
    }

    /// Performs an operation as an officer.
    pub async fn perform<F: Flow>(&self, officer: &Officer, flow: F) -> Result<F::Answer, Problem> {
        let key = (F::METHOD == model::api::Method::Post).then(token);
        self.office.perform(self.tenant, Identity::Person(officer.person), key, flow).await
    }

    /// Adds a service to a basket; tells the version to be sent.
    pub async fn compose(&self, officer: &Officer) -> i64 {
        let body = officer.body;
        let add = ChangeBasket { body, change: Change::Add, service: "supporto-spid".into() };
        match self.perform(officer, add).await {
            Ok(view) => view.version,
            Err(_) => self.perform(officer, ReadBasket { body }).await.unwrap().version,
        }
    }
}

/// Makes a person with a role and a session.
#[derive(Clone)]
struct Employ {
    role: Role,
    body: Option<BodyId>,
}

impl Errand for Employ {
    type Answer = (PersonId, String);

    async fn run(self, work: &mut Work) -> Result<Self::Answer, Problem> {
        let token = token();
        let email = format!("{}@example.org", token_hash(&token));
        let person = work.add_person(&email, "Prova", "", false, 0).await?;
        work.add_role(person, self.role, self.body, 0).await?;
        work.open_session(&token_hash(&token), person, 0, i64::MAX).await?;
        Ok((PersonId(person), format!("session={token}")))
    }
}
