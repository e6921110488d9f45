//! `server security-log export`: the security log as a file, for other tools.

use std::io::Write as _;

use clap::{Args, Subcommand, ValueEnum};
use model::api::security::{ReadSecurityEvents, SecurityEvent};
use model::calendar::Day;

use super::cli_context::CliContext;
use super::read_day;
use crate::http::exports::harmless;

#[derive(Subcommand)]
pub enum OfSecurityLog {
    /// Write the log to the standard output, oldest events first
    Export(Export),
}

#[derive(Args)]
pub struct Export {
    /// The first day, in Rome
    #[arg(long, value_name = "DAY", value_parser = read_day)]
    from: Option<Day>,
    /// The last day, in Rome
    #[arg(long, value_name = "DAY", value_parser = read_day)]
    to: Option<Day>,
    #[arg(long, value_enum, default_value = "csv")]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// With commas, and a line of titles
    Csv,
    /// A JSON document on each line, as the API tells events
    Jsonl,
}

impl OfSecurityLog {
    pub async fn run(self, cli: &CliContext) -> Result<String, String> {
        let Self::Export(Export { from, to, format }) = self;
        let mut after = None;
        let mut first = true;
        loop {
            let read = ReadSecurityEvents { from, to, after, ..ReadSecurityEvents::default() };
            let page = cli.execute(read).await?;
            let text = match format {
                Format::Csv => csv(&page.events, first)?,
                Format::Jsonl => jsonl(&page.events)?,
            };
            // Page by page: the whole log may be larger than the memory.
            std::io::stdout()
                .lock()
                .write_all(&text)
                .map_err(|error| format!("The log can't be written: {error}."))?;
            (after, first) = (page.next, false);
            if after.is_none() {
                return Ok(String::new());
            }
        }
    }
}

const TITLES: [&str; 13] = [
    "id",
    "at",
    "kind",
    "actor",
    "actor_name",
    "source",
    "operation",
    "body",
    "subject_kind",
    "subject",
    "outcome",
    "credits",
    "times",
];

fn csv(events: &[SecurityEvent], titles: bool) -> Result<Vec<u8>, String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    if titles {
        writer.write_record(TITLES).map_err(|error| format!("The log can't be written: {error}."))?;
    }
    for event in events {
        let number = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
        let cells: [String; 13] = [
            event.id.to_string(),
            event.at.to_string(),
            event.kind.name().to_owned(),
            number(event.actor.as_ref().map(|actor| actor.id.0)),
            event.actor.as_ref().map(|actor| actor.name.clone()).unwrap_or_default(),
            event.source.clone(),
            event.operation.clone(),
            number(event.body.map(|body| body.0)),
            event.subject.as_ref().map(|subject| subject.kind.clone()).unwrap_or_default(),
            number(event.subject.as_ref().map(|subject| subject.id)),
            event.outcome.clone(),
            event.credits.to_string(),
            event.times.to_string(),
        ];
        let written = writer.write_record(cells.iter().map(|cell| harmless(cell)));
        written.map_err(|error| format!("The log can't be written: {error}."))?;
    }
    writer.into_inner().map_err(|error| format!("The log can't be written: {error}."))
}

fn jsonl(events: &[SecurityEvent]) -> Result<Vec<u8>, String> {
    let mut text = Vec::new();
    for event in events {
        serde_json::to_writer(&mut text, event)
            .map_err(|error| format!("The log can't be written: {error}."))?;
        text.push(b'\n');
    }
    Ok(text)
}
