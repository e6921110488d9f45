//! What a person saw before acting: the form carries it, and the server compares it with what is true now.
//!
//! A figure that changed in between is a `conflict` that names the change, and nothing is done.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::api::calls::PackageRef;
use crate::api::submissions::{Line, LineKind};
use crate::basket::Change;
use crate::catalogue::{InteractionLevel, Service, ServiceRef, ServiceStatus};
use crate::credits::Credits;
use crate::ids::ServiceCode;
use crate::requests::State;

/// One fact that was shown. Written `add.pagamento-ici.3.4.published` (kind, service, credits, interaction level,
/// status), `available.40` or `high.3`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(with = "String", extend("examples" = ["add.pagamento-ici.3.4.published", "available.40", "high.3"]))
)]
#[serde(try_from = "String", into = "String")]
pub enum Seen {
    /// One line of a submission; a block that is asked twice stands twice.
    Line(SeenLine),
    /// Credits available to the body.
    Available(Credits),
    /// High-interactivity services in the result.
    High(u32),
}

/// A line of a submission, with what is true of its service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenLine {
    pub kind: LineKind,
    pub service: ServiceCode,
    /// Price of an addition, value of a drop.
    pub credits: Credits,
    pub level: InteractionLevel,
    pub status: ServiceStatus,
}

impl From<Seen> for String {
    fn from(seen: Seen) -> Self {
        match seen {
            Seen::Line(line) => [
                line.kind.name(),
                line.service.as_str(),
                &line.credits.to_string(),
                &u8::from(line.level).to_string(),
                line.status.name(),
            ]
            .join("."),
            Seen::Available(credits) => format!("available.{credits}"),
            Seen::High(count) => format!("high.{count}"),
        }
    }
}

impl TryFrom<String> for Seen {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::read(&text).ok_or("a figure that was shown, as the answer says it")
    }
}

impl Seen {
    fn read(text: &str) -> Option<Self> {
        let (what, rest) = text.split_once('.')?;
        match what {
            "available" => rest.parse().ok().map(Self::Available),
            "high" => rest.parse().ok().map(Self::High),
            kind => {
                let mut parts = rest.split('.');
                let line = SeenLine {
                    kind: LineKind::from_name(kind)?,
                    service: ServiceCode::from(parts.next()?),
                    credits: parts.next()?.parse().ok()?,
                    level: parts.next()?.parse::<u8>().ok()?.try_into().ok()?,
                    status: ServiceStatus::from_name(parts.next()?)?,
                };
                (parts.next().is_none() && line.service.is_well_formed()).then_some(Self::Line(line))
            }
        }
    }
}

/// The figures that a page shows of a submission, as its forms carry them.
pub fn figures(lines: &[Line], available: Credits, high: Option<u32>) -> Vec<Seen> {
    let line = |line: &Line| {
        Seen::Line(SeenLine {
            kind: line.kind,
            service: line.service.code.clone(),
            credits: line.credits,
            level: line.level,
            status: line.status,
        })
    };
    let of_lines = lines.iter().map(line);
    of_lines.chain([Seen::Available(available)]).chain(high.map(Seen::High)).collect()
}

