//! What a record of the background traffic is about: event, caller, outcome and, for `AssumeRole*`, the session handed out.

use crate::accounts::{Account, Region};
use crate::catalogue::{Assume, Caller, Category, Class, Entry, Failure};
use crate::identity::{self, Role};
use crate::mix::{Choice, Mix, human};
use crate::names;
use crate::rng::{self, Rng};
use crate::roster::{Actor, Roster};
use crate::template::Target;

/// The account, region and kind of traffic that an object belongs to, and all that its records draw from.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) account: &'static Account,
    pub(crate) region: &'static Region,
    /// The delivery folder: `CloudTrail` or `CloudTrail-NetworkActivity`.
    pub(crate) folder: &'static str,
    /// The stream's part of all events.
    pub(crate) share: f64,
    pub(crate) roster: Roster,
    pub(crate) mix: Mix,
}

/// A session that an event of this object handed out: its key and when.
#[derive(Debug, Clone)]
pub(crate) struct Live {
    pub(crate) key: String,
    pub(crate) since: i64,
}

/// Makes the records of one object.
#[derive(Debug)]
pub(crate) struct Writer<'a> {
    entries: &'a [Entry],
    pub(crate) stream: &'a Stream,
    pub(crate) rng: Rng,
    /// From this Unix time on, denials and IAM errors are left to the stories.
    quiet_from: i64,
    /// By actor: the session handed out in this object.
    pub(crate) live: Vec<Option<Live>>,
    pub(crate) target: Target,
    last: Option<Call<'a>>,
}

/// What is settled about a record before it is written.
#[derive(Debug, Clone)]
pub(crate) struct Call<'a> {
    pub(crate) entry: &'a Entry,
    pub(crate) caller: &'a Caller,
    pub(crate) actor: Option<&'a Actor>,
    pub(crate) failure: Option<&'a Failure>,
    /// An event of a service that still writes version 1.05.
    pub(crate) old: bool,
    pub(crate) time: i64,
    /// The record's own random number: chooses its resources.
    pub(crate) pick: u64,
}

impl Call<'_> {
    /// Whether an AWS service makes the call, under its own name or for somebody.
    pub(crate) fn by_service(&self) -> bool {
        matches!(self.caller.class, Class::Service | Class::Bare | Class::OnBehalf | Class::ServiceLinked)
    }
}

impl<'a> Writer<'a> {
    pub(crate) fn new(entries: &'a [Entry], stream: &'a Stream, seed: u64, quiet_from: i64) -> Self {
        let live = vec![None; stream.roster.size];
        Self { entries, stream, rng: Rng::new(seed), quiet_from, live, target: Target::default(), last: None }
    }

    /// Appends one record that happened at `time` (Unix seconds).
    pub(crate) fn record(&mut self, buf: &mut Vec<u8>, time: i64) {
        if let Some(call) = self.again(time).or_else(|| self.call(time)) {
            self.settle_target(&call);
            self.write(buf, &call);
            self.last = Some(call);
        }
    }

