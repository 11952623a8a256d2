//! How things look on a terminal. Every string of the network comes through [`Safe`].

mod logged;
pub(crate) mod one_way;

use std::fmt::Display;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use cooee::node::{Arrival, Departure, Gap, HeardLine, Peer};
use cooee::time::UnixMillis;
use cooee::trust::{Fingerprint, PublicKey};
use cooee::wire::{Run, SeqRange, Text};

use crate::ui::safe::Safe;
use crate::ui::settings::LookSettings;
use crate::ui::words;

/// With or without colours; nothing is told by colour alone.
#[derive(Clone, Debug)]
pub(crate) struct Look {
    pub(crate) colored: bool,
    pub(crate) settings: LookSettings,
}

/// Columns of a nick in front of what is said; longer ones push it to the right.
const NICK_COLUMNS: usize = 8;
const DIM: Style = Style::new().dimmed();
const PRIVATE: Style = Style::new().bold();
const MENTION: Style = Style::new().bold();
const OWN: Style = Style::new().bold();
const WARNING: Style = AnsiColor::Yellow.on_default();
/// Not red, which is for errors, nor yellow, which is for warnings, nor what is hard to read on black or on white.
const NICKS: [AnsiColor; 6] = [
    AnsiColor::Green,
    AnsiColor::Blue,
    AnsiColor::Magenta,
    AnsiColor::Cyan,
    AnsiColor::BrightMagenta,
    AnsiColor::BrightBlue,
];

impl Look {
    /// `14:02 bob      lunch at noon?`, or `14:02 * bob waves`. What did not come when it was said, but now:
    /// `late 13:02 bob      lunch at noon?`, `earlier 2026-11-22 13:02 * bob waves`.
    /// The name is the one that its author is called by.
    pub(crate) fn line(&self, line: &HeardLine, name: &Safe, now: UnixMillis) -> String {
        self.heard(line, name, now, Style::new())
    }

    /// The same of a line in which whoever reads it is spoken to.
    pub(crate) fn mention(&self, line: &HeardLine, name: &Safe, now: UnixMillis) -> String {
        self.heard(line, name, now, MENTION)
    }

    fn heard(&self, line: &HeardLine, name: &Safe, now: UnixMillis, style: Style) -> String {
        let text = self.paint(style, Safe::text(line.text.as_str()));
        self.spoken(&self.moment(line, now), self.nick_color(line.signer, line.author), name, line.action, &text)
    }

    /// `14:02 alice    yes, where`: said by oneself.
    pub(crate) fn said(&self, name: &Safe, text: &Text<'_>, action: bool, now: UnixMillis) -> String {
        self.spoken(&self.time(now), OWN, name, action, Safe::text(text.as_str()).as_str())
    }

    fn spoken(&self, moment: &str, color: Style, name: &Safe, action: bool, text: &str) -> String {
        if action {
            format!("{moment} * {} {text}", self.paint(color, name))
        } else {
            format!("{moment} {} {text}", self.paint(color, name.padded(NICK_COLUMNS)))
        }
    }

    /// `private 14:02 bob → you  lunch?`, or `private 14:02 * bob → you waves`: said to oneself alone. Whoever says
    /// something to all can write an arrow too, but nothing in front of the time.
    pub(crate) fn private(&self, line: &HeardLine, name: &Safe, now: UnixMillis) -> String {
        let name = self.paint(self.nick_color(line.signer, line.author), name);
        self.privately(now, &format!("{name} → you"), line.text.as_str(), line.action)
    }

    /// `private 14:02 you → bob  lunch?`: said by oneself, to him alone.
    pub(crate) fn said_privately(&self, reader: &Peer, name: &Safe, text: &Text<'_>, now: UnixMillis) -> String {
        let name = self.paint(self.nick_color(reader.signer, reader.run), name);
        self.privately(now, &format!("you → {name}"), text.as_str(), false)
    }

    fn privately(&self, now: UnixMillis, way: &str, text: &str, action: bool) -> String {
        let (mark, time, text) = (self.paint(PRIVATE, "private"), self.time(now), Safe::text(text));
        let (star, gap) = if action { ("* ", " ") } else { ("", "  ") };
        format!("{mark} {time} {star}{way}{gap}{text}")
    }

