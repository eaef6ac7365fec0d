//! Where groups of stretches of files are kept: in memory, within a bound, the least recently used ones thrown away first.
//! What several queries want at the same moment is computed once, and given up when none of them waits any more.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use datafusion::arrow::array::{Array, ArrayRef, AsArray, ListArray, RecordBatch};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{DataFusionError, Result};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::execution::TaskContext;
use datafusion::physical_plan::ExecutionPlan;
use futures::future::{BoxFuture, Shared, WeakShared};
use futures::{FutureExt, StreamExt};

use super::shape::Shape;

/// Most rows that are kept of a stretch; grouping that leaves more of its rows saves too little.
const MOST_ROWS: usize = 64 * 1024;

/// Most bytes of them.
const MOST_BYTES: usize = 8 << 20;

/// The share of all that may be kept which one way of grouping may take; one with more would push out what others can use.
const SHARE: usize = 8;

/// Shapes that are remembered at most; each is some kilobytes.
const MOST_SHAPES: usize = 4096;

/// What is kept of one stretch.
type Groups = Arc<[RecordBatch]>;

/// The groups; none where they are too many to keep.
type Answer = std::result::Result<Option<Groups>, Arc<DataFusionError>>;
type Running = Shared<BoxFuture<'static, Answer>>;

/// A stretch of a file, grouped in one way.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Place {
    shape: u64,
    file: String,
    start: i64,
}

impl Place {
    pub(super) fn new(shape: u64, file: &PartitionedFile) -> Self {
        let start = file.range.as_ref().map_or(0, |range| range.start);
        Self { shape, file: file.object_meta.location.to_string(), start }
    }
}

/// The groups that are kept, for all queries of an engine.
pub(crate) struct Store {
    most_bytes: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Counted up by every use.
    clock: u64,
    next: u64,
    bytes: usize,
    shapes: HashMap<Arc<Shape>, Known>,
    /// Numbers of the shapes whose groups were too many somewhere.
    large: HashSet<u64>,
    kept: HashMap<Place, Kept>,
    /// Bytes of what is kept, by the number of its shape.
    bytes_of: HashMap<u64, usize>,
    running: HashMap<Place, WeakShared<BoxFuture<'static, Answer>>>,
}

struct Known {
    number: u64,
    used: u64,
    /// How many queries asked for it.
    asked: u64,
}

struct Kept {
    groups: Groups,
    bytes: usize,
    used: u64,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("most_bytes", &self.most_bytes).finish_non_exhaustive()
    }
}

