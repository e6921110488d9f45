//! The history as a document: two calls, and what some bodies did in them, day by day and action by action.
//!
//! Days are working days from the opening of the present call, before it negative.

use model::basket::Change;
use model::calendar::{Day, Instant};
use model::catalogue::Service;
use model::credits::Credits;
use model::ids::{PackageCode, ServiceCode};
use model::requests::Event;
use serde::Deserialize;

use super::files::file;
use super::{DemoError, working_day};
use crate::imports::document;
use store::Catalogue;

const FILE: &str = "history.toml";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct History {
    pub pilot: Pilot,
    pub call: Present,
    #[serde(rename = "story")]
    pub stories: Vec<Story>,
}

/// The first call, with a few bodies: from it some services are live already.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pilot {
    pub title: String,
    pub bodies: Vec<String>,
    pub opens: i32,
    pub closes: i32,
    /// Days on which the clock is heard: what is due by then happens.
    pub beats: Vec<i32>,
    pub archived: i32,
}

/// The call that is open: it opens on day 0.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Present {
    pub closes: i32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Story {
    pub body: String,
    pub steps: Vec<ScriptedStep>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScriptedStep {
    pub day: i32,
    /// On the clocks in Rome: "09:30".
    pub at: String,
    pub action: ScriptedAction,
    #[serde(default)]
    pub services: Vec<ServiceCode>,
    /// Reason, message or note.
    #[serde(default)]
    pub text: String,
    /// The day on which an activation ends, or until which a body has time.
    #[serde(default)]
    pub until: i32,
    #[serde(default)]
    pub credits: Credits,
    #[serde(default)]
    pub package: PackageCode,
}

/// An action by its name: those of the operations, and [`Whole`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum ScriptedAction {
    OnBasket(Change),
    OnSubmission(OnSubmission),
    ByAdministrator(ByAdministrator),
    Whole(Whole),
    OnRequest(Event),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnSubmission {
    Submit,
    Authorise,
    SendBack,
    WithdrawSubmission,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ByAdministrator {
    ExtendBody,
    /// What is above the threshold one administrator proposes and the other confirms.
    GrantExtra,
    Correct,
    /// A correction that the other administrator proposes, and that still waits.
    Propose,
    AssignByHand,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whole {
    /// Start, every milestone and going live, spread evenly up to the day `until`.
    Activate,
}

/// One step of a body's story, in its time.
#[derive(Clone, Debug)]
pub struct Cue {
    pub at: Instant,
    pub body: String,
    pub step: ScriptedStep,
}

/// The instant of a day of the history.
pub fn instant(opening: Day, day: i32, hour: u8, minute: u8) -> Instant {
    Instant::from_rome(working_day(opening, day), hour, minute, 0)
}

impl History {
    pub fn read() -> Result<Self, DemoError> {
        Ok(document(FILE, file(FILE))?)
    }

    /// Every step of every story, in the order of time; on the same instant in the order of the document.
    pub fn cues(&self, opening: Day, catalogue: &Catalogue) -> Result<Vec<Cue>, DemoError> {
        let mut cues = Vec::new();
        for story in &self.stories {
            for step in &story.steps {
                for step in spread(step, catalogue) {
                    cues.push(Cue { at: time(opening, &step)?, body: story.body.clone(), step });
                }
            }
        }
        cues.sort_by_key(|cue| cue.at);
        Ok(cues)
    }
}

fn time(opening: Day, step: &ScriptedStep) -> Result<Instant, DemoError> {
    let clock = step.at.split_once(':').and_then(|(hour, minute)| {
        let (hour, minute) = (hour.parse().ok()?, minute.parse().ok()?);
        (hour < 24 && minute < 60).then_some((hour, minute))
    });
    let (hour, minute) = clock.ok_or_else(|| DemoError::Hour { file: FILE, found: step.at.clone() })?;
    Ok(instant(opening, step.day, hour, minute))
}

/// An activation as its single events; any other step as it is.
fn spread(step: &ScriptedStep, catalogue: &Catalogue) -> Vec<ScriptedStep> {
    if step.action != ScriptedAction::Whole(Whole::Activate) {
        return vec![step.clone()];
    }
    let mut steps = Vec::new();
    for code in &step.services {
        let service = catalogue.services.get(code);
        let milestones = service.map_or(0, |service: &Service| service.milestones.len());
        let events = [Event::Start]
            .into_iter()
            .chain(std::iter::repeat_n(Event::CompleteMilestone, milestones))
            .chain([Event::GoLive]);
        let last = i32::try_from(milestones + 1).unwrap_or(1);
        for (position, event) in (0..).zip(events) {
            steps.push(ScriptedStep {
                day: step.day + (step.until - step.day) * position / last,
                action: ScriptedAction::OnRequest(event),
                services: vec![code.clone()],
                ..step.clone()
            });
        }
    }
    steps
}
