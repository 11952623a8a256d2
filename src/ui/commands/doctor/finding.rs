//! What the doctor has found: a line, and what to do about it under it.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use cooee::node::Peer;
use cooee::time::UnixMillis;
use serde::Serialize;

use crate::ui::safe::Safe;
use crate::ui::timestamp::rfc3339;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Severity {
    /// As it should be.
    Ok,
    /// It works, but not as well as it could, or not with everybody.
    Warn,
    /// Somebody is not heard, or does not hear.
    Fail,
}

impl Severity {
    /// In words, so that it reads without colour; what fails stands out without it too.
    const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "FAIL",
        }
    }

    const fn style(self) -> Style {
        match self {
            Self::Ok => Style::new(),
            Self::Warn => AnsiColor::Yellow.on_default(),
            Self::Fail => AnsiColor::Red.on_default(),
        }
    }
}

/// What it is about: the second column, and a key by which scripts choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Topic {
    Links,
    Mtu,
    Port,
    Drops,
    Echo,
    Firewall,
    Peers,
    Unicast,
    Hears,
    Isolation,
    Remote,
    Rooms,
    Version,
    Clock,
}

impl Topic {
    const fn word(self) -> &'static str {
        match self {
            Self::Links => "links",
            Self::Mtu => "mtu",
            Self::Port => "port",
            Self::Drops => "drops",
            Self::Echo => "echo",
            Self::Firewall => "firewall",
            Self::Peers => "peers",
            Self::Unicast => "unicast",
            Self::Hears => "hears",
            Self::Isolation => "isolation",
            Self::Remote => "remote",
            Self::Rooms => "rooms",
            Self::Version => "version",
            Self::Clock => "clock",
        }
    }
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) severity: Severity,
    pub(crate) topic: Topic,
    pub(crate) words: Safe,
    /// What to do about it, line by line; a line that begins with blanks is to be typed as it stands.
    pub(crate) remedy: Vec<Safe>,
    /// The interface that it is about, if it is about one.
    interface: Option<String>,
    /// The id of the peer that it is about, if it is about one.
    peer: Option<String>,
}

impl Finding {
    fn new(severity: Severity, topic: Topic, words: &str) -> Self {
        Self { severity, topic, words: Safe::text(words), remedy: Vec::new(), interface: None, peer: None }
    }

    pub(crate) fn ok(topic: Topic, words: impl AsRef<str>) -> Self {
        Self::new(Severity::Ok, topic, words.as_ref())
    }

    pub(crate) fn warn(topic: Topic, words: impl AsRef<str>) -> Self {
        Self::new(Severity::Warn, topic, words.as_ref())
    }

    pub(crate) fn fail(topic: Topic, words: impl AsRef<str>) -> Self {
        Self::new(Severity::Fail, topic, words.as_ref())
    }

    /// The same with one more line of what to do about it.
    pub(crate) fn remedy(mut self, line: impl AsRef<str>) -> Self {
        self.remedy.push(Safe::text(line.as_ref()));
        self
    }

    /// The same with a line that is to be typed as it stands.
    pub(crate) fn command(self, line: impl AsRef<str>) -> Self {
        self.remedy(format!("    {}", line.as_ref()))
    }

    pub(crate) fn on(mut self, interface: &str) -> Self {
        self.interface = Some(interface.to_owned());
        self
    }

    pub(crate) fn about(mut self, peer: &Peer) -> Self {
        self.peer = Some(peer.run.peer.to_string());
        self
    }
}

/// `FAIL  echo     own beacon …`, and what to do about it below: the lines of all findings, in columns, and the sum.
pub(crate) fn lines(findings: &[Finding], colored: bool) -> Vec<(Severity, String)> {
    let topics = findings.iter().map(|finding| finding.topic.word().len()).max().unwrap_or(0);
    let mut lines = Vec::new();
    for Finding { severity, topic, words, remedy, .. } in findings {
        let word = format!("{:<4}", severity.word());
        let word = if colored { format!("{0}{word}{0:#}", severity.style()) } else { word };
        lines.push((*severity, format!("{word}  {:<topics$}  {words}", topic.word())));
        let below = |line| (*severity, format!("{:1$}{line}", "", 4 + 2 + topics + 2));
        lines.extend(remedy.iter().map(below));
    }
    let Summary { severity, words, .. } = Summary::new(findings);
    lines.push((severity, words));
    lines
}

