//! How things look on a terminal. Every string of the network comes through [`Safe`].

use std::fmt::Display;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use cooee::node::{Arrival, Departure, Gap, HeardLine, Peer};
use cooee::time::UnixMillis;
use cooee::wire::{Nick, Run};

use super::safe::Safe;
use super::timestamp::{day_and_minute, hour_and_minute};

/// With or without colours; nothing is told by colour alone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    pub(crate) colored: bool,
}

/// Columns of a nick in front of what is said; longer ones push it to the right.
const NICK_COLUMNS: usize = 8;
const DIM: Style = Style::new().dimmed();
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
    pub(crate) fn line(self, line: &HeardLine, now: UnixMillis) -> String {
        let (nick, text) = (shown_nick(&line.nick, line.author), Safe::text(line.text.as_str()));
        let (moment, color) = (self.moment(line, now), color_of(line.author));
        if line.action {
            format!("{moment} * {} {text}", self.paint(color, &nick))
        } else {
            format!("{moment} {} {text}", self.paint(color, nick.padded(NICK_COLUMNS)))
        }
    }

    /// `14:08 ! 2 lines from carol were lost (numbers 8-9)`.
    pub(crate) fn gap(self, gap: &Gap, time: UnixMillis) -> String {
        let (first, last, id) = (gap.range.first(), gap.range.last(), gap.author.peer.to_string());
        let author = Safe::name(gap.nick.as_ref().map_or("", Nick::as_str), &id);
        let (verb, numbers) = match gap.range.len() {
            1 => ("was", format!("number {first}")),
            _ => ("were", format!("numbers {first}-{last}")),
        };
        self.warning(&format!("{} from {author} {verb} lost ({numbers})", lines(gap.range.len())), time)
    }

    /// `14:04 → dave is here (laptop, 192.0.2.7)`.
    pub(crate) fn joined(self, peer: &Peer, time: UnixMillis) -> String {
        let host = Safe::name(peer.profile.host.as_str(), "");
        let host = if peer.profile.host.as_str().is_empty() { String::new() } else { format!("{host}, ") };
        self.dimmed(time, format!("→ {} is here ({host}{})", peer_nick(peer), peer.address.ip()))
    }

    /// `14:07 ← dave left`.
    pub(crate) fn left(self, peer: &Peer, departure: Departure, time: UnixMillis) -> String {
        let nick = peer_nick(peer);
        let what = match departure {
            Departure::Goodbye => format!("{nick} left"),
            Departure::Lost(silent) => format!("{nick} lost (not heard for {} s)", silent.as_secs_f64().round()),
            Departure::Displaced => format!("{nick} is not watched any more (too many peers)"),
        };
        self.dimmed(time, format!("← {what}"))
    }

    /// `14:04 bob is now robert`.
    pub(crate) fn renamed(self, peer: &Peer, before: &Nick<'_>, time: UnixMillis) -> String {
        self.dimmed(time, format!("{} is now {}", shown_nick(before, peer.run), peer_nick(peer)))
    }

    /// `14:06 ! 3 lines could not be shown`.
    pub(crate) fn warning(self, words: &str, time: UnixMillis) -> String {
        format!("{} {}", self.time(time), self.paint(WARNING, format!("! {words}")))
    }

    /// When a line came; of what was said a while ago, when that was. The mark stands in front of the time, as a nick
    /// or a text may hold any word: nothing that a stranger chooses stands so far to the left.
    fn moment(self, line: &HeardLine, now: UnixMillis) -> String {
        let mark = match line.arrival {
            Arrival::InTime => return self.time(now),
            Arrival::Late => "late",
            Arrival::History => "earlier",
        };
        self.paint(DIM, format!("{mark} {}", day_and_minute(line.said.min(now), now)))
    }

    fn dimmed(self, time: UnixMillis, words: String) -> String {
        self.paint(DIM, format!("{} {words}", hour_and_minute(time)))
    }

    fn time(self, time: UnixMillis) -> String {
        self.paint(DIM, hour_and_minute(time))
    }

    fn paint(self, style: impl Into<Style>, words: impl Display) -> String {
        let style = if self.colored { style.into() } else { Style::new() };
        format!("{style}{words}{style:#}")
    }
}

