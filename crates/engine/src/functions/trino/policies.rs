//! What policy documents allow: no functions of Trino's, ours, under the names that SPL has them by.

use super::{Spec, bool_type, spec, text_type, texts_type};
use crate::functions::policy;

/// The functions of this file.
pub(super) const ALL: &[Spec] = &[
    spec("policy_access", 2, 2, text_type, |c| policy::access(c)),
    spec("policy_principals", 2, 2, texts_type, |c| policy::principals(c)),
    spec("policy_admin", 1, 1, bool_type, |c| policy::admin(c)),
];
