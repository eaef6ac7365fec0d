//! Expressions of `eval` and `where`, by precedence climbing: OR, XOR, AND, NOT, comparisons, `+ - .`, `* / %`, signs.

use super::{Parse, Parser, search::comparison};
use crate::spl::{
    ast::{Assignment, Binary, Comparison, Expr, ExprKind, Unary, Word},
    lexer::{Kind, Mode, Token},
};

/// Binding strengths, loosest first.
const OR: u8 = 1;
const XOR: u8 = 2;
const AND: u8 = 3;
const COMPARE: u8 = 5;
const SUM: u8 = 6;
const PRODUCT: u8 = 7;

/// Operators between two operands.
enum Operator {
    And,
    Or,
    Binary(Binary),
    Compare(Comparison),
    In,
}

impl Parser<'_, '_> {
    /// An expression that has to be all that is left of the command.
    pub(super) fn whole_expression(&mut self) -> Parse<Expr> {
        let expr = self.expression(0)?;
        let token = self.lexer.peek(Mode::Eval);
        if token.kind == Kind::End { Ok(expr) } else { Err(self.expected("an operator", &token)) }
    }

    pub(super) fn assignments(&mut self) -> Parse<Vec<Assignment>> {
        let mut assignments = Vec::new();
        loop {
            let token = self.lexer.next(Mode::Arguments);
            if !matches!(token.kind, Kind::Word | Kind::Quoted | Kind::Single) {
                return Err(self.expected("a field name", &token));
            }
            let field = self.word(&token);
            let sign = self.lexer.next(Mode::Eval);
            if sign.sign() != Some("=") {
                return Err(self.expected("`=`", &sign));
            }
            assignments.push(Assignment { field, value: self.expression(0)? });
            let token = self.lexer.next(Mode::Eval);
            match token.kind {
                Kind::End => return Ok(assignments),
                Kind::Sign(",") if self.lexer.peek(Mode::Eval).kind == Kind::End => return Ok(assignments),
                Kind::Sign(",") => {}
                _ => return Err(self.expected("an operator or `,`", &token)),
            }
        }
    }

    /// An operand without loose operators around it.
    pub(super) fn operand(&mut self) -> Parse<Expr> {
        self.expression(SUM)
    }

    /// An expression whose operators bind at least as tightly as `strength`.
    pub(super) fn expression(&mut self, strength: u8) -> Parse<Expr> {
        self.deeper(1)?;
        let depth = self.depth;
        let mut left = self.prefix()?;
        while let Some((operator, binding)) = self.operator(strength) {
            // A chain nests on its left: it counts as depth, except for AND and OR, which are kept flat.
            if !matches!(operator, Operator::And | Operator::Or) {
                self.deeper(1)?;
            }
            left = self.combine(left, operator, binding)?;
        }
        self.depth = depth - 1;
        Ok(left)
    }

    fn combine(&mut self, left: Expr, operator: Operator, binding: u8) -> Parse<Expr> {
        if let Operator::In = operator {
            return self.in_expression(left);
        }
        let right = self.expression(binding + 1)?;
        let span = left.span.to(right.span);
        let kind = match operator {
            Operator::And => ExprKind::And(flatten(left, right, |kind| match kind {
                ExprKind::And(items) => Ok(items),
                other => Err(other),
            })),
            Operator::Or => ExprKind::Or(flatten(left, right, |kind| match kind {
                ExprKind::Or(items) => Ok(items),
                other => Err(other),
            })),
            Operator::Binary(binary) => ExprKind::Binary(binary, Box::new(left), Box::new(right)),
            Operator::Compare(comparison) => ExprKind::Compare(comparison, Box::new(left), Box::new(right)),
            Operator::In => return Err(super::Reported),
        };
        Ok(Expr { kind, span })
    }

    /// The operator that comes next, if it binds tightly enough; consumes it.
    fn operator(&mut self, strength: u8) -> Option<(Operator, u8)> {
        let token = self.lexer.peek(Mode::Eval);
        // After an operand a dot joins, also before a digit.
        if token.kind == Kind::Word && token.text.starts_with('.') && SUM >= strength {
            self.lexer.seek(token.start + 1);
            return Some((Operator::Binary(Binary::Concat), SUM));
        }
        let (operator, binding) = match token.kind {
            Kind::Word => word_operator(&token)?,
            Kind::Sign(sign) => sign_operator(sign)?,
            _ => return None,
        };
        if binding < strength {
            return None;
        }
        self.lexer.next(Mode::Eval);
        Some((operator, binding))
    }

