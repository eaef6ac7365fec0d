//! Trino's types: their spelling, and the Arrow types that carry them.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Fields, TimeUnit};

use super::time_type;

/// A type as `CAST` names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Type {
    /// boolean.
    Boolean,
    /// tinyint to bigint, by bits.
    Integer(u8),
    /// real, double.
    Double,
    /// decimal(precision, scale).
    Decimal(u8, i8),
    /// varchar, char, string; with a length the text is cut.
    Varchar(Option<usize>),
    /// varbinary.
    Varbinary,
    /// json.
    Json,
    /// date.
    Date,
    /// time.
    Time,
    /// timestamp, with or without a zone.
    Timestamp,
    /// ipaddress.
    IpAddress,
    /// array(t).
    Array(Box<Type>),
    /// map(k, v).
    Map(Box<Type>, Box<Type>),
    /// row(name t, …); a field may have no name.
    Row(Vec<(Option<String>, Type)>),
}

impl Type {
    /// Reads Trino's, Hive's and DuckDB's spellings: `array(varchar)`, `array<string>`, `varchar[]`, `row(a bigint)`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut words = Words { rest: text.trim() };
        let found = words.ty(0)?;
        words.rest.trim().is_empty().then_some(found)
    }

    /// The Arrow type that carries it.
    pub(crate) fn arrow(&self) -> DataType {
        match self {
            Self::Boolean => DataType::Boolean,
            Self::Integer(8) => DataType::Int8,
            Self::Integer(16) => DataType::Int16,
            Self::Integer(32) => DataType::Int32,
            Self::Integer(_) => DataType::Int64,
            Self::Double => DataType::Float64,
            Self::Decimal(p, s) => DataType::Decimal128(*p, *s),
            Self::Varchar(_) | Self::IpAddress => DataType::Utf8View,
            Self::Varbinary => DataType::Binary,
            Self::Json => DataType::LargeUtf8,
            Self::Date => DataType::Date32,
            Self::Time => DataType::Time64(TimeUnit::Microsecond),
            Self::Timestamp => time_type(),
            Self::Array(item) => super::list_of(item.arrow()),
            Self::Map(key, value) => map_of(key.arrow(), value.arrow()),
            Self::Row(fields) => DataType::Struct(row_fields(fields)),
        }
    }
}

fn row_fields(fields: &[(Option<String>, Type)]) -> Fields {
    let named = |(at, (name, ty)): (usize, &(Option<String>, Type))| {
        let name = name.clone().unwrap_or_else(|| format!("field{at}"));
        Field::new(name, ty.arrow(), true)
    };
    fields.iter().enumerate().map(named).collect()
}

/// Arrow's map type over a key and a value type.
pub(crate) fn map_of(key: DataType, value: DataType) -> DataType {
    let entries = Fields::from(vec![Field::new("key", key, false), Field::new("value", value, true)]);
    DataType::Map(Arc::new(Field::new("entries", DataType::Struct(entries), false)), false)
}

/// Trino's name of an Arrow type, for `typeof`.
pub(crate) fn name_of(ty: &DataType) -> String {
    match ty {
        DataType::Null => "unknown".into(),
        DataType::Boolean => "boolean".into(),
        DataType::Int8 => "tinyint".into(),
        DataType::Int16 => "smallint".into(),
        DataType::Int32 => "integer".into(),
        t if t.is_integer() => "bigint".into(),
        DataType::Float32 => "real".into(),
        DataType::Float64 => "double".into(),
        DataType::Decimal128(p, s) => format!("decimal({p},{s})"),
        DataType::LargeUtf8 => "json".into(),
        DataType::Utf8 | DataType::Utf8View => "varchar".into(),
        DataType::Binary | DataType::BinaryView | DataType::LargeBinary => "varbinary".into(),
        DataType::Date32 | DataType::Date64 => "date".into(),
        DataType::Timestamp(_, None) => "timestamp(3)".into(),
        DataType::Timestamp(_, Some(_)) => "timestamp(3) with time zone".into(),
        DataType::Interval(_) | DataType::Duration(_) => "interval day to second".into(),
        DataType::List(item) => format!("array({})", name_of(item.data_type())),
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(f) if f.len() == 2 => {
                format!("map({}, {})", name_of(f[0].data_type()), name_of(f[1].data_type()))
            }
            _ => "map".into(),
        },
        DataType::Struct(fields) => {
            let fields: Vec<_> = fields.iter().map(|f| format!("{} {}", f.name(), name_of(f.data_type()))).collect();
            format!("row({})", fields.join(", "))
        }
        other => other.to_string().to_lowercase(),
    }
}

/// Types nest no deeper than this.
const DEEPEST: usize = 16;

struct Words<'a> {
    rest: &'a str,
}

impl<'a> Words<'a> {
    fn eat(&mut self, what: &[char]) -> Option<char> {
        self.rest = self.rest.trim_start();
        let first = self.rest.chars().next().filter(|c| what.contains(c))?;
        self.rest = &self.rest[first.len_utf8()..];
        Some(first)
    }

