//! Texts and digests.

use super::{Call, Function};
use crate::{
    pipeline::{Expr, Func, Type},
    spl::lowering::Lower,
};

/// A function of one text that gives a text.
fn plain(call: &mut Call<'_, '_>, func: Func) -> Lower<Expr> {
    let text = call.text(0)?;
    call.make(func, vec![text], Type::Text)
}

/// Trims blanks, or the characters given.
fn trimmed(call: &mut Call<'_, '_>, func: Func) -> Lower<Expr> {
    let args = (0..call.args.len()).map(|index| call.text(index)).collect::<Lower<Vec<_>>>()?;
    call.make(func, args, Type::Text)
}

pub(super) const LEN: Function = Function {
    name: "len",
    aliases: &[],
    syntax: "len(<text>)",
    help: "Number of characters.",
    example: "* | where len(userAgent) > 200",
    arity: (1, 1),
    lower: |call| {
        let text = call.text(0)?;
        call.make(Func::Length, vec![text], Type::Int)
    },
};

pub(super) const LOWER: Function = Function {
    name: "lower",
    aliases: &[],
    syntax: "lower(<text>)",
    help: "In lower case.",
    example: "* | eval name=lower(eventName) | stats count by name",
    arity: (1, 1),
    lower: |call| plain(call, Func::Lower),
};

pub(super) const LTRIM: Function = Function {
    name: "ltrim",
    aliases: &[],
    syntax: "ltrim(<text>[, <characters>])",
    help: "Without blanks, or the characters given, on the left.",
    example: "* | eval x=ltrim(\"  a\")",
    arity: (1, 2),
    lower: |call| trimmed(call, Func::LTrim),
};

pub(super) const MD5: Function = Function {
    name: "md5",
    aliases: &[],
    syntax: "md5(<text>)",
    help: "MD5 digest as hexadecimal digits.",
    example: "* | eval x=md5(user)",
    arity: (1, 1),
    lower: |call| plain(call, Func::Md5),
};

pub(super) const REPLACE: Function = Function {
    name: "replace",
    aliases: &[],
    syntax: "replace(<text>, <regex>, <replacement>)",
    help: "With every match of a regular expression replaced; \\1 is its first group.",
    example: "* | eval role=replace('userIdentity.arn', \"^.*assumed-role/([^/]+)/.*$\", \"\\1\") | stats count by role",
    arity: (3, 3),
    lower: |call| {
        let args = vec![call.text(0)?, call.regex(1)?, call.text(2)?];
        call.make(Func::RegexReplace, args, Type::Text)
    },
};

pub(super) const RTRIM: Function = Function {
    name: "rtrim",
    aliases: &[],
    syntax: "rtrim(<text>[, <characters>])",
    help: "Without blanks, or the characters given, on the right.",
    example: "* | eval x=rtrim(\"a  \")",
    arity: (1, 2),
    lower: |call| trimmed(call, Func::RTrim),
};

pub(super) const SHA1: Function = Function {
    name: "sha1",
    aliases: &[],
    syntax: "sha1(<text>)",
    help: "SHA-1 digest as hexadecimal digits.",
    example: "* | eval x=sha1(user)",
    arity: (1, 1),
    lower: |call| plain(call, Func::Sha1),
};

pub(super) const SHA256: Function = Function {
    name: "sha256",
    aliases: &[],
    syntax: "sha256(<text>)",
    help: "SHA-256 digest as hexadecimal digits.",
    example: "* | eval x=sha256(user)",
    arity: (1, 1),
    lower: |call| plain(call, Func::Sha256),
};

pub(super) const SHA512: Function = Function {
    name: "sha512",
    aliases: &[],
    syntax: "sha512(<text>)",
    help: "SHA-512 digest as hexadecimal digits.",
    example: "* | eval x=sha512(user)",
    arity: (1, 1),
    lower: |call| plain(call, Func::Sha512),
};

pub(super) const SUBSTR: Function = Function {
    name: "substr",
    aliases: &[],
    syntax: "substr(<text>, <start>[, <length>])",
    help: "A part of a text; the first character is 1, negative counts from the end.",
    example: "* | eval prefix=substr('userIdentity.accessKeyId', 1, 4) | stats count by prefix",
    arity: (2, 3),
    lower: |call| {
        let mut args = vec![call.text(0)?, call.int(1)?];
        if call.args.len() == 3 {
            args.push(call.int(2)?);
        }
        call.make(Func::Substr, args, Type::Text)
    },
};

pub(super) const TRIM: Function = Function {
    name: "trim",
    aliases: &[],
    syntax: "trim(<text>[, <characters>])",
    help: "Without blanks, or the characters given, at both ends.",
    example: "* | eval x=trim(\"  a  \")",
    arity: (1, 2),
    lower: |call| trimmed(call, Func::Trim),
};

pub(super) const UPPER: Function = Function {
    name: "upper",
    aliases: &[],
    syntax: "upper(<text>)",
    help: "In upper case.",
    example: "* | eval x=upper(awsRegion)",
    arity: (1, 1),
    lower: |call| plain(call, Func::Upper),
};

pub(super) const URLDECODE: Function = Function {
    name: "urldecode",
    aliases: &[],
    syntax: "urldecode(<text>)",
    help: "With %20 and the like decoded.",
    example: "* | eval key=urldecode('requestParameters.key')",
    arity: (1, 1),
    lower: |call| plain(call, Func::UrlDecode),
};
