//! *Quadro dell'avviso*: the whole call, in a fixed number of statements however many bodies there are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::access::{Permission, may};
use model::api::calls::{
    Board, BoardOrder, BoardRow, Call, Cell, Matrix, MatrixRow, PackageRef, Progress, ProgressCount,
    ReadBoard, ReadMatrix,
};
use model::api::submissions::SubmissionState;
use model::api::{ApiError, Problem};
use model::basket::{Choice, Situation};
use model::calendar::Instant;
use model::catalogue::{PackageItem, ServiceStatus};
use model::credits::Account;
use model::ids::{BodyId, ServiceCode};
use model::requests::State;
use model::territory::Body;

use crate::baskets::body_in_call::{body_ref, choice_that_counts, window};
use crate::context::{Handler, RequestContext};
use model::clock::doubt;
use store::{Catalogue, ExtensionRow, StoreResult};

/// Everything about every body of the call.
struct BoardData {
    call: Call,
    catalogue: Arc<Catalogue>,
    bodies: Vec<Body>,
    accounts: BTreeMap<BodyId, Account>,
    assignments: BTreeMap<BodyId, store::AssignmentRow>,
    items: BTreeMap<BodyId, Vec<PackageItem>>,
    choices: BTreeMap<BodyId, Choice>,
    dropped: BTreeMap<BodyId, BTreeSet<ServiceCode>>,
    requests: BTreeMap<BodyId, Vec<(ServiceCode, State)>>,
    overdue: BTreeMap<BodyId, u32>,
    submissions: BTreeMap<BodyId, Vec<SubmissionState>>,
    extensions: BTreeMap<BodyId, ExtensionRow>,
}

impl BoardData {
    async fn read(ctx: &mut RequestContext<'_>) -> Result<Self, Problem> {
        let call = ctx.tx.current_call().await?.ok_or(ApiError::NotFound)?.call()?;
        let accounts = ctx.tx.accounts(call.id).await?;
        let assignments = ctx.tx.assignments(call.id).await?;
        let mut items: BTreeMap<BodyId, Vec<PackageItem>> = BTreeMap::new();
        for row in ctx.tx.all_assigned_items(call.id).await? {
            let item = PackageItem { service: row.service, value: row.value };
            items.entry(row.body).or_default().push(item);
        }
        let mut requests: BTreeMap<BodyId, Vec<(ServiceCode, State)>> = BTreeMap::new();
        let mut overdue: BTreeMap<BodyId, u32> = BTreeMap::new();
        for row in ctx.tx.requests_of_call(call.id).await? {
            if row.stopped_on.is_none() && row.due.is_some_and(|due| due < ctx.today()) {
                *overdue.entry(row.body).or_default() += 1;
            }
            let state = row.state;
            requests.entry(row.body).or_default().push((row.service, state));
        }
        let mut submissions: BTreeMap<BodyId, Vec<SubmissionState>> = BTreeMap::new();
        for (body, state) in ctx.tx.submission_states(call.id).await? {
            submissions.entry(body).or_default().push(state);
        }
        Ok(Self {
            catalogue: ctx.tx.catalogue().await?,
            bodies: ctx.tx.joined_bodies().await?,
            accounts: accounts.iter().map(|row| (row.body, row.account())).collect(),
            assignments: assignments.into_iter().map(|row| (row.body, row)).collect(),
            items,
            choices: ctx.tx.choices(call.id).await?,
            dropped: ctx.tx.dropped_for_good(call.id).await?,
            requests,
            overdue,
            submissions,
            extensions: ctx.tx.extensions(call.id).await?.into_iter().map(|row| (row.body, row)).collect(),
            call,
        })
    }