    /// `x IN (a, b)`.
    fn in_expression(&mut self, left: Expr) -> Parse<Expr> {
        let open = self.lexer.next(Mode::Eval);
        if open.sign() != Some("(") {
            return Err(self.expected("`(`", &open));
        }
        let (items, close) = self.expressions()?;
        let span = left.span.to(self.lexer.span(&close));
        Ok(Expr { kind: ExprKind::In(Box::new(left), items), span })
    }

    /// Expressions up to the closing parenthesis, which is returned.
    fn expressions(&mut self) -> Parse<(Vec<Expr>, Token)> {
        let mut items = Vec::new();
        if self.lexer.peek(Mode::Eval).sign() == Some(")") {
            return Ok((items, self.lexer.next(Mode::Eval)));
        }
        loop {
            items.push(self.expression(0)?);
            let token = self.lexer.next(Mode::Eval);
            match token.sign() {
                Some(",") => {}
                Some(")") => return Ok((items, token)),
                _ => return Err(self.expected("`,` or `)`", &token)),
            }
        }
    }

    fn prefix(&mut self) -> Parse<Expr> {
        let token = self.lexer.next(Mode::Eval);
        let span = self.lexer.span(&token);
        match token.kind {
            Kind::Quoted => Ok(Expr { kind: ExprKind::Text(token.text), span }),
            Kind::Single => Ok(Expr { kind: ExprKind::Field(self.word(&token)), span }),
            Kind::Sign("(") => self.group(),
            Kind::Sign("-") => self.unary(Unary::Neg, PRODUCT, &token),
            Kind::Sign("+") => self.expression(PRODUCT),
            Kind::Word if token.is("NOT") => self.unary(Unary::Not, COMPARE, &token),
            Kind::Word if token.text.starts_with(|c: char| c.is_ascii_digit() || c == '.') => Ok(number(&token, span)),
            Kind::Word if starts_name(&token.text) => self.name(token),
            _ => Err(self.expected("an expression", &token)),
        }
    }

    fn group(&mut self) -> Parse<Expr> {
        let inner = self.expression(0)?;
        let close = self.lexer.next(Mode::Eval);
        if close.sign() == Some(")") { Ok(inner) } else { Err(self.expected("`)`", &close)) }
    }

    fn unary(&mut self, operator: Unary, binding: u8, token: &Token) -> Parse<Expr> {
        let inner = self.expression(binding)?;
        let span = self.lexer.span(token).to(inner.span);
        Ok(Expr { kind: ExprKind::Unary(operator, Box::new(inner)), span })
    }

    /// A field, or a function's call.
    fn name(&mut self, token: Token) -> Parse<Expr> {
        let word = self.word(&token);
        if self.lexer.peek(Mode::Eval).sign() != Some("(") {
            return Ok(Expr { span: word.span, kind: ExprKind::Field(word) });
        }
        self.lexer.next(Mode::Eval);
        let (args, close) = self.expressions()?;
        let span = word.span.to(self.lexer.span(&close));
        Ok(Expr { kind: ExprKind::Call { name: Word { text: word.text.to_lowercase(), ..word }, args }, span })
    }
}

fn starts_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '$' | '{'))
}

fn number(token: &Token, span: crate::span::Span) -> Expr {
    let kind = match token.text.parse::<i64>() {
        Ok(number) => ExprKind::Int(number),
        Err(_) => ExprKind::Float(token.text.parse().unwrap_or(f64::NAN)),
    };
    Expr { kind, span }
}

fn word_operator(token: &Token) -> Option<(Operator, u8)> {
    Some(match token.text.to_ascii_uppercase().as_str() {
        "OR" => (Operator::Or, OR),
        "XOR" => (Operator::Binary(Binary::Xor), XOR),
        "AND" => (Operator::And, AND),
        "LIKE" => (Operator::Binary(Binary::Like), COMPARE),
        "IN" => (Operator::In, COMPARE),
        _ => return None,
    })
}

fn sign_operator(sign: &str) -> Option<(Operator, u8)> {
    if let Some(comparison) = comparison(sign) {
        return Some((Operator::Compare(comparison), COMPARE));
    }
    Some(match sign {
        "+" => (Operator::Binary(Binary::Add), SUM),
        "-" => (Operator::Binary(Binary::Sub), SUM),
        "." => (Operator::Binary(Binary::Concat), SUM),
        "*" => (Operator::Binary(Binary::Mul), PRODUCT),
        "/" => (Operator::Binary(Binary::Div), PRODUCT),
        "%" => (Operator::Binary(Binary::Mod), PRODUCT),
        _ => return None,
    })
}

fn flatten(left: Expr, right: Expr, same: impl Fn(ExprKind) -> Result<Vec<Expr>, ExprKind>) -> Vec<Expr> {
    let span = left.span;
    let mut items = same(left.kind).unwrap_or_else(|kind| vec![Expr { kind, span }]);
    items.push(right);
    items
}