    /// `14:08 ! 2 lines from carol were lost (numbers 8-9)`.
    pub(crate) fn gap(&self, gap: &Gap, author: &Safe, time: UnixMillis) -> String {
        self.lost(gap.range, author, time)
    }

    fn lost(&self, range: SeqRange, author: &Safe, time: UnixMillis) -> String {
        let (first, last) = (range.first(), range.last());
        let (verb, numbers) = match range.len() {
            1 => ("was", format!("number {first}")),
            _ => ("were", format!("numbers {first}-{last}")),
        };
        self.warning(&format!("{} from {author} {verb} lost ({numbers})", lines(range.len())), time)
    }

    /// `14:04 → dave is here (laptop, 192.0.2.7)`.
    pub(crate) fn joined(&self, peer: &Peer, name: &Safe, time: UnixMillis) -> String {
        let host = Safe::nick(peer.profile.host.as_str(), "");
        let host = if peer.profile.host.as_str().is_empty() { String::new() } else { format!("{host}, ") };
        self.dimmed(time, format!("→ {name} is here ({host}{})", peer.address.ip()))
    }

    /// `14:04 → dave, erin and frank are here`.
    pub(crate) fn joined_together(&self, names: &[Safe], time: UnixMillis) -> String {
        self.dimmed(time, format!("→ {} are here", words::names(names)))
    }

    /// `14:07 ← dave left`.
    pub(crate) fn left(&self, name: &Safe, departure: Departure, time: UnixMillis) -> String {
        let what = match departure {
            Departure::Goodbye => format!("{name} left"),
            Departure::Lost(silent) => format!("{name} lost (not heard for {} s)", silent.as_secs_f64().round()),
            Departure::Displaced => format!("{name} is not watched any more (too many peers)"),
        };
        self.dimmed(time, format!("← {what}"))
    }

    /// `14:07 ← dave and erin left`: all of them the same way.
    pub(crate) fn left_together(&self, names: &[Safe], departure: Departure, time: UnixMillis) -> String {
        let what = match departure {
            Departure::Goodbye => "left",
            Departure::Lost(_) => "lost (not heard any more)",
            Departure::Displaced => "are not watched any more (too many peers)",
        };
        self.dimmed(time, format!("← {} {what}", words::names(names)))
    }

    /// `14:04 → bob is now robert`.
    pub(crate) fn renamed(&self, before: &Safe, name: &Safe, time: UnixMillis) -> String {
        self.dimmed(time, format!("→ {before} is now {name}"))
    }

    /// `14:04 → bob is away: lunch`, or `14:31 → bob is back`.
    pub(crate) fn away(&self, name: &Safe, away: Option<String>, time: UnixMillis) -> String {
        self.dimmed(time, format!("→ {name} is {}", away.unwrap_or_else(|| "back".to_owned())))
    }

    /// `14:06 ! 3 lines could not be shown`.
    pub(crate) fn warning(&self, words: &str, time: UnixMillis) -> String {
        format!("{} {}", self.time(time), self.paint(WARNING, format!("! {words}")))
    }

    /// When a line came; of what was said a while ago, when that was. The mark stands in front of the time, as a nick
    /// or a text may hold any word: nothing that a stranger chooses stands so far to the left.
    fn moment(&self, line: &HeardLine, now: UnixMillis) -> String {
        let mark = match line.arrival {
            Arrival::InTime => return self.time(now),
            Arrival::Late => "late",
            Arrival::History => "earlier",
        };
        self.paint(DIM, format!("{mark} {}", self.settings.timestamp.day_and_time(line.said.min(now), now)))
    }

    fn dimmed(&self, time: UnixMillis, words: String) -> String {
        self.paint(DIM, format!("{} {words}", self.settings.timestamp.time(time)))
    }

    fn time(&self, time: UnixMillis) -> String {
        self.paint(DIM, self.settings.timestamp.time(time))
    }

    fn nick_color(&self, signer: Option<PublicKey>, author: Run) -> Style {
        if self.settings.nick_colors { color_of(signer, author) } else { Style::new() }
    }

