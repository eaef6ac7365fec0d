//! IR expressions to DataFusion's. The IR is typed; where a field's real type differs (after a pivot, from a lookup) the
//! operands are brought together here.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::{Column, DFSchema, DataFusionError, Result, ScalarValue};
use datafusion::functions::expr_fn as f;
use datafusion::logical_expr::expr_fn::{in_list, is_not_null, is_true, try_cast, when};
use datafusion::logical_expr::{Expr as Df, ExprSchemable, Operator, binary_expr, lit};
use datafusion::prelude::SessionContext;
use query::pipeline::{ELEMENT, Expr, ExprKind, Func, Literal, PathStep, Type};

use crate::functions::geo::Locate;
use crate::functions::matching::{Kind, against, against_each};
use crate::functions::{
    call, convert, encoding, geo, json, json_build, json_query, lambda, list_type, lists, math, network, parsing,
    policy, present, result_type, text, time, time_type,
};

/// Prefix of stored columns and of other hidden fields inside a plan: a character that no query can type, so that a field
/// made by the query may have any name, `@timestamp` among them.
pub(crate) const STORED: char = '\u{1}';

/// The plan's name of a stored column.
pub(crate) fn stored(column: &str) -> String {
    format!("{STORED}{column}")
}

/// A column by its exact name; never parsed.
pub(crate) fn named(name: &str) -> Df {
    Df::Column(Column::new_unqualified(name))
}

/// The Arrow type of an IR type.
pub(crate) fn arrow_type(ty: Type) -> DataType {
    match ty {
        Type::Text | Type::Any => DataType::Utf8View,
        Type::Int => DataType::Int64,
        Type::Float => DataType::Float64,
        Type::Bool => DataType::Boolean,
        Type::Time => time_type(),
        Type::List => list_type(),
    }
}

/// Translates expressions over one input schema.
pub(crate) struct Translator<'a> {
    /// The input's fields.
    pub(crate) schema: &'a DFSchema,
    /// The query's session.
    pub(crate) context: &'a SessionContext,
    /// Locates addresses that have no stored place.
    pub(crate) locator: Option<&'a Arc<dyn Locate>>,
    /// The query's start, microseconds.
    pub(crate) now: i64,
}

/// The stored column that answers a place of the stored source address.
pub(crate) fn stored_place(attribute: &str) -> Option<&'static str> {
    Some(match attribute {
        "country_code" => "geo_country_code",
        "country" => "geo_country_name",
        "region" => "geo_region",
        "city" => "geo_city",
        "lat" => "geo_latitude",
        "lon" => "geo_longitude",
        "asn" => "geo_asn",
        "as_org" => "geo_as_org",
        _ => return None,
    })
}

/// The stored place column that a `Geo` call over the source address reads instead of a look-up.
pub(crate) fn geo_shortcut(func: Func, args: &[Expr]) -> Option<&'static str> {
    match (func, args) {
        (Func::Geo, [address, attribute]) => match (&address.kind, &attribute.kind) {
            (ExprKind::Column(c), ExprKind::Literal(Literal::Text(a))) if c == "source_ip_address" => stored_place(a),
            _ => None,
        },
        _ => None,
    }
}