impl Store {
    /// A store of at most so many bytes of groups.
    pub(crate) fn new(most_bytes: usize) -> Self {
        Self { most_bytes, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of a shape: the same for the same one, as long as it is remembered.
    pub(super) fn number(&self, shape: &Arc<Shape>) -> u64 {
        self.state().known(shape).number
    }

    /// The same, unless nobody asked for it before or there is too much of it to keep.
    pub(super) fn asked_again(&self, shape: &Arc<Shape>) -> Option<u64> {
        let mut state = self.state();
        let known = state.known(shape);
        known.asked += 1;
        let (number, again) = (known.number, known.asked > 1);
        (again && !state.large.contains(&number)).then_some(number)
    }

    /// The groups at a place: kept, being computed, or computed now as `plan` says; none where they are too many.
    pub(super) async fn find(
        self: &Arc<Self>,
        place: Place,
        plan: impl Future<Output = Result<Arc<dyn ExecutionPlan>>> + Send + 'static,
        context: &Arc<TaskContext>,
    ) -> Result<Option<Groups>> {
        let running = {
            let mut state = self.state();
            state.clock += 1;
            let now = state.clock;
            if let Some(kept) = state.kept.get_mut(&place) {
                kept.used = now;
                return Ok(Some(Arc::clone(&kept.groups)));
            }
            if state.large.contains(&place.shape) {
                return Ok(None);
            }
            match state.running.get(&place).and_then(WeakShared::upgrade) {
                Some(running) => running,
                None => {
                    let running = self.start(place.clone(), plan.boxed(), Arc::clone(context));
                    if let Some(weak) = running.downgrade() {
                        state.running.retain(|_, other| other.upgrade().is_some());
                        state.running.insert(place, weak);
                    }
                    running
                }
            }
        };
        running.await.map_err(DataFusionError::Shared)
    }

    /// Computes in a task of its own: a query that waits for another's result must not depend on that one being polled.
    fn start(
        self: &Arc<Self>,
        place: Place,
        plan: BoxFuture<'static, Result<Arc<dyn ExecutionPlan>>>,
        context: Arc<TaskContext>,
    ) -> Running {
        let store = Arc::clone(self);
        let task = Task(tokio::spawn(async move {
            let answer = match plan.await {
                Ok(plan) => computed(&plan, context).await.map_err(Arc::new),
                Err(error) => Err(Arc::new(error)),
            };
            store.settle(place, &answer);
            answer
        }));
        async move { task.await.unwrap_or_else(|error| Err(Arc::new(DataFusionError::ExecutionJoin(Box::new(error))))) }
            .boxed()
            .shared()
    }

    fn settle(&self, place: Place, answer: &Answer) {
        let mut state = self.state();
        state.running.remove(&place);
        match answer {
            Ok(Some(groups)) if !state.large.contains(&place.shape) => state.keep(place, groups, self.most_bytes),
            Ok(Some(_)) => {}
            Ok(None) => {
                state.large.insert(place.shape);
            }
            Err(_) => {}
        }
    }
}

impl State {
    fn known(&mut self, shape: &Arc<Shape>) -> &mut Known {
        self.clock += 1;
        if !self.shapes.contains_key(shape) {
            self.next += 1;
            self.shapes.insert(Arc::clone(shape), Known { number: self.next, used: self.clock, asked: 0 });
            self.forget_shapes();
        }
        let (used, next) = (self.clock, self.next);
        let known = self.shapes.entry(Arc::clone(shape)).or_insert(Known { number: next, used, asked: 0 });
        known.used = used;
        known
    }

    fn keep(&mut self, place: Place, groups: &Groups, most_bytes: usize) {
        let bytes = groups.iter().map(RecordBatch::get_array_memory_size).sum::<usize>() + place.file.len();
        self.clock += 1;
        let kept = Kept { groups: Arc::clone(groups), bytes, used: self.clock };
        let shape = place.shape;
        self.remove(&place);
        self.bytes += bytes;
        let of_shape = self.bytes_of.entry(shape).or_default();
        *of_shape += bytes;
        let too_much = *of_shape > most_bytes / SHARE;
        self.kept.insert(place, kept);
        if too_much {
            self.large.insert(shape);
            let places: Vec<Place> = self.kept.keys().filter(|place| place.shape == shape).cloned().collect();
            places.iter().for_each(|place| self.remove(place));
        }
        if self.bytes > most_bytes {
            self.make_room(most_bytes);
        }
    }

    fn remove(&mut self, place: &Place) {
        let Some(kept) = self.kept.remove(place) else { return };
        self.bytes -= kept.bytes;
        if let Some(bytes) = self.bytes_of.get_mut(&place.shape) {
            *bytes -= kept.bytes;
        }
    }

    /// Throws away what was not used for longest, down to three quarters, so that it is not done at every turn.
    fn make_room(&mut self, most_bytes: usize) {
        let mut by_use: Vec<(u64, Place)> = self.kept.iter().map(|(place, kept)| (kept.used, place.clone())).collect();
        by_use.sort_unstable_by_key(|(used, _)| *used);
        for (_, place) in by_use {
            if self.bytes <= most_bytes / 4 * 3 {
                return;
            }
            self.remove(&place);
        }
    }

    fn forget_shapes(&mut self) {
        if self.shapes.len() <= MOST_SHAPES {
            return;
        }
        let mut uses: Vec<u64> = self.shapes.values().map(|known| known.used).collect();
        uses.sort_unstable();
        let oldest = uses[uses.len() / 4];
        self.shapes.retain(|_, known| known.used > oldest);
        let numbers: std::collections::HashSet<u64> = self.shapes.values().map(|known| known.number).collect();
        self.large.retain(|number| numbers.contains(number));
        self.kept.retain(|place, _| numbers.contains(&place.shape));
        self.bytes_of.retain(|number, _| numbers.contains(number));
        self.bytes = self.kept.values().map(|kept| kept.bytes).sum();
    }
}

/// The groups of a plan of one part; none where they are too many to keep.
async fn computed(plan: &Arc<dyn ExecutionPlan>, context: Arc<TaskContext>) -> Result<Option<Groups>> {
    let mut rows = plan.execute(0, context)?;
    let (mut batches, mut count, mut bytes) = (Vec::new(), 0, 0);
    while let Some(batch) = rows.next().await {
        let batch = compact(&batch?)?;
        count += batch.num_rows();
        bytes += batch.get_array_memory_size();
        if count > MOST_ROWS || bytes > MOST_BYTES {
            return Ok(None);
        }
        batches.push(batch);
    }
    Ok(Some(batches.into()))
}

/// Without the buffers that its texts share with rows that are gone.
fn compact(batch: &RecordBatch) -> Result<RecordBatch> {
    let columns = batch.columns().iter().map(own).collect();
    Ok(RecordBatch::try_new(batch.schema(), columns)?)
}

fn own(array: &ArrayRef) -> ArrayRef {
    match array.data_type() {
        DataType::Utf8View => Arc::new(array.as_string_view().gc()),
        DataType::BinaryView => Arc::new(array.as_binary_view().gc()),
        DataType::List(field) => {
            let list = array.as_list::<i32>();
            let (offsets, nulls) = (list.offsets().clone(), list.nulls().cloned());
            Arc::new(ListArray::new(Arc::clone(field), offsets, own(list.values()), nulls))
        }
        _ => Arc::clone(array),
    }
}

/// A task that ends when nobody waits for it any more.
struct Task(tokio::task::JoinHandle<Answer>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Future for Task {
    type Output = std::result::Result<Answer, tokio::task::JoinError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context)
    }
}
