//! The pipeline IR: the one middle between every query language and the engine.
//!
//! A pipeline is a scan followed by operators over rows. It is typed (each expression knows its type), neutral (no
//! operator belongs to one language: `top`, `timechart`, `timeslice`, `parse` are desugared into these), and carries
//! spans so that a message from below can still point at the user's characters. Names are resolved before: an
//! expression reads a stored column, a path inside the raw record, or a field that an earlier operator made.

use serde::{Deserialize, Serialize};

use crate::span::Span;

pub mod cells;
mod render;

pub use cells::{RowTotal, Unpivot};
pub use render::{render, render_expr};

/// What a value is. Languages without types infer one here and insert conversions explicitly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Type {
    /// UTF-8 text.
    Text,
    /// 64-bit signed integer.
    Int,
    /// 64-bit float.
    Float,
    /// True or false.
    Bool,
    /// An instant, microseconds since the epoch, UTC.
    Time,
    /// Several texts: a multivalue field, a JSON array.
    List,
    /// Not known before the rows are there (after a pivot), or always null.
    Any,
}

/// A literal value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Literal {
    /// No value.
    Null,
    /// Text.
    Text(String),
    /// Integer.
    Int(i64),
    /// Float.
    Float(f64),
    /// Truth.
    Bool(bool),
    /// Microseconds since the epoch, UTC.
    Time(i64),
}

/// One step of a path into JSON.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PathStep {
    /// An object's member.
    Key(String),
    /// An array's element; negative counts from the end.
    Index(i64),
    /// Every element of an array: the path yields a list.
    Each,
    /// Every element where the value is an array (of arrays, too), the value itself where it is not: dotted names of
    /// OpenSearch and Sigma pass through arrays without saying so. The path yields a list.
    Elements,
    /// Every element of an array or member of an object: the path yields a list.
    Any,
}

/// The field that stands for the element inside the second argument of [`Func::ListFilter`] and [`Func::ListMap`].
pub const ELEMENT: &str = "__element";

/// A typed expression with the characters it came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// The type of its value.
    pub ty: Type,
    /// Where it stands in the query.
    pub span: Span,
}

/// The forms of an expression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExprKind {
    /// A stored column, by its catalogue name.
    Column(String),
    /// A value inside the raw record. Without `Each` it is Text (scalars as their text, objects and arrays as JSON text).
    Path(Vec<PathStep>),
    /// A field that an earlier operator of this pipeline made. Null where no such field exists.
    Field(String),
    /// A constant.
    Literal(Literal),
    /// A function of the IR's own vocabulary.
    Call {
        /// Which one.
        func: Func,
        /// Its arguments.
        args: Vec<Expr>,
    },
}

