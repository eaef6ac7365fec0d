//! The different texts of each group: how many there are, and which.
//!
//! DataFusion keeps a hash set for each group, of some kilobytes however few texts are in it, so that a million groups take more
//! memory than there is. Here all groups share one table of texts and one set of pairs of a group and a text.

use std::mem::size_of;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array, ListArray, StringViewArray};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{HashMap, HashSet, Result, ScalarValue, internal_datafusion_err};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, EmitTo, Expr, GroupsAccumulator, Signature, Volatility,
};

/// How many different texts there are; those that are null do not count.
pub(crate) fn distinct_count(text: Expr) -> Expr {
    AggregateUDF::from(Distinct::new(Form::Count)).call(vec![text])
}

/// The different texts, in no order; null where there are none.
pub(crate) fn distinct_values(text: Expr) -> Expr {
    AggregateUDF::from(Distinct::new(Form::Values)).call(vec![text])
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Form {
    Count,
    Values,
}

/// The function, in either form.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Distinct {
    form: Form,
    signature: Signature,
}

impl Distinct {
    fn new(form: Form) -> Self {
        Self { form, signature: Signature::exact(vec![DataType::Utf8View], Volatility::Immutable) }
    }
}

fn item() -> FieldRef {
    Arc::new(Field::new_list_field(DataType::Utf8View, true))
}

impl AggregateUDFImpl for Distinct {
    fn name(&self) -> &str {
        match self.form {
            Form::Count => "distinct_count",
            Form::Values => "distinct_values",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(match self.form {
            Form::Count => DataType::Int64,
            Form::Values => DataType::List(item()),
        })
    }

    fn is_nullable(&self) -> bool {
        self.form == Form::Values
    }

    fn default_value(&self, data_type: &DataType) -> Result<ScalarValue> {
        match self.form {
            Form::Count => Ok(ScalarValue::Int64(Some(0))),
            Form::Values => ScalarValue::try_from(data_type),
        }
    }

    fn accumulator(&self, _: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(One { texts: Texts::new(self.form), zeros: Vec::new() }))
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        Ok(vec![Arc::new(Field::new_list(format!("{}[texts]", args.name), item(), true))])
    }

    fn groups_accumulator_supported(&self, _: AccumulatorArgs<'_>) -> bool {
        true
    }

    fn create_groups_accumulator(&self, _: AccumulatorArgs<'_>) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(Texts::new(self.form)))
    }
}

/// The texts of all groups.
#[derive(Debug)]
struct Texts {
    form: Form,
    /// The number of each text.
    numbers: HashMap<Arc<str>, u32>,
    /// The text of each number.
    texts: Vec<Arc<str>>,
    /// Bytes of the texts.
    bytes: usize,
    /// A group in the upper half, the number of one of its texts in the lower.
    pairs: HashSet<u64>,
    groups: usize,
}

/// What a text takes beside its bytes: two pointers of two words each, a number, and the counters before the bytes.
const BESIDE: usize = 2 * size_of::<Arc<str>>() + size_of::<u32>() + 2 * size_of::<usize>();

impl Texts {
    fn new(form: Form) -> Self {
        let (numbers, texts, pairs) = (HashMap::new(), Vec::new(), HashSet::new());
        Self { form, numbers, texts, bytes: 0, pairs, groups: 0 }
    }

    fn put(&mut self, group: usize, text: &str) -> Result<()> {
        let number = match self.numbers.get(text) {
            Some(number) => *number,
            None => {
                let number = u32::try_from(self.texts.len()).map_err(|_| too_many("texts"))?;
                let text: Arc<str> = text.into();
                self.bytes += text.len() + BESIDE;
                self.texts.push(Arc::clone(&text));
                self.numbers.insert(text, number);
                number
            }
        };
        let group = u32::try_from(group).map_err(|_| too_many("groups"))?;
        self.pairs.insert(u64::from(group) << 32 | u64::from(number));
        Ok(())
    }

    /// The pairs of the first groups, in order, and how many groups those are; the others then count from 0.
    fn take(&mut self, emit_to: EmitTo) -> (Vec<u64>, usize) {
        let all = std::mem::take(&mut self.pairs);
        let groups = match emit_to {
            EmitTo::All => self.groups,
            EmitTo::First(count) => count.min(self.groups),
        };
        let bound = (groups as u64) << 32;
        let (mut taken, left): (Vec<u64>, Vec<u64>) = all.into_iter().partition(|pair| *pair < bound);
        self.pairs = left.into_iter().map(|pair| pair - bound).collect();
        self.groups -= groups;
        taken.sort_unstable();
        (taken, groups)
    }

