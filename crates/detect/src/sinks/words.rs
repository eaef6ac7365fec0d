//! The words of messages in the reader's language.

use super::{Change, Language, Notice, notice, text};
pub(super) use crate::words::{Word, severity};

/// Longest value that a message shows.
const VALUE: usize = 300;

pub(super) const WHAT_TO_DO: Word = Word("What to do first", "最初にすること");
pub(super) const EVIDENCE: Word = Word("Newest events", "最新のイベント");
pub(super) const OPEN: Word = Word("Open the alert", "アラートを開く");

/// A change's word.
pub(super) const fn change(change: Change) -> Word {
    match change {
        Change::Opened => Word("New alert", "新しいアラート"),
        Change::More => Word("More events", "イベント追加"),
        Change::Acknowledged => Word("Acknowledged", "確認済み"),
        Change::Closed => Word("Closed", "完了"),
        Change::Reopened => Word("Reopened", "再オープン"),
        Change::Test => Word("Test", "テスト"),
    }
}

/// A message's first line: severity, title and whom it is about.
pub(super) fn headline(notice: &Notice, language: Language, most: usize) -> String {
    let alert = &notice.alert;
    let about: Vec<&str> = [&alert.actor, &alert.account].into_iter().flatten().map(String::as_str).collect();
    let about = if about.is_empty() { String::new() } else { format!(" - {}", about.join(", ")) };
    let change = match notice.change {
        Change::Opened => String::new(),
        change => format!("{}: ", self::change(change).of(language)),
    };
    let severity = severity(alert.severity).of(language);
    text::line(&format!("[{severity}] {change}{}{about}", language.of(&alert.title)), most)
}

/// What is known of an alert, as label and value. Values are made harmless, and escaped by none of the formats.
pub(super) fn facts(notice: &Notice, language: Language) -> Vec<(String, String)> {
    let alert = &notice.alert;
    let place = match (&alert.source_address, &alert.country) {
        (Some(address), Some(country)) => Some(format!("{address} ({country})")),
        (address, country) => address.clone().or_else(|| country.clone()),
    };
    let known = [
        (Word("Change", "変更"), Some(change(notice.change).of(language).to_owned())),
        (Word("Severity", "重大度"), Some(severity(alert.severity).of(language).to_owned())),
        (Word("Account", "アカウント"), alert.account.clone()),
        (Word("Actor", "実行者"), alert.actor.clone()),
        (Word("Region", "リージョン"), alert.region.clone()),
        (Word("Source", "送信元"), place),
        (Word("Events", "イベント数"), Some(alert.events.to_string())),
        (Word("First seen", "最初"), Some(notice::time(alert.first_seen))),
        (Word("Last seen", "最後"), Some(notice::time(alert.last_seen))),
        (Word("ATT&CK", "ATT&CK"), (!alert.attack.is_empty()).then(|| alert.attack.join(", "))),
        (Word("Owner", "担当"), alert.owner.clone()),
        (Word("Verdict", "判定"), alert.verdict.clone()),
        (Word("Rule", "ルール"), Some(alert.rule_id.clone())),
    ];
    let known = known.into_iter().filter_map(|(word, value)| Some((word.of(language).to_owned(), value?)));
    let group = alert.group.iter().map(|part| (part.field.clone(), part.value.clone()));
    known.chain(group).map(|(label, value)| (text::line(&label, 60), text::line(&value, VALUE))).collect()
}

/// The newest events, a line each.
pub(super) fn evidence(notice: &Notice) -> Vec<String> {
    let one = |event: &super::NoticeEvent| {
        let parts = [&event.event_name, &event.event_source, &event.actor, &event.source_address, &event.region];
        let mut line = notice::time(event.event_time);
        for part in parts.into_iter().flatten() {
            line = format!("{line}  {part}");
        }
        if let Some(code) = &event.error_code {
            line = format!("{line}  ({code})");
        }
        text::line(&line, VALUE)
    };
    notice.evidence.iter().map(one).collect()
}

/// A whole message without any markup.
pub(super) fn plain(notice: &Notice, language: Language, link: Option<&str>) -> String {
    let mut lines = vec![headline(notice, language, 300), String::new()];
    lines.push(text::line(language.of(&notice.description), 4000));
    lines.push(String::new());
    lines.extend(facts(notice, language).into_iter().map(|(label, value)| format!("{label}: {value}")));
    let advice = language.of(&notice.advice);
    if !advice.is_empty() {
        lines.extend([String::new(), WHAT_TO_DO.of(language).to_owned(), text::line(advice, 4000)]);
    }
    let evidence = evidence(notice);
    if !evidence.is_empty() {
        lines.extend([String::new(), EVIDENCE.of(language).to_owned()]);
        lines.extend(evidence);
    }
    lines.extend(link.map(|link| format!("\n{link}")));
    lines.join("\n")
}
