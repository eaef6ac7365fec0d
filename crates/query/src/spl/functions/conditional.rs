//! Choices, tests and comparisons.

use super::{ANY, Call, Function};
use crate::{
    pipeline::{Expr, Func, Type},
    spl::{ast::ExprKind, build, expr, lowering::Lower, parser, source::Source},
};

/// Each case is a level of nesting in the IR.
const MOST_CASES: usize = 150;

pub(super) const CASE: Function = Function {
    name: "case",
    aliases: &[],
    syntax: "case(<condition>, <value>, …)",
    help: "Value of the first condition that holds; null if none does.",
    example: "* | eval kind=case(like(eventName, \"Create%\"), \"made\", like(eventName, \"Delete%\"), \"gone\", true(), \"other\") | stats count by kind",
    arity: (2, ANY),
    lower: |call| {
        if call.args.len() % 2 == 1 {
            return call.lowerer.fail("spl.arity", "`case` takes pairs of a condition and a value", call.span);
        }
        let pairs = call.args.len() / 2;
        if pairs > MOST_CASES {
            return call.lowerer.fail(
                "spl.too-complex",
                format!("`case` has more than {MOST_CASES} conditions; use a lookup"),
                call.span,
            );
        }
        let conditions = (0..pairs).map(|pair| call.condition(pair * 2)).collect::<Lower<Vec<_>>>()?;
        let values = (0..pairs).map(|pair| call.any(pair * 2 + 1)).collect::<Lower<Vec<_>>>()?;
        let (values, ty) = call.unified(values);
        let otherwise = Expr { ty, ..build::null(call.span) };
        let choices: Vec<_> = conditions.into_iter().zip(values).collect();
        Ok(choices.into_iter().rev().fold(otherwise, |otherwise, (condition, value)| {
            build::call(Func::If, vec![condition, value, otherwise], ty, call.span)
        }))
    },
};

pub(super) const CIDRMATCH: Function = Function {
    name: "cidrmatch",
    aliases: &[],
    syntax: "cidrmatch(<block>, <address>)",
    help: "Whether an address lies in a block such as \"10.0.0.0/8\".",
    example: "* | where cidrmatch(\"10.0.0.0/8\", sourceIPAddress) | stats count by user",
    arity: (2, 2),
    lower: |call| {
        let args = vec![call.matchable(1)?, call.text(0)?];
        call.make(Func::CidrMatch, args, Type::Bool)
    },
};

pub(super) const COALESCE: Function = Function {
    name: "coalesce",
    aliases: &[],
    syntax: "coalesce(<value>, …)",
    help: "First value that is not null.",
    example: "* | eval who=coalesce(userName, 'userIdentity.arn') | stats count by who",
    arity: (1, ANY),
    lower: |call| {
        let values = (0..call.args.len()).map(|index| call.any(index)).collect::<Lower<Vec<_>>>()?;
        let (values, ty) = call.unified(values);
        call.make(Func::Coalesce, values, ty)
    },
};

pub(super) const FALSE: Function = Function {
    name: "false",
    aliases: &[],
    syntax: "false()",
    help: "The truth value false.",
    example: "* | eval x=if(false(), 1, 2)",
    arity: (0, 0),
    lower: |call| Ok(build::truth(false, call.span)),
};

pub(super) const IF: Function = Function {
    name: "if",
    aliases: &[],
    syntax: "if(<condition>, <then>, <else>)",
    help: "One of two values; the second where the condition is false or null.",
    example: "* | eval result=if(errorCode=\"success\", \"ok\", \"failed\") | stats count by result",
    arity: (3, 3),
    lower: |call| {
        let condition = call.condition(0)?;
        let values = vec![call.any(1)?, call.any(2)?];
        let (values, ty) = call.unified(values);
        call.make(Func::If, std::iter::once(condition).chain(values).collect(), ty)
    },
};

pub(super) const IN: Function = Function {
    name: "in",
    aliases: &[],
    syntax: "in(<value>, <item>, …)",
    help: "Whether a value equals one of the items; case matters.",
    example: "* | where in(eventName, \"CreateUser\", \"DeleteUser\")",
    arity: (2, ANY),
    lower: |call| {
        let value = call.any(0)?;
        let items = (1..call.args.len()).map(|index| call.any(index)).collect::<Lower<Vec<_>>>()?;
        Ok(expr::is_in(&value, items, call.span))
    },
};

pub(super) const ISBOOL: Function = Function {
    name: "isbool",
    aliases: &[],
    syntax: "isbool(<value>)",
    help: "Whether a value is a truth value.",
    example: "* | eval x=isbool(true())",
    arity: (1, 1),
    lower: |call| is_type(call, "Boolean"),
};

pub(super) const ISINT: Function = Function {
    name: "isint",
    aliases: &[],
    syntax: "isint(<value>)",
    help: "Whether a value is a whole number.",
    example: "* | where isint('requestParameters.maxItems')",
    arity: (1, 1),
    lower: |call| {
        let number = call.number(0)?;
        if number.ty == Type::Int {
            return Ok(build::is_not_null(number));
        }
        let floor = build::call(Func::Floor, vec![number.clone()], Type::Float, call.span);
        let whole = build::call(Func::Eq, vec![number, floor], Type::Bool, call.span);
        Ok(build::is_true(whole))
    },
};

pub(super) const ISNOTNULL: Function = Function {
    name: "isnotnull",
    aliases: &[],
    syntax: "isnotnull(<value>)",
    help: "Whether there is a value.",
    example: "* | where isnotnull(errorMessage)",
    arity: (1, 1),
    lower: |call| Ok(build::is_not_null(call.any(0)?)),
};

