//! Who takes part in the demonstration: roles, never names of people.

use model::calendar::Instant;
use model::people::{Period, Role, RoleHeld};
use model::territory::Body;

use super::DemoError;
use super::stage::Stage;
use crate::imports::people::{Appoint, Appointment, title};

/// Services of these areas have the second operator.
const PLATFORMS: [&str; 3] = ["piattaforme-abilitanti", "formazione-assistenza", "infrastrutture-sito"];

pub const ADMINISTRATOR: &str = "amministratore@example.org";
pub const SECOND_ADMINISTRATOR: &str = "amministratore.vicario@example.org";
const OPERATOR: &str = "operatore@example.org";
const SECOND_OPERATOR: &str = "operatore.piattaforme@example.org";

/// The municipalities whose people stand on the sign-in page: of middle size, large, and very small.
pub const BELLAGIO: &str = "013250";
const CANTU: &str = "013041";
pub const SAN_BARTOLOMEO: &str = "013204";
/// Municipalities that a facilitator looks after.
const FACILITATED: [&str; 5] = [SAN_BARTOLOMEO, "013062", "013233", "013092", BELLAGIO];

/// The operator of a service.
pub fn operator(area: &str) -> &'static str {
    if PLATFORMS.contains(&area) { SECOND_OPERATOR } else { OPERATOR }
}

pub fn officer(body: &Body) -> String {
    format!("referente.{}@example.org", plain(&body.name))
}

pub fn mayor(body: &Body) -> String {
    format!("sindaco.{}@example.org", plain(&body.name))
}

/// Makes the personas, and the people of the other bodies that the history speaks of.
pub async fn enter(stage: &mut Stage, others: &[String]) -> Result<(), DemoError> {
    let mut appointments = Vec::new();
    for istat in [BELLAGIO, CANTU, SAN_BARTOLOMEO] {
        let body = stage.body(istat).await?;
        appointments.extend(people(&body, true));
    }
    let mut facilitated = Vec::new();
    for istat in FACILITATED {
        let body = Some(stage.body(istat).await?.id);
        facilitated.push(RoleHeld { role: Role::Facilitator, body });
    }
    appointments.extend(of_the_aggregator(facilitated));
    for istat in others {
        let body = stage.body(istat).await?;
        appointments.extend(people(&body, false));
    }
    let now = stage.marketplace.clock.now();
    for appointment in &mut appointments {
        appointment.password_hash.clone_from(&stage.password_hash);
        appointment.period = Period::beginning(now);
    }
    let emails: Vec<_> = appointments.iter().map(|who| who.email.clone()).collect();
    let unit = Appoint { appointments, now };
    let appointed = stage.marketplace.write(stage.tenant, unit).await?;
    let ids = appointed.iter().map(|done| done.person());
    stage.people = emails.into_iter().zip(ids).collect();
    Ok(())
}

fn appointment(email: &str, name: String, roles: Vec<RoleHeld>, persona: bool) -> Appointment {
    let period = Period::beginning(Instant(0));
    Appointment { email: email.to_owned(), name, roles, period, password_hash: String::new(), persona }
}

/// Officer and mayor of a body; in the smallest the mayor prepares, too.
fn people(body: &Body, persona: bool) -> [Appointment; 2] {
    let on = |role| RoleHeld { role, body: Some(body.id) };
    let name = |role: &str| format!("{role}, {}", body.title());
    let (mayor_name, mayor_roles) = if body.istat == SAN_BARTOLOMEO {
        let roles = vec![on(Role::Mayor), on(Role::Officer)];
        (name("Sindaco e referente"), roles)
    } else {
        (name(title(Role::Mayor)), vec![on(Role::Mayor)])
    };
    [
        appointment(&officer(body), name(title(Role::Officer)), vec![on(Role::Officer)], persona),
        appointment(&mayor(body), mayor_name, mayor_roles, persona),
    ]
}

fn of_the_aggregator(facilitated: Vec<RoleHeld>) -> Vec<Appointment> {
    let one = |email, name: &str, role| {
        let held = RoleHeld { role, body: None };
        appointment(email, name.to_owned(), vec![held], true)
    };
    vec![
        one(OPERATOR, "Operatore, Provincia di Como", Role::Operator),
        one(SECOND_OPERATOR, "Operatore piattaforme, Provincia di Como", Role::Operator),
        one(ADMINISTRATOR, "Amministratore, Provincia di Como", Role::Administrator),
        one(SECOND_ADMINISTRATOR, "Amministratore vicario, Provincia di Como", Role::Administrator),
        one("osservatore@example.org", "Osservatore, Regione Lombardia", Role::Observer),
        appointment(
            "facilitatore@example.org",
            "Facilitatore, Valli del Lario".to_owned(),
            facilitated,
            true,
        ),
    ]
}

/// A name as part of an address: “Cantù” is “cantu”, “Lurago d'Erba” is “lurago-d-erba”.
fn plain(name: &str) -> String {
    let letters: String = name
        .to_lowercase()
        .chars()
        .map(|c| match c {
            'à' => 'a',
            'è' | 'é' => 'e',
            'ì' => 'i',
            'ò' => 'o',
            'ù' => 'u',
            c if c.is_ascii_alphanumeric() => c,
            _ => '-',
        })
        .collect();
    let parts: Vec<_> = letters.split('-').filter(|part| !part.is_empty()).collect();
    parts.join("-")
}
