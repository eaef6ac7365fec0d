//! What a policy document allows, and whom: `policy_access`, `policy_principals`, `policy_admin`.
//!
//! A document is read as AWS evaluates it, as far as the document alone says: statements, principals and `NotPrincipal`,
//! conditions that narrow who may call, denials that take back what is allowed. It stands in CloudTrail as an object, as a
//! string of JSON, URL-encoded, or as one statement (Lambda); all of them are taken.

mod access;
mod document;
mod narrow;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, StringViewArray};
use datafusion::common::Result;

use super::{Args, lists, texts};
use access::Own;

/// `(document, accounts)`: the widest access that a policy gives: `public`, `external`, `conditional`, `organization`,
/// `internal`; null where the text is no policy.
pub(crate) fn access(args: &Args<'_>) -> Result<ArrayRef> {
    let (documents, accounts) = (args.text(0)?, args.text(1)?);
    Ok(texts((0..args.rows()).map(|row| {
        let statements = document::parse(at(&documents, row)?)?;
        Some(access::widest(&statements, &own(&accounts, row)).name())
    })))
}

/// `(document, accounts)`: the outsiders that a policy lets in, each once: `*`, account ids, canonical ids, identity
/// providers. Null where it lets none in.
pub(crate) fn principals(args: &Args<'_>) -> Result<ArrayRef> {
    let (documents, accounts) = (args.text(0)?, args.text(1)?);
    let rows = (0..args.rows()).map(|row| {
        let statements = document::parse(at(&documents, row)?)?;
        let outsiders = access::outsiders(&statements, &own(&accounts, row));
        (!outsiders.is_empty()).then(|| outsiders.into_iter().collect::<Vec<_>>())
    });
    Ok(Arc::new(lists::build(rows)))
}

/// `(document)`: whether a policy allows everything, or everything of IAM, on everything without a condition.
pub(crate) fn admin(args: &Args<'_>) -> Result<ArrayRef> {
    let documents = args.text(0)?;
    let rows = (0..args.rows()).map(|row| Some(access::administers(&document::parse(at(&documents, row)?)?)));
    Ok(Arc::new(rows.collect::<BooleanArray>()))
}

fn own(accounts: &StringViewArray, row: usize) -> Own<'_> {
    Own::new(at(accounts, row).unwrap_or_default())
}

fn at(column: &StringViewArray, row: usize) -> Option<&str> {
    (!column.is_null(row)).then(|| column.value(row))
}