/// What is not, or not any more, as it was seen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[cfg_attr(not(target_arch = "wasm32"), serde(tag = "what"))]
#[cfg_attr(target_arch = "wasm32", serde(rename = "tag:what"))]
pub enum Difference {
    /// A command on the basket that somebody else gave in the meantime.
    Basket {
        change: Change,
        service: ServiceRef,
    },
    /// So many lines of this kind for this service were seen, and so many are there.
    Lines {
        kind: LineKind,
        service: ServiceRef,
        seen: u32,
        now: u32,
    },
    Price {
        service: ServiceRef,
        seen: Credits,
        now: Credits,
    },
    /// What comes back for an item of the package.
    Value {
        service: ServiceRef,
        seen: Credits,
        now: Credits,
    },
    Level {
        service: ServiceRef,
        seen: InteractionLevel,
        now: InteractionLevel,
    },
    /// Paused, withdrawn or published; with the reason that the catalogue gives.
    Status {
        service: ServiceRef,
        now: ServiceStatus,
        reason: String,
    },
    /// Credits available to the body; `seen` is null where the sender did not say.
    Available {
        seen: Option<Credits>,
        now: Credits,
    },
    /// High-interactivity services in the result; `seen` is null where the sender did not say.
    High {
        seen: Option<u32>,
        now: u32,
    },
    /// Credits granted to the body; `seen` is null where the sender did not say.
    Granted {
        seen: Option<Credits>,
        now: Credits,
    },
    /// Version of the assignment rule.
    Rule {
        seen: u32,
        now: u32,
    },
    /// Bodies that a rule would give something to.
    Bodies {
        seen: u32,
        now: u32,
    },
    /// Credits that a rule or a proposal would move.
    Moved {
        seen: Credits,
        now: Credits,
    },
    /// What a rule or a proposal would change in the value of packages.
    PackageValue {
        seen: Credits,
        now: Credits,
    },
    /// The package of the body; null is none.
    Package {
        seen: Option<PackageRef>,
        now: Option<PackageRef>,
    },
    /// The rule would change other bodies now, or the same ones otherwise.
    RuleLines,
    /// A request that the action would touch, and that was not shown; its state now.
    RequestAdded {
        service: ServiceRef,
        state: State,
    },
    /// A request that the action would touch, and that is not as it was shown.
    RequestChanged {
        service: ServiceRef,
        state: State,
    },
    /// A request that was shown, and that the action would not touch any more.
    RequestRemoved {
        service: ServiceRef,
        state: State,
    },
    /// Who has the request.
    Owner {
        now: String,
    },
}

type Services = BTreeMap<ServiceCode, Service>;

/// Compares what was seen with the same figures as they are now; empty where nothing changed.
pub fn differences(seen: &[Seen], now: &[Seen], services: &Services) -> Vec<Difference> {
    let mut found = BTreeSet::new();
    let (before, after) = (by_service(seen), by_service(now));
    let none = Vec::new();
    for key in before.keys().chain(after.keys()) {
        let (before, after) = (before.get(key).unwrap_or(&none), after.get(key).unwrap_or(&none));
        if before.len() != after.len() {
            let (kind, code) = *key;
            let service = named(services, code);
            found.insert(Difference::Lines { kind, service, seen: count(before), now: count(after) });
        }
        found.extend(before.iter().zip(after).flat_map(|(before, after)| of_line(before, after, services)));
    }
    let available = |seen: &[Seen]| {
        seen.iter().find_map(|seen| if let Seen::Available(credits) = seen { Some(*credits) } else { None })
    };
    let high = |seen: &[Seen]| {
        seen.iter().find_map(|seen| if let Seen::High(count) = seen { Some(*count) } else { None })
    };
    let (was, is) = (available(seen), available(now));
    found.extend(is.filter(|_| was != is).map(|now| Difference::Available { seen: was, now }));
    let (was, is) = (high(seen), high(now));
    found.extend(is.filter(|_| was != is).map(|now| Difference::High { seen: was, now }));
    found.into_iter().collect()
}

/// Lines of one kind for one service, in their order.
type Lines<'s> = BTreeMap<(LineKind, &'s ServiceCode), Vec<&'s SeenLine>>;

fn by_service(seen: &[Seen]) -> Lines<'_> {
    let mut lines = Lines::new();
    for seen in seen {
        if let Seen::Line(line) = seen {
            lines.entry((line.kind, &line.service)).or_default().push(line);
        }
    }
    lines
}

fn of_line(seen: &SeenLine, now: &SeenLine, services: &Services) -> Vec<Difference> {
    let service = || named(services, &now.service);
    let mut found = Vec::new();
    if seen.credits != now.credits {
        let (was, is) = (seen.credits, now.credits);
        found.push(match now.kind {
            LineKind::Drop => Difference::Value { service: service(), seen: was, now: is },
            LineKind::Add | LineKind::Keep => Difference::Price { service: service(), seen: was, now: is },
        });
    }
    if seen.level != now.level {
        found.push(Difference::Level { service: service(), seen: seen.level, now: now.level });
    }
    if seen.status != now.status {
        let reason = services.get(&now.service).map(|service| service.status_reason.clone());
        let reason = reason.unwrap_or_default();
        found.push(Difference::Status { service: service(), now: now.status, reason });
    }
    found
}

fn named(services: &Services, code: &ServiceCode) -> ServiceRef {
    let unknown = || ServiceRef { code: code.clone(), name: code.0.clone() };
    services.get(code).map_or_else(unknown, Service::reference)
}

fn count(lines: &[&SeenLine]) -> u32 {
    u32::try_from(lines.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
#[path = "seen_tests.rs"]
mod tests;