    fn situation(&self, body: BodyId) -> Situation<'_> {
        Situation {
            services: &self.catalogue.services,
            package: self.items.get(&body).cloned().unwrap_or_default(),
            dropped_for_good: self.dropped.get(&body).cloned().unwrap_or_default(),
            requests: self.requests.get(&body).cloned().unwrap_or_default(),
            account: self.accounts.get(&body).copied().unwrap_or_default(),
            high: self.call.terms.high(),
            open: true,
            waiting: false,
        }
    }

    fn progress(&self, body: BodyId) -> Progress {
        let states = self.submissions.get(&body).map(Vec::as_slice).unwrap_or_default();
        if states.contains(&SubmissionState::AwaitingAuthorisation) {
            Progress::AwaitingAuthorisation
        } else if states.contains(&SubmissionState::Authorised) {
            Progress::Submitted
        } else if !self.assignments.contains_key(&body) {
            Progress::Unassigned
        } else if self.choices.get(&body).is_some_and(|choice| !choice.is_empty()) || !states.is_empty() {
            Progress::Composing
        } else {
            Progress::NotStarted
        }
    }

    fn row(&self, body: &Body, now: Instant) -> StoreResult<BoardRow> {
        let id = body.id;
        let assignment = self.assignments.get(&id);
        let package = assignment.and_then(|row| self.catalogue.package(&row.package));
        let choice = self.choices.get(&body.id).cloned().unwrap_or_default();
        let extension = self.extensions.get(&id);
        let window = window(&self.call, extension, now);
        let progress = self.progress(id);
        let waits = progress == Progress::AwaitingAuthorisation;
        let choice = choice_that_counts(&choice, window.closes, waits, now);
        Ok(BoardRow {
            body: body_ref(body),
            other_name: body.other_name.clone(),
            istat: body.istat.clone(),
            cadastral: body.cadastral.clone(),
            population: body.population,
            band: match assignment {
                Some(row) => row.explanation()?.band,
                None => None,
            },
            package_name: package.map(|package| package.name.clone()).unwrap_or_default(),
            account: self.accounts.get(&id).copied(),
            high: self.situation(body.id).judge(&choice).high,
            progress,
            closes: window.closes,
            extended: window.extension_reason.is_some(),
            overdue: self.overdue.get(&id).copied().unwrap_or(0),
        })
    }

    fn cell(&self, body: BodyId, code: &ServiceCode) -> Cell {
        let requests = self.requests.get(&body).map(Vec::as_slice).unwrap_or_default();
        let of_service = || requests.iter().filter(|(service, _)| service == code).map(|(_, state)| *state);
        let active = of_service().rev().find(|state| state.stands());
        if let Some(state) = active {
            return Cell::Request(state);
        }
        let in_package =
            self.items.get(&body).is_some_and(|items| items.iter().any(|item| item.service == *code));
        let gone = self.dropped.get(&body).is_some_and(|dropped| dropped.contains(code));
        match of_service().next_back() {
            _ if gone => Cell::Dropped,
            Some(state) if !in_package || !state.reopens_package_item() => Cell::Request(state),
            _ if in_package => Cell::Assigned,
            _ => Cell::Nothing,
        }
    }
}

impl Handler for ReadBoard {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<Board, Problem> {
        let sheet = BoardData::read(ctx).await?;
        let proposals = match may(&ctx.caller, Permission::ConfirmProposal, None) {
            Ok(()) => ctx.tx.count_waiting_proposals(None, ctx.actor()).await?.1,
            Err(_) => 0,
        };
        let mut rows =
            sheet.bodies.iter().map(|body| sheet.row(body, ctx.now)).collect::<StoreResult<Vec<_>>>()?;
        let counts = Progress::ALL
            .into_iter()
            .map(|progress| {
                let bodies = rows.iter().filter(|row| row.progress == progress).count();
                ProgressCount { progress, bodies: u32::try_from(bodies).unwrap_or(u32::MAX) }
            })
            .collect();
        let totals = rows.iter().filter_map(|row| row.account).fold(Account::default(), |sum, one| Account {
            granted: sum.granted + one.granted,
            held: sum.held + one.held,
            spent: sum.spent + one.spent,
            pledged: sum.pledged + one.pledged,
        });
        let may_act = may(&ctx.caller, Permission::ExtendBody, None).is_ok();
        let clock_doubt = if may_act { doubt(ctx.now, ctx.tx.clock_noted().await?) } else { None };
        rows.retain(|row| self.progress.is_none_or(|progress| row.progress == progress));
        sort(&mut rows, self.order);
        Ok(Board {
            call: window(&sheet.call, None, ctx.now),
            counts,
            totals,
            rows,
            packages: sheet
                .catalogue
                .packages
                .iter()
                .map(|package| PackageRef { code: package.code.clone(), name: package.name.clone() })
                .collect(),
            may_act,
            proposals,
            clock_doubt,
        })
    }
}

fn sort(rows: &mut [BoardRow], order: BoardOrder) {
    use std::cmp::Reverse;
    match order {
        BoardOrder::Name => {}
        BoardOrder::Population => rows.sort_by_key(|row| Reverse(row.population)),
        BoardOrder::Progress => rows.sort_by_key(|row| row.progress),
        BoardOrder::Available => {
            rows.sort_by_key(|row| Reverse(row.account.map(|account| account.available())));
        }
        BoardOrder::Late => rows.sort_by_key(|row| (Reverse(row.overdue), row.progress, row.closes)),
    }
}

impl Handler for ReadMatrix {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<Matrix, Problem> {
        let sheet = BoardData::read(ctx).await?;
        let mut services: Vec<_> = sheet
            .catalogue
            .services
            .values()
            .filter(|service| service.status != ServiceStatus::Draft)
            .collect();
        let position = |service: &model::catalogue::Service| {
            sheet.catalogue.areas.iter().position(|area| area.code == service.area)
        };
        services.sort_by(|a, b| (position(a), &a.name).cmp(&(position(b), &b.name)));
        let row = |body: &Body| MatrixRow {
            body: body_ref(body),
            cells: services.iter().map(|service| sheet.cell(body.id, &service.code)).collect(),
        };
        Ok(Matrix {
            call_title: sheet.call.title.clone(),
            rows: sheet.bodies.iter().map(row).collect(),
            services: services.iter().map(|service| service.reference()).collect(),
        })
    }
}