/// The functions of the IR. Semantics are fixed here; a language whose function differs lowers to a combination.
/// Null in gives null out unless said otherwise. Three-valued logic as in SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Func {
    // -- logic
    /// Both; three-valued.
    And,
    /// Either; three-valued.
    Or,
    /// Negation; three-valued.
    Not,
    /// True if the argument is true, false if it is false or null.
    IsTrue,
    /// Is null. An empty list is null too.
    IsNull,
    /// Is not null.
    IsNotNull,
    /// First argument that is not null.
    Coalesce,
    /// `(condition, then, else)`; a null condition takes the else branch.
    If,
    /// `(a, b)`: null if they are equal, else a.
    NullIf,
    // -- comparison. Both sides have one type, numbers may mix. Text compares by bytes.
    /// Equal. A List on the left: any element is.
    Eq,
    /// Not equal. A List on the left: any element is.
    Ne,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
    /// `(value, item, item, …)`: equals any item.
    In,
    /// Text equality that ignores case. List on the left: any element.
    EqIgnoreCase,
    /// `(value, pattern)`: whole value against a glob with `*`; case matters. List: any element.
    Glob,
    /// The same, ignoring case.
    GlobIgnoreCase,
    /// `(value, regex)`: found anywhere. List: any element.
    Regex,
    /// `(value, pattern)` with `%` and `_`; case matters.
    Like,
    /// `(value, part)`: contains the text; case matters.
    Contains,
    /// `(value, part)`: contains the text, ignoring case.
    ContainsIgnoreCase,
    /// `(address, cidr)`: an address inside a block, v4 and v6. Not an address: false.
    CidrMatch,
    // -- numbers
    /// Sum of two numbers.
    Add,
    /// Difference.
    Sub,
    /// Product.
    Mul,
    /// Quotient as a float; null when the divisor is 0.
    Div,
    /// Remainder; null when the divisor is 0.
    Mod,
    /// Negation of a number.
    Neg,
    /// Absolute value.
    Abs,
    /// Next integer up.
    Ceil,
    /// Next integer down.
    Floor,
    /// `(x[, digits])`, halves away from zero.
    Round,
    /// Square root.
    Sqrt,
    /// `(base, exponent)`.
    Pow,
    /// e to the power.
    Exp,
    /// Natural logarithm.
    Ln,
    /// `(x, base)`.
    Log,
    /// Smallest argument that is not null.
    Least,
    /// Largest argument that is not null.
    Greatest,
    /// A float in [0,1).
    Random,
    /// Sine of an angle in radians.
    Sin,
    /// Cosine.
    Cos,
    /// Tangent.
    Tan,
    /// Arc sine.
    Asin,
    /// Arc cosine.
    Acos,
    /// Arc tangent.
    Atan,
    /// `(y, x)`: the angle of a point.
    Atan2,
    /// `(int, int)`: bits set in both.
    BitAnd,
    /// `(int, int)`: bits set in either.
    BitOr,
    /// `(int, int)`: bits set in one of them.
    BitXor,
    /// `(int, int)`: moved left by so many bits.
    ShiftLeft,
    /// `(int, int)`: moved right by so many bits.
    ShiftRight,
    /// `(text, base)`: the whole number that a text says in a base from 2 to 36; null where it says none.
    ParseInt,
    // -- text
    /// Lower case.
    Lower,
    /// Upper case.
    Upper,
    /// `(text[, characters])`, both ends.
    Trim,
    /// Left end.
    LTrim,
    /// Right end.
    RTrim,
    /// Length in characters.
    Length,
    /// `(text, start[, length])`: 1-based, negative counts from the end.
    Substr,
    /// `(text, regex, replacement)`: all matches; `\1` and `$1` name groups.
    RegexReplace,
    /// `(text, regex, group name)`: the group of the first match.
    RegexExtract,
    /// `(text, regex, group name)`: the group of all matches, a List.
    RegexExtractAll,
    /// All arguments' texts one after another; any null gives null.
    Concat,
    /// `(text, separator)` to List.
    Split,
    /// `(text, part, replacement)`: every occurrence, literally.
    Replace,
    /// `(text, literal segment, …)`: what stands between the segments, at the first place where the first one is found, each
    /// next one at its first place after the one before: a List of one fewer than there are segments. An empty first segment
    /// is the text's start, an empty last one its end. Null where a segment is not found. Blanks after the `":` of a JSON
    /// member do not count.
    AnchorExtract,
    /// `(text, literal regex)`: the groups of the first match, in order, as a List (a group that took no part is empty); null
    /// where there is no match.
    RegexGroups,
    /// `(text, literal regex, literal separator)`: every match, its groups joined, as a List; null where there is none.
    RegexGroupsAll,
    /// `(text, literal delimiter, literal quote, literal escape)` to List: parts between delimiters that are neither quoted
    /// nor escaped, without their quotes.
    SplitQuoted,
    /// The text of a Base64 text; null where it is none.
    Base64Decode,
    /// Base64.
    Base64Encode,
    /// The text whose bytes stand in hexadecimal; null where they do not.
    HexDecode,
    /// Whether digits (others are passed over) end in a right Luhn check digit.
    Luhn,
    /// Percent-encoding of what URLs keep for themselves.
    UrlEncode,
    /// Percent-decoding.
    UrlDecode,
    /// MD5 as lower-case hex.
    Md5,
    /// SHA-1 as lower-case hex.
    Sha1,
    /// SHA-256 as lower-case hex.
    Sha256,
    /// SHA-512 as lower-case hex.
    Sha512,
    /// `(format, values…)` as C's printf.
    Printf,
    // -- conversions
    /// To Text: numbers as written (no trailing `.0`), Bool as `true`/`false`, Time as ISO 8601 with Z, List joined by newlines.
    ToText,
    /// To Float; null where it is not a number. Time gives epoch seconds.
    ToNumber,
    /// To Int, cut; null where it is not a number.
    ToInt,
    /// To Time: Text as ISO 8601, numbers as epoch seconds.
    ToTime,
    /// To List: one element.
    ToList,
    /// `"Number"`, `"String"`, `"Boolean"`, `"Invalid"` (null).
    TypeOf,
    // -- time
    /// The query's start, Time.
    Now,
    /// `(time, format)`: strftime format, Splunk's and C's letters, `%3N` included.
    Strftime,
    /// `(text, format)` to Time.
    Strptime,
    /// `(time, modifier)` such as `-1d@d`, to Time.
    RelativeTime,
    /// `(time, literal Int microseconds[, literal Int origin])`: start of the bucket.
    BinTime,
    /// `(number, width)`: start of the bucket.
    BinNumber,
    // -- lists
    /// `(list, index[, to])`: 0-based, negative from the end. Two indexes give a List, one gives Text.
    ListIndex,
    /// Number of elements; 1 for a Text; null for null.
    ListCount,
    /// `(list, separator)` to Text.
    ListJoin,
    /// Without repeats, order kept.
    ListDedup,
    /// Sorted by bytes.
    ListSort,
    /// Elements of all arguments, nulls left out.
    ListAppend,
    /// `(list, condition)`: the elements for which a condition holds; it reads the element as the field [`ELEMENT`].
    ListFilter,
    /// `(list, expression)`: the expression's text for each element, which it reads as the field [`ELEMENT`]; nulls are left out.
    ListMap,
    /// `(start, end, step)`: the numbers from start up to, not including, end; at most 10,000.
    ListRange,
    /// `(list, literal comparison, literal value)`: whether some element compares so. `=`, `!=`, `<`, `<=`, `>`, `>=` with a
    /// number look at elements that are numbers (`!=` holds for the others too); `=`, `!=` with a text compare bytes; `glob`
    /// and `not glob` match the whole element against a text with `*`; `regex` finds anywhere, `not regex` nowhere.
    ListAny,
    /// `(line)` to List: the words between spaces; what stands in `"…"` or `[…]` is one word, without them.
    Words,
    /// `(list, regex)`: index of the first match.
    ListFind,
    /// `(a, b, delimiter)`: pairs joined.
    ListZip,
    // -- structure and places
    /// `(json text, literal path)`: a value inside JSON text; the path is dotted, `{}` or `[*]` for each, `[n]`/`{n}` for an index. Text, or List with each.
    JsonGet,
    /// `(json text, literal dotted path)`: what stands at a path whose steps go into every element of an
    /// array that stands on the way, or at its end, as [`PathStep::Elements`] does: `string`, `number`, `boolean`, `null`, `object`, and
    /// `array` for an empty one. A List; null where nothing stands there.
    JsonTypes,
    /// `(text)`: every string, number and boolean inside JSON text, as text; what is no JSON object or array is one value.
    /// A List.
    JsonLeaves,
    /// `(list)`: the largest of its elements that are numbers, Float; null where none is.
    ListMax,
    /// `(list)`: the smallest of its elements that are numbers, Float; null where none is.
    ListMin,
    /// `(json text)`: the names of an object's members, or the elements' indexes of an array, as a JSON array's text.
    JsonKeys,
    /// `(text)`: whether it is JSON.
    JsonValid,
    /// `(json text)`: the elements of a JSON array as a List, strings without quotes.
    JsonToList,
    /// `(list)`: a JSON array's text; elements that are numbers or truth values stay such where the second argument, a literal
    /// Bool, is true.
    ListToJson,
    /// `(name, value, …)`: a JSON object's text.
    JsonObject,
    /// `(json text, literal dotted path, value, …)`: with the values put at the paths.
    JsonSet,
    /// `(json text, literal dotted path, …)`: without the members at the paths.
    JsonDelete,
    /// `(json text, literal path)`: the value that a JSONPath means, as text; where it may mean several (`[*]`, `..key`,
    /// `[0,2]`, `[1:3]`), their JSON array. Keys with dots stand in `['…']`. Null where there is none.
    JsonQuery,
    /// `(policy document, own accounts)`: the widest access that a policy gives, Text: `public` (anyone), `external` (accounts
    /// outside by name), `conditional` (anyone from a network or a resource that is named), `organization`, `internal`. The
    /// document is JSON, a JSON string of it, or URL-encoded; a statement alone will do. The accounts are ids, separated by
    /// commas; a null says that none is known. Null where there is no policy.
    PolicyAccess,
    /// `(policy document, own accounts)`: whom a policy lets in from outside, a List: `*`, account ids, canonical ids,
    /// providers. Null where it lets none in.
    PolicyPrincipals,
    /// `(policy document)`: whether a policy allows everything, or all of IAM, on everything without a condition, Bool. Null
    /// where there is no policy.
    PolicyAdmin,
    /// `(port)`: the service that IANA has registered for a port, Text; null where none is known.
    PortName,
    /// `(number)`: the keyword of an IP protocol, Text, in lower case; null where none is known.
    ProtocolName,
    /// `(path)`, the argument an [`ExprKind::Path`]: what stands at that place of the raw record: `null`, `true`, `false`,
    /// `number`, `string`, `object`, `array`; null where nothing does. A List where the path has [`PathStep::Each`] or
    /// [`PathStep::Any`]. The one way to tell JSON null from a member that is not there.
    JsonKind,
    /// `(address, literal attribute)`: `country_code`, `country`, `region`, `city`, `lat`, `lon`, `asn`, `as_org`. lat/lon Float.
    Geo,
}

