//! JSON made and taken apart.

use super::{ANY, Call, Function};
use crate::{
    pipeline::{Expr, Func, Type},
    spl::{build, lowering::Lower},
};

/// All arguments as texts, for the functions whose values become JSON.
fn texts(call: &mut Call<'_, '_>) -> Lower<Vec<Expr>> {
    (0..call.args.len()).map(|index| call.text(index)).collect()
}

pub(super) const JSON_ARRAY: Function = Function {
    name: "json_array",
    aliases: &[],
    syntax: "json_array(<value>, …)",
    help: "A JSON array of the values.",
    example: "* | eval x=json_array(user, awsRegion)",
    arity: (0, ANY),
    lower: |call| {
        let lists = (0..call.args.len()).map(|index| call.list(index)).collect::<Lower<Vec<_>>>()?;
        let list = build::call(Func::ListAppend, lists, Type::List, call.span);
        call.make(Func::ListToJson, vec![list, build::truth(true, call.span)], Type::Text)
    },
};

pub(super) const JSON_ARRAY_TO_MV: Function = Function {
    name: "json_array_to_mv",
    aliases: &[],
    syntax: "json_array_to_mv(<json>)",
    help: "The elements of a JSON array as a multivalue field.",
    example: "* | eval actions=json_array_to_mv(\"[\\\"a\\\",\\\"b\\\"]\") | mvexpand actions",
    arity: (1, 2),
    lower: |call| {
        let args = vec![call.text(0)?];
        call.make(Func::JsonToList, args, Type::List)
    },
};

pub(super) const JSON_DELETE: Function = Function {
    name: "json_delete",
    aliases: &[],
    syntax: "json_delete(<json>, <path>, …)",
    help: "JSON without the members at the paths.",
    example: "* | eval x=json_delete(requestParameters, \"policyDocument\")",
    arity: (2, ANY),
    lower: |call| {
        let args = texts(call)?;
        call.make(Func::JsonDelete, args, Type::Text)
    },
};

pub(super) const JSON_KEYS: Function = Function {
    name: "json_keys",
    aliases: &[],
    syntax: "json_keys(<json>)",
    help: "The names of an object's members, as a JSON array.",
    example: "* | eval names=json_keys(requestParameters) | stats count by names",
    arity: (1, 1),
    lower: |call| {
        let args = texts(call)?;
        call.make(Func::JsonKeys, args, Type::Text)
    },
};

pub(super) const JSON_OBJECT: Function = Function {
    name: "json_object",
    aliases: &[],
    syntax: "json_object(<name>, <value>, …)",
    help: "A JSON object of the names and values.",
    example: "* | eval x=json_object(\"user\", user, \"region\", awsRegion)",
    arity: (0, ANY),
    lower: |call| {
        if call.args.len() % 2 == 1 {
            return call.lowerer.fail("spl.arity", "`json_object` takes pairs of a name and a value", call.span);
        }
        let args = texts(call)?;
        call.make(Func::JsonObject, args, Type::Text)
    },
};

pub(super) const JSON_SET: Function = Function {
    name: "json_set",
    aliases: &[],
    syntax: "json_set(<json>, <path>, <value>, …)",
    help: "JSON with values put at paths.",
    example: "* | eval x=json_set(requestParameters, \"seen\", 1)",
    arity: (3, ANY),
    lower: |call| {
        if call.args.len() % 2 == 0 {
            return call.lowerer.fail(
                "spl.arity",
                "`json_set` takes JSON, then pairs of a path and a value",
                call.span,
            );
        }
        let args = texts(call)?;
        call.make(Func::JsonSet, args, Type::Text)
    },
};

pub(super) const JSON_VALID: Function = Function {
    name: "json_valid",
    aliases: &[],
    syntax: "json_valid(<text>)",
    help: "Whether a text is JSON.",
    example: "* | where json_valid('requestParameters.policyDocument')",
    arity: (1, 1),
    lower: |call| {
        let args = texts(call)?;
        call.make(Func::JsonValid, args, Type::Bool)
    },
};

pub(super) const MV_TO_JSON_ARRAY: Function = Function {
    name: "mv_to_json_array",
    aliases: &[],
    syntax: "mv_to_json_array(<field>[, <infer types>])",
    help: "The values of a field as a JSON array; with true() numbers and truth values stay such.",
    example: "* | stats values(eventName) as names by user | eval names=mv_to_json_array(names)",
    arity: (1, 2),
    lower: |call| {
        let infer = match call.args.len() {
            1 => build::truth(false, call.span),
            _ => call.condition(1)?,
        };
        let args = vec![call.list(0)?, infer];
        call.make(Func::ListToJson, args, Type::Text)
    },
};