    fn lists(&self, pairs: &[u64], groups: usize) -> Result<ArrayRef> {
        let texts = pairs.iter().map(|pair| self.texts.get((pair & u64::from(u32::MAX)) as usize));
        let texts: StringViewArray = texts.map(|text| text.map(AsRef::as_ref)).collect::<StringViewArray>();
        let counts = counts(pairs, groups);
        let nulls = NullBuffer::from_iter(counts.iter().map(|count| *count > 0));
        let lengths = OffsetBuffer::<i32>::from_lengths(counts);
        Ok(Arc::new(ListArray::try_new(item(), lengths, Arc::new(texts), Some(nulls))?))
    }

    fn answer(&self, pairs: &[u64], groups: usize) -> Result<ArrayRef> {
        match self.form {
            Form::Count => Ok(Arc::new(Int64Array::from_iter_values(counts(pairs, groups).iter().map(|n| *n as i64)))),
            Form::Values => self.lists(pairs, groups),
        }
    }

    fn forget_where_empty(&mut self) {
        if self.pairs.is_empty() {
            *self = Self { groups: self.groups, ..Self::new(self.form) };
        }
    }
}

/// How many pairs each group has.
fn counts(pairs: &[u64], groups: usize) -> Vec<usize> {
    let mut counts = vec![0; groups];
    for pair in pairs {
        if let Some(count) = counts.get_mut((pair >> 32) as usize) {
            *count += 1;
        }
    }
    counts
}

fn too_many(what: &str) -> datafusion::common::DataFusionError {
    internal_datafusion_err!("more than {} {what}", u32::MAX)
}

impl GroupsAccumulator for Texts {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        self.groups = total_num_groups;
        let texts = values[0].as_string_view();
        for (row, group) in group_indices.iter().enumerate() {
            let wanted = opt_filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row));
            if wanted && texts.is_valid(row) {
                self.put(*group, texts.value(row))?;
            }
        }
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let (pairs, groups) = self.take(emit_to);
        let answer = self.answer(&pairs, groups);
        self.forget_where_empty();
        answer
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let (pairs, groups) = self.take(emit_to);
        let lists = self.lists(&pairs, groups)?;
        self.forget_where_empty();
        Ok(vec![lists])
    }

    fn merge_batch(&mut self, values: &[ArrayRef], group_indices: &[usize], total_num_groups: usize) -> Result<()> {
        self.groups = total_num_groups;
        let lists = values[0].as_list::<i32>();
        let texts = lists.values().as_string_view();
        for (row, group) in group_indices.iter().enumerate() {
            if lists.is_null(row) {
                continue;
            }
            let (start, end) = (lists.value_offsets()[row] as usize, lists.value_offsets()[row + 1] as usize);
            for at in start..end {
                if texts.is_valid(at) {
                    self.put(*group, texts.value(at))?;
                }
            }
        }
        Ok(())
    }

    fn convert_to_state(&self, values: &[ArrayRef], opt_filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let texts = values[0].as_string_view();
        let wanted = |row: usize| {
            texts.is_valid(row) && opt_filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row))
        };
        let wanted = BooleanArray::from_iter((0..texts.len()).map(|row| Some(wanted(row))));
        let kept = arrow::compute::filter(texts, &wanted)?;
        let lengths = OffsetBuffer::<i32>::from_lengths(wanted.values().iter().map(usize::from));
        let nulls = NullBuffer::new(wanted.values().clone());
        Ok(vec![Arc::new(ListArray::try_new(item(), lengths, kept, Some(nulls))?)])
    }

    fn size(&self) -> usize {
        let slots = self.numbers.capacity() * (size_of::<(Arc<str>, u32)>() + 1) / 2;
        self.bytes + slots + self.pairs.capacity() * (size_of::<u64>() + 1)
    }
}

/// All rows are one group.
#[derive(Debug)]
struct One {
    texts: Texts,
    zeros: Vec<usize>,
}

impl One {
    fn groups(&mut self, rows: usize) -> Vec<usize> {
        let mut zeros = std::mem::take(&mut self.zeros);
        zeros.resize(rows, 0);
        zeros
    }

