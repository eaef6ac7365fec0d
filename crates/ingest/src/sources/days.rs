//! How a bucket is laid out: the places below which there is a folder a day, and what lies beside them.
//!
//! `AWSLogs/<account>/CloudTrail/<region>/2026/01/15/…` is such a place, whatever is in front of the year. So is
//! `…/eventDay=20260115/`. A bucket without days is one place without them.

use aws::AwsError;
use aws::s3::{Listed, Listing, Objects};
use chrono::{Datelike, NaiveDate};
use futures::StreamExt;

/// Listings at the same time.
const AT_ONCE: usize = 16;

/// What was found below the prefixes of a source.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    /// Prefixes below which there are days, in order.
    pub(crate) roots: Vec<Root>,
    /// Objects that are below no day.
    pub(crate) undated: Vec<Listed>,
}

/// A prefix below which there are days.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Root {
    pub(crate) prefix: String,
    pub(crate) style: Style,
}

/// How a day is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Style {
    /// `2026/01/15/`.
    Folders,
    /// `eventDay=20260115/`.
    EventDay,
}

impl Root {
    /// The prefix of a day.
    pub(crate) fn day(&self, day: NaiveDate) -> String {
        match self.style {
            Style::Folders => format!("{}{:04}/{:02}/{:02}/", self.prefix, day.year(), day.month(), day.day()),
            Style::EventDay => format!("{}eventDay={}/", self.prefix, day.format("%Y%m%d")),
        }
    }
}

/// What a prefix below another is.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    Year,
    EventDay,
    Other,
}

fn step(segment: &str) -> Step {
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits(segment, 4) && (segment.starts_with("19") || segment.starts_with("20")) {
        return Step::Year;
    }
    match segment.strip_prefix("eventDay=") {
        Some(day) if digits(day, 8) => Step::EventDay,
        _ => Step::Other,
    }
}

/// Walks a bucket from prefixes down to its days. Prefixes that `skips` are not walked.
pub(crate) async fn layout(
    objects: &Objects,
    bucket: &str,
    prefixes: &[String],
    skips: impl Fn(&str) -> bool + Sync,
) -> Result<Layout, AwsError> {
    let mut found = Layout::default();
    let mut level: Vec<String> = if prefixes.is_empty() { vec![String::new()] } else { prefixes.to_vec() };
    while !level.is_empty() {
        let listings: Vec<_> = level.iter().map(|prefix| children(objects, bucket, prefix)).collect();
        let listed: Vec<_> = futures::stream::iter(listings).buffered(AT_ONCE).collect().await;
        let mut next = Vec::new();
        for (prefix, children) in level.iter().zip(listed) {
            let (folders, files) = children?;
            found.undated.extend(files);
            let mut root = None;
            for folder in folders {
                let segment = folder.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
                match step(segment) {
                    Step::Year => root = Some(Style::Folders),
                    Step::EventDay => root = Some(Style::EventDay),
                    Step::Other if skips(segment) => {}
                    Step::Other => next.push(folder),
                }
            }
            found.roots.extend(root.map(|style| Root { prefix: prefix.clone(), style }));
        }
        level = next;
    }
    found.roots.sort();
    found.roots.dedup();
    Ok(found)
}

async fn children(objects: &Objects, bucket: &str, prefix: &str) -> Result<(Vec<String>, Vec<Listed>), AwsError> {
    let (mut folders, mut files, mut next) = (Vec::new(), Vec::new(), None);
    loop {
        let listing = Listing { prefix, delimiter: Some("/"), next: next.as_deref(), ..Listing::default() };
        let page = objects.list(bucket, &listing).await?;
        folders.extend(page.prefixes);
        files.extend(page.objects);
        next = page.next;
        if next.is_none() {
            return Ok((folders, files));
        }
    }
}

/// The days that a root has, newest first.
pub(crate) async fn days(objects: &Objects, bucket: &str, root: &Root) -> Result<Vec<NaiveDate>, AwsError> {
    let mut days = Vec::new();
    let number = |folder: &str| folder.trim_end_matches('/').rsplit('/').next().and_then(|part| part.parse().ok());
    if root.style == Style::EventDay {
        let (folders, _) = children(objects, bucket, &root.prefix).await?;
        let day = |folder: &String| {
            let written = folder.trim_end_matches('/').rsplit("eventDay=").next()?;
            NaiveDate::parse_from_str(written, "%Y%m%d").ok()
        };
        days.extend(folders.iter().filter_map(day));
    } else {
        let (years, _) = children(objects, bucket, &root.prefix).await?;
        for year in years.iter().filter(|year| number(year).is_some()) {
            let (months, _) = children(objects, bucket, year).await?;
            for month in &months {
                let (folders, _) = children(objects, bucket, month).await?;
                let day = |folder: &String| {
                    let (year, month) = (i32::try_from(number(year)?).ok()?, number(month)?);
                    NaiveDate::from_ymd_opt(year, month, number(folder)?)
                };
                days.extend(folders.iter().filter_map(day));
            }
        }
    }
    days.sort_unstable_by(|a, b| b.cmp(a));
    days.dedup();
    Ok(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_in_two_ways() {
        let day = NaiveDate::from_ymd_opt(2026, 1, 5).unwrap();
        let root = |prefix: &str, style: Style| Root { prefix: prefix.into(), style };
        assert_eq!(root("AWSLogs/1/CloudTrail/r/", Style::Folders).day(day), "AWSLogs/1/CloudTrail/r/2026/01/05/");
        assert_eq!(root("aws/x/accountId=1/", Style::EventDay).day(day), "aws/x/accountId=1/eventDay=20260105/");
    }

    #[test]
    fn segments_are_told_apart() {
        let check = |segment: &str, expected: Step| assert_eq!(step(segment), expected, "{segment}");
        check("2026", Step::Year);
        check("1999", Step::Year);
        check("3026", Step::Other);
        check("20260", Step::Other);
        check("123456789012", Step::Other);
        check("eventDay=20260115", Step::EventDay);
        check("eventDay=2026", Step::Other);
        check("CloudTrail", Step::Other);
    }
}
