//! The scripted events: the investigations that the samples carry, the changes that the 14 controls watch, and Insights.
//!
//! They are the same in number and content whatever the amount of background traffic, and the background never adds to
//! their counts. `docs/investigations.md` is the guide to them: keep its figures and the tests in step with this folder.

mod chain;
mod controls;
mod denied;
mod event;
mod frothly;
mod insight;
mod leaked_key;
mod sign_in;
mod two_continents;

use crate::rng;

/// One scripted event: where and when it is delivered, and its JSON.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scripted {
    pub(crate) account: &'static str,
    pub(crate) region: &'static str,
    pub(crate) folder: &'static str,
    /// Unix time in seconds.
    pub(crate) time: i64,
    pub(crate) json: Vec<u8>,
}

/// The days before the end in which nobody but story A is denied anything or meets an IAM error. The first view covers
/// seven; two more keep its edge clear when it is rounded to whole days in any time zone.
pub(crate) const QUIET_DAYS: i64 = 9;

pub(crate) const DAY: i64 = 86_400;

/// What the demo has beside the stories, over the week before `end`.
pub(crate) fn week(seed: u64, end: i64) -> Vec<Scripted> {
    two_continents::events(rng::fold(&[seed, rng::fold_str("two continents")]), end)
}

/// All scripted events of a run that ends at `end` (Unix seconds), the most important first: where fewer events are
/// asked for than there are here, the rest falls away.
pub(crate) fn all(seed: u64, end: i64) -> Vec<Scripted> {
    let own = |name| rng::fold(&[seed, rng::fold_str(name)]);
    let mut list = leaked_key::events(own("leaked key"), end);
    list.extend(frothly::events(own("frothly")));
    list.extend(sign_in::events(own("sign-in"), end));
    list.extend(denied::events(own("denied"), end));
    list.extend(chain::events(own("chain"), end));
    list.extend(controls::events(own("controls"), end));
    list.extend(insight::events(own("insight"), end));
    list
}
