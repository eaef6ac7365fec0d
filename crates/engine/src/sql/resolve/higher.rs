//! Lambdas: their parameters are names of their own, before any column's.

use datafusion::sql::sqlparser::ast::LambdaFunction;

use super::Resolver;
use super::build::ident;
use super::scope::Scope;

/// Whether a function takes lambdas.
pub(super) fn is_higher(name: &str) -> bool {
    matches!(
        name,
        "filter"
            | "transform"
            | "any_match"
            | "all_match"
            | "none_match"
            | "reduce"
            | "zip_with"
            | "map_filter"
            | "transform_values"
            | "transform_keys"
    )
}

/// What makes an array or a map of the argument at a position, JSON included.
pub(super) fn wrapper(name: &str, position: usize) -> Option<&'static str> {
    match (name, position) {
        ("map_filter" | "transform_values" | "transform_keys", 0) => Some("__map_of"),
        ("zip_with", 0 | 1) | (_, 0) => Some("__list"),
        _ => None,
    }
}

impl Resolver<'_> {
    /// Resolves a lambda's body under its parameters.
    pub(super) fn lambda(&mut self, mut lambda: LambdaFunction) -> LambdaFunction {
        let names: Vec<String> = lambda.params.iter().map(|p| p.name.value.to_lowercase()).collect();
        let before = self.here().map(|scope| scope.parameters.clone());
        if before.is_none() {
            self.scopes.push(Scope::default());
        }
        if let Some(scope) = self.here() {
            scope.parameters.extend(names);
        }
        self.expr(&mut lambda.body);
        match (self.here(), before) {
            (Some(scope), Some(before)) => scope.parameters = before,
            _ => {
                self.scopes.pop();
            }
        }
        use datafusion::sql::sqlparser::ast::OneOrManyWithParens;
        match &mut lambda.params {
            OneOrManyWithParens::One(param) => param.name = ident(&param.name.value.to_lowercase()),
            OneOrManyWithParens::Many(params) => {
                params.iter_mut().for_each(|p| p.name = ident(&p.name.value.to_lowercase()));
            }
        }
        lambda
    }
}