/// A peer's nick, or where nothing of it can be seen, its id.
pub(crate) fn peer_nick(peer: &Peer) -> Safe {
    shown_nick(&peer.profile.nick, peer.run)
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

fn shown_nick(nick: &Nick<'_>, run: Run) -> Safe {
    Safe::name(nick.as_str(), &run.peer.to_string())
}

/// By identity and not by name, so that it survives a change of nick and an impostor does not inherit it.
fn color_of(author: Run) -> Style {
    let number = usize::try_from(author.peer.0 % NICKS.len() as u64).unwrap_or(0);
    NICKS[number].on_default()
}

#[cfg(test)]
mod tests {
    use cooee::node::LinkId;
    use cooee::wire::{Epoch, PeerId, Seq, SeqRange, Text};

    use super::*;

    fn line(nick: &'static str, text: &'static str, action: bool) -> HeardLine {
        HeardLine {
            author: Run { peer: PeerId(0xb0b), epoch: Epoch(1) },
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

    #[test]
    fn lines_line_up_and_cannot_steer_the_terminal() {
        let plain = Look { colored: false };
        let shown = |line: &HeardLine| plain.line(line, UnixMillis(0))[6..].to_owned();
        assert_eq!(shown(&line("bob", "lunch?", false)), "bob      lunch?");
        assert_eq!(shown(&line("田中", "はい", false)), "田中     はい");
        assert_eq!(shown(&line("bob", "waves", true)), "* bob waves");
        assert_eq!(shown(&line("bob", "\u{1b}[2J\n14:02 eve      hi", false)), "bob      ^[[2J\n    14:02 eve      hi");
        assert_eq!(shown(&line("\u{200b}", "hi", false)), "0000000000000b0b hi");
    }

    #[test]
    fn what_was_said_a_while_ago_is_marked_where_no_stranger_can_write() {
        let plain = Look { colored: false };
        let (said, now) = (UnixMillis(1_795_442_520_000), UnixMillis(1_795_442_580_000));
        let shown = |arrival, nick| plain.line(&HeardLine { said, arrival, ..line(nick, "hi", false) }, now);
        let time = hour_and_minute(said);
        assert_eq!(shown(Arrival::Late, "bob"), format!("late {time} bob      hi"));
        assert_eq!(shown(Arrival::History, "bob"), format!("earlier {time} bob      hi"));
        assert!(shown(Arrival::InTime, "late 14:02 bob").starts_with(&hour_and_minute(now)));
        let days_later = UnixMillis(now.0 + 3 * 86_400_000);
        let late = HeardLine { said, arrival: Arrival::Late, ..line("bob", "waves", true) };
        let date = day_and_minute(said, days_later);
        assert_eq!(plain.line(&late, days_later), format!("late {date} * bob waves"));
    }

    #[test]
    fn what_is_lost_is_told_with_its_numbers() {
        let shown = |nick: Option<&'static str>, first, last| {
            let range = SeqRange::new(Seq::new(first).unwrap(), Seq::new(last).unwrap()).unwrap();
            let gap =
                Gap { author: line("x", "x", false).author, nick: nick.map(|nick| Nick::new(nick).unwrap()), range };
            Look { colored: false }.gap(&gap, UnixMillis(0))[6..].to_owned()
        };
        assert_eq!(shown(Some("carol"), 8, 9), "! 2 lines from carol were lost (numbers 8-9)");
        assert_eq!(shown(Some("carol"), 8, 8), "! 1 line from carol was lost (number 8)");
        assert_eq!(shown(None, 1, 3), "! 3 lines from 0000000000000b0b were lost (numbers 1-3)");
        assert_eq!(shown(Some("\u{202e}"), 1, 1), "! 1 line from 0000000000000b0b was lost (number 1)");
    }

    #[test]
    fn colours_go_by_identity() {
        let colored = Look { colored: true };
        let shown = colored.line(&line("bob", "x", false), UnixMillis(0));
        assert!(shown.contains(&format!("{}bob", color_of(line("eve", "y", true).author))), "{shown:?}");
    }

    #[test]
    fn times_are_short() {
        let shown = [0.44, 9.96, 18.2, 750.0].map(|seconds| short_time(Duration::from_secs_f64(seconds)));
        assert_eq!(shown, ["0.4 s", "10.0 s", "18 s", "12 min"]);
    }
}
