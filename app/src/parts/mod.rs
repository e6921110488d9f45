//! Bootstrap Italia, in pieces that know no area. Their markup and classes are those of `style/parts`.
//!
//! A piece holds neither rule nor address, and no style attribute: the content policy forbids it.

mod alert;
mod badge;
mod button;
mod chips;
mod clock;
mod empty;
mod facts;
mod field;
mod filter_form;
mod fold;
mod gone;
mod icon;
mod live_form;
mod meter;
mod page;
mod pagination;
mod reason;
mod steps;
mod table;
mod take_focus;
mod timeline;

pub use alert::{Alert, Happened, Tone};
pub use badge::{Badge, CallBadge, LateBadge, Shade, StateBadge, SubmissionBadge};
pub use button::{Button, Look};
pub use chips::{Chip, Chips};
pub use clock::clock_doubt;
pub use empty::Empty;
pub use facts::{Fact, FactRows, Facts};
pub use field::{Control, Field, Tick, escaped};
pub use filter_form::{FilterForm, Part, Search, Selection, settle};
pub use fold::Fold;
pub use gone::gone;
pub use icon::Icon;
pub use live_form::{LiveForm, came_back, changed_since};
pub use meter::{CreditFigures, Figure, Figures, Meter};
pub use page::{Breadcrumb, Crumb, Heading, Page, provide_arrival};
pub use pagination::Pagination;
pub use reason::Reason;
pub use steps::{ListStep, StepStage, Steps};
pub use table::{Column, Row, Table};
pub use take_focus::take_focus;
pub use timeline::{Moment, Timeline};
