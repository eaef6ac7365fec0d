//! Avro object container files, as far as a table's manifests need them: whatever the schema, the members that were asked for.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value};

/// Decompressed bytes of one block.
const BLOCK: usize = 256 << 20;
/// Values in values.
const DEPTH: usize = 64;

/// The values of a file. Of records only the members in `wanted` are kept, at any depth.
///
/// # Errors
/// What is wrong with the file, in words.
pub(crate) fn read(file: &[u8], wanted: &[&str]) -> Result<Vec<Value>, String> {
    let mut input = Input { rest: file.strip_prefix(b"Obj\x01").ok_or("it is no Avro file")? };
    let header = header(&mut input)?;
    let text = header.get("avro.schema").ok_or("it has no schema")?;
    let schema: Value = serde_json::from_slice(text).map_err(|error| format!("its schema is no JSON: {error}"))?;
    let mut names = HashMap::new();
    let schema = Schema::read(&schema, &mut names, 0)?;
    let codec = header.get("avro.codec").map_or(&b"null"[..], Vec::as_slice);
    let sync = input.take(16)?;
    let mut values = Vec::new();
    while !input.rest.is_empty() {
        let (count, length) = (input.long()?, input.length()?);
        let block = decompress(codec, input.take(length)?)?;
        if input.take(16)? != sync {
            return Err("a block ends in the wrong place".into());
        }
        let mut reader = Reader { input: Input { rest: &block }, names: &names, wanted, budget: block.len() + 1 };
        for _ in 0..count {
            values.push(reader.value(&schema, 0)?);
        }
    }
    Ok(values)
}

fn header(input: &mut Input<'_>) -> Result<HashMap<String, Vec<u8>>, String> {
    let mut header = HashMap::new();
    loop {
        let count = input.block()?;
        if count == 0 {
            return Ok(header);
        }
        for _ in 0..count {
            let name = String::from_utf8_lossy(input.bytes()?).into_owned();
            header.insert(name, input.bytes()?.to_vec());
        }
    }
}

fn decompress(codec: &[u8], block: &[u8]) -> Result<Vec<u8>, String> {
    match codec {
        b"null" => Ok(block.to_vec()),
        b"deflate" => miniz_oxide::inflate::decompress_to_vec_with_limit(block, BLOCK)
            .map_err(|error| format!("a block can't be inflated: {error}")),
        b"zstandard" => event::compression::decompress(block, BLOCK)
            .map(std::borrow::Cow::into_owned)
            .map_err(|error| format!("a block can't be decompressed: {error}")),
        other => Err(format!("its codec {} is not read", String::from_utf8_lossy(other))),
    }
}

#[derive(Debug)]
enum Schema {
    Null,
    Boolean,
    Long,
    Float,
    Double,
    Bytes,
    Text,
    Fixed(usize),
    Enum(Vec<String>),
    Array(Arc<Schema>),
    Map(Arc<Schema>),
    Union(Vec<Schema>),
    Record(Vec<(String, Schema)>),
    /// A type that was described before.
    Named(String),
}

type Names = HashMap<String, Arc<Schema>>;

impl Schema {
    fn read(schema: &Value, names: &mut Names, depth: usize) -> Result<Self, String> {
        if depth > DEPTH {
            return Err("its schema is too deep".into());
        }
        let object = match schema {
            Value::String(name) => return Ok(Self::simple(name).unwrap_or_else(|| Self::Named(bare(name).to_owned()))),
            Value::Array(of) => {
                let of: Result<_, _> = of.iter().map(|schema| Self::read(schema, names, depth + 1)).collect();
                return Ok(Self::Union(of?));
            }
            Value::Object(object) => object,
            _ => return Err("its schema is none".into()),
        };
        let inner = |name: &str| object.get(name).ok_or_else(|| format!("its schema lacks `{name}`"));
        let kind = inner("type")?;
        let Value::String(kind) = kind else { return Self::read(kind, names, depth + 1) };
        let read = match kind.as_str() {
            "record" | "error" => Self::Record(Self::fields(inner("fields")?, names, depth)?),
            "array" => return Ok(Self::Array(Arc::new(Self::read(inner("items")?, names, depth + 1)?))),
            "map" => return Ok(Self::Map(Arc::new(Self::read(inner("values")?, names, depth + 1)?))),
            "enum" => {
                let symbols = inner("symbols")?.as_array().cloned().unwrap_or_default();
                Self::Enum(symbols.iter().filter_map(Value::as_str).map(str::to_owned).collect())
            }
            "fixed" => {
                let size = inner("size")?.as_u64().and_then(|size| usize::try_from(size).ok());
                Self::Fixed(size.ok_or("its schema has a size that is none")?)
            }
            other => return Ok(Self::simple(other).unwrap_or_else(|| Self::Named(bare(other).to_owned()))),
        };
        let name = object.get("name").and_then(Value::as_str).unwrap_or_default();
        names.insert(bare(name).to_owned(), Arc::new(read));
        Ok(Self::Named(bare(name).to_owned()))
    }

