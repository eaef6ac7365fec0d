//! The generator's own pseudo-random numbers: a 64-bit counter through a mixing function (SplitMix64).
//!
//! Same seed, same bytes, on every machine and with every version of every dependency: that is a promise of this
//! crate, so it does not lean on a random-number crate whose streams may change between releases.

/// Mixes 64 bits so that neighbouring inputs give unrelated outputs; a bijection.
pub(crate) fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Folds several numbers into one: the seed of a stream, an object or a named thing.
pub(crate) fn fold(parts: &[u64]) -> u64 {
    parts.iter().fold(0x9e37_79b9_7f4a_7c15, |h, p| mix(h ^ mix(p.wrapping_add(0x9e37_79b9_7f4a_7c15))))
}

/// Folds a name into a number, for things that are known by their name.
pub(crate) fn fold_str(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| mix(h ^ u64::from(b)))
}

/// A stream of pseudo-random numbers.
#[derive(Debug, Clone)]
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        Self(mix(seed))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number in `0..n`; 0 for an empty range.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        scale(self.next(), n)
    }

    /// An index into something of length `n`.
    pub(crate) fn index(&mut self, n: usize) -> usize {
        self.below(n as u64) as usize
    }

    /// A number in `0.0..1.0`.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }
}

/// Maps 64 random bits to `0..n` evenly.
pub(crate) fn scale(bits: u64, n: u64) -> u64 {
    ((u128::from(bits) * u128::from(n)) >> 64) as u64
}

/// Maps 64 random bits to `0..n` with the low numbers most frequent: a few resources of each kind get most of the traffic.
pub(crate) fn skew(bits: u64, n: u64) -> u64 {
    let unit = bits >> 32;
    scale((unit * unit) & !0xff, n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_repeat_and_differ() {
        let draw = |seed| (0..4).map(|_| 0).scan(Rng::new(seed), |r, _| Some(r.next())).collect::<Vec<_>>();
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn ranges_hold_and_skew_leans_low() {
        let mut rng = Rng::new(7);
        let mut low = 0;
        for _ in 0..10_000 {
            assert!(rng.below(10) < 10);
            let skewed = skew(rng.next(), 100);
            assert!(skewed < 100);
            low += usize::from(skewed < 25);
        }
        assert!((4_500..5_500).contains(&low), "half of the draws fall in the first quarter, not {low}");
        assert_eq!(rng.below(0), 0);
    }
}
