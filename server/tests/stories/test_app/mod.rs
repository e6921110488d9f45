//! The world of the stories: a Province with its municipalities, catalogue, call and people, on a database of its own.
//!
//! It is founded through the store's writer and the marketplace's own operations, and has a clock that only a story moves.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use handlers::calls::time::{Tick, TickOutcome};
use handlers::clock::Clock;
use handlers::context::{Handler, Identity};
use handlers::marketplace::{Marketplace, Tenant};
use model::api::calls::{Assign, AssignmentReport, CreateCall, OpenCall};
use model::api::credits::proposals::MoveOutcome;
use model::api::people::{BodyRef, PersonRef};
use model::api::requests::{ListRequests, RequestRow};
use model::api::{ApiError, Problem};
use model::calendar::{Day, Instant, add_working_days};
use model::credits::{Account, Credits, EntryKind};
use model::ids::{AccountId, BodyId, CallId, PersonId, ProposalId};
use model::ledger::Entry;
use model::people::Role;
use server::addresses::TrustedProxies;
use server::http::host::OwnNames;
use server::http::{Site, api};
use store::{AccountRow, EntryRow, Store, Transaction, UnitOfWork};

mod catalogue;
mod database;
mod dump;
mod foundation;
mod people;
mod sound;
mod tamper;

pub use catalogue::{band, call};
pub use database::{Raw, TestDatabase};
pub use dump::{Dump, assert_same};
pub use foundation::{PASSWORD, address};
pub use people::{Reply, TestClient};
pub use sound::assert_sound;

/// The aggregator of the stories, and its neighbour on the same installation.
pub const OURS: usize = 0;
pub const NEIGHBOUR: usize = 1;

/// What an app is founded with.
pub struct TestConfig {
    pub call: CreateCall,
    /// Give packages and credits by the rule.
    pub assign: bool,
    pub demo: bool,
    /// Served over HTTPS.
    pub secure: bool,
    /// Where its database stands; anywhere without it.
    pub database: Option<TestDatabase>,
}

pub struct TestApp {
    pub marketplace: Marketplace,
    pub site: Site,
    pub call: CallId,
    call_next_door: CallId,
    router: Router,
    bodies: BTreeMap<(usize, String), BodyId>,
    people: BTreeMap<(usize, Role, String), PersonId>,
    keys: Arc<AtomicU64>,
    pub database: TestDatabase,
}

impl TestApp {
    /// An app in an open call, every body with its package and credits.
    pub async fn new() -> Self {
        Self::chartered(|_| {}).await
    }

    pub async fn chartered(change: impl FnOnce(&mut TestConfig)) -> Self {
        let mut config =
            TestConfig { call: call(), assign: true, demo: false, secure: false, database: None };
        change(&mut config);
        let database = match config.database.take() {
            Some(database) => database,
            None => TestDatabase::break_new().await,
        };
        let store = Store::open(&database.url).await.expect("a new database opens");
        let clock = Clock::set(rome("2026-03-02 10:00:00"));
        let (bodies, people) = foundation::lay(&store).await;
        let marketplace = Marketplace::open(store, clock, config.demo).await.expect("the marketplace opens");
        let site = Site {
            marketplace: marketplace.clone(),
            names: OwnNames::default(),
            secure: config.secure,
            anchors: None,
            trusted: TrustedProxies::default(),
        };
        let mut app = Self {
            router: api(&site).with_state(()),
            marketplace,
            site,
            call: CallId(0),
            call_next_door: CallId(0),
            bodies,
            people,
            keys: Arc::default(),
            database,
        };
        app.open_calls(config.call, config.assign).await;
        app
    }

    /// From here on what is added to the outbox is delivered.
    pub fn deliver(&mut self) {
        self.marketplace.delivers = true;
        self.site.marketplace.delivers = true;
        self.router = api(&self.site).with_state(());
    }

    /// The same app on the database to which it has moved.
    pub async fn moved(&self, database: TestDatabase) -> Self {
        let store = Store::open(&database.url).await.expect("the database opens");
        let marketplace = Marketplace::open(store, self.marketplace.clock.clone(), false)
            .await
            .expect("the marketplace opens");
        let site = Site {
            marketplace: marketplace.clone(),
            names: self.site.names.clone(),
            secure: self.site.secure,
            anchors: None,
            trusted: TrustedProxies::default(),
        };
        Self {
            router: api(&site).with_state(()),
            marketplace,
            site,
            call: self.call,
            call_next_door: self.call_next_door,
            bodies: self.bodies.clone(),
            people: self.people.clone(),
            keys: self.keys.clone(),
            database,
        }
    }

    async fn open_calls(&mut self, call: CreateCall, assign: bool) {
        for tenant in [NEIGHBOUR, OURS] {
            let created = self.system_in(tenant, call.clone()).await;
            let call = created.expect("the call is created").id;
            let opened = self.system_in(tenant, OpenCall { call }).await;
            opened.expect("the call opens");
            if assign {
                let trial = self.system_in(tenant, Assign { call, dry_run: true, seen: None }).await;
                let seen = Some(trial.expect("tried").effect);
                let assigned = self.system_in(tenant, Assign { call, dry_run: false, seen }).await;
                assigned.expect("packages are assigned");
            }
            (self.call_next_door, self.call) = (self.call, call);
        }
    }

