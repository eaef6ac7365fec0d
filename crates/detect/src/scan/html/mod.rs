//! The report as one page: no scripts, nothing loaded from anywhere, and a policy in it that would stop both. Everything that
//! comes from logs is made harmless and escaped where it is written.

mod chart;
mod words;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use base64::Engine as _;
use sha2::{Digest, Sha256};

use super::{Actor, Address, Alert, Named, Report};
use crate::finding::Evidence;
use crate::rule::{Severity, Text};
use crate::sinks::Language;
use crate::sinks::text::{html as escape, line};
use words::Word;

const STYLE: &str = include_str!("style.css");

/// What the page shows of each list; all of it is in the JSON.
const ALERTS: usize = 500;
const ACTORS: usize = 50;
const ADDRESSES: usize = 50;
const FEW: usize = 6;
/// Longest text of a cell.
const CELL: usize = 300;

/// The page.
#[must_use]
pub fn page(report: &Report, language: Language) -> String {
    let page = Page { report, language };
    let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    let lang = if language == Language::Ja { "ja" } else { "en" };
    let title = words::TITLE.of(language);
    let mut out = format!(
        "<!doctype html>\n<html lang=\"{lang}\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'\">\
         <meta name=\"referrer\" content=\"no-referrer\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title><style>{STYLE}</style></head>\n<body><main>\n"
    );
    page.head(&mut out);
    if report.alerts.is_empty() {
        let _ = writeln!(out, "<p class=\"card\">{}</p>", words::NOTHING.of(language));
    } else {
        page.timeline(&mut out);
        page.actors(&mut out);
        page.addresses(&mut out);
        page.alerts(&mut out);
        page.attack(&mut out);
        page.rules(&mut out);
    }
    page.gaps(&mut out);
    out + "</main></body></html>\n"
}

/// A text from a log, harmless, in a direction of its own.
fn shown(text: &str) -> String {
    format!("<bdi>{}</bdi>", escape(&line(text, CELL)))
}

fn code(text: &str) -> String {
    format!("<code>{}</code>", shown(text))
}

fn maybe(text: Option<&str>) -> String {
    text.map(shown).unwrap_or_default()
}

/// The first few, and how many more there are.
fn few<T>(items: &[T], language: Language, show: impl Fn(&T) -> String) -> String {
    let mut out: String = items.iter().take(FEW).map(show).collect();
    if items.len() > FEW {
        let _ = write!(out, "<span class=\"dim\">+{} {}</span>", items.len() - FEW, words::MORE.of(language));
    }
    out
}

fn chip(text: &str) -> String {
    format!("<span class=\"chip\">{}</span>", shown(text))
}

fn clock(time: &str) -> String {
    time.replace('T', " ").replace('Z', "")
}

fn micros(time: i64) -> String {
    clock(&super::report::time(time))
}

struct Page<'a> {
    report: &'a Report,
    language: Language,
}