pub(super) const ISNULL: Function = Function {
    name: "isnull",
    aliases: &[],
    syntax: "isnull(<value>)",
    help: "Whether there is no value.",
    example: "* | where isnull('userIdentity.sessionContext.sessionIssuer.arn')",
    arity: (1, 1),
    lower: |call| Ok(build::is_null(call.any(0)?)),
};

pub(super) const ISNUM: Function = Function {
    name: "isnum",
    aliases: &[],
    syntax: "isnum(<value>)",
    help: "Whether a value is a number.",
    example: "* | where isnum('requestParameters.maxItems')",
    arity: (1, 1),
    lower: |call| Ok(build::is_not_null(call.number(0)?)),
};

pub(super) const ISSTR: Function = Function {
    name: "isstr",
    aliases: &[],
    syntax: "isstr(<value>)",
    help: "Whether a value is a string that is not a number.",
    example: "* | eval x=isstr(\"a\")",
    arity: (1, 1),
    lower: |call| is_type(call, "String"),
};

pub(super) const LIKE: Function = Function {
    name: "like",
    aliases: &[],
    syntax: "like(<text>, <pattern>)",
    help: "Whether a text matches a pattern with % and _; case matters.",
    example: "* | where like(eventName, \"%Policy%\")",
    arity: (2, 2),
    lower: |call| {
        let args = vec![call.matchable(0)?, call.text(1)?];
        call.make(Func::Like, args, Type::Bool)
    },
};

pub(super) const MATCH: Function = Function {
    name: "match",
    aliases: &[],
    syntax: "match(<text>, <regex>)",
    help: "Whether a regular expression is found in a text.",
    example: "* | where match(userAgent, \"(?i)kali|parrot\")",
    arity: (2, 2),
    lower: |call| {
        let args = vec![call.matchable(0)?, call.regex(1)?];
        call.make(Func::Regex, args, Type::Bool)
    },
};

pub(super) const NULL: Function = Function {
    name: "null",
    aliases: &[],
    syntax: "null()",
    help: "No value.",
    example: "* | eval x=if(user=\"root\", null(), user)",
    arity: (0, 0),
    lower: |call| Ok(build::null(call.span)),
};

pub(super) const NULLIF: Function = Function {
    name: "nullif",
    aliases: &[],
    syntax: "nullif(<value>, <other>)",
    help: "Null where both are equal, else the first.",
    example: "* | eval code=nullif(errorCode, \"success\") | stats count(code) as failed",
    arity: (2, 2),
    lower: |call| {
        let value = call.any(0)?;
        let other = build::convert(call.any(1)?, value.ty);
        let ty = value.ty;
        call.make(Func::NullIf, vec![value, other], ty)
    },
};

pub(super) const SEARCHMATCH: Function = Function {
    name: "searchmatch",
    aliases: &[],
    syntax: "searchmatch(<search string>)",
    help: "Whether the event matches a search, with the rules of `search`.",
    example: "* | eval denied=if(searchmatch(\"errorCode=AccessDenied\"), 1, 0) | stats sum(denied) as denied by user",
    arity: (1, 1),
    lower: |call| {
        let text = call.literal(0)?;
        let (source, mut found) = Source::expand(&text, call.lowerer.env.macros);
        let (search, more) = parser::parse_search(&source);
        found.extend(more);
        // Offsets inside the string are not those of the query: point at the whole string.
        let failed = !found.is_empty();
        for diagnostic in found {
            call.lowerer.warn(crate::diagnostic::Diagnostic { span: call.span, ..diagnostic });
        }
        match search {
            Some(search) if !failed => Ok(build::is_true(call.lowerer.predicate(&search)?)),
            _ => call.lowerer.fail("spl.syntax", "this search string cannot be read", call.span),
        }
    },
};

pub(super) const TRUE: Function = Function {
    name: "true",
    aliases: &[],
    syntax: "true()",
    help: "The truth value true.",
    example: "* | eval x=case(user=\"root\", \"root\", true(), \"other\")",
    arity: (0, 0),
    lower: |call| Ok(build::truth(true, call.span)),
};

pub(super) const VALIDATE: Function = Function {
    name: "validate",
    aliases: &[],
    syntax: "validate(<condition>, <message>, …)",
    help: "Message of the first condition that does not hold; null if all do.",
    example: "* | eval problem=validate(isnotnull(user), \"no user\", isnotnull(awsRegion), \"no region\")",
    arity: (2, ANY),
    lower: |call| {
        let pairs = call.args.len() / 2;
        let mut result = Expr { ty: Type::Text, ..build::null(call.span) };
        for pair in (0..pairs).rev() {
            let (condition, message) = (call.condition(pair * 2)?, call.text(pair * 2 + 1)?);
            result = build::call(Func::If, vec![condition, result, message], Type::Text, call.span);
        }
        Ok(result)
    },
};

fn is_type(call: &mut Call<'_, '_>, name: &str) -> Lower<Expr> {
    // A literal's type is known; asking the engine would only repeat it.
    let literal = matches!(call.args.first().map(|arg| &arg.kind), Some(ExprKind::Text(_)));
    let value = call.any(0)?;
    if literal {
        return Ok(build::truth(name == "String", call.span));
    }
    let kind = build::call(Func::TypeOf, vec![value], Type::Text, call.span);
    call.make(Func::Eq, vec![kind, build::text(name, call.span)], Type::Bool)
}