    pub fn tenant(&self, which: usize) -> &Tenant {
        &self.marketplace.tenants[which]
    }

    pub fn body(&self, name: &str) -> BodyId {
        self.body_in(OURS, name)
    }

    pub fn body_in(&self, tenant: usize, name: &str) -> BodyId {
        self.bodies[&(tenant, name.to_owned())]
    }

    pub fn call_in(&self, tenant: usize) -> CallId {
        if tenant == OURS { self.call } else { self.call_next_door }
    }

    pub fn body_ref(&self, name: &str) -> BodyRef {
        BodyRef { id: self.body(name), name: name.to_owned(), title: format!("Comune di {name}") }
    }

    // --- who calls ---

    /// Who holds this role; on this body for the roles of a body, otherwise `on` is empty or a number.
    pub fn holder(&self, tenant: usize, role: Role, on: &str) -> TestClient {
        let person = self.people[&(tenant, role, on.to_owned())];
        let client = TestClient::new(self.router.clone(), &self.tenant(tenant).host, &self.keys);
        client.signed_in(person, self.site.secure)
    }

    pub fn officer(&self, body: &str) -> TestClient {
        self.holder(OURS, Role::Officer, body)
    }

    pub fn mayor(&self, body: &str) -> TestClient {
        self.holder(OURS, Role::Mayor, body)
    }

    pub fn operator(&self) -> TestClient {
        self.holder(OURS, Role::Operator, "")
    }

    pub fn second_operator(&self) -> TestClient {
        self.holder(OURS, Role::Operator, "2")
    }

    pub fn administrator(&self) -> TestClient {
        self.holder(OURS, Role::Administrator, "")
    }

    pub fn second_administrator(&self) -> TestClient {
        self.holder(OURS, Role::Administrator, "2")
    }

    pub fn observer(&self) -> TestClient {
        self.holder(OURS, Role::Observer, "")
    }

    pub fn facilitator(&self) -> TestClient {
        self.holder(OURS, Role::Facilitator, "Bellagio")
    }

    /// Nobody, with a browser that holds no cookie yet.
    pub fn stranger(&self) -> TestClient {
        TestClient::new(self.router.clone(), &self.tenant(OURS).host, &self.keys)
    }

    /// Nobody, who reaches another server of the app.
    pub fn stranger_at(&self, site: &Site) -> TestClient {
        TestClient::new(api(site).with_state(()), &self.tenant(OURS).host, &self.keys)
    }

    pub fn person(&self, client: &TestClient) -> PersonRef {
        let id = client.person.expect("somebody is signed in");
        let ((_, role, on), _) =
            self.people.iter().find(|(_, person)| **person == id).expect("a person of the town");
        PersonRef { id, name: foundation::called(*role, on) }
    }

    /// The command line of the machine's owner.
    pub async fn system<F: Handler>(&self, handler: F) -> Result<F::Answer, Problem> {
        self.system_in(OURS, handler).await
    }

    pub async fn system_in<F: Handler>(&self, tenant: usize, handler: F) -> Result<F::Answer, Problem> {
        let key = (F::METHOD == model::api::Method::Post).then(|| next_key(&self.keys));
        self.marketplace.execute(self.tenant(tenant).id, Identity::System, key, handler).await
    }

    pub async fn write<E: UnitOfWork>(&self, unit: E) -> Result<E::Answer, Problem> {
        self.marketplace.write(self.tenant(OURS).id, unit).await
    }

    pub async fn read(&self) -> Transaction {
        self.marketplace.store.read(self.tenant(OURS).id).await.expect("the store reads")
    }

    /// The same person with a session just opened, as from another browser.
    pub async fn anew(&self, client: &TestClient) -> TestClient {
        let Some(person) = client.person else {
            return client.clone();
        };
        let token = client.fresh_key();
        let opened = self.write(foundation::AnotherSession { person, token: token.clone() }).await;
        opened.expect("a session opens");
        client.with_session(&token, self.site.secure)
    }

    // --- time ---

    pub fn now(&self) -> Instant {
        self.marketplace.clock.now()
    }

    /// Moves the clock to a day and hour in Rome, and lets nothing happen by itself.
    pub fn move_to(&self, at: &str) {
        self.marketplace.clock.move_to(rome(at));
    }

    /// Lets the call last from one instant to another, whatever a call may be given.
    pub async fn lasts(&self, opens: &str, closes: &str) {
        let (opens, closes) = (rome(opens).0, rome(closes).0);
        self.raw_sql(format!("UPDATE call SET opens = {opens}, closes = {closes} WHERE id = {}", self.call))
            .await;
    }

    /// The same hour, so many working days later.
    pub fn pass(&self, working_days: u32) {
        let civil = self.now().civil_in_rome();
        let day = add_working_days(civil.day, working_days);
        let at = Instant::from_rome(day, civil.hour, civil.minute, civil.second);
        self.marketplace.clock.move_to(at);
    }

