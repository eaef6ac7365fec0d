//! "Did you mean": the nearest known name to a misspelt one.

/// Longer names are not misspelt, they are something else; and the distance takes quadratic time.
const LONGEST: usize = 80;

/// The candidate within edit distance 2 (1 for short names, 0 for two letters), or equal but for its case.
#[must_use]
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > LONGEST {
        return None;
    }
    let lower = name.to_lowercase();
    let reach = match name.chars().count() {
        0..=2 => 0,
        3..=4 => 1,
        _ => 2,
    };
    candidates
        .into_iter()
        .filter(|candidate| candidate.len().abs_diff(name.len()) <= 2 * reach)
        .filter_map(|candidate| {
            let distance = strsim::damerau_levenshtein(&lower, &candidate.to_lowercase());
            (distance <= reach && candidate != name).then_some((distance, candidate))
        })
        .min()
        .map(|(_, candidate)| candidate)
}