    fn paint(&self, style: impl Into<Style>, words: impl Display) -> String {
        let style = if self.colored { style.into() } else { Style::new() };
        format!("{style}{words}{style:#}")
    }
}

/// `1 line`, or `3 lines`.
pub(crate) fn lines(count: u32) -> String {
    if count == 1 { "1 line".to_owned() } else { format!("{count} lines") }
}

/// `0.4 s`, or `12 min`.
pub(crate) fn short_time(time: Duration) -> String {
    match time.as_secs() {
        0..10 => format!("{:.1} s", time.as_secs_f64()),
        seconds @ 10..120 => format!("{seconds} s"),
        seconds => format!("{} min", seconds / 60),
    }
}

/// By key and not by name, so that it survives a change of nick and an impostor does not inherit it; of who has no key,
/// by run.
fn color_of(signer: Option<PublicKey>, author: Run) -> Style {
    color_by_fingerprint(signer.map(|key| key.fingerprint()), author)
}

fn color_by_fingerprint(fingerprint: Option<Fingerprint>, author: Run) -> Style {
    let number = fingerprint.map_or(author.peer.0, |fingerprint| fingerprint.first_group().into());
    NICKS[usize::try_from(number % NICKS.len() as u64).unwrap_or(0)].on_default()
}

#[cfg(test)]
mod tests {
    use cooee::node::LinkId;
    use cooee::wire::{Epoch, Nick, PeerId, Seq, SeqRange};

    use super::*;
    use crate::ui::sample;
    use crate::ui::time_format::TimeFormat;

    fn line(nick: &'static str, text: &'static str, action: bool) -> HeardLine {
        HeardLine {
            author: Run { peer: PeerId(0xb0b), epoch: Epoch(1) },
            signer: None,
            nick: Nick::new(nick).unwrap(),
            seq: Seq::FIRST,
            action,
            text: Text::new(text).unwrap(),
            said: UnixMillis(0),
            arrival: Arrival::InTime,
            link: LinkId(1),
            from: ([192, 0, 2, 7], 26634).into(),
        }
    }

    fn plain() -> Look {
        Look { colored: false, settings: LookSettings::DEFAULT }
    }

    fn name(line: &HeardLine) -> Safe {
        Safe::name(line.nick.as_str(), "?")
    }

    #[test]
    fn lines_line_up_and_cannot_steer_the_terminal() {
        let plain = plain();
        let shown = |line: &HeardLine| plain.line(line, &name(line), UnixMillis(0))[6..].to_owned();
        assert_eq!(shown(&line("bob", "lunch?", false)), "bob      lunch?");
        assert_eq!(shown(&line("田中", "はい", false)), "田中     はい");
        assert_eq!(shown(&line("bob", "waves", true)), "* bob waves");
        assert_eq!(shown(&line("bob", "\u{1b}[2J\n14:02 eve      hi", false)), "bob      ^[[2J\n    14:02 eve      hi");
    }

    #[test]
    fn the_time_looks_as_it_was_chosen() {
        let settings = LookSettings { timestamp: TimeFormat::new("[%M]").unwrap(), ..LookSettings::DEFAULT };
        let look = Look { settings, ..plain() };
        let (moment, days) = (|minute: u64| UnixMillis(minute * 60_000), 3 * 24 * 60);
        let (said, later) =
            (line("bob", "hi", false), HeardLine { arrival: Arrival::Late, ..line("bob", "hi", false) });
        assert_eq!(look.line(&said, &name(&said), moment(7)), "[07] bob      hi");
        assert_eq!(look.warning("x", moment(7)), "[07] ! x");
        assert_eq!(look.left(&Safe::literal("bob"), Departure::Goodbye, moment(7)), "[07] ← bob left");
        let late = look.line(&later, &name(&later), moment(days));
        assert!(late.starts_with("late 19") && late.ends_with(" [00] bob      hi"), "{late}");
    }