    fn word(&mut self) -> &'a str {
        self.rest = self.rest.trim_start();
        if let Some(inner) = self.rest.strip_prefix(['"', '`'])
            && let Some(end) = inner.find(['"', '`'])
        {
            self.rest = &inner[end + 1..];
            return &inner[..end];
        }
        let end = self.rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn numbers(&mut self) -> Vec<i64> {
        let mut found = Vec::new();
        if self.eat(&['(']).is_none() {
            return found;
        }
        loop {
            found.extend(self.word().parse::<i64>().ok());
            if self.eat(&[',']).is_none() {
                break;
            }
        }
        self.eat(&[')']);
        found
    }

    fn ty(&mut self, depth: usize) -> Option<Type> {
        if depth > DEEPEST {
            return None;
        }
        let word = self.word().to_lowercase();
        let mut found = match word.as_str() {
            "array" | "list" => {
                self.eat(&['(', '<'])?;
                let item = self.ty(depth + 1)?;
                self.eat(&[')', '>'])?;
                Type::Array(Box::new(item))
            }
            "map" => {
                self.eat(&['(', '<'])?;
                let key = self.ty(depth + 1)?;
                self.eat(&[','])?;
                let value = self.ty(depth + 1)?;
                self.eat(&[')', '>'])?;
                Type::Map(Box::new(key), Box::new(value))
            }
            "row" | "struct" => self.row(depth)?,
            _ => self.scalar(&word)?,
        };
        while self.eat(&['[']).is_some() {
            self.eat(&[']'])?;
            found = Type::Array(Box::new(found));
        }
        Some(found)
    }

    fn row(&mut self, depth: usize) -> Option<Type> {
        self.eat(&['(', '<'])?;
        let mut fields = Vec::new();
        loop {
            let before = self.rest;
            let name = self.word();
            self.eat(&[':']);
            let field = match self.ty(depth + 1) {
                Some(ty) => (Some(name.to_lowercase()), ty),
                None => {
                    self.rest = before;
                    (None, self.ty(depth + 1)?)
                }
            };
            fields.push(field);
            if self.eat(&[',']).is_none() {
                break;
            }
        }
        self.eat(&[')', '>'])?;
        Some(Type::Row(fields))
    }

    fn scalar(&mut self, word: &str) -> Option<Type> {
        Some(match word {
            "boolean" | "bool" => Type::Boolean,
            "tinyint" => Type::Integer(8),
            "smallint" => Type::Integer(16),
            "int" | "integer" | "int4" => Type::Integer(32),
            "bigint" | "long" | "int8" | "hugeint" | "ubigint" => Type::Integer(64),
            "real" | "float" | "float8" => Type::Double,
            "double" => {
                self.follows("precision");
                Type::Double
            }
            "decimal" | "numeric" => {
                let sizes = self.numbers();
                let size = |at: usize, default: i64| sizes.get(at).copied().unwrap_or(default);
                Type::Decimal(u8::try_from(size(0, 38).clamp(1, 38)).ok()?, i8::try_from(size(1, 0)).ok()?)
            }
            "varchar" | "char" | "string" | "text" | "character" => {
                self.follows("varying");
                Type::Varchar(self.numbers().first().and_then(|n| usize::try_from(*n).ok()))
            }
            "varbinary" | "binary" | "blob" => Type::Varbinary,
            "json" | "jsonb" => Type::Json,
            "date" => Type::Date,
            "time" => {
                self.numbers();
                self.zone();
                Type::Time
            }
            "timestamp" | "timestamptz" | "datetime" => {
                self.numbers();
                self.zone();
                Type::Timestamp
            }
            "ipaddress" | "inet" => Type::IpAddress,
            "uuid" => Type::Varchar(None),
            _ => return None,
        })
    }

    fn follows(&mut self, wanted: &str) {
        let before = self.rest;
        if !self.word().eq_ignore_ascii_case(wanted) {
            self.rest = before;
        }
    }

    fn zone(&mut self) {
        for word in ["with", "without", "time", "zone"] {
            self.follows(word);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(Type::parse(text).map(|t| name_of(&t.arrow())).as_deref(), expected, "{text}");
    }

    #[test]
    fn types_are_read_in_every_spelling() {
        check("VARCHAR(10)", Some("varchar"));
        check("timestamp(3) with time zone", Some("timestamp(3) with time zone"));
        check("double precision", Some("double"));
        check("ARRAY(MAP(VARCHAR, JSON))", Some("array(map(varchar, json))"));
        check("array<struct<name:string,value:string>>", Some("array(row(name varchar, value varchar))"));
        check("row(name varchar, age integer)", Some("row(name varchar, age integer)"));
        check("row(varchar, bigint)", Some("row(field0 varchar, field1 bigint)"));
        check("varchar[]", Some("array(varchar)"));
        check("decimal(10, 2)", Some("decimal(10,2)"));
        check("nonsense", None);
        check("array(", None);
        check(&"array(".repeat(100), None);
    }
}