impl Translator<'_> {
    /// An expression of the Arrow type that `expr.ty` names (of its own type for `Any`).
    pub(crate) fn expr(&self, expr: &Expr) -> Result<Df> {
        let out = match &expr.kind {
            ExprKind::Column(name) => self.present(&stored(name)),
            ExprKind::Path(steps) => self.path(steps),
            ExprKind::Field(name) => self.present(name),
            ExprKind::Literal(value) => literal(value),
            ExprKind::Call { func, args } => self.call(*func, args, expr.ty)?,
        };
        self.typed(out, expr.ty)
    }

    /// The field, or null where there is none.
    fn present(&self, name: &str) -> Df {
        if self.schema.has_column_with_unqualified_name(name) { named(name) } else { lit(ScalarValue::Utf8View(None)) }
    }

    fn path(&self, steps: &[PathStep]) -> Df {
        match self.present(&stored("raw")) {
            Df::Literal(..) => lit(ScalarValue::Utf8View(None)),
            raw => json::path(raw, steps.to_vec()),
        }
    }

    fn type_of(&self, expr: &Df) -> Result<DataType> {
        // What is known is not worked out from all the arguments anew.
        match result_type(expr) {
            Some(known) => Ok(known.clone()),
            None => expr.get_type(self.schema),
        }
    }

    /// Brings an expression to an IR type where it isn't of it yet.
    pub(crate) fn typed(&self, expr: Df, ty: Type) -> Result<Df> {
        let have = self.type_of(&expr)?;
        if ty == Type::Any || have == arrow_type(ty) {
            return Ok(expr);
        }
        Ok(match ty {
            Type::Text => to_text(expr),
            Type::Float if textual(&have) || have == time_type() => to_number(expr),
            Type::Int if textual(&have) => call("to_int", DataType::Int64, convert::int, vec![expr]),
            Type::Time => call("to_time", time_type(), convert::time, vec![expr]),
            Type::List => call("to_list", list_type(), lists::to_list, vec![expr]),
            _ => try_cast(expr, arrow_type(ty)),
        })
    }

    fn number(&self, expr: &Expr) -> Result<Df> {
        let out = self.expr(expr)?;
        if self.type_of(&out)?.is_numeric() { Ok(out) } else { Ok(to_number(out)) }
    }

    fn text(&self, expr: &Expr) -> Result<Df> {
        let out = self.expr(expr)?;
        self.typed(out, Type::Text)
    }

    fn numbers(&self, args: &[Expr]) -> Result<Vec<Df>> {
        args.iter().map(|a| self.number(a)).collect()
    }

    fn all(&self, args: &[Expr]) -> Result<Vec<Df>> {
        args.iter().map(|a| self.expr(a)).collect()
    }

    fn as_type(&self, args: &[Expr], ty: Type) -> Result<Vec<Df>> {
        args.iter().map(|a| self.expr(a).and_then(|e| self.typed(e, ty))).collect()
    }

    pub(super) fn call(&self, func: Func, args: &[Expr], ty: Type) -> Result<Df> {
        if let Some(column) = geo_shortcut(func, args) {
            return Ok(self.present(&stored(column)));
        }
        if let Some(out) = self.defaulted(func, args, ty)? {
            return Ok(out);
        }
        if let Some(out) = self.logic(func, args, ty)? {
            return Ok(out);
        }
        if let Some(out) = self.comparison(func, args)? {
            return Ok(out);
        }
        if let Some(out) = self.arithmetic(func, args, ty)? {
            return Ok(out);
        }
        if let Some(out) = self.textual(func, args)? {
            return Ok(out);
        }
        self.structural(func, args)
    }

    fn logic(&self, func: Func, args: &[Expr], ty: Type) -> Result<Option<Df>> {
        let bools = || self.as_type(args, Type::Bool);
        Ok(Some(match func {
            Func::And => fold(bools()?, Operator::And),
            Func::Or => fold(bools()?, Operator::Or),
            Func::Not => !first(bools()?)?,
            Func::IsTrue => is_true(first(bools()?)?),
            Func::IsNull => first(self.all(args)?)?.is_null(),
            Func::IsNotNull => is_not_null(first(self.all(args)?)?),
            Func::Coalesce => coalesce(self.as_type(args, ty)?, ty),
            Func::If => {
                let condition = self.typed(self.expr(arg(args, 0)?)?, Type::Bool)?;
                let [yes, no] = [1, 2].map(|i| arg(args, i).and_then(|a| self.expr(a)).and_then(|e| self.typed(e, ty)));
                when(condition, yes?).otherwise(no?)?
            }
            Func::NullIf => {
                let [a, b] = self.pair(args)?;
                f::nullif(a, b)
            }
            _ => return Ok(None),
        }))
    }

    /// Two operands of one comparable type.
    fn pair(&self, args: &[Expr]) -> Result<[Df; 2]> {
        let (a, b) = (self.expr(arg(args, 0)?)?, self.expr(arg(args, 1)?)?);
        let (left, right) = (self.type_of(&a)?, self.type_of(&b)?);
        if left == right || (left.is_numeric() && right.is_numeric()) {
            return Ok([a, b]);
        }
        if left == time_type() && textual(&right) || right == time_type() && textual(&left) {
            return Ok([self.typed(a, Type::Time)?, self.typed(b, Type::Time)?]);
        }
        if left.is_numeric() || right.is_numeric() {
            return Ok([to_number(a), to_number(b)]);
        }
        Ok([to_text(a), to_text(b)])
    }

    fn comparison(&self, func: Func, args: &[Expr]) -> Result<Option<Df>> {
        let op = match func {
            Func::Eq => Operator::Eq,
            Func::Ne => Operator::NotEq,
            Func::Lt => Operator::Lt,
            Func::Le => Operator::LtEq,
            Func::Gt => Operator::Gt,
            Func::Ge => Operator::GtEq,
            _ => return self.matching(func, args),
        };
        let value = self.expr(arg(args, 0)?)?;
        if matches!(self.type_of(&value)?, DataType::List(_)) && matches!(func, Func::Eq | Func::Ne) {
            let any = self.against(Kind::Equal, value, arg(args, 1)?)?;
            return Ok(Some(if func == Func::Eq { any } else { !any }));
        }
        let [a, b] = self.pair(args)?;
        Ok(Some(binary_expr(a, op, b)))
    }

    fn matching(&self, func: Func, args: &[Expr]) -> Result<Option<Df>> {
        let kind = match func {
            Func::EqIgnoreCase => Kind::EqualIgnoreCase,
            Func::Glob => Kind::Glob,
            Func::GlobIgnoreCase => Kind::GlobIgnoreCase,
            Func::Regex => Kind::Regex,
            Func::Contains => Kind::Contains,
            Func::ContainsIgnoreCase => Kind::ContainsIgnoreCase,
            Func::Like => {
                let [a, b] = [self.text(arg(args, 0)?)?, self.text(arg(args, 1)?)?];
                return Ok(Some(a.like(b)));
            }
            Func::CidrMatch => {
                let args = self.all(args)?;
                return Ok(Some(call("cidr_match", DataType::Boolean, network::cidr_match, args)));
            }
            Func::In => return self.any_of(args).map(Some),
            _ => return Ok(None),
        };
        let value = self.expr(arg(args, 0)?)?;
        let value = if matches!(self.type_of(&value)?, DataType::List(_)) { value } else { to_text_if(self, value)? };
        self.against(kind, value, arg(args, 1)?).map(Some)
    }

    fn against(&self, kind: Kind, value: Df, pattern: &Expr) -> Result<Df> {
        match &pattern.kind {
            ExprKind::Literal(Literal::Text(text)) => against(kind, value, text),
            ExprKind::Literal(other) => against(kind, value, &literal_text(other)),
            _ => Ok(against_each(kind, value, self.text(pattern)?)),
        }
    }

    fn any_of(&self, args: &[Expr]) -> Result<Df> {
        let value = self.expr(arg(args, 0)?)?;
        let have = self.type_of(&value)?;
        if matches!(have, DataType::List(_)) {
            let tests =
                args[1..].iter().map(|a| self.against(Kind::Equal, value.clone(), a)).collect::<Result<Vec<_>>>()?;
            return Ok(fold(tests, Operator::Or));
        }
        if have.is_numeric() {
            return Ok(in_list(value, self.numbers(&args[1..])?, false));
        }
        let value = self.typed(value, Type::Text)?;
        let items = args[1..].iter().map(|a| self.text(a)).collect::<Result<Vec<_>>>()?;
        Ok(in_list(value, items, false))
    }

    fn arithmetic(&self, func: Func, args: &[Expr], ty: Type) -> Result<Option<Df>> {
        let op = match func {
            Func::Add => Operator::Plus,
            Func::Sub => Operator::Minus,
            Func::Mul => Operator::Multiply,
            Func::Div => Operator::Divide,
            Func::Mod => Operator::Modulo,
            _ => return self.numeric(func, args, ty),
        };
        let [a, b]: [Df; 2] = self.numbers(args)?.try_into().map_err(|_| arity(func))?;
        Ok(Some(match func {
            Func::Div => binary_expr(to_number(a), op, f::nullif(to_number(b), lit(0.0))),
            Func::Mod => binary_expr(to_number(a), op, f::nullif(to_number(b), lit(0.0))),
            _ if ty == Type::Float => binary_expr(to_number(a), op, to_number(b)),
            _ => binary_expr(a, op, b),
        }))
    }

    fn numeric(&self, func: Func, args: &[Expr], ty: Type) -> Result<Option<Df>> {
        let numbers = || self.numbers(args);
        let one = || numbers().and_then(first);
        Ok(Some(match func {
            Func::Neg => Df::Negative(Box::new(one()?)),
            Func::Abs => f::abs(one()?),
            Func::Ceil => f::ceil(to_number(one()?)),
            Func::Floor => f::floor(to_number(one()?)),
            Func::Round => {
                let mut parts = numbers()?.into_iter();
                let value = to_number(parts.next().ok_or_else(|| arity(func))?);
                let digits = parts.next().map(|d| try_cast(d, DataType::Int32));
                f::round(std::iter::once(value).chain(digits).collect())
            }
            Func::Sqrt => f::sqrt(to_number(one()?)),
            Func::Exp => f::exp(to_number(one()?)),
            Func::Ln => f::ln(to_number(one()?)),
            Func::Pow => {
                let [a, b]: [Df; 2] = numbers()?.try_into().map_err(|_| arity(func))?;
                f::power(to_number(a), to_number(b))
            }
            Func::Log => {
                let [a, b]: [Df; 2] = numbers()?.try_into().map_err(|_| arity(func))?;
                binary_expr(f::ln(to_number(a)), Operator::Divide, f::ln(to_number(b)))
            }
            Func::Least => f::least(self.as_type(args, ty)?),
            Func::Greatest => f::greatest(self.as_type(args, ty)?),
            Func::Random => f::random(),
            _ => return self.trigonometric(func, args),
        }))
    }

    fn trigonometric(&self, func: Func, args: &[Expr]) -> Result<Option<Df>> {
        let one = || self.numbers(args).and_then(first).map(to_number);
        let bits = |name, body: crate::functions::Body| {
            let args = self.as_type(args, Type::Int)?;
            Ok(Some(call(name, DataType::Int64, body, args)))
        };
        Ok(Some(match func {
            Func::Sin => f::sin(one()?),
            Func::Cos => f::cos(one()?),
            Func::Tan => f::tan(one()?),
            Func::Asin => f::asin(one()?),
            Func::Acos => f::acos(one()?),
            Func::Atan => f::atan(one()?),
            Func::Atan2 => {
                let [y, x]: [Df; 2] = self.numbers(args)?.try_into().map_err(|_| arity(func))?;
                f::atan2(to_number(y), to_number(x))
            }
            Func::BitAnd => return bits("bit_and", math::bit_and),
            Func::BitOr => return bits("bit_or", math::bit_or),
            Func::BitXor => return bits("bit_xor", math::bit_xor),
            Func::ShiftLeft => return bits("shift_left", math::shift_left),
            Func::ShiftRight => return bits("shift_right", math::shift_right),
            _ => return Ok(None),
        }))
    }

    /// A call whose second argument is worked out for each element of the first.
    fn lambda(&self, kind: lambda::Kind, args: &[Expr]) -> Result<Df> {
        let list = self.typed(self.expr(arg(args, 0)?)?, Type::List)?;
        let body = arg(args, 1)?;
        let mut names = Vec::new();
        fields_of(body, &mut names);
        let inputs: Vec<(String, DataType)> = names
            .into_iter()
            .filter_map(|name| {
                let field = self.schema.field_with_unqualified_name(&name).ok()?;
                Some((name, field.data_type().clone()))
            })
            .collect();
        let schema = DFSchema::try_from(lambda::schema(&inputs).as_ref().clone())?;
        let inner = Translator { schema: &schema, ..*self };
        let ty = if kind == lambda::Kind::Filter { Type::Bool } else { Type::Text };
        let body = inner.typed(inner.expr(body)?, ty)?;
        lambda::over(self.context, kind, list, body, &inputs)
    }

    fn textual(&self, func: Func, args: &[Expr]) -> Result<Option<Df>> {
        let texts = || self.as_type(args, Type::Text);
        let own = |name, body: crate::functions::Body| texts().map(|a| call(name, DataType::Utf8View, body, a));
        Ok(Some(match func {
            Func::Lower => f::lower(first(texts()?)?),
            Func::Upper => f::upper(first(texts()?)?),
            Func::Trim => f::btrim(texts()?),
            Func::LTrim => f::ltrim(texts()?),
            Func::RTrim => f::rtrim(texts()?),
            Func::Length => f::character_length(first(texts()?)?),
            Func::Substr => call("substring_of", DataType::Utf8View, text::substr, self.all(args)?),
            Func::RegexReplace => own("regex_replace", text::regex_replace)?,
            Func::Replace => {
                let [text, part, with]: [Df; 3] = texts()?.try_into().map_err(|_| arity(func))?;
                f::replace(text, part, with)
            }
            Func::RegexExtract => own("regex_extract", text::regex_extract)?,
            Func::RegexExtractAll => {
                texts().map(|a| call("regex_extract_all", list_type(), text::regex_extract_all, a))?
            }
            Func::Concat => texts()?
                .into_iter()
                .reduce(|a, b| binary_expr(a, Operator::StringConcat, b))
                .ok_or_else(|| arity(func))?,
            Func::UrlDecode => own("url_decode", text::url_decode)?,
            Func::Md5 => f::md5(first(texts()?)?),
            Func::Sha1 => own("sha1", text::sha1)?,
            Func::Sha256 => f::encode(f::sha256(first(texts()?)?), lit("hex")),
            Func::Sha512 => f::encode(f::sha512(first(texts()?)?), lit("hex")),
            Func::Printf => call("printf", DataType::Utf8View, text::printf, self.all(args)?),
            _ => return self.parsed(func, args),
        }))
    }

    fn parsed(&self, func: Func, args: &[Expr]) -> Result<Option<Df>> {
        let texts = || self.as_type(args, Type::Text);
        let text = |name, body: crate::functions::Body| texts().map(|a| call(name, DataType::Utf8View, body, a));
        let list = |name, body: crate::functions::Body| texts().map(|a| call(name, list_type(), body, a));
        Ok(Some(match func {
            Func::AnchorExtract => list("anchor_extract", parsing::anchors)?,
            Func::RegexGroups => list("regex_groups", parsing::groups)?,
            Func::RegexGroupsAll => list("regex_groups_all", parsing::groups_all)?,
            Func::SplitQuoted => list("split_quoted", parsing::split_quoted)?,
            Func::Base64Decode => text("base64_decode", encoding::base64_decode)?,
            Func::Base64Encode => text("base64_encode", encoding::base64_encode)?,
            Func::HexDecode => text("hex_decode", encoding::hex_decode)?,
            Func::UrlEncode => text("url_encode", encoding::url_encode)?,
            Func::Luhn => call("luhn", DataType::Boolean, encoding::luhn, texts()?),
            Func::JsonQuery => text("json_query", json_query::query)?,
            Func::PolicyAccess => text("policy_access", policy::access)?,
            Func::PolicyPrincipals => list("policy_principals", policy::principals)?,
            Func::PolicyAdmin => call("policy_admin", DataType::Boolean, policy::admin, texts()?),
            Func::PortName => text("port_name", network::port_name)?,
            Func::ProtocolName => text("protocol_name", network::protocol_name)?,
            _ => return Ok(None),
        }))
    }

    fn json(&self, func: Func, args: &[Expr]) -> Result<Df> {
        let texts = || self.as_type(args, Type::Text);
        let own = |name, body: crate::functions::Body| texts().map(|a| call(name, DataType::Utf8View, body, a));
        match func {
            Func::ParseInt => {
                let args = vec![self.text(arg(args, 0)?)?, self.typed(self.expr(arg(args, 1)?)?, Type::Int)?];
                Ok(call("parse_int", DataType::Int64, math::parse_int, args))
            }
            Func::JsonKeys => own("json_keys", json_build::keys),
            Func::JsonValid => Ok(call("json_valid", DataType::Boolean, json_build::valid, texts()?)),
            Func::JsonToList => Ok(call("json_to_list", list_type(), json_build::to_list, texts()?)),
            Func::ListToJson => {
                let infer = args.get(1).and_then(literal_of).unwrap_or_default();
                let list = self.typed(self.expr(arg(args, 0)?)?, Type::List)?;
                let args = vec![list, lit(ScalarValue::Utf8View(Some(infer)))];
                Ok(call("list_to_json", DataType::Utf8View, json_build::from_list, args))
            }
            Func::JsonObject => own("json_object", json_build::object),
            Func::JsonSet => own("json_set", json_build::set),
            Func::JsonDelete => own("json_delete", json_build::delete),
            other => Err(DataFusionError::Plan(format!("no translation of {other:?}"))),
        }
    }

    fn structural(&self, func: Func, args: &[Expr]) -> Result<Df> {
        let own = |name, ty: DataType, body: crate::functions::Body| self.all(args).map(|a| call(name, ty, body, a));
        match func {
            Func::ToText => self.all(args).and_then(first).map(to_text),
            Func::ToNumber => self.all(args).and_then(first).map(to_number),
            Func::ToInt => own("to_int", DataType::Int64, convert::int),
            Func::ToTime => own("to_time", time_type(), convert::time),
            Func::ToList => own("to_list", list_type(), lists::to_list),
            Func::TypeOf => own("type_of", DataType::Utf8View, convert::type_of),
            Func::Now => Ok(lit(ScalarValue::TimestampMicrosecond(Some(self.now), Some("UTC".into())))),
            Func::Strftime => {
                let time = self.typed(self.expr(arg(args, 0)?)?, Type::Time)?;
                Ok(call("strftime", DataType::Utf8View, time::strftime, vec![time, self.text(arg(args, 1)?)?]))
            }
            Func::Strptime => own("strptime", time_type(), time::strptime),
            Func::RelativeTime => {
                let time = self.typed(self.expr(arg(args, 0)?)?, Type::Time)?;
                Ok(call("relative_time", time_type(), time::relative, vec![time, self.text(arg(args, 1)?)?]))
            }
            Func::BinTime => own("bin_time", time_type(), time::bin),
            Func::BinNumber => own("bin_number", DataType::Float64, time::bin_number),
            Func::Split => own("split_text", list_type(), lists::split),
            Func::ListIndex if args.len() == 3 => own("list_slice", list_type(), lists::slice),
            Func::ListIndex => own("list_index", DataType::Utf8View, lists::index),
            Func::ListCount => own("list_count", DataType::Int64, lists::count),
            Func::ListJoin => own("list_join", DataType::Utf8View, lists::join),
            Func::ListDedup => own("list_dedup", list_type(), lists::dedup),
            Func::ListSort => own("list_sort", list_type(), lists::sort),
            Func::ListAppend => own("list_append", list_type(), lists::append),
            Func::ListFilter => self.lambda(lambda::Kind::Filter, args),
            Func::ListMap => self.lambda(lambda::Kind::Map, args),
            Func::ListRange => {
                let args = self.as_type(args, Type::Float)?;
                Ok(call("list_range", list_type(), math::range, args))
            }
            Func::ListAny => own("list_any", DataType::Boolean, lists::any),
            Func::Words => own("words", list_type(), text::words),
            Func::ListFind => own("list_find", DataType::Int64, lists::find),
            Func::ListZip => own("list_zip", list_type(), lists::zip),
            Func::ListMax => own("list_max", DataType::Float64, lists::max),
            Func::ListMin => own("list_min", DataType::Float64, lists::min),
            Func::JsonTypes => own("json_types", list_type(), json::types),
            Func::JsonLeaves => own("json_leaves", list_type(), json::leaves),
            Func::JsonGet => {
                let path = literal_of(arg(args, 1)?).unwrap_or_default();
                Ok(json::path(self.text(arg(args, 0)?)?, json::parse(&path)))
            }
            Func::JsonKind => match &arg(args, 0)?.kind {
                ExprKind::Path(steps) => Ok(match self.present(&stored("raw")) {
                    Df::Literal(..) => lit(ScalarValue::Utf8View(None)),
                    raw => json::kind_at(raw, steps.clone()),
                }),
                _ => Err(DataFusionError::Plan("the kind of what is no path".into())),
            },
            Func::Geo => {
                let attribute = literal_of(arg(args, 1)?).unwrap_or_default();
                Ok(geo::geo(self.locator.cloned(), self.text(arg(args, 0)?)?, &attribute))
            }
            other => self.json(other, args),
        }
    }
}

