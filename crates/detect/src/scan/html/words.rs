//! The page's words.

use crate::sinks::Language;
pub(super) use crate::words::{Word, severity};

pub(super) const TITLE: Word = Word("Scan of AWS logs", "AWS ログのスキャン結果");
pub(super) const ALERTS: Word = Word("Alerts", "アラート");
pub(super) const FINDINGS: Word = Word("Findings", "検出");
pub(super) const EVENTS: Word = Word("Events", "イベント");
pub(super) const FAILED: Word = Word("failed", "失敗");
pub(super) const OBJECTS: Word = Word("objects", "オブジェクト");
pub(super) const RULES: Word = Word("Rules", "ルール");
pub(super) const RULES_RUN: Word = Word("rules ran", "件のルールを実行");
pub(super) const MADE: Word = Word("Made by Trailhound", "作成: Trailhound");
pub(super) const READ: Word = Word("Logs read", "読み取ったログ");
pub(super) const PERIOD: Word = Word("Period of the events", "イベントの期間");
pub(super) const NOTHING: Word = Word(
    "No rule found anything. That is not proof that nothing happened: see below what was read, and which rules ran.",
    "どのルールも検出しませんでした。ただし、何も起きていない証明ではありません。読み取った範囲と実行したルールを下で確認してください。",
);
pub(super) const TIMELINE: Word = Word("Time line", "タイムライン");
pub(super) const EACH_BAR: Word = Word("Findings; a bar is", "検出数(1 本の棒は次の時間)");
pub(super) const ACTORS: Word = Word("Who", "誰が");
pub(super) const ACTOR: Word = Word("Actor", "実行者");
pub(super) const CHAIN: Word = Word("Came by way of", "経路");
pub(super) const FROM: Word = Word("From", "送信元");
pub(super) const FOUND: Word = Word("Found", "検出内容");
pub(super) const IN_LOGS: Word = Word("In the logs", "ログ内の活動");
pub(super) const ADDRESSES: Word = Word("From where", "どこから");
pub(super) const ADDRESS: Word = Word("Address", "アドレス");
pub(super) const COUNTRY: Word = Word("Country", "国");
pub(super) const NETWORK: Word = Word("Network", "ネットワーク");
pub(super) const WHAT: Word = Word("What", "何が");
pub(super) const ADVICE: Word = Word("What to do first", "最初にすること");
pub(super) const REFERENCES: Word = Word("Read more", "参考");
pub(super) const ACCOUNT: Word = Word("Account", "アカウント");
pub(super) const REGION: Word = Word("Region", "リージョン");
pub(super) const TIME: Word = Word("Time (UTC)", "時刻 (UTC)");
pub(super) const EVENT: Word = Word("Event", "イベント");
pub(super) const SOURCE: Word = Word("Service", "サービス");
pub(super) const ERROR: Word = Word("Error", "エラー");
pub(super) const EVENT_ID: Word = Word("Event id", "イベント ID");
pub(super) const SOME: Word = Word("The first and the last events:", "最初と最後のイベント:");
pub(super) const TACTIC: Word = Word("Tactic", "戦術");
pub(super) const TECHNIQUE: Word = Word("Technique", "手法");
pub(super) const NOT_READ: Word = Word("Not read", "読めなかったもの");
pub(super) const NOT_RUN: Word = Word("Rules that did not run", "実行しなかったルール");
pub(super) const MORE: Word = Word("more", "件を省略");
pub(super) const SHORTENED: Word = Word(
    "There is more than this page shows; the report in JSON has all of it.",
    "このページには収まりません。JSON のレポートにすべてあります。",
);

/// A step of an actor's chain.
pub(super) fn kind(kind: &str) -> Word {
    match kind {
        "role" => Word("role", "ロール"),
        "session" => Word("session", "セッション"),
        "identity" => Word("identity", "識別子"),
        _ => Word("actor", "実行者"),
    }
}

/// A span of time.
pub(super) fn span(seconds: i64, language: Language) -> String {
    let units = [(86_400, Word("d", "日")), (3600, Word("h", "時間")), (60, Word("min", "分"))];
    let (size, unit) =
        units.into_iter().find(|(size, _)| seconds % size == 0 && seconds >= *size).unwrap_or((1, Word("s", "秒")));
    format!("{} {}", seconds / size, unit.of(language))
}
