//! Acknowledgements by channel, as HTTP Event Collectors number them: from 0 up, for each channel by itself.
//!
//! A number is given when its delivery is safe, so it can be answered with yes as soon, and as often, as it is asked for. What
//! was given survives a restart: the journal knows the deliveries that it holds, and keeps the count of those drained.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Channels that are remembered; the one that rested longest is forgotten first, and its numbers are answered with no, so that
/// its sender sends again what is here already.
const CHANNELS: usize = 10_000;

/// The channels.
#[derive(Debug, Default)]
pub struct Acks(Mutex<HashMap<String, Channel>>);

#[derive(Debug, Default)]
struct Channel {
    issued: u64,
    drained: u64,
    used: i64,
}

impl Acks {
    /// The next number of a channel.
    pub(crate) fn issue(&self, channel: &str, now: i64) -> u64 {
        let mut channels = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if channels.len() >= CHANNELS && !channels.contains_key(channel) {
            let resting = channels.iter().min_by_key(|(_, channel)| channel.used).map(|(name, _)| name.clone());
            resting.map(|name| channels.remove(&name));
        }
        let channel = channels.entry(channel.to_owned()).or_default();
        channel.used = now;
        channel.issued += 1;
        channel.issued - 1
    }

    /// Whether the delivery of that number is safe.
    #[must_use]
    pub fn is_safe(&self, channel: &str, number: u64) -> bool {
        let channels = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        channels.get(channel).is_some_and(|channel| number < channel.issued)
    }

    /// A delivery of the channel has left the journal.
    pub(crate) fn drained(&self, channel: &str) {
        let mut channels = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(channel) = channels.get_mut(channel) {
            channel.drained += 1;
        }
    }

    /// What has to be kept for a restart: the deliveries of each channel that the journal does not know any more.
    pub(crate) fn keep(&self) -> serde_json::Value {
        let channels = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let drained = channels.iter().filter(|(_, channel)| channel.drained > 0);
        drained.map(|(name, channel)| (name.clone(), channel.drained.into())).collect::<serde_json::Map<_, _>>().into()
    }

    pub(crate) fn restore(kept: &serde_json::Value) -> Self {
        let counts = kept.as_object().into_iter().flatten();
        let channels = counts.filter_map(|(name, count)| {
            let drained = count.as_u64()?;
            Some((name.clone(), Channel { issued: drained, drained, used: 0 }))
        });
        Self(Mutex::new(channels.collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_by_channel_and_survive() {
        let acks = Acks::default();
        assert_eq!([acks.issue("a", 0), acks.issue("a", 1), acks.issue("b", 2)], [0, 1, 0]);
        assert!(acks.is_safe("a", 1) && acks.is_safe("a", 1) && !acks.is_safe("a", 2) && !acks.is_safe("c", 0));
        acks.drained("a");
        let again = Acks::restore(&acks.keep());
        assert!(again.is_safe("a", 0) && !again.is_safe("a", 1));
        assert_eq!(again.issue("a", 3), 1);
    }

    #[test]
    fn channels_are_bounded() {
        let acks = Acks::default();
        for n in 0..CHANNELS + 5 {
            acks.issue(&n.to_string(), i64::try_from(n).unwrap_or_default());
        }
        assert!(!acks.is_safe("0", 0) && !acks.is_safe("4", 0) && acks.is_safe("5", 0));
    }
}