/// The aggregate functions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Agg {
    /// Rows, or non-null values where there is an argument (elements, for a List).
    Count,
    /// Distinct non-null values, exact.
    DistinctCount,
    /// Distinct values, estimated.
    ApproxDistinct,
    /// Sum.
    Sum,
    /// Mean.
    Avg,
    /// Smallest.
    Min,
    /// Largest.
    Max,
    /// Max minus min.
    Range,
    /// Middle value.
    Median,
    /// A percentile, 0-100.
    Percentile(f64),
    /// Sample standard deviation.
    Stdev,
    /// Population standard deviation.
    StdevPop,
    /// Sample variance.
    Variance,
    /// Most frequent value.
    Mode,
    /// Distinct values, sorted by bytes, as a List.
    Values,
    /// Values in input order, as a List, 100 at most.
    List,
    /// The value of the row with the smallest `order` (the event's time).
    Earliest,
    /// The value of the row with the largest `order`.
    Latest,
    /// First in input order.
    First,
    /// Last in input order.
    Last,
    /// Counts of the rows in buckets of so many microseconds between the first and the last of them, as a List of texts that
    /// begins with `##__SPARKLINE__##`; the argument is a Time. Not in a window.
    Sparkline(i64),
    /// The value so many rows before the current one, null where there is none. In a window with an order only.
    Lag(u64),
    /// The running mean in which the newest value counts by this factor and what was before by the rest; nulls are passed
    /// over. In a window with an order only.
    Smoothed(f64),
    /// When the current row's session began, Time: the argument is the row's own instant, `filter` says which rows begin a
    /// session; so does a row that comes more than so many microseconds after its session's first. In a window with an
    /// order only.
    SessionStart(i64),
}

