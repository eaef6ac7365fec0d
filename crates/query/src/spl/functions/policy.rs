//! What a policy document allows, and whom.

use super::{Call, Function};
use crate::{
    pipeline::{Func, Type},
    spl::lowering::Lower,
};

fn document_and_accounts(call: &mut Call<'_, '_>) -> Lower<Vec<crate::pipeline::Expr>> {
    Ok(vec![call.text(0)?, call.text(1)?])
}

pub(super) const POLICY_ACCESS: Function = Function {
    name: "policy_access",
    aliases: &[],
    syntax: "policy_access(<policy document>, <own accounts>)",
    help: "The widest access that a policy gives: public, external, conditional (a network or resource that is named), organization or internal. Own accounts: ids, separated by commas.",
    example: "eventName=PutBucketPolicy | where policy_access('requestParameters.bucketPolicy', recipientAccountId)=\"public\"",
    arity: (2, 2),
    lower: |call| {
        let args = document_and_accounts(call)?;
        call.make(Func::PolicyAccess, args, Type::Text)
    },
};

pub(super) const POLICY_ADMIN: Function = Function {
    name: "policy_admin",
    aliases: &[],
    syntax: "policy_admin(<policy document>)",
    help: "Whether a policy allows everything, or all of IAM, on everything without a condition.",
    example: "eventName=PutUserPolicy | where policy_admin('requestParameters.policyDocument')",
    arity: (1, 1),
    lower: |call| {
        let args = vec![call.text(0)?];
        call.make(Func::PolicyAdmin, args, Type::Bool)
    },
};

pub(super) const POLICY_PRINCIPALS: Function = Function {
    name: "policy_principals",
    aliases: &[],
    syntax: "policy_principals(<policy document>, <own accounts>)",
    help: "Whom a policy lets in from outside: *, account ids, canonical ids, as a multivalue field.",
    example: "eventName=UpdateAssumeRolePolicy | eval who=policy_principals('requestParameters.policyDocument', recipientAccountId) | mvexpand who",
    arity: (2, 2),
    lower: |call| {
        let args = document_and_accounts(call)?;
        call.make(Func::PolicyPrincipals, args, Type::List)
    },
};