/// The plan's names of the columns and fields that an expression reads, but for a list's element.
fn fields_of(expr: &Expr, names: &mut Vec<String>) {
    let name = match &expr.kind {
        ExprKind::Column(name) => stored(name),
        ExprKind::Path(_) => stored("raw"),
        ExprKind::Field(name) if name != ELEMENT => name.clone(),
        ExprKind::Call { args, .. } => return args.iter().for_each(|arg| fields_of(arg, names)),
        _ => return,
    };
    if !names.contains(&name) {
        names.push(name);
    }
}

/// The first value that is there. What costs something is only worked out for the rows that need it, and truth values stay a condition
/// that the planner looks into; the rest stays a call.
fn coalesce(args: Vec<Df>, ty: Type) -> Df {
    let eager = !matches!(ty, Type::Bool | Type::Any) && args.iter().skip(1).all(is_at_hand);
    if eager { present::first_present(args) } else { f::coalesce(args) }
}

/// Whether a value costs nothing.
fn is_at_hand(expr: &Df) -> bool {
    matches!(expr, Df::Column(_) | Df::Literal(..))
}

fn to_text_if(t: &Translator<'_>, value: Df) -> Result<Df> {
    t.typed(value, Type::Text)
}

/// The IR's `ToText`.
pub(crate) fn to_text(expr: Df) -> Df {
    call("to_text", DataType::Utf8View, convert::text, vec![expr])
}

