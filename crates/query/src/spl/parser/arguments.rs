//! Arguments of commands without a grammar of their own: words, `name=value`, `name(…)`, subsearches.

use super::{Parse, Parser, search::comparison};
use crate::spl::{
    ast::{Argument, Comparison, Setting, Word},
    lexer::{Kind, Mode, Token},
};

impl Parser<'_, '_> {
    /// All arguments. With `pattern`, the first unquoted word that is not an option begins a regular expression that
    /// runs to the end of the command (`rex field=x .*/(?<y>.+)`).
    pub(super) fn arguments(&mut self, pattern: bool) -> Parse<Vec<Argument>> {
        let mut arguments = Vec::new();
        loop {
            let start = self.lexer.at();
            let token = self.lexer.next(Mode::Arguments);
            match token.kind {
                Kind::End => return Ok(arguments),
                Kind::Sign(",") => {}
                Kind::Sign("[") => arguments.push(Argument::Subsearch(self.subsearch(&token)?)),
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

    fn setting_follows(&mut self) -> bool {
        matches!(self.lexer.peek(Mode::Arguments).sign(), Some("=" | "!=" | "=="))
    }

    /// `=value` after a name.
    pub(super) fn setting(&mut self, name: Word) -> Parse<Setting> {
        let sign = self.lexer.next(Mode::Arguments);
        let negated = sign.sign().and_then(comparison) == Some(Comparison::Ne);
        let value = self.lexer.next(Mode::Value);
        if !matches!(value.kind, Kind::Word | Kind::Quoted) {
            return Err(self.expected("a value", &value));
        }
        Ok(Setting { name, value: self.word(&value), negated })
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