    fn pairs(&self) -> Vec<u64> {
        let mut pairs: Vec<u64> = self.texts.pairs.iter().copied().collect();
        pairs.sort_unstable();
        pairs
    }
}

impl Accumulator for One {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let groups = self.groups(values[0].len());
        self.texts.update_batch(values, &groups, None, 1)?;
        self.zeros = groups;
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        ScalarValue::try_from_array(&self.texts.answer(&self.pairs(), 1)?, 0)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![ScalarValue::try_from_array(&self.texts.lists(&self.pairs(), 1)?, 0)?])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let groups = self.groups(states[0].len());
        self.texts.merge_batch(states, &groups, 1)?;
        self.zeros = groups;
        Ok(())
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.texts.size() + self.zeros.capacity() * size_of::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(values: &[Option<&str>]) -> ArrayRef {
        Arc::new(values.iter().copied().collect::<StringViewArray>())
    }

    fn listed(array: &ArrayRef) -> Vec<Option<Vec<String>>> {
        let lists = array.as_list::<i32>();
        let list = |texts: ArrayRef| {
            let mut all: Vec<String> = texts.as_string_view().iter().flatten().map(str::to_owned).collect();
            all.sort_unstable();
            all
        };
        lists.iter().map(|texts| texts.map(list)).collect()
    }

    fn some(texts: &[&str]) -> Option<Vec<String>> {
        Some(texts.iter().map(|text| (*text).to_owned()).collect())
    }

    #[test]
    fn groups_have_their_own_texts() {
        let mut all = Texts::new(Form::Values);
        let values = texts(&[Some("b"), Some("a"), None, Some("b"), Some("c")]);
        let wanted = BooleanArray::from(vec![Some(true), Some(true), Some(true), Some(true), None]);
        all.update_batch(&[values], &[0, 1, 1, 0, 3], Some(&wanted), 4).unwrap();
        let answer = all.evaluate(EmitTo::All).unwrap();
        assert_eq!(listed(&answer), [some(&["b"]), some(&["a"]), None, None]);
    }

    #[test]
    fn groups_that_are_given_out_are_gone_and_the_others_move_up() {
        let mut all = Texts::new(Form::Count);
        all.update_batch(&[texts(&[Some("a"), Some("a"), Some("b"), Some("c")])], &[0, 1, 1, 2], None, 3).unwrap();
        let first = all.state(EmitTo::First(1)).unwrap();
        assert_eq!(listed(&first[0]), [some(&["a"])]);
        all.update_batch(&[texts(&[Some("b"), Some("d")])], &[0, 2], None, 3).unwrap();
        let counts = all.evaluate(EmitTo::All).unwrap();
        assert_eq!(counts.as_primitive::<arrow::datatypes::Int64Type>().values(), &[2, 1, 1]);
        assert!(all.pairs.is_empty() && all.texts.is_empty());
    }

    #[test]
    fn states_are_those_of_rows_and_of_groups_alike() {
        let rows = texts(&[Some("a"), None, Some("b"), Some("a")]);
        let states = Texts::new(Form::Values).convert_to_state(&[rows], None).unwrap();
        assert_eq!(listed(&states[0]), [some(&["a"]), None, some(&["b"]), some(&["a"])]);
        let mut merged = Texts::new(Form::Values);
        merged.merge_batch(&states, &[1, 1, 1, 0], 2).unwrap();
        let again = merged.state(EmitTo::All).unwrap();
        assert_eq!(listed(&again[0]), [some(&["a"]), some(&["a", "b"])]);
        let mut one = One { texts: Texts::new(Form::Count), zeros: Vec::new() };
        assert_eq!(one.evaluate().unwrap(), ScalarValue::Int64(Some(0)));
        one.merge_batch(&again).unwrap();
        assert_eq!(one.evaluate().unwrap(), ScalarValue::Int64(Some(2)));
    }

    /// A million groups of one text each: some dozens of bytes a group, not kilobytes.
    #[test]
    fn many_groups_take_little() {
        let mut all = Texts::new(Form::Count);
        let values: Vec<String> = (0..100_000).map(|n| format!("user-{}", n % 300)).collect();
        let values: ArrayRef = Arc::new(values.iter().map(Some).collect::<StringViewArray>());
        let groups: Vec<usize> = (0..100_000).collect();
        all.update_batch(&[values], &groups, None, 100_000).unwrap();
        assert!(all.size() < 100_000 * 40, "{}", all.size());
    }
}
