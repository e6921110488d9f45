//! `server assign`: the rule at work, and what it leaves to people.

use std::fmt::Write as _;

use clap::Args;
use model::api::calls::{Assign, AssignmentLine, AssignmentOutcome, AssignmentReport};
use model::calls::CallStatus;

use super::call::Which;
use super::cli_context::CliContext;
use super::sentences::counted;

#[derive(Args)]
pub struct AssignByRule {
    /// Say who would get what, and change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    which: Which,
}

impl AssignByRule {
    pub async fn run(self, cli: &CliContext) -> Result<String, String> {
        let fitting = [CallStatus::Open, CallStatus::Draft, CallStatus::Closed];
        let call = self.which.find(cli, &fitting).await?;
        let trial = cli.execute(Assign { call, dry_run: true, seen: None }).await?;
        if self.dry_run {
            return Ok(format_report(&trial));
        }
        let report = cli.execute(Assign { call, dry_run: false, seen: Some(trial.effect) }).await?;
        Ok(format_report(&report))
    }
}

/// The report in sections: what was given, what somebody must decide, what somebody chose; then the sums.
fn format_report(report: &AssignmentReport) -> String {
    let mut text = String::new();
    let given =
        if report.dry_run { ["Would be assigned", "Would be changed"] } else { ["Assigned", "Changed"] };
    let sections = [
        (given[0], AssignmentOutcome::Assigned),
        (given[1], AssignmentOutcome::Changed),
        ("Left for a manual decision, since the population is unknown", AssignmentOutcome::PopulationUnknown),
        ("Kept as somebody chose it; the rule would give", AssignmentOutcome::Kept),
    ];
    for (title, outcome) in sections {
        section(&mut text, title, &of(report, outcome));
    }
    let count = |outcome| of(report, outcome).len();
    let _ = writeln!(
        text,
        "{}: {} assigned, {} changed, {} unchanged, {} kept, {} left for a manual decision.{}",
        counted(report.lines.len(), "joined body", "joined bodies"),
        count(AssignmentOutcome::Assigned),
        count(AssignmentOutcome::Changed),
        count(AssignmentOutcome::Unchanged),
        count(AssignmentOutcome::Kept),
        count(AssignmentOutcome::PopulationUnknown),
        if report.dry_run { " Nothing was changed." } else { "" }
    );
    text
}

fn of(report: &AssignmentReport, outcome: AssignmentOutcome) -> Vec<&AssignmentLine> {
    report.lines.iter().filter(|line| line.outcome == outcome).collect()
}

fn section(text: &mut String, title: &str, lines: &[&AssignmentLine]) {
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(text, "{title}:");
    for line in lines {
        let _ = write!(text, "  {}", line.body.title);
        if let (Some(package), Some(credits)) = (&line.package, line.credits) {
            let _ = write!(text, ": {package}, {credits} credits");
        }
        // A first assignment differs by all of it: that would say the same twice.
        if line.difference != 0 && line.outcome != AssignmentOutcome::Assigned {
            let _ = write!(text, " ({:+})", line.difference);
        }
        text.push('\n');
    }
}
