//! The modifiers after a field's name: what each of them does to the values, or to the way in which they are compared. One
//! table; the reference and the diagnostics are made from it.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{
    ast::{Compare, Item, Value},
    pattern::{Part, Pattern},
};
use crate::{diagnostic::Diagnostic, span::Span, spl::suggest};

/// Most values that one may become (`windash`, placeholders).
const MOST: usize = 1_000;
/// What a dash may be written as on a Windows command line.
const DASHES: [char; 5] = ['-', '/', '\u{2013}', '\u{2014}', '\u{2015}'];

/// A modifier.
pub(super) struct Modifier {
    /// Its name.
    pub(super) name: &'static str,
    /// What it does.
    pub(super) help: &'static str,
    /// A field with it.
    pub(super) syntax: &'static str,
    /// A rule with that field.
    pub(super) example: &'static str,
    apply: fn(&mut Plan) -> Result<(), String>,
}

/// How values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// As text with wildcards.
    Text,
    /// As a regular expression.
    Regex,
    /// As a block of addresses.
    Cidr,
    /// With another field, whole or as a part of it.
    FieldRef,
    /// Only whether the field is there.
    Exists,
    /// As numbers.
    Number(Compare),
}

/// A value on its way.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Form {
    /// A string.
    Text(Pattern),
    /// Bytes that are no text yet.
    Bytes(Vec<u8>),
    /// Null, true, false or a number.
    Other(Value),
}

/// What an item asks, its modifiers applied.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plan {
    /// The values, with the text as written.
    pub(super) values: Vec<(Form, String, Span)>,
    /// How they are compared.
    pub(super) mode: Mode,
    /// Whether case matters.
    pub(super) cased: bool,
    /// Whether all of them have to match.
    pub(super) all: bool,
    /// Whether none of them may.
    pub(super) negated: bool,
    /// Whether anything may stand before, and after.
    pub(super) open: (bool, bool),
    /// Flags of a regular expression.
    pub(super) flags: String,
    /// The part of an instant, as `strftime` writes it.
    pub(super) part: Option<&'static str>,
    /// Whether `%names%` are placeholders.
    pub(super) expands: bool,
}

macro_rules! modifier {
    ($name:literal, $help:literal, $example:literal, $apply:expr) => {
        Modifier {
            name: $name,
            help: $help,
            syntax: $example,
            example: concat!(
                "title: Example\nlogsource:\n  product: aws\n  service: cloudtrail\ndetection:\n  selection:\n    ",
                $example,
                "\n  condition: selection\n"
            ),
            apply: $apply,
        }
    };
}

