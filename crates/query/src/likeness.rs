//! Texts that are alike: what they share once ids, times, addresses and numbers are taken out. Vendors find the parts that vary by
//! comparing all texts; here they are told by their form, so that a text's pattern does not depend on the others.

use crate::{
    pipeline::{Expr, Func, Type},
    span::Span,
    spl::build,
};

/// What varies between texts of one pattern: UUIDs, times, addresses, access keys and other ids, numbers.
pub(crate) const VARIABLE: &str = concat!(
    r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b",
    r"|\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?",
    r"|\b(?:\d{1,3}\.){3}\d{1,3}\b",
    r"|\b(?:[0-9a-fA-F]{1,4}:){3,7}[0-9a-fA-F:]*[0-9a-fA-F]\b",
    r"|\b(?:A3T|AKIA|ASIA|AROA|AIDA|ANPA)[A-Z0-9]{12,}\b",
    r"|\b0x[0-9a-fA-F]+\b",
    r"|\b(?:[0-9]+[a-fA-F]|[a-fA-F]+[0-9])[0-9a-fA-F]{6,}\b",
    r"|\b\d+(?:\.\d+)?",
);

/// A text's pattern: `mark` stands where texts of the pattern differ.
pub(crate) fn pattern(text: Expr, mark: &str, span: Span) -> Expr {
    let args = vec![text, build::text(VARIABLE, span), build::text(mark, span)];
    build::call(Func::RegexReplace, args, Type::Text, span)
}

#[cfg(test)]
mod tests {
    use super::VARIABLE;

    #[test]
    fn what_varies_is_found() {
        let regex = regex::Regex::new(VARIABLE).expect("a pattern");
        for (text, expected) in [
            ("took 12.5 ms", "took <*> ms"),
            ("from 10.0.0.1:443", "from <*>:<*>"),
            ("id 0b6dcd4a-1111-2222-3333-444455556666 ok", "id <*> ok"),
            ("at 2024-05-01T10:00:00Z", "at <*>"),
            ("key AKIAIOSFODNN7EXAMPLE", "key <*>"),
            ("user alice", "user alice"),
        ] {
            assert_eq!(regex.replace_all(text, "<*>"), expected, "{text}");
        }
    }
}
