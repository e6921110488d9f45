//! How an app is founded: aggregators, municipalities, catalogue and people, through the store's writer.

use std::collections::BTreeMap;

use model::api::Problem;
use model::assignment::{Known, Variable};
use model::calendar::{Day, Instant};
use model::ids::{AggregatorId, BodyId, PersonId};
use model::people::{Period, Role};
use model::territory::{Aggregator, Joined};
use server::passwords::hash;
use store::hashing::token_hash;
use store::{MunicipalityRow, NewSession, Scope, Store, Transaction, UnitOfWork};

use super::catalogue::{areas, only_in, packages, services};
use super::people::session_of;
use super::{NEIGHBOUR, OURS, rome};

/// Every person of every app signs in with it.
pub const PASSWORD: &str = "una-frase-lunga-e-facile";

pub type Bodies = BTreeMap<(usize, String), BodyId>;
pub type People = BTreeMap<(usize, Role, String), PersonId>;

/// A municipality of the stories; its population is chosen for the band, not counted.
struct Municipality {
    istat: &'static str,
    name: &'static str,
    population: Option<i64>,
    joined: bool,
    mountain: bool,
}

const fn place(istat: &'static str, name: &'static str, population: Option<i64>) -> Municipality {
    Municipality { istat, name, population, joined: true, mountain: false }
}

const PLACES: [Municipality; 9] = [
    place("013250", "Bellagio", Some(3_500)),
    place("013030", "Brienno", Some(999)),
    place("013044", "Carate Urio", Some(1_000)),
    place("013032", "Brunate", Some(1_001)),
    place("013065", "Cernobbio", Some(6_600)),
    place("013075", "Como", Some(80_000)),
    place("013041", "Cantù", None),
    Municipality { mountain: true, ..place("013253", "Blessagno", Some(300)) },
    Municipality { joined: false, ..place("013095", "Erba", Some(16_000)) },
];

const NEXT_DOOR: [Municipality; 2] =
    [place("097042", "Lecco", Some(3_500)), place("097083", "Varenna", Some(700))];

/// Lays the foundations; answers who and what is where.
pub async fn lay(store: &Store) -> (Bodies, People) {
    let aggregators = store.write(Scope::Installation, Aggregators).await.expect("two aggregators");
    // Hashed once: it is slow on purpose.
    let password = hash(PASSWORD).expect("a hash");
    let (mut bodies, mut people) = (Bodies::new(), People::new());
    for (which, places) in [(OURS, PLACES.as_slice()), (NEIGHBOUR, NEXT_DOOR.as_slice())] {
        let settlement = Settlement { places, facilitated: places[0].name, password: password.clone() };
        let aggregator = aggregators[which];
        let (found, held) = store.write(aggregator, settlement).await.expect("a settlement");
        bodies.extend(found.into_iter().map(|(name, id)| ((which, name), id)));
        people.extend(held.into_iter().map(|((role, on), id)| ((which, role, on), id)));
    }
    (bodies, people)
}

#[derive(Clone)]
struct Aggregators;

impl UnitOfWork for Aggregators {
    type Answer = Vec<AggregatorId>;

    async fn run(self, tx: &mut Transaction) -> Result<Vec<AggregatorId>, Problem> {
        let mut ids = Vec::new();
        for (host, name, province) in [
            ("servizi.como.example.org", "Provincia di Como", "CO"),
            ("servizi.lecco.example.org", "Provincia di Lecco", "LC"),
        ] {
            let profile = Aggregator {
                name: name.to_owned(),
                brand: "Clicc@Servizi".to_owned(),
                province: province.to_owned(),
                ..Aggregator::default()
            };
            ids.push(tx.save_aggregator(host, &profile).await?);
        }
        Ok(ids)
    }
}

#[derive(Clone)]
struct Settlement {
    places: &'static [Municipality],
    /// The body that the facilitator helps.
    facilitated: &'static str,
    password: String,
}

type Settled = (BTreeMap<String, BodyId>, BTreeMap<(Role, String), PersonId>);

impl UnitOfWork for Settlement {
    type Answer = Settled;