/// All of them, sorted.
pub(super) const MODIFIERS: &[Modifier] = &[
    modifier!("all", "Every value of the list has to match, not any.", "userAgent|contains|all: [boto3, Linux]", |p| {
        p.all = true;
        Ok(())
    }),
    modifier!(
        "base64",
        "The value encoded as Base64.",
        "requestParameters.userData|base64|contains: 'curl http'",
        base64
    ),
    modifier!(
        "base64offset",
        "The value as it looks at each of the three places in a Base64 text.",
        "requestParameters.userData|base64offset|contains: '/bin/sh'",
        base64offset
    ),
    modifier!("cased", "Case matters.", "eventName|cased: ConsoleLogin", |p| {
        p.cased = true;
        Ok(())
    }),
    modifier!(
        "cidr",
        "The field is an address inside the block, IPv4 or IPv6.",
        "sourceIPAddress|cidr: 198.51.100.0/24",
        |p| { only_text(p, Mode::Cidr) }
    ),
    modifier!("contains", "The value stands anywhere in the field.", "userAgent|contains: kali", |p| open(
        p, true, true
    )),
    modifier!("day", "The day of the month of an instant.", "eventTime|day: 31", |p| time(p, "%d")),
    modifier!("dotall", "`s` in full: a dot stands for a line break too.", "errorMessage|re|dotall: 'a.b'", |p| flag(
        p, 's'
    )),
    modifier!("endswith", "The field ends with the value.", "userIdentity.arn|endswith: ':root'", |p| open(
        p, true, false
    )),
    modifier!("exists", "The field is there, or is not.", "errorCode|exists: false", |p| only_text(p, Mode::Exists)),
    modifier!(
        "expand",
        "`%name%` stands for values that are kept outside of the rule.",
        "userIdentity.userName|expand: '%admins%'",
        |p| {
            p.expands = true;
            Ok(())
        }
    ),
    modifier!(
        "fieldref",
        "The value names another field, which has to hold the same.",
        "userIdentity.accountId|fieldref: recipientAccountId",
        |p| { only_text(p, Mode::FieldRef) }
    ),
    modifier!("gt", "More than a number.", "additionalEventData.bytesTransferredOut|gt: 1000000", |p| number(
        p,
        Compare::Gt
    )),
    modifier!("gte", "At least a number.", "requestParameters.maxSessionDuration|gte: 43200", |p| number(
        p,
        Compare::Gte
    )),
    modifier!("hour", "The hour of an instant, UTC.", "eventTime|hour: 3", |p| time(p, "%H")),
    modifier!("i", "A regular expression whatever the case.", "userAgent|re|i: 'kali|parrot'", |p| flag(p, 'i')),
    modifier!("ignorecase", "`i` in full.", "userAgent|re|ignorecase: kali", |p| flag(p, 'i')),
    modifier!("lt", "Less than a number.", "requestParameters.durationSeconds|lt: 900", |p| number(p, Compare::Lt)),
    modifier!("lte", "At most a number.", "requestParameters.durationSeconds|lte: 900", |p| number(p, Compare::Lte)),
    modifier!("m", "A regular expression's ^ and $ stand at lines.", "errorMessage|re|m: '^denied$'", |p| flag(p, 'm')),
    modifier!("minute", "The minute of an instant.", "eventTime|minute: 0", |p| time(p, "%M")),
    modifier!("month", "The month of an instant.", "eventTime|month: 12", |p| time(p, "%m")),
    modifier!("multiline", "`m` in full.", "errorMessage|re|multiline: '^denied$'", |p| flag(p, 'm')),
    modifier!(
        "neq",
        "The field is not one of the values; a field that is missing is not.",
        "awsRegion|neq: us-east-1",
        |p| {
            p.negated = !p.negated;
            Ok(())
        }
    ),
    modifier!(
        "re",
        "A regular expression, found anywhere, case matters.",
        "userIdentity.arn|re: ':user/(alice|bob)$'",
        |p| { only_text(p, Mode::Regex) }
    ),
    modifier!("s", "A regular expression's dot stands for a line break too.", "errorMessage|re|s: 'a.b'", |p| flag(
        p, 's'
    )),
    modifier!("startswith", "The field starts with the value.", "eventName|startswith: Delete", |p| open(
        p, false, true
    )),
    modifier!(
        "utf16",
        "The value in UTF-16 with a byte order mark, as in Base64 of PowerShell.",
        "requestParameters.userData|utf16|base64offset|contains: iex",
        |p| {
            wide(p, |text| [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect())
        }
    ),
    modifier!(
        "utf16be",
        "The value in UTF-16, high byte first.",
        "requestParameters.userData|utf16be|base64offset|contains: iex",
        |p| { wide(p, |text| text.encode_utf16().flat_map(u16::to_be_bytes).collect()) }
    ),
    modifier!(
        "utf16le",
        "The value in UTF-16, low byte first; `wide` is the same.",
        "requestParameters.userData|utf16le|base64offset|contains: iex",
        little
    ),
    modifier!("week", "The ISO week of an instant.", "eventTime|week: 52", |p| time(p, "%V")),
    modifier!(
        "wide",
        "The value in UTF-16, low byte first.",
        "requestParameters.userData|wide|base64offset|contains: iex",
        little
    ),
    modifier!(
        "windash",
        "A dash that begins an option may be a slash or a longer dash.",
        "requestParameters.parameters.commands|windash|contains: ' -enc '",
        windash
    ),
    modifier!("year", "The year of an instant.", "eventTime|year: 2024", |p| time(p, "%Y")),
];

/// Applies an item's modifiers, in order.
pub(super) fn plan(item: &Item, parameters: &dyn Fn(&str) -> Option<String>, found: &mut Vec<Diagnostic>) -> Plan {
    let values = item.values.iter().map(|(value, span)| {
        let (form, text) = match value {
            Value::Text(text) => (Form::Text(Pattern::parse(text)), text.clone()),
            Value::Number(_, text) => (Form::Other(value.clone()), text.clone()),
            Value::Bool(truth) => (Form::Other(value.clone()), truth.to_string()),
            Value::Null => (Form::Other(value.clone()), String::new()),
        };
        (form, text, *span)
    });
    let mut plan = Plan {
        values: values.collect(),
        mode: Mode::Text,
        cased: false,
        all: false,
        negated: false,
        open: (false, false),
        flags: String::new(),
        part: None,
        expands: false,
    };
    for (name, span) in &item.modifiers {
        match MODIFIERS.iter().find(|modifier| modifier.name == name) {
            Some(modifier) => {
                if let Err(message) = (modifier.apply)(&mut plan) {
                    found.push(Diagnostic::error("sigma.modifier", format!("`{name}`: {message}"), *span));
                }
                if modifier.name == "expand" {
                    expand(&mut plan, parameters, found);
                }
            }
            None => found.push(unknown(name, *span)),
        }
    }
    plan
}

fn unknown(name: &str, span: Span) -> Diagnostic {
    let error = Diagnostic::error("sigma.unknown-modifier", format!("no modifier is called `{name}`"), span);
    match suggest::nearest(name, MODIFIERS.iter().map(|modifier| modifier.name)) {
        Some(meant) => error.with_help(format!("did you mean `{meant}`?")).with_suggestion(meant),
        None => {
            let all: Vec<&str> = MODIFIERS.iter().map(|modifier| modifier.name).collect();
            error.with_help(format!("there are: {}", all.join(", ")))
        }
    }
}

fn only_text(plan: &mut Plan, mode: Mode) -> Result<(), String> {
    if plan.mode != Mode::Text || plan.open != (false, false) {
        return Err("it stands before modifiers of its own, and not beside another kind of comparison".to_owned());
    }
    plan.mode = mode;
    Ok(())
}

fn number(plan: &mut Plan, compare: Compare) -> Result<(), String> {
    only_text(plan, Mode::Number(compare))
}

fn time(plan: &mut Plan, format: &'static str) -> Result<(), String> {
    plan.part = Some(format);
    Ok(())
}

fn flag(plan: &mut Plan, flag: char) -> Result<(), String> {
    if plan.mode != Mode::Regex {
        return Err("it is for regular expressions; `re` stands before it".to_owned());
    }
    plan.flags.push(flag);
    Ok(())
}

/// Numbers and truths take part as their text.
fn as_text(form: &mut Form, text: &str) {
    if matches!(form, Form::Other(Value::Number(..) | Value::Bool(_))) {
        *form = Form::Text(Pattern::plain(text));
    }
}

fn open(plan: &mut Plan, start: bool, end: bool) -> Result<(), String> {
    match plan.mode {
        Mode::Text | Mode::Regex | Mode::FieldRef => {}
        _ => return Err("it is for text".to_owned()),
    }
    plan.open = (plan.open.0 || start, plan.open.1 || end);
    if plan.mode != Mode::Text {
        return Ok(());
    }
    for (form, text, _) in &mut plan.values {
        as_text(form, text);
        if let Form::Bytes(bytes) = form {
            *form = Form::Text(bytes_text(bytes)?);
        }
        if let Form::Text(pattern) = form {
            if start {
                pattern.open_start();
            }
            if end {
                pattern.open_end();
            }
        }
    }
    Ok(())
}

/// Bytes that a text could hold.
pub(super) fn bytes_text(bytes: &[u8]) -> Result<Pattern, String> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Pattern::plain(text)),
        Err(_) => Err("these bytes are no text; encode them with `base64` or `base64offset`".to_owned()),
    }
}

