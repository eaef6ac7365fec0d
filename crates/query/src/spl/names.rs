//! Names to values: a field made before, else what the log table knows by that name, else a path inside the record.

use super::{ast::Word, build, event, lowering::Lowerer, scope::Base, suggest, tables, wildcard};
use crate::{
    diagnostic::Diagnostic,
    pipeline::{Expr, Func, Named, PathStep, Type},
    schema::{Dialect, Resolved},
    span::Span,
};

impl Lowerer<'_> {
    /// What a name stands for here. Never fails: an unknown name is null, with a warning.
    pub fn field(&mut self, word: &Word) -> Expr {
        self.name(&word.text, word.span)
    }

    pub fn name(&mut self, name: &str, span: Span) -> Expr {
        if let Some(ty) = self.scope.made(name) {
            return build::field(name, ty, span);
        }
        match self.scope.base {
            Base::Events if self.scope.is_hidden(name) => self.absent(name, span),
            Base::Events => {
                let value = self.event_name(name, span);
                match &self.scope.filled {
                    Some(filling) if !name.starts_with('_') => super::commands::fill(value, filling),
                    _ => value,
                }
            }
            Base::Fields(ty) => self.in_documents(name, span).unwrap_or_else(|| build::field(name, ty, span)),
            Base::Closed => match self.in_documents(name, span) {
                Some(member) => member,
                None if self.scope.loose => build::field(name, Type::Text, span),
                None => self.absent(name, span),
            },
        }
    }

    /// Whether a name means something here that is not just any path.
    pub fn knows(&self, name: &str) -> bool {
        self.scope.made(name).is_some()
            || (self.scope.base == Base::Events && !self.scope.is_hidden(name) && self.in_catalogue(name))
    }

    fn in_catalogue(&self, name: &str) -> bool {
        event::default_field(name, Span::default()).is_some()
            || self.catalogue(name).is_some()
            || tables::which(self, name, Span::default()).is_some()
    }

    /// Whether the table that is read knows a name itself.
    pub fn in_schema(&self, name: &str) -> bool {
        self.catalogue(name).is_some()
    }

    fn catalogue(&self, name: &str) -> Option<Resolved> {
        self.env.schema.resolve(&self.table, Dialect::Spl, name)
    }

    fn event_name(&mut self, name: &str, span: Span) -> Expr {
        if let Some(expr) = event::default_field(name, span) {
            return expr;
        }
        let stored = self.stored(name, span).or_else(|| tables::which(self, name, span));
        let root = name.split(['.', '{']).next().unwrap_or(name);
        let member = if event::ROOTS.contains(&root) { None } else { self.in_documents(name, span) };
        let renamed = self.under_prefixes(name, span);
        if stored.is_none() && member.is_none() && renamed.is_empty() {
            self.suspect(name, span);
        }
        let loose = (self.scope.loose && stored.is_none()).then(|| build::field(name, Type::Text, span));
        let mut choices: Vec<Expr> = renamed.into_iter().chain(loose).collect();
        choices.extend(if stored.is_some() { None } else { member });
        choices.push(stored.unwrap_or_else(|| build::path(build::steps(name), span)));
        if choices.len() == 1 {
            return choices.swap_remove(0);
        }
        let ty = choices.iter().fold(Type::Any, |ty, choice| build::unify(ty, choice.ty));
        let choices = choices.into_iter().map(|choice| build::convert(choice, ty)).collect();
        build::coalesce(choices, ty, span)
    }

    /// The stored column, with the value that the language gives it where the record has none.
    fn stored(&mut self, name: &str, span: Span) -> Option<Expr> {
        let resolved = self.catalogue(name)?;
        if let Some(spelled) = &resolved.spelled {
            let message = format!("field names are case-sensitive in SPL; read as `{spelled}`");
            self.warn(Diagnostic::warning("spl.field-case", message, span).with_suggestion(spelled.clone()));
        }
        let column = build::column(&resolved.column, resolved.ty, span);
        Some(match resolved.default {
            Some(default) => build::coalesce(vec![column, build::text(default, span)], Type::Text, span),
            None => column,
        })
    }

    /// `spath input=x` lets the members of x be read by their own names.
    fn in_documents(&self, name: &str, span: Span) -> Option<Expr> {
        let mut members: Vec<Expr> =
            self.scope.documents.iter().map(|document| member(document.clone(), name, span)).collect();
        members.reverse();
        match members.len() {
            0 => None,
            1 => members.pop(),
            _ => {
                let ty = members[0].ty;
                Some(build::coalesce(members, ty, span))
            }
        }
    }

    /// `rename requestParameters.* as *` lets `bucketName` be read for `requestParameters.bucketName`.
    fn under_prefixes(&self, name: &str, span: Span) -> Vec<Expr> {
        self.scope
            .prefixes
            .iter()
            .map(|prefix| {
                let full = format!("{prefix}{name}");
                match self.catalogue(&full) {
                    Some(resolved) => build::column(&resolved.column, resolved.ty, span),
                    None => build::path(build::steps(&full), span),
                }
            })
            .collect()
    }

    /// A name that is not in the catalogue is a path, unless it looks like a misspelt catalogue name.
    fn suspect(&mut self, name: &str, span: Span) {
        let root = name.split(['.', '{']).next().unwrap_or(name);
        if name != root && event::ROOTS.contains(&root) {
            return;
        }
        let known = self.env.schema.names(&self.table, Dialect::Spl);
        // The catalogue also names members of the record that no column holds.
        if known.iter().any(|known| known == name) {
            return;
        }
        let made = self.scope.fields.iter().map(|made| made.name.as_str());
        if let Some(near) = suggest::nearest(name, known.iter().map(String::as_str).chain(made)) {
            let message = format!("no event field is known as `{name}`; it is read from the record");
            let help = format!("did you mean `{near}`?");
            let warning = Diagnostic::warning("spl.unknown-field", message, span).with_help(help).with_suggestion(near);
            self.warn(warning);
        }
    }

    /// A field that cannot be there: null, and said so.
    fn absent(&mut self, name: &str, span: Span) -> Expr {
        let near = suggest::nearest(name, self.scope.fields.iter().map(|made| made.name.as_str())).map(str::to_owned);
        let mut warning = Diagnostic::warning(
            "spl.no-such-field",
            format!("there is no field `{name}` at this point; it is empty"),
            span,
        );
        if let Some(near) = near {
            warning = warning.with_help(format!("did you mean `{near}`?")).with_suggestion(near);
        }
        self.warn(warning);
        build::field(name, Type::Any, span)
    }

    /// The names that a wildcard stands for here, in the order in which they would be shown. While rows are events
    /// these are the fields made and the catalogue's; a wildcard over a whole section (`requestParameters.*`) also
    /// gives the section's JSON itself.
    pub fn expand(&self, pattern: &str) -> Vec<String> {
        let mut names: Vec<String> = self.scope.fields.iter().map(|made| made.name.clone()).collect();
        if self.scope.base == Base::Events {
            if pattern == "*" {
                names.extend(event::main_names(&self.table).iter().map(|&name| name.to_owned()));
            } else {
                let mut known = self.env.schema.names(&self.table, Dialect::Spl);
                known.sort_unstable();
                names.extend(known);
                names.extend(pattern.strip_suffix(".*").filter(|root| event::ROOTS.contains(root)).map(str::to_owned));
            }
        }
        if let Base::Fields(_) = self.scope.base {
            names.extend(self.mentioned.iter().cloned());
        }
        let mut seen = std::collections::BTreeSet::new();
        let section = pattern.strip_suffix(".*");
        names.retain(|name| {
            let wanted = wildcard::matches(pattern, name) || section == Some(name.as_str());
            wanted && !self.scope.is_hidden(name) && seen.insert(name.clone())
        });
        names
    }

    /// Words with their wildcards expanded, each with its value, under the name that the user typed. Repeats fall away.
    pub fn columns(&mut self, words: &[Word]) -> Vec<Named> {
        let mut columns: Vec<Named> = Vec::new();
        for word in words {
            let names = if word.text.contains('*') { self.expand(&word.text) } else { vec![word.text.clone()] };
            for name in names {
                if !columns.iter().any(|column| column.name == name) {
                    let expr = self.name(&name, word.span);
                    columns.push(Named { name, expr });
                }
            }
        }
        columns
    }
}

/// A value inside JSON text, by SPL's dotted path.
pub(crate) fn member(document: Expr, path: &str, span: Span) -> Expr {
    let ty = if build::steps(path).contains(&PathStep::Each) { Type::List } else { Type::Text };
    let document = if document.ty == Type::List { build::first(document) } else { build::to_text(document) };
    build::call(Func::JsonGet, vec![document, build::text(path, span)], ty, span)
}
