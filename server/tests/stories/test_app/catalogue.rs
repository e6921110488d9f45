//! A small catalogue that has one of everything: prerequisites in a chain, exclusions, a block that may be asked for
//! twice, a universal service, one that is paused, a draft; three packages; and the call.

use model::api::calls::{CallTerms, CreateCall};
use model::assignment::{Band, Known, Modifier, Variable};
use model::calls::{Authorisation, Leftovers};
use model::catalogue::{
    AccessMode, Area, DeliveryMode, InteractionLevel, Milestone, MilestoneBy, Package, PackageItem, Service,
    ServiceStatus, Sheet,
};
use model::credits::Credits;
use model::ids::{AreaCode, PackageCode, ServiceCode};

use super::rome;

pub fn areas() -> Vec<Area> {
    [("tributi", "Tributi e pagamenti"), ("vita", "Vita in Comune")]
        .map(|(code, name)| Area {
            code: AreaCode::from(code),
            name: name.to_owned(),
            summary: name.to_owned(),
        })
        .to_vec()
}

fn service(code: &str, level: InteractionLevel, price: Credits, requires: &[&str]) -> Service {
    Service {
        code: ServiceCode::from(code),
        name: format!("Servizio {code}"),
        area: AreaCode::from(if requires.is_empty() { "vita" } else { "tributi" }),
        summary: format!("Che cosa si fa con {code}."),
        keywords: vec![code.to_owned()],
        interaction_level: level,
        access: vec![AccessMode::Web],
        delivery: DeliveryMode::CentralPlatform,
        universal: false,
        price,
        requires: requires.iter().map(|code| ServiceCode::from(*code)).collect(),
        excludes: Vec::new(),
        review_days: 10,
        activation_days: 20,
        owner: "Provincia di Como".to_owned(),
        reuse_source: "Riuso".to_owned(),
        status: ServiceStatus::Published,
        status_reason: String::new(),
        repeatable: false,
        milestones: vec![milestone("Configurazione", MilestoneBy::Aggregator)],
        sheet: Sheet::default(),
    }
}

fn milestone(title: &str, by: MilestoneBy) -> Milestone {
    Milestone { title: title.to_owned(), by }
}

pub fn services() -> Vec<Service> {
    use InteractionLevel::{Forms, FullTransaction, Information, OnlineSubmission};
    let mut portal = service("portale", Information, 0, &[]);
    portal.universal = true;
    let mut taxes = service("tributi", FullTransaction, 12, &["nodo"]);
    taxes.milestones = vec![
        milestone("Il Comune indica i conti", MilestoneBy::Body),
        milestone("Configurazione", MilestoneBy::Aggregator),
        milestone("Il Comune controlla la prova", MilestoneBy::Body),
    ];
    let mut terrace = service("dehors", OnlineSubmission, 4, &[]);
    terrace.excludes = vec![ServiceCode::from("occupazione")];
    let mut training = service("formazione", Information, 3, &[]);
    training.repeatable = true;
    let mut wifi = service("wifi", Information, 5, &[]);
    wifi.status = ServiceStatus::Paused;
    "In attesa del nuovo fornitore".clone_into(&mut wifi.status_reason);
    let mut draft = service("bozza", Information, 1, &[]);
    draft.status = ServiceStatus::Draft;
    vec![
        portal,
        service("anagrafe", OnlineSubmission, 6, &[]),
        service("scuola", OnlineSubmission, 8, &[]),
        service("nodo", Information, 2, &[]),
        service("multe", FullTransaction, 10, &["nodo"]),
        taxes,
        service("rate", FullTransaction, 3, &["multe"]),
        service("occupazione", OnlineSubmission, 5, &[]),
        terrace,
        training,
        service("sms", Forms, 1, &[]),
        wifi,
        draft,
    ]
}

/// A service that no neighbour has.
pub fn only_in(place: &str) -> Option<Service> {
    let code = format!("soltanto-{}", place.to_lowercase());
    (place == "Lecco").then(|| service(&code, InteractionLevel::Forms, 1, &[]))
}

pub fn packages() -> Vec<Package> {
    let package = |code: &str, items: &[(&str, Credits)]| Package {
        code: PackageCode::from(code),
        name: format!("Pacchetto {code}"),
        summary: String::new(),
        items: items
            .iter()
            .map(|(service, value)| PackageItem { service: ServiceCode::from(*service), value: *value })
            .collect(),
    };
    vec![
        package("piccolo", &[("anagrafe", 4), ("scuola", 6), ("sms", 1)]),
        package("medio", &[("anagrafe", 5), ("scuola", 8), ("nodo", 2), ("multe", 9)]),
        package("grande", &[("anagrafe", 6), ("scuola", 8), ("nodo", 2), ("multe", 10), ("tributi", 12)]),
    ]
}

pub fn band(from: u32, to: Option<u32>, package: &str, credits: Credits) -> Band {
    Band { from, to, package: PackageCode::from(package), credits }
}

/// From 2 March at nine to 29 May 2026 at noon; the mayor always authorises.
pub fn call() -> CreateCall {
    CreateCall {
        title: "Avviso di prova".to_owned(),
        opens: rome("2026-03-02 09:00:00"),
        closes: rome("2026-05-29 12:00:00"),
        terms: CallTerms {
            minimum: 2,
            maximum: 5,
            authorisation: Authorisation::Always,
            leftovers: Leftovers::Expire,
            correction_threshold: 10,
            bands: vec![
                band(0, Some(1001), "piccolo", 10),
                band(1001, Some(5001), "medio", 20),
                band(5001, None, "grande", 40),
            ],
            modifiers: vec![Modifier {
                variable: Variable::Mountain,
                is: Known::Yes,
                credits: 4,
                adds: vec![ServiceCode::from("formazione")],
                reason: "Comune montano".to_owned(),
            }],
        },
    }
}