/// The bytes of a value without wildcards.
fn bytes_of(form: &Form, text: &str) -> Result<Vec<u8>, String> {
    match form {
        Form::Bytes(bytes) => Ok(bytes.clone()),
        Form::Text(pattern) => match pattern.as_plain() {
            Some(plain) => Ok(plain.as_bytes().to_vec()),
            None => Err("a text with wildcards can't be encoded; write \\* for a star".to_owned()),
        },
        Form::Other(Value::Number(..) | Value::Bool(_)) => Ok(text.as_bytes().to_vec()),
        Form::Other(_) => Err("null can't be encoded".to_owned()),
    }
}

fn base64(plan: &mut Plan) -> Result<(), String> {
    for (form, text, _) in &mut plan.values {
        *form = Form::Text(Pattern::plain(&STANDARD.encode(bytes_of(form, text)?)));
    }
    Ok(())
}

/// The middle of the encoding that does not depend on what stands around the value.
fn base64offset(plan: &mut Plan) -> Result<(), String> {
    let mut out = Vec::new();
    for (form, text, span) in &plan.values {
        let bytes = bytes_of(form, text)?;
        for offset in 0..3_usize {
            let padded = [vec![b' '; offset], bytes.clone()].concat();
            let encoded = STANDARD.encode(&padded);
            let start = [0, 2, 3][offset];
            let cut = [0, 3, 2][padded.len() % 3];
            let middle = encoded.get(start..encoded.len().saturating_sub(cut)).unwrap_or_default();
            out.push((Form::Text(Pattern::plain(middle)), text.clone(), *span));
        }
    }
    plan.values = out;
    Ok(())
}