pub(crate) fn to_number(expr: Df) -> Df {
    match &expr {
        Df::Literal(ScalarValue::Float64(_), _) => expr,
        Df::Literal(ScalarValue::Int64(Some(v)), _) => lit(*v as f64),
        _ => call("to_number", DataType::Float64, convert::number, vec![expr]),
    }
}

fn textual(ty: &DataType) -> bool {
    matches!(ty, DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8 | DataType::Null)
}

fn fold(parts: Vec<Df>, op: Operator) -> Df {
    parts.into_iter().reduce(|a, b| binary_expr(a, op, b)).unwrap_or_else(|| lit(op == Operator::And))
}

fn first(parts: Vec<Df>) -> Result<Df> {
    parts.into_iter().next().ok_or_else(|| DataFusionError::Plan("a function without arguments".into()))
}

fn arg(args: &[Expr], index: usize) -> Result<&Expr> {
    args.get(index).ok_or_else(|| DataFusionError::Plan(format!("argument {index} is missing")))
}

fn arity(func: Func) -> DataFusionError {
    DataFusionError::Plan(format!("{func:?} has another number of arguments"))
}

fn literal_of(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Literal(value) => Some(literal_text(value)),
        _ => None,
    }
}

fn literal_text(value: &Literal) -> String {
    match value {
        Literal::Null => String::new(),
        Literal::Text(t) => t.clone(),
        Literal::Int(i) => i.to_string(),
        Literal::Float(f) => convert::number_text(*f),
        Literal::Bool(b) => b.to_string(),
        Literal::Time(t) => convert::instant_text(*t),
    }
}

/// A literal of the IR as one of DataFusion's.
pub(crate) fn literal(value: &Literal) -> Df {
    lit(match value {
        Literal::Null => ScalarValue::Utf8View(None),
        Literal::Text(t) => ScalarValue::Utf8View(Some(t.clone())),
        Literal::Int(i) => ScalarValue::Int64(Some(*i)),
        Literal::Float(f) => ScalarValue::Float64(Some(*f)),
        Literal::Bool(b) => ScalarValue::Boolean(Some(*b)),
        Literal::Time(t) => ScalarValue::TimestampMicrosecond(Some(*t), Some("UTC".into())),
    })
}
