//! Detections: rules as files, matched against events as they arrive and over what is stored, and what becomes of what they
//! find.
//!
//! - [`rule`]: the schema of a rule file, read with positions; rules of ours, of users' folders, and Sigma.
//! - [`attack`]: the tactics and techniques that rules name.
//! - [`memory`]: what rules remember from event to event, behind a trait; [`held`] keeps it in memory.
//! - [`finding`]: what a rule finds.
//! - [`store`]: alerts and their life, exceptions, users' rules, what rules remember, messages to the outside.
//! - [`Detections`]: the rules that run, over the store: watching what comes in, schedules, replay.
//! - [`scan`]: the rules over logs that nobody keeps, and the report of it.
//! - [`sinks`]: where alerts go.

pub mod attack;
mod batch;
pub mod compile;
mod detections;
mod detector;
pub mod fields;
pub mod finding;
mod follow;
pub mod health;
pub mod held;
pub mod matcher;
pub mod matrix;
pub mod memory;
mod modes;
mod replay;
pub mod rule;
mod save;
pub mod scan;
mod schedule;
pub mod sinks;
pub mod store;
pub mod testing;
mod watch;
mod words;

pub use attack::Attack;
pub use detections::{Asking, Detections, Enriching, Error, Sources, Watched};
pub use detector::{Broken, DetectError, Detector};
pub use finding::{Evidence, Finding, GroupValue};
pub use follow::Followed;
pub use held::Held;
pub use memory::{Memory, MemoryError};
pub use replay::{Period, Replayed, ReplayedGroup, replay};
pub use rule::{Rule, Severity};
pub use save::{Search, SearchFilter};
pub use watch::Ticket;
