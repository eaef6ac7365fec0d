//! Multivalue fields.

use super::{ANY, Function};
use crate::{
    pipeline::{Func, Type},
    spl::{build, lowering::Lower},
};

pub(super) const MVAPPEND: Function = Function {
    name: "mvappend",
    aliases: &[],
    syntax: "mvappend(<value>, …)",
    help: "All values of all arguments.",
    arity: (1, ANY),
    lower: |call| {
        let lists = (0..call.args.len()).map(|index| call.list(index)).collect::<Lower<Vec<_>>>()?;
        call.make(Func::ListAppend, lists, Type::List)
    },
};

pub(super) const MVCOUNT: Function = Function {
    name: "mvcount",
    aliases: &[],
    syntax: "mvcount(<field>)",
    help: "Number of values; null where there is none.",
    arity: (1, 1),
    lower: |call| {
        let value = call.matchable(0)?;
        call.make(Func::ListCount, vec![value], Type::Int)
    },
};

pub(super) const MVDEDUP: Function = Function {
    name: "mvdedup",
    aliases: &[],
    syntax: "mvdedup(<field>)",
    help: "Values without repeats.",
    arity: (1, 1),
    lower: |call| {
        let list = call.list(0)?;
        call.make(Func::ListDedup, vec![list], Type::List)
    },
};

pub(super) const MVFILTER: Function = Function {
    name: "mvfilter",
    aliases: &[],
    syntax: "mvfilter(<condition>)",
    help: "Values for which a condition on the field holds. Not supported yet.",
    arity: (1, 1),
    lower: |call| {
        let help = "use `mvexpand` and `where`";
        let message = "`mvfilter` is not supported yet";
        let diagnostic =
            crate::diagnostic::Diagnostic::error("spl.unsupported-function", message, call.span).with_help(help);
        Err(call.lowerer.error(diagnostic))
    },
};

pub(super) const MVFIND: Function = Function {
    name: "mvfind",
    aliases: &[],
    syntax: "mvfind(<field>, <regex>)",
    help: "Index of the first value that a regular expression is found in.",
    arity: (2, 2),
    lower: |call| {
        let args = vec![call.list(0)?, call.regex(1)?];
        call.make(Func::ListFind, args, Type::Int)
    },
};

pub(super) const MVINDEX: Function = Function {
    name: "mvindex",
    aliases: &[],
    syntax: "mvindex(<field>, <index>[, <last index>])",
    help: "The value at an index, or the values between two; the first is 0, -1 is the last.",
    arity: (2, 3),
    lower: |call| {
        let mut args = vec![call.list(0)?, call.int(1)?];
        if call.args.len() == 2 {
            return call.make(Func::ListIndex, args, Type::Text);
        }
        args.push(call.int(2)?);
        call.make(Func::ListIndex, args, Type::List)
    },
};

pub(super) const MVJOIN: Function = Function {
    name: "mvjoin",
    aliases: &[],
    syntax: "mvjoin(<field>, <delimiter>)",
    help: "All values as one text.",
    arity: (2, 2),
    lower: |call| {
        let args = vec![call.list(0)?, call.text(1)?];
        call.make(Func::ListJoin, args, Type::Text)
    },
};

pub(super) const MVSORT: Function = Function {
    name: "mvsort",
    aliases: &[],
    syntax: "mvsort(<field>)",
    help: "Values in lexicographic order.",
    arity: (1, 1),
    lower: |call| {
        let list = call.list(0)?;
        call.make(Func::ListSort, vec![list], Type::List)
    },
};

pub(super) const MVZIP: Function = Function {
    name: "mvzip",
    aliases: &[],
    syntax: "mvzip(<field>, <field>[, <delimiter>])",
    help: "Values of two fields in pairs, joined by a delimiter (a comma).",
    arity: (2, 3),
    lower: |call| {
        let delimiter = if call.args.len() == 3 { call.text(2)? } else { build::text(",", call.span) };
        let args = vec![call.list(0)?, call.list(1)?, delimiter];
        call.make(Func::ListZip, args, Type::List)
    },
};

pub(super) const SPLIT: Function = Function {
    name: "split",
    aliases: &[],
    syntax: "split(<text>, <delimiter>)",
    help: "A text cut at a delimiter, as a multivalue field.",
    arity: (2, 2),
    lower: |call| {
        let args = vec![call.text(0)?, call.text(1)?];
        call.make(Func::Split, args, Type::List)
    },
};
