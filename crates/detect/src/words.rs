//! Words in both languages, of messages and pages alike.

use crate::rule::Severity;
use crate::sinks::Language;

/// A word in English and in Japanese.
#[derive(Clone, Copy)]
pub(crate) struct Word(pub(crate) &'static str, pub(crate) &'static str);

impl Word {
    pub(crate) const fn of(self, language: Language) -> &'static str {
        match language {
            Language::En => self.0,
            Language::Ja => self.1,
        }
    }
}

/// A severity's word.
pub(crate) const fn severity(severity: Severity) -> Word {
    match severity {
        Severity::Informational => Word("Informational", "情報"),
        Severity::Low => Word("Low", "低"),
        Severity::Medium => Word("Medium", "中"),
        Severity::High => Word("High", "高"),
        Severity::Critical => Word("Critical", "緊急"),
    }
}
