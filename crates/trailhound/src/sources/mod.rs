//! `[[source]]`: what brings logs in by itself, as the settings say it, and how it is started and ended.

mod settings;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use ingest::inlet::{EnricherNow, Inlet};
use ingest::sources::{Checkpoint, Meter, Registry, folder, lookup_events, s3_list, s3_sqs};
use ingest::{Ingest, Intake, Watched};
use lake::Lake;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub(crate) use self::settings::{Access, Common, Rest, Source, Span, check};
use crate::config::Settings;

/// Rows wait at most this long for a commit.
const COMMIT_EVERY: Duration = Duration::from_secs(1);
/// How long the end waits for the last commit.
const ENDING: Duration = Duration::from_secs(30);

/// Sources at work.
pub(crate) struct Running {
    cancel: CancellationToken,
    tasks: Vec<JoinHandle<anyhow::Result<()>>>,
    committed: JoinHandle<()>,
}

/// Where sources put what they bring.
pub(crate) struct Destination {
    pub(crate) lake: Lake,
    /// The enricher of the moment.
    pub(crate) enricher: EnricherNow,
    pub(crate) registry: Registry,
    /// Who looks at the events as they come.
    pub(crate) watched: Watched,
    /// Where growing files go.
    pub(crate) inlet: Option<Inlet>,
    /// End when everything that is there now is in.
    pub(crate) drain: bool,
}

/// Starts `sources`.
pub(crate) async fn start(settings: &Settings, sources: Vec<Source>, into: Destination) -> anyhow::Result<Running> {
    let cancel = CancellationToken::new();
    let options = ingest::Options {
        rules: Arc::new(settings.ingest.rules()?),
        old_after: settings.ingest.old_after()?,
        watched: into.watched,
        ..ingest::Options::default()
    };
    let (drain, registry) = (into.drain, into.registry);
    let ingest = Ingest::following(into.lake.clone(), into.enricher, options);
    let (intake, committed) = Intake::start(ingest, COMMIT_EVERY).await?;
    let checkpoints = settings.checkpoints.clone().unwrap_or_else(|| PathBuf::from("data/sources"));
    let mut tasks = Vec::new();
    // Those that are sent to are there for as long as somebody listens.
    for source in sources.into_iter().filter(|source| !source.is_sent_to()) {
        let meter = registry.meter(source.name(), source.kind(), source.expected()?);
        if !source.is_enabled() {
            meter.off();
            continue;
        }
        let access = access(settings, source.access());
        let checkpoint = Checkpoint::new(&checkpoints, source.name())?;
        let (intake, cancel) = (intake.clone(), cancel.clone());
        if let Source::Folder(of) = &source {
            let inlet = into.inlet.clone().context("the journal is not open")?;
            let (of, lake) = (of.settings(drain), into.lake.clone());
            tasks.push(tokio::spawn(async move {
                let name = of.name.clone();
                let ended = folder::run(of, &lake, (intake, inlet), meter.clone(), checkpoint, cancel).await;
                if let Err(error) = &ended {
                    meter.failed(&error.to_string());
                    tracing::error!(source = name, %error, "the source has ended");
                }
                ended.with_context(|| format!("the source `{name}`"))
            }));
            continue;
        }
        tasks.push(tokio::spawn(async move {
            let name = source.name().to_owned();
            let ended = match aws::Session::open(&access).await {
                Ok(session) => one(source, &session, intake, meter.clone(), checkpoint, drain, cancel).await,
                Err(error) => Err(error.into()),
            };
            if let Err(error) = &ended {
                meter.failed(&error.to_string());
                tracing::error!(source = name, error = format!("{error:#}"), "the source has ended");
            }
            ended.with_context(|| format!("the source `{name}`"))
        }));
    }
    Ok(Running { cancel, tasks, committed })
}

async fn one(
    source: Source,
    session: &aws::Session,
    intake: Intake,
    meter: Meter,
    checkpoint: Checkpoint,
    drain: bool,
    cancel: CancellationToken,
) -> anyhow::Result<()> {
    match source {
        Source::S3Sqs(of) => s3_sqs::run(of.settings(drain), session, intake, meter, cancel).await?,
        Source::SecurityLake(of) => {
            let settings = s3_sqs::Settings { tables: true, ..of.settings(drain) };
            s3_sqs::run(settings, session, intake, meter, cancel).await?;
        }
        Source::S3List(of) => {
            s3_list::run(of.settings(drain)?, session, intake, meter, checkpoint, cancel).await?;
        }
        Source::LookupEvents(of) => {
            lookup_events::run(of.settings(drain), session, intake, meter, checkpoint, cancel).await?;
        }
        Source::Hec(_) | Source::Firehose(_) | Source::Folder(_) => {}
    }
    Ok(())
}

/// How AWS is reached: as the source says, else as the settings do.
pub(crate) fn access(settings: &Settings, access: &Access) -> aws::Settings {
    aws::Settings {
        region: access.region.clone().or_else(|| settings.aws.region.clone()),
        profile: access.profile.clone(),
        role_arn: access.role_arn.clone(),
        external_id: access.external_id.clone(),
        endpoint_url: access.endpoint_url.clone().or_else(|| settings.aws.endpoint_url.clone()),
        ..aws::Settings::default()
    }
}

impl Running {
    /// Asks the sources to end.
    pub(crate) fn cancel(&self) -> CancellationToken {
        self.cancel.clone()
    }

    /// Waits until all sources have ended by themselves, and everything is committed.
    pub(crate) async fn ended(self) -> anyhow::Result<()> {
        let mut first = Ok(());
        for task in self.tasks {
            first = first.and(task.await.context("a source panicked").and_then(|ended| ended));
        }
        self.committed.await.context("the commits panicked")?;
        first
    }

    /// Ends the sources: what is in their hands is committed, if that does not take too long.
    pub(crate) async fn stop(self) {
        self.cancel.cancel();
        if tokio::time::timeout(ENDING, self.ended()).await.is_err() {
            tracing::warn!("the sources did not end in time; what was not committed is delivered again");
        }
    }
}
