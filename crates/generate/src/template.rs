//! JSON with blanks: the shape of an event's sections, compiled once and written many times.
//!
//! The catalogue writes a section as JSON whose strings hold placeholders: `"instanceId":"<instance>"`, `"<hex:17>"`,
//! `"<pick:a|b>"`. A string that begins with `#` before a digit or a placeholder is a number and loses its quotes.
//! Compiled, a section is literals and fields in order, so that a record is written by copying.

use crate::names::{self, IDS, IdKind, NAMES, NameKind, Scene};
use crate::rng::Rng;
use crate::text::{self, put};

/// The session that an `AssumeRole*` call hands out, as the fields that its response and later events share.
#[derive(Debug, Clone, Default)]
pub(crate) struct Target {
    pub(crate) role_arn: String,
    pub(crate) role_id: String,
    pub(crate) session: String,
    pub(crate) arn: String,
    pub(crate) key: String,
    pub(crate) subject: String,
    pub(crate) provider: String,
    pub(crate) expires: i64,
}

/// What a template may ask about the event it is written into.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) scene: Scene<'a>,
    /// The caller's user or session name, and ARN.
    pub(crate) self_name: &'a str,
    pub(crate) self_arn: &'a str,
    pub(crate) target: &'a Target,
    /// The first two octets of AWS's public addresses in the region.
    pub(crate) cloud_net: &'a str,
}