/// What all findings come to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Summary {
    pub(crate) severity: Severity,
    pub(crate) words: String,
    problems: usize,
    warnings: usize,
}

impl Summary {
    pub(crate) fn new(findings: &[Finding]) -> Self {
        let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
        let (problems, warnings) = (count(Severity::Fail), count(Severity::Warn));
        let severity = findings.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Ok);
        let mut words = match problems {
            0 => "no problem found".to_owned(),
            problems => counted(problems, "problem"),
        };
        if warnings > 0 {
            let _ = write!(words, ", {}", counted(warnings, "warning"));
        }
        Self { severity, words, problems, warnings }
    }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// `doctor --json`, for each finding.
#[derive(Serialize)]
#[serde(tag = "type", rename = "finding")]
pub(crate) struct FindingObject<'a> {
    time: String,
    severity: Severity,
    topic: Topic,
    text: &'a str,
    remedy: Vec<&'a str>,
    interface: Option<&'a str>,
    peer: Option<&'a str>,
}

impl<'a> FindingObject<'a> {
    pub(crate) fn new(finding: &'a Finding, time: UnixMillis) -> Self {
        Self {
            time: rfc3339(time),
            severity: finding.severity,
            topic: finding.topic,
            text: finding.words.as_str(),
            remedy: finding.remedy.iter().map(|line| line.as_str().trim_start()).collect(),
            interface: finding.interface.as_deref(),
            peer: finding.peer.as_deref(),
        }
    }
}

/// `doctor --json`, at the end.
#[derive(Serialize)]
#[serde(tag = "type", rename = "summary")]
pub(crate) struct SummaryObject {
    time: String,
    severity: Severity,
    problems: usize,
    warnings: usize,
}

impl SummaryObject {
    pub(crate) fn new(summary: &Summary, time: UnixMillis) -> Self {
        let Summary { severity, problems, warnings, .. } = *summary;
        Self { time: rfc3339(time), severity, problems, warnings }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_stand_in_columns_with_what_to_do_below_them() {
        let echo = Finding::fail(Topic::Echo, "own beacon did not come back").remedy("Open it:").command("sudo ufw x");
        let findings = [Finding::ok(Topic::Links, "eth0"), echo, Finding::warn(Topic::Firewall, "closed")];
        let lines: Vec<String> = lines(&findings, false).into_iter().map(|(_, line)| line).collect();
        assert_eq!(
            lines,
            [
                "ok    links     eth0",
                "FAIL  echo      own beacon did not come back",
                "                Open it:",
                "                    sudo ufw x",
                "warn  firewall  closed",
                "1 problem, 1 warning",
            ]
        );
    }

    #[test]
    fn the_sum_tells_how_bad_it_is() {
        let sum = |findings: &[Finding]| Summary::new(findings).words;
        let (ok, warn, fail) =
            (Finding::ok(Topic::Port, ""), Finding::warn(Topic::Port, ""), Finding::fail(Topic::Port, ""));
        assert_eq!(sum(std::slice::from_ref(&ok)), "no problem found");
        assert_eq!(sum(&[ok, warn.clone()]), "no problem found, 1 warning");
        assert_eq!(sum(&[fail.clone(), fail.clone()]), "2 problems");
        assert_eq!(sum(&[fail, warn.clone(), warn]), "1 problem, 2 warnings");
    }

    #[test]
    fn what_strangers_are_called_cannot_steer_a_terminal() {
        let finding = Finding::warn(Topic::Port, "held by \u{1b}[2Jevil").remedy("end \u{202e}it");
        assert_eq!((finding.words.as_str(), finding.remedy[0].as_str()), ("held by ^[[2Jevil", "end it"));
    }
}
