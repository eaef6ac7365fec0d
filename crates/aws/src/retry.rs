//! How often a call is repeated, and after which wait: exponential, with jitter, so that many callers do not come back at once.

use std::time::Duration;

use rand::Rng;

use crate::ErrorKind;

const MOST: Duration = Duration::from_secs(8);

/// The repetitions of one call.
#[derive(Debug, Default)]
pub(crate) struct Retry {
    attempts: u32,
    renewed: bool,
    set_right: bool,
}

impl Retry {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// The wait before the next attempt; `None`: the error is the answer.
    pub(crate) fn after(&mut self, kind: ErrorKind, asked: Option<Duration>) -> Option<Duration> {
        self.attempts += 1;
        let (base, most) = match kind {
            ErrorKind::Throttled => (400, 6),
            ErrorKind::Unavailable => (100, 4),
            // Once: with fresh credentials, with the clock set right.
            ErrorKind::Expired => return (!std::mem::replace(&mut self.renewed, true)).then_some(Duration::ZERO),
            ErrorKind::Skewed => return (!std::mem::replace(&mut self.set_right, true)).then_some(Duration::ZERO),
            ErrorKind::Denied | ErrorKind::NotFound | ErrorKind::Elsewhere | ErrorKind::Invalid => return None,
        };
        if self.attempts >= most {
            return None;
        }
        let ceiling = Duration::from_millis(base << self.attempts.min(6)).min(MOST);
        let wait = ceiling.mul_f64(rand::rng().random_range(0.5..1.0));
        Some(asked.map_or(wait, |asked| asked.clamp(wait, MOST)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempts(kind: ErrorKind) -> usize {
        let mut retry = Retry::new();
        1 + std::iter::from_fn(|| retry.after(kind, None)).take(100).count()
    }

    #[test]
    fn what_may_succeed_later_is_repeated() {
        assert_eq!(attempts(ErrorKind::Throttled), 6);
        assert_eq!(attempts(ErrorKind::Unavailable), 4);
        assert_eq!(attempts(ErrorKind::Expired), 2);
        assert_eq!(attempts(ErrorKind::Skewed), 2);
        for kind in [ErrorKind::Denied, ErrorKind::NotFound, ErrorKind::Elsewhere, ErrorKind::Invalid] {
            assert_eq!(attempts(kind), 1, "{kind:?}");
        }
    }

    #[test]
    fn waits_grow_and_end() {
        let mut retry = Retry::new();
        let waits: Vec<_> = std::iter::from_fn(|| retry.after(ErrorKind::Throttled, None)).collect();
        assert!(waits.iter().all(|wait| *wait <= MOST) && waits[0] < waits[4], "{waits:?}");
        let mut asked = Retry::new();
        assert_eq!(asked.after(ErrorKind::Throttled, Some(Duration::from_secs(3))), Some(Duration::from_secs(3)));
        assert_eq!(asked.after(ErrorKind::Throttled, Some(Duration::from_secs(900))), Some(MOST));
    }
}
