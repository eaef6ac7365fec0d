//! Detections: rules as files, matched against events as they arrive and over what is stored, and what becomes of what they
//! find.
//!
//! - [`rule`]: the schema of a rule file, read with positions; rules of ours, of users' folders, and Sigma.
//! - [`attack`]: the tactics and techniques that rules name.
//! - [`memory`]: what rules remember from event to event, behind a trait; [`held`] keeps it in memory.
//! - [`finding`]: what a rule finds.

pub mod attack;
mod batch;
pub mod compile;
mod detector;
pub mod fields;
pub mod finding;
pub mod held;
pub mod matcher;
pub mod memory;
mod modes;
pub mod rule;
pub mod testing;

pub use attack::Attack;
pub use detector::{Broken, DetectError, Detector};
pub use finding::{Evidence, Finding, GroupValue};
pub use held::Held;
pub use memory::{Memory, MemoryError};
pub use rule::{Rule, Severity};