#[derive(Debug, Clone, PartialEq)]
enum Field {
    Literal(Box<str>),
    Account,
    OtherAccount,
    Region,
    SelfName,
    SelfArn,
    Id(&'static IdKind),
    Name(&'static NameKind),
    Kms,
    Bucket,
    Object,
    Uuid,
    UpperUuid,
    Hex(usize),
    Base64(usize),
    Upper(usize),
    Number(u64, u64),
    Pick(Box<[Box<str>]>),
    Iso,
    Long,
    Epoch,
    Day,
    PrivateAddress,
    PrivateDns,
    CloudAddress,
    Token,
    TargetRole,
    TargetId,
    TargetSession,
    TargetArn,
    TargetKey,
    TargetSubject,
    TargetProvider,
    TargetExpiry,
}

/// A section of an event, ready to be written.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Template(Vec<Field>);

/// Accounts outside the sample organisation.
const OTHER_ACCOUNTS: [&str; 3] = ["999999999999", "888888888888", "777777777777"];

impl Template {
    /// Compiles compact JSON text (or any text) with placeholders; says which placeholder it does not know.
    pub(crate) fn compile(source: &str) -> Result<Self, String> {
        let unquoted = unquote_numbers(source);
        let mut fields = Vec::new();
        let mut rest = unquoted.as_str();
        while let Some((before, name, after)) = split_placeholder(rest) {
            push_literal(&mut fields, before);
            fields.push(field(name)?);
            rest = after;
        }
        push_literal(&mut fields, rest);
        Ok(Self(fields))
    }

    pub(crate) fn write(&self, buf: &mut Vec<u8>, rng: &mut Rng, context: &Context<'_>) {
        for field in &self.0 {
            field.write(buf, rng, context);
        }
    }
}

fn push_literal(fields: &mut Vec<Field>, text: &str) {
    if !text.is_empty() {
        fields.push(Field::Literal(text.into()));
    }
}

/// The text before the next `<name>`, the name and the text after it.
fn split_placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let open = text.find('<')?;
    let close = open + text[open..].find('>')?;
    Some((&text[..open], &text[open + 1..close], &text[close + 1..]))
}

/// `"#<num:1-9>"` becomes `<num:1-9>`: the value is a number.
fn unquote_numbers(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(at) = rest.find("\"#") {
        let inner = &rest[at + 2..];
        out.push_str(&rest[..at]);
        match inner.find('"') {
            Some(end) if inner.starts_with(|c: char| c == '<' || c.is_ascii_digit()) => {
                out.push_str(&inner[..end]);
                rest = &inner[end + 1..];
            }
            _ => {
                out.push_str("\"#");
                rest = inner;
            }
        }
    }
    out.push_str(rest);
    out
}

fn field(name: &str) -> Result<Field, String> {
    if let Some((kind, argument)) = name.split_once(':') {
        return with_argument(kind, argument).ok_or_else(|| name.to_owned());
    }
    if let Some(kind) = IDS.iter().find(|k| k.name == name) {
        return Ok(Field::Id(kind));
    }
    if let Some(kind) = NAMES.iter().find(|k| k.name == name) {
        return Ok(Field::Name(kind));
    }
    plain(name).ok_or_else(|| name.to_owned())
}

fn with_argument(kind: &str, argument: &str) -> Option<Field> {
    Some(match kind {
        "hex" => Field::Hex(argument.parse().ok()?),
        "b64" => Field::Base64(argument.parse().ok()?),
        "id" => Field::Upper(argument.parse().ok()?),
        "num" => {
            let (from, to) = argument.split_once('-')?;
            Field::Number(from.parse().ok()?, to.parse().ok()?)
        }
        "pick" => Field::Pick(argument.split('|').map(Box::from).collect()),
        _ => return None,
    })
}

fn plain(name: &str) -> Option<Field> {
    Some(match name {
        "account" => Field::Account,
        "other" => Field::OtherAccount,
        "region" => Field::Region,
        "self" => Field::SelfName,
        "self.arn" => Field::SelfArn,
        "kms" => Field::Kms,
        "bucket" => Field::Bucket,
        "object" => Field::Object,
        "uuid" => Field::Uuid,
        "UUID" => Field::UpperUuid,
        "time" => Field::Iso,
        "jtime" => Field::Long,
        "epoch" => Field::Epoch,
        "day" => Field::Day,
        "ip" => Field::PrivateAddress,
        "privatedns" => Field::PrivateDns,
        "awsip" | "publicip" => Field::CloudAddress,
        "token" => Field::Token,
        "sensitive" => Field::Literal("<sensitiveDataRemoved>".into()),
        "t.rolearn" => Field::TargetRole,
        "t.id" => Field::TargetId,
        "t.session" => Field::TargetSession,
        "t.arn" => Field::TargetArn,
        "t.key" => Field::TargetKey,
        "t.subject" => Field::TargetSubject,
        "t.provider" => Field::TargetProvider,
        "t.exp" => Field::TargetExpiry,
        _ => return None,
    })
}

impl Field {
    fn write(&self, buf: &mut Vec<u8>, rng: &mut Rng, context: &Context<'_>) {
        let scene = &context.scene;
        match self {
            Self::Literal(text) => put(buf, text),
            Self::Account => put(buf, scene.account),
            Self::Region => put(buf, scene.region),
            Self::SelfName => put(buf, context.self_name),
            Self::SelfArn => put(buf, context.self_arn),
            Self::Id(kind) => scene.id(buf, kind),
            Self::Name(kind) => scene.name(buf, kind),
            Self::Kms => scene.key_id(buf),
            Self::Bucket => scene.bucket(buf),
            Self::Object => scene.object(buf),
            Self::Iso => text::iso(buf, scene.time),
            Self::Long => text::long(buf, scene.time),
            Self::Epoch => text::number(buf, scene.time.unsigned_abs()),
            Self::Day => text::day(buf, scene.time),
            Self::TargetRole => put(buf, &context.target.role_arn),
            Self::TargetSession => put(buf, &context.target.session),
            Self::TargetArn => put(buf, &context.target.arn),
            Self::TargetKey => put(buf, &context.target.key),
            Self::TargetSubject => put(buf, &context.target.subject),
            Self::TargetProvider => put(buf, &context.target.provider),
            Self::TargetExpiry => text::long(buf, context.target.expires),
            Self::TargetId => {
                put(buf, &context.target.role_id);
                buf.push(b':');
                put(buf, &context.target.session);
            }
            random => random.write_random(buf, rng, context),
        }
    }