/// One aggregate of an [`Op::Aggregate`] or [`Op::Window`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Aggregate {
    /// The field it makes.
    pub name: String,
    /// The function.
    pub func: Agg,
    /// Its argument; none for a count of rows.
    pub arg: Option<Expr>,
    /// Only rows where this is true.
    pub filter: Option<Expr>,
    /// What [`Agg::Earliest`] and [`Agg::Latest`] order by.
    pub order: Option<Expr>,
    /// Type of the result.
    pub ty: Type,
}

/// A named expression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Named {
    /// The field's name.
    pub name: String,
    /// Its value.
    pub expr: Expr,
}

/// An item of a projection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Item {
    /// A named expression.
    Named(Named),
    /// Every present field whose name matches the glob, in order, not yet taken.
    Matching(String),
}

/// A sort key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SortKey {
    /// What to sort by. A Text that is a number on both sides compares as a number (`numeric`).
    pub expr: Expr,
    /// Largest first.
    pub descending: bool,
    /// Compare as numbers where both are, as text otherwise; false: by type alone. Nulls always come last.
    pub numeric: bool,
}

/// How two pipelines join.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JoinKind {
    /// Matching rows only.
    Inner,
    /// All rows of the left side.
    Left,
}

/// Where rows come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A log table, e.g. `cloudtrail`.
    Events {
        /// Its name.
        table: String,
    },
    /// A lookup file by name, all columns Text.
    Lookup {
        /// Its name.
        name: String,
    },
    /// `n` rows with the field `_time` = now.
    Generate {
        /// How many.
        rows: u64,
    },
}