    fn fields(fields: &Value, names: &mut Names, depth: usize) -> Result<Vec<(String, Self)>, String> {
        let fields = fields.as_array().ok_or("its schema has a record without fields")?;
        let field = |field: &Value| {
            let name = field.get("name").and_then(Value::as_str).ok_or("its schema has a field without a name")?;
            let schema = field.get("type").ok_or("its schema has a field without a type")?;
            Ok((name.to_owned(), Self::read(schema, names, depth + 1)?))
        };
        fields.iter().map(field).collect()
    }

    fn simple(name: &str) -> Option<Self> {
        Some(match name {
            "null" => Self::Null,
            "boolean" => Self::Boolean,
            "int" | "long" => Self::Long,
            "float" => Self::Float,
            "double" => Self::Double,
            "bytes" => Self::Bytes,
            "string" => Self::Text,
            _ => return None,
        })
    }
}

/// A name without its namespace.
fn bare(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

struct Input<'a> {
    rest: &'a [u8],
}

impl<'a> Input<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or("it ends too early")?;
        self.rest = rest;
        Ok(taken)
    }

    /// A number in zigzag and seven bits a byte.
    fn long(&mut self) -> Result<i64, String> {
        let mut bits: u64 = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            bits |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok((bits >> 1).cast_signed() ^ -(bits & 1).cast_signed());
            }
        }
        Err("a number has too many bytes".into())
    }

    fn length(&mut self) -> Result<usize, String> {
        usize::try_from(self.long()?).map_err(|_| "a length is negative".to_owned())
    }

    /// The number of items of the next block; a negative one has the block's size behind it.
    fn block(&mut self) -> Result<u64, String> {
        let count = self.long()?;
        if count < 0 {
            self.long()?;
        }
        Ok(count.unsigned_abs())
    }

    fn bytes(&mut self) -> Result<&'a [u8], String> {
        let length = self.length()?;
        self.take(length)
    }
}

struct Reader<'a> {
    input: Input<'a>,
    names: &'a Names,
    wanted: &'a [&'a str],
    /// Items of lists that may still come: one takes a byte at least, or a file of few bytes could ask for any memory.
    budget: usize,
}