fn wide(plan: &mut Plan, encode: fn(&str) -> Vec<u8>) -> Result<(), String> {
    for (form, text, _) in &mut plan.values {
        let bytes = bytes_of(form, text)?;
        let plain = String::from_utf8(bytes).map_err(|_| "the value is encoded already".to_owned())?;
        *form = Form::Bytes(encode(&plain));
    }
    Ok(())
}

fn little(plan: &mut Plan) -> Result<(), String> {
    wide(plan, |text| text.encode_utf16().flat_map(u16::to_le_bytes).collect())
}

fn windash(plan: &mut Plan) -> Result<(), String> {
    let mut out = Vec::new();
    for (form, text, span) in &plan.values {
        let Form::Text(pattern) = form else {
            out.push((form.clone(), text.clone(), *span));
            continue;
        };
        for pattern in dashed(pattern) {
            out.push((Form::Text(pattern), text.clone(), *span));
        }
        if out.len() > MOST {
            return Err(format!("the dashes stand for more than {MOST} values"));
        }
    }
    plan.values = out;
    Ok(())
}

/// A pattern with each dash that begins an option written in each way.
fn dashed(pattern: &Pattern) -> Vec<Pattern> {
    let mut all = vec![Pattern::default()];
    for part in &pattern.0 {
        let ways = match part {
            Part::Text(text) => options(text).into_iter().map(Part::Text).collect(),
            other => vec![other.clone()],
        };
        all = all
            .iter()
            .flat_map(|known| ways.iter().map(|way| Pattern([known.0.clone(), vec![way.clone()]].concat())))
            .take(MOST + 1)
            .collect();
    }
    all
}

fn options(text: &str) -> Vec<String> {
    let mut all = vec![String::with_capacity(text.len())];
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    let word = |c: char| c.is_alphanumeric() || c == '_';
    while let Some(c) = chars.next() {
        let begins = matches!(c, '-' | '/') && !word(before) && chars.peek().copied().is_some_and(word);
        if begins && all.len() <= MOST {
            all = all.iter().flat_map(|known| DASHES.iter().map(move |dash| format!("{known}{dash}"))).collect();
        } else {
            all.iter_mut().for_each(|known| known.push(c));
        }
        before = c;
    }
    all
}

