//! Arguments of commands without a grammar of their own: words, `name=value`, `name(…)`, subsearches.

use super::{Parse, Parser, Place, search::comparison};
use crate::spl::{
    ast::{Argument, Comparison, Setting, Word},
    lexer::{Kind, Mode, Token},
};

/// What stands in a command's brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Brackets {
    /// A search of its own.
    Search,
    /// Commands for the rows that there are.
    Commands,
    /// Text that is filled in first.
    Template,
}

impl Parser<'_, '_> {
    /// All arguments. With `pattern`, the first unquoted word that is not an option begins a regular expression that
    /// runs to the end of the command (`rex field=x .*/(?<y>.+)`).
    pub(super) fn arguments(&mut self, pattern: bool, brackets: Brackets) -> Parse<Vec<Argument>> {
        let mut arguments = Vec::new();
        loop {
            let start = self.lexer.at();
            let token = self.lexer.next(Mode::Arguments);
            match token.kind {
                Kind::End => return Ok(arguments),
                Kind::Sign(",") => {}
                Kind::Sign("[") => arguments.push(self.bracketed(&token, brackets)?),
                Kind::Word if token.is("where") && !self.setting_follows() => {
                    arguments.push(Argument::Where(self.search_body()?));
                }
                Kind::Word | Kind::Quoted | Kind::Single if self.setting_follows() => {
                    let name = self.word(&token);
                    arguments.push(Argument::Setting(self.setting(name)?));
                }
                Kind::Quoted | Kind::Single => arguments.push(Argument::Word(self.word(&token))),
                _ if pattern => {
                    self.lexer.seek(start);
                    arguments.push(Argument::Word(self.rest()));
                }
                Kind::Word => arguments.push(self.word_or_call(&token)?),
                // `geostats (count)` and the like: grouping without a meaning of its own.
                Kind::Sign("(" | ")") => {}
                Kind::Sign(_) => return Err(self.expected("an argument", &token)),
            }
        }
    }

    fn bracketed(&mut self, open: &Token, brackets: Brackets) -> Parse<Argument> {
        Ok(match brackets {
            Brackets::Search => Argument::Subsearch(self.subsearch(open, Place::Subsearch)?),
            Brackets::Commands => Argument::Subsearch(self.subsearch(open, Place::Later)?),
            Brackets::Template => Argument::Template(self.template(open)?),
        })
    }

    fn setting_follows(&mut self) -> bool {
        matches!(self.lexer.peek(Mode::Arguments).sign(), Some("=" | "!=" | "=="))
    }

    /// `=value` after a name.
    pub(super) fn setting(&mut self, name: Word) -> Parse<Setting> {
        let sign = self.lexer.next(Mode::Arguments);
        let negated = sign.sign().and_then(comparison) == Some(Comparison::Ne);
        let start = self.lexer.at();
        let value = self.lexer.next(Mode::Value);
        // `startswith=eval(…)`, `reset_before=(…)`: a condition, taken whole.
        if value.sign() == Some("(") || (value.is("eval") && self.lexer.peek(Mode::Value).sign() == Some("(")) {
            self.lexer.seek(start);
            let value = self.condition_text()?;
            return Ok(Setting { name, value, negated });
        }
        if !matches!(value.kind, Kind::Word | Kind::Quoted) {
            return Err(self.expected("a value", &value));
        }
        Ok(Setting { name, value: self.word(&value), negated })
    }

    /// Text up to the parenthesis that closes the first one.
    fn condition_text(&mut self) -> Parse<Word> {
        self.lexer.skip_space();
        let (start, source) = (self.lexer.at(), self.lexer.source());
        let mut depth = 0_usize;
        loop {
            let token = self.lexer.next(Mode::Value);
            match token.kind {
                Kind::End => return Err(self.expected("`)`", &token)),
                Kind::Sign("(") => depth += 1,
                Kind::Sign(")") => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 && token.sign() == Some(")") {
                let text = source.text[start..token.end].to_owned();
                return Ok(Word { text, span: source.span(start, token.end), quoted: false });
            }
        }
    }

    fn word_or_call(&mut self, token: &Token) -> Parse<Argument> {
        let next = self.lexer.peek(Mode::Arguments);
        if next.sign() != Some("(") || next.start != token.end {
            return Ok(Argument::Word(self.word(token)));
        }
        self.lexer.next(Mode::Arguments);
        let mut args = Vec::new();
        loop {
            let inner = self.lexer.next(Mode::Arguments);
            match inner.kind {
                Kind::Sign(")") => return Ok(Argument::Call { name: self.word(token), args }),
                Kind::Sign(",") => {}
                Kind::Word | Kind::Quoted | Kind::Single => args.push(self.word(&inner)),
                _ => return Err(self.expected("`)`", &inner)),
            }
        }
    }

    /// Everything that is left, as one word.
    fn rest(&mut self) -> Word {
        self.lexer.skip_space();
        let text = self.lexer.rest().trim_end().to_owned();
        let start = self.lexer.at();
        let span = self.lexer.source().span(start, start + text.len());
        self.lexer.seek(self.lexer.end());
        Word { text, span, quoted: true }
    }
}
