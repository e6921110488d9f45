//! The demonstration: the Province of Como with its bodies, its catalogue, a call that is open, and a history.
//!
//! Everything goes in by the imports and operations that a real installation uses; the history is made by running
//! them under a clock that is set by hand. Nothing here writes a row by itself.

use model::access::Permission;
use model::api::Problem;
use model::calendar::{Day, Instant};
use model::ids::AggregatorId;

use crate::imports::{aggregator, catalogue, comuni, joined};
use crate::settings::Settings;
use handlers::clock::Clock;
use handlers::context::{CallerContext, Identity};
use handlers::marketplace::Marketplace;
use store::{Demonstration, Scope, Store, Transaction, UnitOfWork};

mod cast;
mod error;
pub mod files;
mod history;
mod play;
mod stage;

pub use error::DemoError;
use history::History;
use stage::Stage;

/// Of every person of the demonstration; public, like the demonstration.
pub const PASSWORD: &str = "prova-cliccservizi";
/// The first person to be, on the way through the marketplace.
pub const FIRST_TO_TRY: &str = "referente.bellagio@example.org";

/// Its host name; every other host finds it too, as the first aggregator.
const HOST: &str = "127.0.0.1";
/// Working days from the call's opening to the day on which the demonstration is made.
const OPEN_FOR: i32 = 20;

/// Makes the demonstration in an empty database, as if `now` were today.
///
/// # Errors
/// Why not.
pub async fn make(store: &Store, now: Instant) -> Result<(), DemoError> {
    let history = History::read()?;
    let opening = working_day(now.day_in_rome(), -OPEN_FOR);
    let begins = history::instant(opening, history.pilot.opens, 8, 0);
    let clock = Clock::set(begins);
    let tenant = open_office(store, &clock).await?;
    let marketplace = Marketplace::open(store.clone(), clock, true).await?;
    bring_files(&marketplace, tenant).await?;
    let mut stage = Stage::new(marketplace.clone(), tenant, opening).await?;
    play::play(&mut stage, &history).await?;
    Ok(marketplace.write(tenant, FinishDemo { now }).await?)
}

async fn open_office(store: &Store, clock: &Clock) -> Result<AggregatorId, DemoError> {
    let profile = aggregator::read("help.toml", files::file("help.toml"));
    let unit = aggregator::SaveAggregator { host: HOST.to_owned(), profile: profile?, now: clock.now() };
    Ok(store.write(Scope::Installation, Begin(unit)).await?)
}

/// Municipalities and catalogue, by the imports that an administrator runs.
async fn bring_files(marketplace: &Marketplace, tenant: AggregatorId) -> Result<(), DemoError> {
    let now = marketplace.clock.now();
    let census = comuni::Census { year: None, source: "ISTAT".to_owned() };
    let rows = comuni::read("comuni.csv", files::file("comuni.csv"), &census);
    let rows = rows?;
    let municipalities = comuni::ImportMunicipalities { rows, now };
    marketplace.write(tenant, municipalities).await?;
    let catalogue = catalogue::read(&files::catalogue())?;
    let catalogue = catalogue::ImportCatalogue { catalogue, now };
    let imported = marketplace.write(tenant, catalogue).await?;
    imported?;
    Ok(())
}

/// Those of the joined municipalities whose code passes.
async fn bring_joined(stage: &Stage, passes: impl Fn(&str) -> bool) -> Result<(), DemoError> {
    let file = "joined.csv";
    let joinings = joined::read(file, files::file(file))?;
    let unit = joined::ImportJoined {
        file: file.to_owned(),
        joinings: joinings.into_iter().filter(|joining| passes(&joining.istat)).collect(),
        now: stage.marketplace.clock.now(),
    };
    let tally = stage.marketplace.write(stage.tenant, unit).await?;
    tally?;
    Ok(())
}

/// Refuses what would be unsafe, or half: a demonstration that was interrupted, and one that is served in earnest.
///
/// # Errors
/// Why not.
pub async fn refuse_unfit(settings: &Settings, marketplace: &Marketplace) -> Result<(), DemoError> {
    let Some(tenant) = marketplace.tenants.first() else {
        return Ok(());
    };
    let mut tx = marketplace.store.read(tenant.id).await?;
    let database = settings.address_of_database().place();
    match tx.demonstration().await? {
        Some(Demonstration::Begun) => Err(DemoError::Interrupted(database)),
        Some(Demonstration::Made) if !settings.demo => Err(DemoError::InEarnest(database)),
        None | Some(Demonstration::Made) => Ok(()),
    }
}

/// The aggregator, and with it the mark that the demonstration is being made here.
#[derive(Clone)]
struct Begin(aggregator::SaveAggregator);

impl UnitOfWork for Begin {
    type Answer = AggregatorId;

    async fn run(self, tx: &mut Transaction) -> Result<AggregatorId, Problem> {
        let id = self.0.run(tx).await?;
        tx.note_demonstration(Demonstration::Begun).await?;
        Ok(id)
    }
}

/// The mark that the demonstration is whole.
#[derive(Clone)]
struct FinishDemo {
    now: Instant,
}

impl UnitOfWork for FinishDemo {
    type Answer = ();

    async fn run(self, tx: &mut Transaction) -> Result<(), Problem> {
        let ctx =
            CallerContext::open(tx, &Identity::System, self.now).await?.authorize(Permission::SetUp, None)?;
        Ok(ctx.tx.note_demonstration(Demonstration::Made).await?)
    }
}

/// The working day that lies so many working days after `from`, or before it where `count` is negative.
fn working_day(from: Day, count: i32) -> Day {
    if count >= 0 {
        return model::calendar::add_working_days(from, count.unsigned_abs());
    }
    let mut day = from;
    for _ in 0..count.unsigned_abs() {
        day = day.plus(-1);
        while !day.is_working() {
            day = day.plus(-1);
        }
    }
    day
}