/// Puts the values of placeholders in. One that nobody gives values for matches nothing, with a warning.
fn expand(plan: &mut Plan, parameters: &dyn Fn(&str) -> Option<String>, found: &mut Vec<Diagnostic>) {
    let mut out = Vec::new();
    for (form, text, span) in &plan.values {
        let Some((name, start, end)) = placeholder(text) else {
            out.push((form.clone(), text.clone(), *span));
            continue;
        };
        let Some(values) = parameters(name) else {
            let message = format!("nobody says what `%{name}%` stands for: it matches nothing");
            found.push(Diagnostic::warning("sigma.placeholder", message, *span));
            continue;
        };
        for value in values.split([',', '\n']).map(str::trim).filter(|value| !value.is_empty()).take(MOST) {
            let text = format!("{}{value}{}", &text[..start], &text[end..]);
            let mut pattern = Pattern::parse(&text);
            if plan.open.0 {
                pattern.open_start();
            }
            if plan.open.1 {
                pattern.open_end();
            }
            out.push((Form::Text(pattern), text, *span));
        }
    }
    plan.values = out;
}

/// The first `%name%` of a text.
fn placeholder(text: &str) -> Option<(&str, usize, usize)> {
    let start = text.find('%')?;
    let end = start + 1 + text[start + 1..].find('%')?;
    let name = &text[start + 1..end];
    let word = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
    word.then_some((name, start, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(modifiers: &str, text: &str) -> Result<Vec<String>, String> {
        let item = Item {
            field: Some("x".to_owned()),
            modifiers: modifiers.split('|').map(|name| (name.to_owned(), Span::default())).collect(),
            values: vec![(Value::Text(text.to_owned()), Span::default())],
            span: Span::default(),
        };
        let mut found = Vec::new();
        let parameters = |name: &str| (name == "admins").then(|| "alice, bob".to_owned());
        let plan = plan(&item, &parameters, &mut found);
        match found.first() {
            Some(diagnostic) => Err(diagnostic.message.clone()),
            None => Ok(plan.values.iter().map(|(form, ..)| shown(form)).collect()),
        }
    }

    fn shown(form: &Form) -> String {
        match form {
            Form::Text(Pattern(parts)) => parts
                .iter()
                .map(|part| match part {
                    Part::Text(text) => text.as_str(),
                    Part::Any => "*",
                    Part::One => "?",
                })
                .collect(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn values_are_changed_in_order() {
        for (modifiers, text, expected) in [
            ("contains", "a", vec!["*a*"]),
            ("contains", "*a", vec!["*a*"]),
            ("startswith", "a", vec!["a*"]),
            ("endswith", "a", vec!["*a"]),
            ("base64", "foobar", vec!["Zm9vYmFy"]),
            ("base64offset", "foobar", vec!["Zm9vYmFy", "Zvb2Jhc", "mb29iYX"]),
            ("base64offset|contains", "foob", vec!["*Zm9vY*", "*Zvb2*", "*mb29i*"]),
            ("wide|base64", "ab", vec!["YQBiAA=="]),
            ("utf16le|base64", "ab", vec!["YQBiAA=="]),
            ("utf16be|base64", "ab", vec!["AGEAYg=="]),
            ("utf16|base64", "ab", vec!["//5hAGIA"]),
            ("windash", "x -e", vec!["x -e", "x /e", "x \u{2013}e", "x \u{2014}e", "x \u{2015}e"]),
            ("windash", "a-b", vec!["a-b"]),
            ("expand", "%admins%", vec!["alice", "bob"]),
            ("expand|contains", "/%admins%:", vec!["*/alice:*", "*/bob:*"]),
            ("contains|expand", "%admins%", vec!["*alice*", "*bob*"]),
            ("expand", "100%", vec!["100%"]),
        ] {
            assert_eq!(
                values(modifiers, text),
                Ok(expected.into_iter().map(str::to_owned).collect()),
                "{modifiers} {text}"
            );
        }
    }

    #[test]
    fn what_does_not_fit_is_said() {
        for (modifiers, text, part) in [
            ("base64", "a*", "wildcards"),
            ("i", "a", "regular expressions"),
            ("contains|re", "a", "stands before"),
            ("contian", "a", "no modifier"),
            ("expand", "%nobody%", "nobody says"),
        ] {
            let error = values(modifiers, text).expect_err(modifiers);
            assert!(error.contains(part), "{modifiers}: {error}");
        }
        assert!(values("windash", &"-a ".repeat(30)).is_err());
    }

    #[test]
    fn the_table_is_sorted() {
        assert!(MODIFIERS.windows(2).all(|pair| pair[0].name < pair[1].name));
    }
}