    pub fn today(&self) -> Day {
        self.now().day_in_rome()
    }

    /// One tick of the clock: what is due happens.
    pub async fn tick(&self) -> TickOutcome {
        self.write(Tick { now: self.now() }).await.expect("the clock beats")
    }

    // --- what is there ---

    pub async fn account(&self, body: &str) -> Account {
        self.account_row(self.call, body).await.account()
    }

    /// The account of a body in any call.
    pub async fn account_row(&self, call: CallId, body: &str) -> AccountRow {
        let standing = self.read().await.standing(call, self.body(body)).await;
        standing.expect("the store reads").account.expect("the body has an account")
    }

    /// The entries of a body's account, oldest first.
    pub async fn entries(&self, body: &str) -> Vec<EntryRow> {
        let account = self.account_row(self.call, body).await.id;
        self.read().await.entries(account).await.expect("the store reads")
    }

    /// Kinds and amounts of a body's entries, oldest first.
    pub async fn movements(&self, body: &str) -> Vec<(EntryKind, Credits)> {
        let entries = self.entries(body).await;
        entries.iter().map(|entry| (entry.kind, entry.amount)).collect()
    }

    /// Everything that a body asked for, newest first.
    pub async fn requests(&self, body: &str) -> Vec<RequestRow> {
        let list = ListRequests { body: self.body(body), state: None };
        let list = self.operator().call(list).await;
        list.expect("the operator lists requests").requests
    }

    /// The latest request of a body for a service, as it is now.
    pub async fn request(&self, body: &str, service: &str) -> RequestRow {
        let found = self.requests(body).await.into_iter();
        let mut found = found.filter(|row| row.service.code.as_str() == service);
        found.next().unwrap_or_else(|| panic!("{body} never asked for {service}"))
    }

    /// One administrator may move much alone: for stories that are not about two.
    pub async fn trust_one_person(&self) {
        let (few, many) = ("\"correction_threshold\":10", "\"correction_threshold\":10000");
        self.raw_sql(format!("UPDATE call SET terms = REPLACE(terms, '{few},', '{many},')")).await;
    }

    /// More credits for a body, from nobody: they count towards no threshold.
    pub async fn fund(&self, body: &str, credits: Credits) {
        let account = self.account_row(self.call, body).await.id;
        self.write(Fund { account, credits, at: self.now() }).await.expect("funded");
    }

    pub async fn assign(&self) -> AssignmentReport {
        let call = self.call;
        let trial = self.system(Assign { call, dry_run: true, seen: None }).await.expect("tried");
        let assign = Assign { call, dry_run: false, seen: Some(trial.effect) };
        self.system(assign).await.expect("the rule assigns")
    }
}

#[derive(Clone)]
struct Fund {
    account: AccountId,
    credits: Credits,
    at: Instant,
}

impl UnitOfWork for Fund {
    type Answer = ();

    async fn run(self, tx: &mut Transaction) -> Result<(), Problem> {
        let entry = Entry {
            account: self.account,
            kind: EntryKind::Grant,
            amount: self.credits,
            at: self.at,
            actor: None,
            reason: "Fondo".to_owned(),
            service: None,
            request: None,
            submission: None,
            settles: None,
        };
        tx.add_entries(&[entry]).await??;
        Ok(())
    }
}

/// The account after what one person did alone.
#[track_caller]
pub fn done(outcome: MoveOutcome) -> Account {
    match outcome {
        MoveOutcome::Done { account } => account,
        MoveOutcome::Waiting { .. } => panic!("it waits for a second person"),
    }
}

/// What waits for a second person.
#[track_caller]
pub fn proposed(outcome: MoveOutcome) -> ProposalId {
    match outcome {
        MoveOutcome::Waiting { proposal } => proposal,
        MoveOutcome::Done { account } => panic!("one person did it: {account:?}"),
    }
}

fn next_key(keys: &AtomicU64) -> String {
    format!("story-key-{:06}", keys.fetch_add(1, Ordering::SeqCst))
}

/// `2026-05-29 12:00:00`, by the clocks in Rome.
pub fn rome(at: &str) -> Instant {
    let (day, hour) = at.split_once(' ').expect("a day and an hour");
    let parts: Vec<u8> = hour.split(':').map(|part| part.parse().expect("a number")).collect();
    let day = Day::parse(day).expect("a day");
    Instant::from_rome(day, parts[0], parts[1], parts[2])
}

/// What an operation was refused for.
pub fn refused<A: std::fmt::Debug>(outcome: Result<A, Problem>) -> String {
    server::http::problem::code(&outcome.expect_err("it is refused"))
}

/// Asks again while too many wait for the same thing, as a caller who hears "unavailable" does.
pub async fn heard<A, F>(mut asking: impl FnMut() -> F) -> Result<A, Problem>
where
    F: Future<Output = Result<A, Problem>>,
{
    loop {
        match asking().await {
            Err(Problem::ApiError(ApiError::Unavailable)) => {}
            outcome => return outcome,
        }
    }
}