    async fn run(self, tx: &mut Transaction) -> Result<Settled, Problem> {
        for (position, area) in (0..).zip(areas()) {
            tx.save_area(position, &area).await?;
        }
        for service in services().iter().chain(&only_in(self.facilitated)) {
            tx.save_service(service).await?;
        }
        for (position, package) in (0..).zip(packages()) {
            tx.save_package(position, &package).await?;
        }
        let mut bodies = BTreeMap::new();
        for place in self.places {
            bodies.insert(place.name.to_owned(), settle(tx, place).await?);
        }
        let mut people = BTreeMap::new();
        for (role, on) in self.offices() {
            let id = self.employ(tx, role, &on, bodies.get(&on)).await?;
            people.insert((role, on), id);
        }
        Ok((bodies, people))
    }
}

impl Settlement {
    /// Every office that somebody holds: role, and the body or a number.
    fn offices(&self) -> Vec<(Role, String)> {
        let mut offices = vec![
            (Role::Operator, String::new()),
            (Role::Operator, "2".to_owned()),
            (Role::Administrator, String::new()),
            (Role::Administrator, "2".to_owned()),
            (Role::Observer, String::new()),
            (Role::Facilitator, self.facilitated.to_owned()),
        ];
        for place in self.places {
            offices.push((Role::Officer, place.name.to_owned()));
            offices.push((Role::Mayor, place.name.to_owned()));
        }
        offices
    }

    async fn employ(
        &self,
        tx: &mut Transaction,
        role: Role,
        on: &str,
        body: Option<&BodyId>,
    ) -> Result<PersonId, Problem> {
        let email = address(role, on);
        let persona = role == Role::Observer;
        let person = tx.add_person(&email, &called(role, on), &self.password, persona, Instant(0)).await?;
        tx.add_role(person, role, body.copied(), Period::beginning(Instant(0))).await?;
        let token = token_hash(&session_of(person));
        let end = rome("2100-01-01 00:00:00");
        tx.open_session(&until(end, token, person)).await?;
        Ok(person)
    }
}

/// A second session of somebody, from another browser.
#[derive(Clone)]
pub struct AnotherSession {
    pub person: PersonId,
    pub token: String,
}

impl UnitOfWork for AnotherSession {
    type Answer = ();

    async fn run(self, tx: &mut Transaction) -> Result<(), Problem> {
        let end = rome("2100-01-01 00:00:00");
        tx.open_session(&until(end, token_hash(&self.token), self.person)).await?;
        Ok(())
    }
}

/// A session that no story's clock sees the end of.
fn until(end: Instant, token_hash: String, person: PersonId) -> NewSession {
    NewSession { token_hash, person, opened_at: Instant(0), expires_at: end, idle_expires_at: end }
}

/// How a person is called: never by a name.
pub fn called(role: Role, on: &str) -> String {
    let title = match role {
        Role::Officer => "Referente",
        Role::Mayor => "Sindaco",
        Role::Operator => "Operatore",
        Role::Facilitator => "Facilitatore",
        Role::Administrator => "Amministratore",
        Role::Observer => "Osservatore",
    };
    if role.is_of_body() {
        format!("{title}, Comune di {on}")
    } else {
        format!("{title} {on}").trim().to_owned()
    }
}

/// `officer.carate-urio@example.org`
pub fn address(role: Role, on: &str) -> String {
    let on = on.to_lowercase().replace(' ', "-").replace('ù', "u");
    format!("{}.{on}@example.org", role.name())
}

async fn settle(tx: &mut Transaction, place: &Municipality) -> Result<BodyId, Problem> {
    tx.save_municipalities(&[MunicipalityRow {
        istat: place.istat.to_owned(),
        name: place.name.to_owned(),
        other_name: String::new(),
        cadastral: String::new(),
        province: place.istat[..3].to_owned(),
        province_name: String::new(),
        region: "Lombardia".to_owned(),
        capital: false,
        population: place.population,
        population_year: place.population.map(|_| 2026),
        population_source: "Anagrafe di prova".to_owned(),
    }])
    .await?;
    let body = tx.body_by_istat(place.istat).await?;
    let body = body.expect("what was saved is found").id;
    if place.joined {
        let joined = Joined {
            on: Day::from_ymd(2026, 1, 12).expect("a day"),
            act: "Delibera n. 1 del 12 gennaio 2026".to_owned(),
        };
        let mountain = if place.mountain { Known::Yes } else { Known::No };
        tx.save_joined(body, &joined, &BTreeMap::from([(Variable::Mountain, mountain)])).await?;
    }
    Ok(body)
}
