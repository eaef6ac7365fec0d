//! Multivalue fields.

use std::collections::BTreeSet;

use super::{ANY, Call, Function};
use crate::{
    pipeline::{ELEMENT, Expr, ExprKind as Ir, Func, Type},
    spl::{
        ast::{Expr as Ast, ExprKind},
        build,
        lowering::Lower,
        time,
    },
};

/// The fields that an expression names.
fn fields_of(ast: &Ast, fields: &mut BTreeSet<String>) {
    match &ast.kind {
        ExprKind::Field(word) => {
            fields.insert(word.text.clone());
        }
        ExprKind::Unary(_, inner) => fields_of(inner, fields),
        ExprKind::Binary(_, left, right) | ExprKind::Compare(_, left, right) => {
            fields_of(left, fields);
            fields_of(right, fields);
        }
        ExprKind::And(items) | ExprKind::Or(items) | ExprKind::Call { args: items, .. } => {
            items.iter().for_each(|item| fields_of(item, fields));
        }
        ExprKind::In(value, items) => {
            fields_of(value, fields);
            items.iter().for_each(|item| fields_of(item, fields));
        }
        ExprKind::Text(_) | ExprKind::Int(_) | ExprKind::Float(_) => {}
    }
}

/// Lowers with a field's name standing for one of its values.
fn per_element(
    call: &mut Call<'_, '_>,
    field: &str,
    lower: impl FnOnce(&mut Call<'_, '_>) -> Lower<Expr>,
) -> Lower<Expr> {
    let scope = call.lowerer.scope.clone();
    call.lowerer.scope.make(field, Type::Text);
    let lowered = lower(call);
    call.lowerer.scope = scope;
    let mut lowered = lowered?;
    stand_for_element(&mut lowered, field);
    Ok(lowered)
}

fn stand_for_element(expr: &mut Expr, field: &str) {
    match &mut expr.kind {
        Ir::Field(name) if name == field => *name = ELEMENT.to_owned(),
        Ir::Call { args, .. } => args.iter_mut().for_each(|arg| stand_for_element(arg, field)),
        _ => {}
    }
}

pub(super) const MVAPPEND: Function = Function {
    name: "mvappend",
    aliases: &[],
    syntax: "mvappend(<value>, …)",
    help: "All values of all arguments.",
    example: "* | eval both=mvappend(user, awsRegion)",
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
    example: "* | eval n=mvcount('resources{}.ARN') | where n > 1",
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
    example: "* | eval x=mvdedup(split(\"a,b,a\", \",\"))",
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
    help: "The values of the field in a condition for which it holds; the condition names one field.",
    example: "* | stats values(eventName) as names by user | eval made=mvfilter(match(names, \"^Create\"))",
    arity: (1, 1),
    lower: |call| {
        let mut fields = std::collections::BTreeSet::new();
        call.args.iter().for_each(|arg| fields_of(arg, &mut fields));
        let mut fields = fields.into_iter();
        let (Some(field), None) = (fields.next(), fields.next()) else {
            return call.lowerer.fail("spl.syntax", "the condition of `mvfilter` is about one field", call.span);
        };
        let list = build::to_list(call.lowerer.name(&field, call.span));
        let condition = per_element(call, &field, |call| call.condition(0))?;
        call.make(Func::ListFilter, vec![list, condition], Type::List)
    },
};

pub(super) const MVFIND: Function = Function {
    name: "mvfind",
    aliases: &[],
    syntax: "mvfind(<field>, <regex>)",
    help: "Index of the first value that a regular expression is found in.",
    example: "* | eval at=mvfind(split(\"a,b,c\", \",\"), \"b\")",
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
    example: "* | eval account=mvindex(split('userIdentity.arn', \":\"), 4) | stats count by account",
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
    example: "* | stats values(eventName) as names by user | eval names=mvjoin(names, \", \")",
    arity: (2, 2),
    lower: |call| {
        let args = vec![call.list(0)?, call.text(1)?];
        call.make(Func::ListJoin, args, Type::Text)
    },
};

pub(super) const MVMAP: Function = Function {
    name: "mvmap",
    aliases: &[],
    syntax: "mvmap(<field>, <expression>)",
    help: "An expression's value for each value of a field, which it names.",
    example: "* | stats values(eventName) as names by user | eval names=mvmap(names, lower(names))",
    arity: (2, 2),
    lower: |call| {
        let Some(ExprKind::Field(word)) = call.args.first().map(|arg| &arg.kind) else {
            return call.lowerer.fail("spl.syntax", "the first argument of `mvmap` is a field", call.span);
        };
        let field = word.text.clone();
        let list = call.list(0)?;
        let value = per_element(call, &field, |call| Ok(build::to_text(call.any(1)?)))?;
        call.make(Func::ListMap, vec![list, value], Type::List)
    },
};

pub(super) const MVRANGE: Function = Function {
    name: "mvrange",
    aliases: &[],
    syntax: "mvrange(<start>, <end>[, <step>])",
    help: "The numbers from start up to, not including, end; the step may be a span of time such as \"1d\".",
    example: "| makeresults | eval n=mvrange(1, 6) | mvexpand n",
    arity: (2, 3),
    lower: |call| {
        let step = match call.args.get(2).map(|arg| &arg.kind) {
            None => build::int(1, call.span),
            Some(ExprKind::Text(text)) => match time::Span::parse(text).and_then(time::Span::micros) {
                #[allow(clippy::cast_precision_loss)]
                Some(micros) => build::float(micros as f64 / 1e6, call.span),
                None => return call.lowerer.fail("spl.span", format!("`{text}` is not a span of time"), call.span),
            },
            Some(_) => call.number(2)?,
        };
        let args = vec![call.number(0)?, call.number(1)?, step];
        call.make(Func::ListRange, args, Type::List)
    },
};

pub(super) const MVSORT: Function = Function {
    name: "mvsort",
    aliases: &[],
    syntax: "mvsort(<field>)",
    help: "Values in lexicographic order.",
    example: "* | eval x=mvsort(split(\"b,a\", \",\"))",
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
    example: "* | eval pairs=mvzip('resources{}.type', 'resources{}.ARN', \"=\")",
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
    example: "* | eval parts=split('userIdentity.arn', \":\")",
    arity: (2, 2),
    lower: |call| {
        let args = vec![call.text(0)?, call.text(1)?];
        call.make(Func::Split, args, Type::List)
    },
};