impl Reader<'_> {
    fn value(&mut self, schema: &Schema, depth: usize) -> Result<Value, String> {
        if depth > DEPTH {
            return Err("a value is too deep".into());
        }
        Ok(match schema {
            Schema::Null => Value::Null,
            Schema::Boolean => Value::Bool(self.input.take(1)?[0] != 0),
            Schema::Long => self.input.long()?.into(),
            Schema::Float => {
                self.input.take(4)?;
                Value::Null
            }
            Schema::Double => {
                self.input.take(8)?;
                Value::Null
            }
            Schema::Bytes => {
                self.input.bytes()?;
                Value::Null
            }
            Schema::Text => String::from_utf8_lossy(self.input.bytes()?).into(),
            Schema::Fixed(size) => {
                self.input.take(*size)?;
                Value::Null
            }
            Schema::Enum(symbols) => {
                let at = self.input.length()?;
                symbols.get(at).cloned().ok_or("a symbol is not in the schema")?.into()
            }
            Schema::Array(items) => self.array(items, depth)?,
            Schema::Map(values) => self.map(values, depth)?,
            Schema::Union(of) => {
                let at = self.input.length()?;
                self.value(of.get(at).ok_or("a value is of none of its types")?, depth + 1)?
            }
            Schema::Record(fields) => self.record(fields, depth)?,
            Schema::Named(name) => {
                let schema = self.names.get(name).cloned();
                self.value(
                    schema.ok_or_else(|| format!("its schema does not say what `{name}` is"))?.as_ref(),
                    depth + 1,
                )?
            }
        })
    }

    fn record(&mut self, fields: &[(String, Schema)], depth: usize) -> Result<Value, String> {
        let mut record = Map::new();
        for (name, schema) in fields {
            let value = self.value(schema, depth + 1)?;
            if self.wanted.contains(&name.as_str()) {
                record.insert(name.clone(), value);
            }
        }
        Ok(record.into())
    }

    fn items(&mut self) -> Result<u64, String> {
        let count = self.input.block()?;
        let items = usize::try_from(count).map_err(|_| "a list is too long")?;
        self.budget = self.budget.checked_sub(items).ok_or("a list is too long")?;
        Ok(count)
    }

    fn array(&mut self, items: &Schema, depth: usize) -> Result<Value, String> {
        let mut array = Vec::new();
        loop {
            let count = self.items()?;
            if count == 0 {
                return Ok(array.into());
            }
            for _ in 0..count {
                array.push(self.value(items, depth + 1)?);
            }
        }
    }

    fn map(&mut self, values: &Schema, depth: usize) -> Result<Value, String> {
        let mut map = Map::new();
        loop {
            let count = self.items()?;
            if count == 0 {
                return Ok(map.into());
            }
            for _ in 0..count {
                let name = String::from_utf8_lossy(self.input.bytes()?).into_owned();
                let value = self.value(values, depth + 1)?;
                map.insert(name, value);
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::json;

    use super::*;

    /// A number as Avro writes it.
    pub(crate) fn long(number: i64) -> Vec<u8> {
        let mut bits = (number.cast_unsigned() << 1) ^ (number >> 63).cast_unsigned();
        let mut bytes = Vec::new();
        while bits >= 0x80 {
            bytes.push(u8::try_from(bits & 0x7f).unwrap() | 0x80);
            bits >>= 7;
        }
        bytes.push(u8::try_from(bits).unwrap());
        bytes
    }

    pub(crate) fn text(text: &str) -> Vec<u8> {
        [long(i64::try_from(text.len()).unwrap()), text.as_bytes().to_vec()].concat()
    }

    /// A file of one block.
    pub(crate) fn file(schema: &Value, codec: &str, count: i64, block: &[u8]) -> Vec<u8> {
        let block = match codec {
            "deflate" => miniz_oxide::deflate::compress_to_vec(block, 6),
            _ => block.to_vec(),
        };
        let length = |bytes: &[u8]| long(i64::try_from(bytes.len()).unwrap());
        let header =
            [long(2), text("avro.schema"), text(&schema.to_string()), text("avro.codec"), text(codec), long(0)];
        let sync = [7; 16].to_vec();
        [b"Obj\x01".to_vec(), header.concat(), sync.clone(), long(count), length(&block), block, sync].concat()
    }

    fn schema() -> Value {
        json!({"type": "record", "name": "ns.entry", "fields": [
            {"name": "status", "type": "int"},
            {"name": "skipped", "type": {"type": "map", "values": "bytes"}},
            {"name": "id", "type": ["null", "long"], "default": null},
            {"name": "file", "type": {"type": "record", "name": "file", "fields": [
                {"name": "path", "type": "string"},
                {"name": "part", "type": {"type": "fixed", "name": "four", "size": 4}},
                {"name": "kind", "type": {"type": "enum", "name": "k", "symbols": ["DATA", "DELETES"]}},
                {"name": "sizes", "type": {"type": "array", "items": {"type": "long", "logicalType": "x"}}},
                {"name": "other", "type": ["null", "file"]},
            ]}},
        ]})
    }

    fn entry() -> Vec<u8> {
        let inner = |other: Vec<u8>| {
            [text("p"), vec![1, 2, 3, 4], long(1), long(-2), long(2), long(5), long(-6), long(0), other].concat()
        };
        let map = [long(1), text("a"), long(2), vec![9, 9], long(0)].concat();
        [long(1), map, long(1), long(77), inner([long(1), inner(long(0))].concat())].concat()
    }

    #[test]
    fn files_are_read_whatever_their_schema() {
        let wanted = ["status", "id", "file", "path", "kind", "sizes", "other"];
        for codec in ["null", "deflate"] {
            let read = read(&file(&schema(), codec, 2, &[entry(), entry()].concat()), &wanted).unwrap();
            let inner = json!({"path": "p", "kind": "DELETES", "sizes": [5, -6], "other": null});
            let mut outer = inner.clone();
            outer["other"] = inner;
            let expected = json!({"status": 1, "id": 77, "file": outer});
            assert_eq!(read, [expected.clone(), expected], "{codec}");
        }
    }

    #[test]
    fn what_is_broken_is_refused() {
        let whole = file(&schema(), "null", 1, &entry());
        for end in 0..whole.len() {
            // Whole up to the header's end it is a file without a block.
            let _ = read(&whole[..end], &[]);
        }
        assert!(read(&whole[..whole.len() - 1], &[]).is_err());
        assert!(read(b"PAR1", &[]).is_err());
        assert!(read(&file(&schema(), "lzma", 1, &entry()), &[]).is_err());
        let nulls = json!({"type": "array", "items": "null"});
        assert!(read(&file(&nulls, "null", 1, &[long(i64::MAX), long(0)].concat()), &[]).is_err());
        let endless = json!({"type": "record", "name": "r", "fields": [{"name": "r", "type": "r"}]});
        assert!(read(&file(&endless, "null", 1, &[]), &[]).is_err());
        assert_eq!([long(0), long(-1), long(1), long(64)].concat(), [0, 1, 2, 0x80, 1]);
    }
}
