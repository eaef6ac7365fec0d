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
    arity: (1, 1),
    lower: |call| plain(call, Func::Lower),
};

pub(super) const LTRIM: Function = Function {
    name: "ltrim",
    aliases: &[],
    syntax: "ltrim(<text>[, <characters>])",
    help: "Without blanks, or the characters given, on the left.",
    arity: (1, 2),
    lower: |call| trimmed(call, Func::LTrim),
};

pub(super) const MD5: Function = Function {
    name: "md5",
    aliases: &[],
    syntax: "md5(<text>)",
    help: "MD5 digest as hexadecimal digits.",
    arity: (1, 1),
    lower: |call| plain(call, Func::Md5),
};

pub(super) const REPLACE: Function = Function {
    name: "replace",
    aliases: &[],
    syntax: "replace(<text>, <regex>, <replacement>)",
    help: "With every match of a regular expression replaced; \\1 is its first group.",
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
    arity: (1, 2),
    lower: |call| trimmed(call, Func::RTrim),
};

pub(super) const SHA1: Function = Function {
    name: "sha1",
    aliases: &[],
    syntax: "sha1(<text>)",
    help: "SHA-1 digest as hexadecimal digits.",
    arity: (1, 1),
    lower: |call| plain(call, Func::Sha1),
};

pub(super) const SHA256: Function = Function {
    name: "sha256",
    aliases: &[],
    syntax: "sha256(<text>)",
    help: "SHA-256 digest as hexadecimal digits.",
    arity: (1, 1),
    lower: |call| plain(call, Func::Sha256),
};

pub(super) const SUBSTR: Function = Function {
    name: "substr",
    aliases: &[],
    syntax: "substr(<text>, <start>[, <length>])",
    help: "A part of a text; the first character is 1, negative counts from the end.",
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
    arity: (1, 2),
    lower: |call| trimmed(call, Func::Trim),
};

pub(super) const UPPER: Function = Function {
    name: "upper",
    aliases: &[],
    syntax: "upper(<text>)",
    help: "In upper case.",
    arity: (1, 1),
    lower: |call| plain(call, Func::Upper),
};

pub(super) const URLDECODE: Function = Function {
    name: "urldecode",
    aliases: &[],
    syntax: "urldecode(<text>)",
    help: "With %20 and the like decoded.",
    arity: (1, 1),
    lower: |call| plain(call, Func::UrlDecode),
};