impl Page<'_> {
    fn word(&self, word: Word) -> &'static str {
        word.of(self.language)
    }

    fn severity(&self, severity: Severity) -> String {
        format!("<span class=\"sev {}\">{}</span>", severity.as_str(), self.word(words::severity(severity)))
    }

    fn row(&self, cells: &[(&str, Word)]) -> String {
        let cells: String =
            cells.iter().map(|(class, word)| format!("<th class=\"{class}\">{}</th>", self.word(*word))).collect();
        format!("<tr>{cells}</tr>")
    }

    fn head(&self, out: &mut String) {
        let report = self.report;
        let paths: String = report.logs.paths.iter().take(20).map(|path| chip(path)).collect();
        let period = match (&report.logs.first, &report.logs.last) {
            (Some(first), Some(last)) => format!("{} – {}", clock(first), clock(last)),
            _ => "–".to_owned(),
        };
        let _ = writeln!(
            out,
            "<h1>{}</h1><p class=\"dim\">{} {} · {} UTC</p>\n\
             <p>{}: {paths}<br>{} {} · {} {} · {} {}<br>{}: {period} UTC</p>",
            self.word(words::TITLE),
            self.word(words::MADE),
            escape(report.trailhound),
            clock(&report.made_at),
            self.word(words::READ),
            grouped(report.logs.events),
            self.word(words::EVENTS),
            grouped(report.logs.objects),
            self.word(words::OBJECTS),
            report.rules_run,
            self.word(words::RULES_RUN),
            self.word(words::PERIOD),
        );
        let tiles: String = Severity::ALL
            .iter()
            .rev()
            .map(|severity| {
                let count = report.by_severity.get(severity.as_str()).copied().unwrap_or(0);
                let word = self.word(words::severity(*severity));
                format!("<div class=\"tile {}\"><b>{}</b>{word}</div>", severity.as_str(), grouped(count))
            })
            .collect();
        let _ = writeln!(out, "<div class=\"tiles\">{tiles}</div>");
    }

    fn timeline(&self, out: &mut String) {
        let chart = chart::timeline(self.report, self.language);
        let legend: String = Severity::ALL
            .iter()
            .rev()
            .map(|s| format!("<span><i class=\"dot {}\"></i>{}</span>", s.as_str(), self.word(words::severity(*s))))
            .collect();
        let width = words::span(self.report.slice_seconds, self.language);
        let _ = writeln!(
            out,
            "<h2>{}</h2><div class=\"card\">{chart}<p class=\"legend dim\">{legend}{} {width}</p></div>",
            self.word(words::TIMELINE),
            self.word(words::EACH_BAR),
        );
    }

    fn actors(&self, out: &mut String) {
        let head = self.row(&[
            ("", words::ACTOR),
            ("", words::CHAIN),
            ("", words::FROM),
            ("", words::FOUND),
            ("", words::IN_LOGS),
        ]);
        let rows: String = self.report.actors.iter().take(ACTORS).map(|actor| self.actor(actor)).collect();
        let _ =
            writeln!(out, "<h2>{}</h2><div class=\"card\"><table>{head}{rows}</table></div>", self.word(words::ACTORS));
        self.shortened(out, self.report.actors.len() > ACTORS);
    }

    fn actor(&self, actor: &Actor) -> String {
        let chains = few(&actor.chains, self.language, |chain| format!("<div>{}</div>", self.chain(chain)));
        let from = few(&actor.addresses, self.language, |from| format!("<div>{}</div>", self.place(from)));
        let rules: Vec<(&String, &u64)> = actor.rules.iter().collect();
        let titles = self.titles();
        let found = few(&rules, self.language, |(id, count)| {
            let title = titles.get(id.as_str()).map_or(id.as_str(), |title| self.language.of(title));
            format!("<div>{} <span class=\"dim\">×{}</span></div>", escape(&line(title, CELL)), grouped(**count))
        });
        let activity = format!(
            "{} {}<br><span class=\"dim\">{} {}</span><br><span class=\"dim\">{}<br>{}</span>",
            grouped(actor.events),
            self.word(words::EVENTS),
            grouped(actor.failures),
            self.word(words::FAILED),
            actor.first.as_deref().map(clock).unwrap_or_default(),
            actor.last.as_deref().map(clock).unwrap_or_default(),
        );
        let accounts = few(&actor.accounts, self.language, |account| chip(account));
        format!(
            "<tr><td>{}<br><b>{}</b><br>{accounts}</td><td>{chains}</td><td class=\"a\">{from}</td><td>{found}</td><td class=\"t\">{activity}</td></tr>",
            self.severity(actor.severity),
            shown(&actor.name),
        )
    }

    fn titles(&self) -> BTreeMap<&str, &Text> {
        self.report.rules.iter().map(|rule| (rule.rule.as_str(), &rule.title)).collect()
    }

    fn chain(&self, chain: &[Named]) -> String {
        let step = |step: &Named| {
            let kind = self.word(words::kind(step.kind));
            format!("<span class=\"dim\">{kind}</span> <code>{}</code>", shown(&step.name))
        };
        chain.iter().map(step).collect::<Vec<_>>().join("<span class=\"arrow\">→</span>")
    }

    fn place(&self, from: &Address) -> String {
        let country = from.country.as_deref().map(chip).unwrap_or_default();
        format!("<code>{}</code> {country}", shown(&from.address))
    }

    fn addresses(&self, out: &mut String) {
        if self.report.addresses.is_empty() {
            return;
        }
        let head = self.row(&[
            ("", words::ADDRESS),
            ("", words::COUNTRY),
            ("", words::NETWORK),
            ("", words::ACTORS),
            ("n", words::FINDINGS),
        ]);
        let rows: String = self
            .report
            .addresses
            .iter()
            .take(ADDRESSES)
            .map(|from| {
                format!(
                    "<tr><td class=\"a\">{}</td><td>{}</td><td>{}</td><td>{}</td><td class=\"n\">{}</td></tr>",
                    code(&from.address),
                    maybe(from.country.as_deref()),
                    maybe(from.network.as_deref()),
                    few(&from.actors, self.language, |actor| chip(actor)),
                    grouped(from.findings),
                )
            })
            .collect();
        let title = self.word(words::ADDRESSES);
        let _ = writeln!(out, "<h2>{title}</h2><div class=\"card\"><table>{head}{rows}</table></div>");
        self.shortened(out, self.report.addresses.len() > ADDRESSES);
    }

    fn alerts(&self, out: &mut String) {
        let _ = writeln!(out, "<h2>{}</h2>", self.word(words::WHAT));
        for alert in self.report.alerts.iter().take(ALERTS) {
            self.alert(out, alert);
        }
        self.shortened(out, self.report.alerts.len() > ALERTS || self.report.findings_beyond > 0);
    }

    fn alert(&self, out: &mut String, alert: &Alert) {
        let open = if alert.severity >= Severity::High { " open" } else { "" };
        let group = alert.group.iter().filter_map(|part| Some(format!("{}={}", part.field, part.value.as_deref()?)));
        let group: String = group.map(|part| chip(&part)).collect();
        let _ = write!(
            out,
            "<details class=\"{}\"{open}><summary>{}<span class=\"what\">{}</span>{group} <span class=\"dim\">{} {} · {} – {}</span></summary>\
             <div class=\"body\"><p>{}</p>",
            alert.severity.as_str(),
            self.severity(alert.severity),
            escape(&line(self.language.of(&alert.title), CELL)),
            grouped(alert.findings),
            self.word(words::FINDINGS),
            clock(&alert.first),
            clock(&alert.last),
            escape(&line(self.language.of(&alert.description), 4000)),
        );
        let advice = self.language.of(&alert.advice);
        if !advice.is_empty() {
            let (label, advice) = (self.word(words::ADVICE), escape(&line(advice, 4000)));
            let _ = write!(out, "<p class=\"advice\"><b>{label}</b><br>{advice}</p>");
        }
        let links: String = alert.references.iter().filter_map(|url| link(url)).collect();
        if !links.is_empty() {
            let _ = write!(out, "<p>{}: {links}</p>", self.word(words::REFERENCES));
        }
        let attack: String = alert.attack.iter().map(|id| chip(id)).collect();
        let _ = write!(out, "<p><span class=\"id dim\">{}</span> {attack}</p>", escape(&alert.rule));
        self.evidence(out, alert);
        let _ = writeln!(out, "</div></details>");
    }

    fn evidence(&self, out: &mut String, alert: &Alert) {
        if alert.findings > alert.evidence.len() as u64 {
            let _ = write!(out, "<p class=\"dim\">{}</p>", self.word(words::SOME));
        }
        let head = self.row(&[
            ("", words::TIME),
            ("", words::EVENT),
            ("", words::SOURCE),
            ("", words::ACTOR),
            ("", words::FROM),
            ("", words::ACCOUNT),
            ("", words::REGION),
            ("", words::ERROR),
            ("", words::EVENT_ID),
        ]);
        let rows: String = alert.evidence.iter().map(event).collect();
        let _ = write!(out, "<table>{head}{rows}</table>");
    }

    fn attack(&self, out: &mut String) {
        if self.report.attack.is_empty() {
            return;
        }
        let head = self.row(&[("", words::TACTIC), ("", words::TECHNIQUE), ("", words::RULES), ("n", words::FINDINGS)]);
        let titles = self.titles();
        let rows: String = self
            .report
            .attack
            .iter()
            .map(|technique| {
                let tactics: String = technique.tactics.iter().map(|(_, name)| chip(self.language.of(name))).collect();
                let rules = few(&technique.rules, self.language, |id| {
                    let title = titles.get(id.as_str()).map_or(id.as_str(), |title| self.language.of(title));
                    format!("<div>{}</div>", escape(&line(title, CELL)))
                });
                format!(
                    "<tr><td>{tactics}</td><td><code>{}</code> {}</td><td>{rules}</td><td class=\"n\">{}</td></tr>",
                    escape(&technique.id),
                    escape(self.language.of(&technique.name)),
                    grouped(technique.findings),
                )
            })
            .collect();
        let _ = writeln!(out, "<h2>ATT&amp;CK</h2><div class=\"card\"><table>{head}{rows}</table></div>");
    }

    fn rules(&self, out: &mut String) {
        let head = self.row(&[("", words::RULES), ("", words::WHAT), ("n", words::ALERTS), ("n", words::FINDINGS)]);
        let rows: String = self
            .report
            .rules
            .iter()
            .map(|hit| {
                format!(
                    "<tr><td>{} <code>{}</code></td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
                    self.severity(hit.severity),
                    escape(&hit.rule),
                    escape(&line(self.language.of(&hit.title), CELL)),
                    grouped(hit.alerts),
                    grouped(hit.findings),
                )
            })
            .collect();
        let title = self.word(words::RULES);
        let _ = writeln!(out, "<h2>{title}</h2><div class=\"card\"><table>{head}{rows}</table></div>");
    }

    /// What the scan did not see.
    fn gaps(&self, out: &mut String) {
        let unread = &self.report.logs.unread;
        if !unread.is_empty() {
            let rows: String = unread
                .iter()
                .map(|one| format!("<tr><td>{}</td><td>{}</td></tr>", code(&one.origin), shown(&one.message)))
                .collect();
            let title = self.word(words::NOT_READ);
            let _ = writeln!(out, "<h2>{title}</h2><div class=\"card\"><table>{rows}</table></div>");
        }
        let left_out = &self.report.rules_left_out;
        if !left_out.is_empty() {
            let rows: String = left_out
                .iter()
                .map(|(id, why)| format!("<tr><td>{}</td><td>{}</td></tr>", code(id), shown(why)))
                .collect();
            let title = self.word(words::NOT_RUN);
            let _ = writeln!(
                out,
                "<h2>{title}</h2><div class=\"card\"><details><summary>{}</summary><table>{rows}</table></details></div>",
                left_out.len()
            );
        }
    }

    fn shortened(&self, out: &mut String, is: bool) {
        if is {
            let _ = writeln!(out, "<p class=\"dim\">{}</p>", self.word(words::SHORTENED));
        }
    }
}

