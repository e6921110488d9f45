//! The store: all SQL of the server is in this crate, and [`Store::write`] is the only way to change anything.
//!
//! On SQLite one task owns the writing connection. It takes the units of work that wait into one transaction, a savepoint
//! each, and answers after COMMIT: one fsync serves many, a caller that goes away cancels nothing, and a unit of work that
//! is refused or panics undoes only itself. On PostgreSQL, which does the same by itself, each unit of work has a task and
//! a transaction of its own, and is tried again when the database asks for it. The SQL is the same for both; what
//! differs stands in `dialect.rs`. Reads see all as it was at one instant, and can't write.
//!
//! Each module imports only from those above it in this list; `tests/order.rs` of the server checks it.

pub mod hashing;
mod search;
mod catalogue_cache;

mod database;
mod installation;
mod idempotency;

mod catalogue;
mod people;
mod bodies;
mod baskets;
mod credits;
mod calls;
mod submissions;
mod requests;
mod security;
mod outbox;

mod transfer;

pub use baskets::BasketRow;
pub use bodies::{AggregatorRow, MunicipalityRow};
pub use calls::assignment::AssignmentRow;
pub use calls::board::{BoardBodyRow, MatrixRequestRow};
pub use calls::{CallRow, ExtensionRow};
pub use catalogue_cache::Catalogue;
pub use credits::ledger::BookRow;
pub use credits::proposals::{NewAssignment, NewProposal, ProposalRow};
pub use credits::{AccountRow, EntryRow, HoldRow};
pub use database::address::Address;
pub use database::backup;
pub use database::error::{StoreError, StoreResult};
pub use database::open_error::OpenError;
pub use database::writer::UnitOfWork;
pub use database::{Scope, Store, Transaction};
pub use idempotency::{AuthorizedBody, IdempotencyRecord};
pub use installation::Demonstration;
pub use outbox::{Effect, LeasedEffect, OutboxRow, Outcome};
pub use people::sessions::{CallerFound, NewSession, SessionRow};
pub use people::sign_in::TriesRow;
pub use people::{PersonRow, RoleRow};
pub use requests::news::NewsRow;
pub use requests::queue::{QueueBodyRow, QueueFilter, TallyRow};
pub use requests::timeline::{MilestoneRow, NewStep, StepRow};
pub use requests::{CheckedRequestRow, QueueRow, RequestRecord};
pub use search::Index;
pub use security::{EventFilter, EventRow, NewEvent};
pub use submissions::{NewLine, SubmissionLineRow, SubmissionRow, number as submission_number};
pub use transfer::copy;
pub use transfer::error::CopyError;
pub use transfer::export::Digest;

pub(crate) use database::error::{from_json, parse_column, to_json};
pub(crate) use database::sql::{counted, sql};