    fn write_random(&self, buf: &mut Vec<u8>, rng: &mut Rng, context: &Context<'_>) {
        match self {
            Self::OtherAccount => put(buf, OTHER_ACCOUNTS[rng.index(OTHER_ACCOUNTS.len())]),
            Self::Uuid => text::uuid(buf, rng),
            Self::UpperUuid => text::upper_uuid(buf, rng),
            Self::Hex(n) => text::hex(buf, rng, *n),
            Self::Base64(n) => text::base64(buf, rng, *n),
            Self::Upper(n) => text::upper(buf, rng, *n),
            Self::Number(from, to) => text::number(buf, from + rng.below(to - from + 1)),
            Self::Pick(choices) => put(buf, &choices[rng.index(choices.len())]),
            Self::PrivateAddress => private_address(buf, rng, "10.", b'.'),
            Self::PrivateDns => {
                private_address(buf, rng, "ip-10-", b'-');
                put(buf, ".ec2.internal");
            }
            Self::CloudAddress => cloud_address(buf, rng, context.cloud_net),
            Self::Token => {
                put(buf, "IQoJb3JpZ2luX2VjE");
                text::base64(buf, rng, 72);
            }
            _ => {}
        }
    }
}

fn private_address(buf: &mut Vec<u8>, rng: &mut Rng, before: &str, mark: u8) {
    put(buf, before);
    text::number(buf, rng.below(60));
    buf.push(mark);
    text::number(buf, rng.below(64));
    buf.push(mark);
    text::number(buf, 4 + rng.below(250));
}

/// A public address in the net of AWS whose first two octets are given.
pub(crate) fn cloud_address(buf: &mut Vec<u8>, rng: &mut Rng, net: &str) {
    put(buf, net);
    buf.push(b'.');
    text::number(buf, rng.below(256));
    buf.push(b'.');
    text::number(buf, 1 + rng.below(254));
}

/// Writes the id of a numbered resource, for the rosters.
pub(crate) fn numbered_id(kind: &str, account: &str, region: &str, number: u64) -> String {
    text::built(|buf| {
        if let Some(kind) = names::id_kind(kind) {
            names::resource_id(buf, kind, account, region, number);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(source: &str) -> String {
        let template = Template::compile(source).expect("a known template");
        let target = Target { key: "ASIAEXAMPLE".into(), ..Target::default() };
        let scene =
            Scene { account: "111122223333", alias: "base", region: "eu-west-1", time: 0, pick: 1, public: false };
        let context = Context { scene, self_name: "me", self_arn: "arn:me", target: &target, cloud_net: "52.30" };
        text::built(|buf| template.write(buf, &mut Rng::new(1), &context))
    }

    #[test]
    fn placeholders_are_filled() {
        let check = |source, expect: &str| assert_eq!(written(source), expect);
        check("", "");
        check(r#"{"a":"<account>/<region>","k":"<t.key>"}"#, r#"{"a":"111122223333/eu-west-1","k":"ASIAEXAMPLE"}"#);
        check(r##"{"n":"#<num:7-7>","m":"#100","s":"#pk = :pk"}"##, r##"{"n":7,"m":100,"s":"#pk = :pk"}"##);
        check(r#""<pick:one>""#, r#""one""#);
        check("<sensitive>", "<sensitiveDataRemoved>");
    }

    #[test]
    fn the_same_resource_is_named_the_same_twice() {
        let said = written("<bucket> <bucket> <object> <object> <instance> <instance>");
        let words: Vec<_> = said.split(' ').collect();
        assert!(words.chunks(2).all(|pair| pair[0] == pair[1]), "{said}");
    }

    #[test]
    fn an_unknown_placeholder_is_named() {
        assert_eq!(Template::compile("<nonsense>"), Err("nonsense".to_owned()));
        assert_eq!(Template::compile("<hex:many>"), Err("hex:many".to_owned()));
    }
}
