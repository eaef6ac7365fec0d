//! Running values that no window of DataFusion gives: sessions, whose beginnings depend on the beginning before, and
//! smoothed means, which depend on the mean before. Aggregates that see the rows of a partition in their order, once each.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use datafusion::common::{Result, ScalarValue, not_impl_err};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{Accumulator, AggregateUDF, AggregateUDFImpl, Signature, Volatility};

use crate::functions::time_type;

/// Which running value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    /// When the session began; a session lasts so many microseconds at most.
    Session(i64),
    /// The smoothed mean, by the bits of its factor.
    Smoothed(u64),
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Running {
    kind: Kind,
    signature: Signature,
}

/// `(instant, begins)` to the instant at which the row's session began.
pub(super) fn session(most: i64) -> AggregateUDF {
    udaf(Kind::Session(most), 2)
}

/// `(number)` to the mean in which the newest value counts by `factor`.
pub(super) fn smoothed(factor: f64) -> AggregateUDF {
    udaf(Kind::Smoothed(factor.to_bits()), 1)
}

fn udaf(kind: Kind, arguments: usize) -> AggregateUDF {
    AggregateUDF::from(Running { kind, signature: Signature::any(arguments, Volatility::Immutable) })
}

impl AggregateUDFImpl for Running {
    fn name(&self) -> &str {
        match self.kind {
            Kind::Session(_) => "session_start",
            Kind::Smoothed(_) => "smoothed",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(match self.kind {
            Kind::Session(_) => time_type(),
            Kind::Smoothed(_) => DataType::Float64,
        })
    }

    fn accumulator(&self, _: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(match self.kind {
            Kind::Session(most) => Box::new(Session { most, began: None }),
            Kind::Smoothed(bits) => Box::new(Smoothed { factor: f64::from_bits(bits), mean: None }),
        })
    }

    fn state_fields(&self, _: StateFieldsArgs<'_>) -> Result<Vec<arrow::datatypes::FieldRef>> {
        not_impl_err!("{} is a window function", self.name())
    }
}

#[derive(Debug)]
struct Session {
    most: i64,
    began: Option<i64>,
}

impl Accumulator for Session {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let times = cast(&cast(&values[0], &time_type())?, &DataType::Int64)?;
        let begins = cast(&values[1], &DataType::Boolean)?;
        let begins = begins.as_boolean();
        for (row, time) in times.as_primitive::<Int64Type>().iter().enumerate() {
            let Some(time) = time else { continue };
            let asked = !begins.is_null(row) && begins.value(row);
            if asked || self.began.is_none_or(|began| time.saturating_sub(began).saturating_abs() > self.most) {
                self.began = Some(time);
            }
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(ScalarValue::TimestampMicrosecond(self.began, Some("UTC".into())))
    }

    fn size(&self) -> usize {
        size_of_val(self)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        not_impl_err!("a session is of one ordered partition")
    }

    fn merge_batch(&mut self, _: &[ArrayRef]) -> Result<()> {
        not_impl_err!("a session is of one ordered partition")
    }
}

#[derive(Debug)]
struct Smoothed {
    factor: f64,
    mean: Option<f64>,
}

impl Accumulator for Smoothed {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let numbers = cast(&values[0], &DataType::Float64)?;
        for number in numbers.as_primitive::<Float64Type>().iter().flatten() {
            self.mean = Some(self.mean.map_or(number, |mean| self.factor * number + (1.0 - self.factor) * mean));
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(ScalarValue::Float64(self.mean))
    }

    fn size(&self) -> usize {
        size_of_val(self)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        not_impl_err!("a smoothed mean is of one ordered partition")
    }

    fn merge_batch(&mut self, _: &[ArrayRef]) -> Result<()> {
        not_impl_err!("a smoothed mean is of one ordered partition")
    }
}