/// The scan with which a pipeline begins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scan {
    /// Where the rows come from.
    pub source: Source,
    /// Rows at or after this instant (microseconds): the query's own bounds, which win over the caller's.
    pub earliest: Option<i64>,
    /// Rows before this instant (microseconds).
    pub latest: Option<i64>,
    /// The characters that said so.
    pub span: Span,
}

/// Rows become columns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pivot {
    /// Fields that stay rows, usually the time bucket.
    pub rows: Vec<String>,
    /// Field whose values become column names; none where only the grid is wanted.
    pub column: Option<String>,
    /// Fields with the cells. One: columns are named by value; several: `name: value`.
    pub values: Vec<String>,
    /// Most series kept, by largest total.
    pub limit: Option<usize>,
    /// The rest as one series of this name; none: dropped.
    pub other: Option<String>,
    /// Rows without a column value as a series of this name; none: dropped.
    pub null: Option<String>,
    /// Make every bucket of this width (microseconds) between the first and the last row (or the scan's bounds) exist.
    pub grid: Option<i64>,
    /// Cells that have no row are 0 (counts) instead of null.
    pub zero: bool,
}

/// An operator over rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "op")]
pub enum Op {
    /// Keeps rows where the predicate is true.
    Filter {
        /// A Bool.
        predicate: Expr,
    },
    /// Adds or replaces fields, one after another: a later one sees an earlier one.
    Extend {
        /// The fields.
        fields: Vec<Named>,
    },
    /// Exactly these fields, in this order. Nothing else, stored columns included, can be read after it.
    Project {
        /// The fields.
        items: Vec<Item>,
    },
    /// Removes fields whose names match.
    Remove {
        /// Globs.
        patterns: Vec<String>,
    },
    /// Renames present fields by glob, e.g. `All_Changes.*` to `*`.
    Rename {
        /// Pairs of globs with as many `*` on both sides.
        pairs: Vec<(String, String)>,
    },
    /// Null becomes a value, in the named fields (made where missing) or in all present ones.
    FillNull {
        /// The fields; none = all.
        fields: Option<Vec<String>>,
        /// The value.
        value: Literal,
    },
    /// Groups. A List in `by` counts each element; rows with a null key vanish unless `keep_null`.
    Aggregate {
        /// Keys.
        by: Vec<Named>,
        /// Aggregates.
        aggregates: Vec<Aggregate>,
        /// Null keys form a group.
        keep_null: bool,
    },
    /// Adds aggregates over a window to each row.
    Window {
        /// Partition keys.
        by: Vec<Expr>,
        /// Order inside; empty: the whole partition for every row.
        order: Vec<SortKey>,
        /// Rows of the frame before the current one, `None` = from the start; only with `order`. `u64::MAX` is from the start
        /// too, and may stand without `order`: the rows are taken as they come.
        preceding: Option<u64>,
        /// Only rows whose `order` value lies at most so many microseconds before the current row's; the order is then one
        /// ascending Time, and `preceding` is none. Rows of the same instant are in the frame where `current` is true.
        range: Option<i64>,
        /// Whether the current row is in its frame.
        current: bool,
        /// Aggregates.
        aggregates: Vec<Aggregate>,
    },
    /// Sorts; `limit` keeps the first so many.
    Sort {
        /// Keys, most important first.
        keys: Vec<SortKey>,
        /// Most rows.
        limit: Option<u64>,
    },
    /// The first `count` rows after `skip`.
    Limit {
        /// How many.
        count: u64,
        /// Left out before.
        skip: u64,
    },
    /// The last `count` rows, last first.
    Tail {
        /// How many.
        count: u64,
    },
    /// The first `count` rows of each combination of keys, in order; rows with a null key are dropped unless `keep_null`.
    Dedup {
        /// Keys.
        keys: Vec<Expr>,
        /// Rows kept a combination.
        count: u64,
        /// Whether rows with a null key stay.
        keep_null: bool,
    },
    /// A row an element of a List field; other fields repeat. Null lists keep one row with null.
    Expand {
        /// The field, which becomes Text.
        field: String,
        /// Most elements a row.
        limit: Option<u64>,
    },
    /// Rows become columns: materialises.
    Pivot(Pivot),
    /// Columns become rows.
    Unpivot(Unpivot),
    /// Adds a field with the sum of each row's numbers.
    RowTotal(RowTotal),
    /// Adds a row with the sums of the number columns.
    TotalRow {
        /// Fields that have no sum.
        left_out: Vec<String>,
        /// A field of the new row, and its text.
        label: Option<(String, String)>,
    },
    /// Joins another pipeline by equal fields.
    Join {
        /// Kind.
        kind: JoinKind,
        /// The right side.
        right: Box<Pipeline>,
        /// Pairs (left expression, right field).
        on: Vec<(Expr, String)>,
        /// At most this many matches a row; none = all.
        max: Option<u64>,
    },
    /// Appends another pipeline's rows; columns by name. Where one of the sides was sorted, its rows keep their order, and those
    /// of the other pipeline come after.
    Union {
        /// The other rows.
        right: Box<Pipeline>,
    },
    /// Writes the rows to a lookup file, which takes the place of the old one when all of them are there, and passes them on.
    /// Instants are written as epoch seconds, lists a line an element.
    Store {
        /// The file's name.
        table: String,
        /// The rows that are there already stay.
        append: bool,
        /// With `append`: rows that are there with the same value in this column are replaced.
        key: Option<String>,
        /// Without rows the file is emptied; else it stays as it is.
        empty: bool,
        /// Most rows written.
        max: Option<u64>,
    },
    /// Adds fields from a lookup file.
    Lookup {
        /// The file's name.
        table: String,
        /// Pairs (lookup column, expression).
        on: Vec<(String, Expr)>,
        /// Pairs (lookup column, field made); empty = all other columns.
        output: Vec<(String, String)>,
        /// Only where the field is still null.
        only_new: bool,
    },
}

/// A whole query.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pipeline {
    /// Where rows come from.
    pub scan: Scan,
    /// What happens to them, in order.
    pub ops: Vec<Op>,
}