    #[test]
    fn what_was_said_a_while_ago_is_marked_where_no_stranger_can_write() {
        let plain = plain();
        let (said, now) = (UnixMillis(1_795_442_520_000), UnixMillis(1_795_442_580_000));
        let shown = |arrival, nick| {
            let line = HeardLine { said, arrival, ..line(nick, "hi", false) };
            plain.line(&line, &name(&line), now)
        };
        let time = TimeFormat::DEFAULT.time(said);
        assert_eq!(shown(Arrival::Late, "bob"), format!("late {time} bob      hi"));
        assert_eq!(shown(Arrival::History, "bob"), format!("earlier {time} bob      hi"));
        assert!(shown(Arrival::InTime, "late 14:02 bob").starts_with(&TimeFormat::DEFAULT.time(now)));
        let days_later = UnixMillis(now.0 + 3 * 86_400_000);
        let late = HeardLine { said, arrival: Arrival::Late, ..line("bob", "waves", true) };
        let date = TimeFormat::DEFAULT.day_and_time(said, days_later);
        assert_eq!(plain.line(&late, &name(&late), days_later), format!("late {date} * bob waves"));
    }

    #[test]
    fn what_is_said_to_one_alone_looks_like_nothing_that_is_said_to_all() {
        let plain = plain();
        let shown = |line: &HeardLine| plain.private(line, &name(line), UnixMillis(0));
        let time = TimeFormat::DEFAULT.time(UnixMillis(0));
        assert_eq!(shown(&line("bob", "lunch?", false)), format!("private {time} bob → you  lunch?"));
        assert_eq!(shown(&line("bob", "waves", true)), format!("private {time} * bob → you waves"));
        let (reader, text) = (sample::peer(1, "bob"), Text::new("at\nnoon\u{1b}").unwrap());
        let own = plain.said_privately(&reader, &Safe::literal("bob"), &text, UnixMillis(0));
        assert_eq!(own, format!("private {time} you → bob  at\n    noon^["));
        // A nick as wide as the column would make the same of it, but for the mark.
        for trick in [line("barnabas", "→ you  trust me", false), line("private", "14:02 bob → you  x\nprivate", true)]
        {
            let all = plain.line(&trick, &name(&trick), UnixMillis(0));
            assert!(all.lines().all(|row| !row.starts_with("private")), "{all}");
        }
    }

    #[test]
    fn what_is_lost_is_told_with_its_numbers() {
        let shown = |first, last| {
            let range = SeqRange::new(Seq::new(first).unwrap(), Seq::new(last).unwrap()).unwrap();
            let gap = Gap { author: line("x", "x", false).author, signer: None, nick: None, range };
            plain().gap(&gap, &Safe::literal("carol"), UnixMillis(0))[6..].to_owned()
        };
        assert_eq!(shown(8, 9), "! 2 lines from carol were lost (numbers 8-9)");
        assert_eq!(shown(8, 8), "! 1 line from carol was lost (number 8)");
    }

    #[test]
    fn colours_go_by_key() {
        let colored = Look { colored: true, ..plain() };
        let shown = |nick, key| {
            let line = HeardLine { signer: Some(PublicKey([key; 32])), ..line(nick, "x", false) };
            colored.line(&line, &name(&line), UnixMillis(0)).replace(nick, "NICK")
        };
        assert_eq!(shown("bob", 1), shown("eve", 1));
        assert!((2..20).any(|key| shown("bob", key) != shown("bob", 1)));
        let settings = LookSettings { nick_colors: false, ..LookSettings::DEFAULT };
        let colorless = Look { settings, ..colored.clone() };
        let of_eve = HeardLine { signer: Some(PublicKey([1; 32])), ..line("eve", "x", false) };
        assert!(colorless.line(&of_eve, &name(&of_eve), UnixMillis(0)).ends_with(" eve      x"), "no colour at a nick");
        let unsigned = line("bob", "x", false);
        let shown = colored.line(&unsigned, &name(&unsigned), UnixMillis(0));
        assert!(shown.contains(&format!("{}bob", color_of(None, unsigned.author))), "{shown:?}");
    }

    #[test]
    fn times_are_short() {
        let shown = [0.44, 9.96, 18.2, 750.0].map(|seconds| short_time(Duration::from_secs_f64(seconds)));
        assert_eq!(shown, ["0.4 s", "10.0 s", "18 s", "12 min"]);
    }
}