    /// Programs page, poll and loop: often the same caller asks the same of the same resource once more.
    fn again(&mut self, time: i64) -> Option<Call<'a>> {
        const REPEATED: f64 = 0.4;
        let last = self.last.take().filter(|last| time - last.time < 600)?;
        if !self.rng.chance(REPEATED) {
            return None;
        }
        let failure = self.failure(last.entry, time);
        Some(Call { failure, time, ..last })
    }

    /// Draws until the caller is at work; at last takes a machine.
    fn call(&mut self, time: i64) -> Option<Call<'a>> {
        const TRIES: usize = 4;
        for _ in 0..TRIES {
            let choice = self.stream.mix.any(&mut self.rng)?;
            let call = self.cast(choice, time);
            if self.at_work(&call) {
                return Some(call);
            }
        }
        let choice = self.stream.mix.machine(&mut self.rng)?;
        Some(self.cast(choice, time))
    }

    fn at_work(&mut self, call: &Call<'_>) -> bool {
        let person = human(call.caller.class) || call.caller.class == Class::User;
        match call.actor.and_then(|a| a.zone) {
            Some(zone) if person => self.rng.chance(zone.activity(call.time)),
            _ => true,
        }
    }

    fn cast(&mut self, choice: Choice, time: i64) -> Call<'a> {
        let entry = &self.entries[choice.entry];
        let caller = &entry.callers[choice.caller];
        let actor = self.actor(caller);
        let failure = self.failure(entry, time);
        let old = entry.category == Category::Management && self.rng.chance(0.004);
        Call { entry, caller, actor, failure, old, time, pick: self.rng.next() }
    }

    fn actor(&mut self, caller: &Caller) -> Option<&'a Actor> {
        let roster = &self.stream.roster;
        let class = match caller.class {
            Class::ServiceLinked => return roster.linked(&caller.principal),
            Class::OnBehalf => [Class::Lambda, Class::Eks, Class::Sso, Class::Ci][self.rng.index(4)],
            Class::Console if roster.of(Class::Console).is_empty() => Class::Switch,
            other => other,
        };
        let actors = roster.of(class);
        actors.get(rng::skew(self.rng.next(), actors.len() as u64) as usize)
    }

    fn failure(&mut self, entry: &'a Entry, time: i64) -> Option<&'a Failure> {
        let mut at = self.rng.unit() * 100.0;
        for failure in &entry.failures {
            at -= failure.percent;
            if at < 0.0 {
                return (!failure.guarded || time < self.quiet_from).then_some(failure);
            }
        }
        None
    }

    /// Chooses the session that an `AssumeRole*` call hands out; the object's later events use it.
    fn settle_target(&mut self, call: &Call<'a>) {
        let Some(assume) = call.entry.assume else { return };
        let key = identity::access_key("ASIA", self.rng.next());
        let class = self.target_class(assume, call.caller);
        let actors = class.map_or(&[] as &[Actor], |class| self.stream.roster.of(class));
        self.target = match actors.get(rng::skew(self.rng.next(), actors.len() as u64) as usize) {
            Some(actor) => self.hand_out(actor, key, call),
            None => self.elsewhere(key, call),
        };
    }

    fn target_class(&mut self, assume: Assume, caller: &Caller) -> Option<Class> {
        match (assume, caller.principal.as_str()) {
            (Assume::Web, _) => Some(if self.rng.chance(0.3) { Class::Ci } else { Class::Eks }),
            (Assume::Sso, _) => Some(Class::Sso),
            (Assume::Role, "ec2.amazonaws.com") => Some(Class::Instance),
            (Assume::Role, "lambda.amazonaws.com") => Some(Class::Lambda),
            (Assume::Role, "ecs-tasks.amazonaws.com" | "eks.amazonaws.com") => Some(Class::Eks),
            (Assume::Role, "") if caller.class == Class::Cross => Some(Class::Switch),
            (Assume::Role, _) => None,
        }
    }

    fn hand_out(&mut self, actor: &Actor, key: String, call: &Call<'_>) -> Target {
        if call.failure.is_none() {
            self.live[actor.id] = Some(Live { key: key.clone(), since: call.time });
        }
        let role = actor.role.as_ref();
        Target {
            role_arn: role.map(Role::arn).unwrap_or_default(),
            role_id: role.map(Role::id).unwrap_or_default(),
            session: actor.name.clone(),
            arn: actor.arn.clone(),
            key,
            subject: actor.subject.clone(),
            provider: actor.provider.clone(),
            expires: call.time + actor.session_seconds,
        }
    }

    /// A session whose events are not in the samples: of a service's role, or of somebody's in passing.
    fn elsewhere(&mut self, key: String, call: &Call<'_>) -> Target {
        let name = names::ROLES[self.rng.index(names::ROLES.len())];
        let role = Role::new(self.stream.account.id, "/", name);
        let session = match call.caller.principal.split_once('.') {
            Some((service, _)) => format!("{service}-{:08x}", self.rng.next() >> 32),
            None => call.actor.map_or_else(|| "session".to_owned(), |a| a.name.clone()),
        };
        Target {
            arn: role.session_arn(&session),
            role_arn: role.arn(),
            role_id: role.id(),
            session,
            key,
            expires: call.time + 3_600,
            ..Target::default()
        }
    }
}