fn event(event: &Evidence) -> String {
    let from = match (&event.source_address, &event.country) {
        (Some(address), Some(country)) => format!("{} {}", code(address), chip(country)),
        (address, _) => address.as_deref().map(code).unwrap_or_default(),
    };
    let cells = [
        maybe(event.event_name.as_deref()),
        maybe(event.event_source.as_deref()),
        maybe(event.actor.as_deref()),
        from,
        maybe(event.account.as_deref()),
        maybe(event.region.as_deref()),
        maybe(event.error_code.as_deref()),
        code(&event.event_id),
    ];
    let cells: String = cells.iter().map(|cell| format!("<td class=\"a\">{cell}</td>")).collect();
    format!("<tr><td class=\"t\">{}</td>{cells}</tr>", micros(event.event_time))
}

/// A link to the web, and to nothing else.
fn link(url: &str) -> Option<String> {
    let shown = escape(&line(url, CELL));
    let web = url.starts_with("https://") || url.starts_with("http://");
    web.then(|| format!("<a rel=\"noreferrer noopener\" href=\"{}\">{shown}</a> ", escape(url)))
}

/// A number with its thousands apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn only_the_web_is_linked() {
        assert!(
            link("https://example.com/?a=\"&b")
                .is_some_and(|link| link.contains("href=\"https://example.com/?a=&quot;&amp;b\""))
        );
        assert!(link("javascript:alert(1)").is_none());
    }
}
