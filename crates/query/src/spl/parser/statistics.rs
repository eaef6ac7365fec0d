//! `stats` and its relatives: options, aggregations, `over`, `by`; for `tstats` also `from` and `where`.

use super::{Parse, Parser};
use crate::spl::{
    ast::{Aggregation, AggregationArgument, Statistics, Word},
    lexer::{Kind, Mode, Token},
};

impl Parser<'_, '_> {
    pub(super) fn statistics(&mut self) -> Parse<Statistics> {
        let mut statistics = Statistics::default();
        let mut by = false;
        loop {
            let token = self.lexer.next(Mode::Arguments);
            match token.kind {
                Kind::End => return Ok(statistics),
                Kind::Sign(",") => {}
                Kind::Word if token.is("by") && !self.equals_follows() => by = true,
                Kind::Word if token.is("from") => self.source_clause(&mut statistics)?,
                Kind::Word if token.is("where") => statistics.filter = Some(self.search_and(Some("by"))?),
                Kind::Word if token.is("over") => statistics.over = Some(self.field_name()?),
                Kind::Word | Kind::Quoted | Kind::Single if self.equals_follows() => {
                    let name = self.word(&token);
                    let setting = self.setting(name)?;
                    statistics.settings.push(setting);
                }
                Kind::Word | Kind::Quoted | Kind::Single if by && !self.call_follows(&token) => {
                    statistics.by.push(self.word(&token))
                }
                Kind::Word => statistics.aggregations.push(self.aggregation(&token)?),
                Kind::Sign("(" | ")") => {}
                _ => return Err(self.expected("an aggregation or `by`", &token)),
            }
        }
    }

    /// Options may follow the by-list; a call after it (`by x count(y)`) is another aggregation.
    fn call_follows(&mut self, token: &Token) -> bool {
        let next = self.lexer.peek(Mode::Arguments);
        token.kind == Kind::Word && next.sign() == Some("(") && next.start == token.end
    }

    fn equals_follows(&mut self) -> bool {
        matches!(self.lexer.peek(Mode::Arguments).sign(), Some("="))
    }

    fn source_clause(&mut self, statistics: &mut Statistics) -> Parse<()> {
        let token = self.lexer.next(Mode::Arguments);
        if token.kind != Kind::Word || !self.equals_follows() {
            return Err(self.expected("`datamodel=`", &token));
        }
        let name = self.word(&token);
        statistics.from = Some(self.setting(name)?);
        Ok(())
    }

    fn field_name(&mut self) -> Parse<Word> {
        let token = self.lexer.next(Mode::Arguments);
        match token.kind {
            Kind::Word | Kind::Quoted | Kind::Single => Ok(self.word(&token)),
            _ => Err(self.expected("a field name", &token)),
        }
    }

    fn aggregation(&mut self, token: &Token) -> Parse<Aggregation> {
        let function = self.word(token);
        let mut aggregation =
            Aggregation { span: function.span, function, argument: None, text: String::new(), name: None };
        let next = self.lexer.peek(Mode::Arguments);
        if next.sign() == Some("(") {
            self.lexer.next(Mode::Arguments);
            self.aggregation_argument(&mut aggregation)?;
        }
        if self.lexer.peek(Mode::Arguments).is("as") {
            self.lexer.next(Mode::Arguments);
            aggregation.name = Some(self.field_name()?);
        }
        Ok(aggregation)
    }

    /// What stands in the parentheses, the closing one included.
    fn aggregation_argument(&mut self, aggregation: &mut Aggregation) -> Parse<()> {
        let start = self.lexer.at();
        let token = self.lexer.next(Mode::Arguments);
        if token.sign() == Some(")") {
            return Ok(());
        }
        if aggregation.function.is("sparkline") {
            aggregation.argument = Some(self.sparkline(&token)?);
        } else if token.is("eval") && self.lexer.peek(Mode::Arguments).sign() == Some("(") {
            self.lexer.next(Mode::Arguments);
            aggregation.argument = Some(AggregationArgument::Eval(self.expression(0)?));
            self.close()?;
        } else if matches!(token.kind, Kind::Word | Kind::Quoted | Kind::Single) {
            aggregation.argument = Some(AggregationArgument::Field(self.word(&token)));
        } else {
            return Err(self.expected("a field name", &token));
        }
        while self.lexer.peek(Mode::Arguments).sign() == Some(",") {
            self.lexer.next(Mode::Arguments);
            self.lexer.next(Mode::Arguments);
        }
        let end = self.lexer.at();
        let close = self.close()?;
        let text = self.lexer.source().text[start..end].trim();
        aggregation.text = match &aggregation.argument {
            Some(AggregationArgument::Field(word)) => word.text.clone(),
            _ => text.to_owned(),
        };
        aggregation.span = aggregation.span.to(self.lexer.span(&close));
        Ok(())
    }

    /// `count`, `count(field)`, either with a width after it.
    fn sparkline(&mut self, token: &Token) -> Parse<AggregationArgument> {
        let (function, mut field, mut width) = (self.word(token), None, None);
        if self.lexer.peek(Mode::Arguments).sign() == Some("(") {
            self.lexer.next(Mode::Arguments);
            field = Some(self.field_name()?);
            self.close()?;
        }
        if self.lexer.peek(Mode::Arguments).sign() == Some(",") {
            self.lexer.next(Mode::Arguments);
            width = Some(self.field_name()?);
        }
        Ok(AggregationArgument::Line { function, field, width })
    }

    fn close(&mut self) -> Parse<Token> {
        let close = self.lexer.next(Mode::Arguments);
        if close.sign() == Some(")") { Ok(close) } else { Err(self.expected("`)`", &close)) }
    }
}
