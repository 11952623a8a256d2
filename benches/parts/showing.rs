//! How what others say and are called is made harmless, and how it looks.

use cooee::node::{Arrival, HeardLine, LinkId};
use cooee::time::UnixMillis;
use cooee::wire::{Nick, Seq, Text};
use divan::{Bencher, black_box};

use crate::scene::{Author, Hearer, Signing, lobby};
use crate::ui::look::Look;
use crate::ui::safe::Safe;
use crate::ui::settings::LookSettings;

/// What is said, by what is special in it.
const SAID: [(&str, &str); 4] = [
    ("ASCII", "line 000001 as people type in a chat."),
    ("accents", "La línea número uno, como se escribe allí: ¿a mediodía?"),
    ("CJK and emoji", "お昼はどうですか 🍜 十二時に入口で 👩‍👩‍👧‍👦"),
    ("escapes", "\u{1b}[2J\u{1b}]0;title\u{7}\u{202e}gnirts\u{9b}31m\nsecond line\n\n"),
];

/// What people are called.
const NICKS: [&str; 4] = ["alice", "Zoë van Dijk", "田中さん", "#\u{202e}eve \u{1b}[31m"];

#[divan::bench(args = SAID.map(|(name, _)| name))]
fn gate_text(bencher: Bencher<'_, '_>, name: &str) {
    let said = said(name);
    bencher.bench_local(|| Safe::text(black_box(said)));
}

/// The longest text that there is, of 64 KiB.
#[divan::bench(args = SAID.map(|(name, _)| name))]
fn gate_longest_text(bencher: Bencher<'_, '_>, name: &str) {
    let said = said(name);
    let longest = said.repeat(Text::MAX / said.len());
    bencher.counter(divan::counter::BytesCount::of_str(&longest)).bench_local(|| Safe::text(black_box(&longest)));
}

#[divan::bench(args = NICKS.map(str::escape_debug).map(|nick| nick.to_string()))]
fn gate_nick(bencher: Bencher<'_, '_>, nick: &str) {
    let nick = NICKS.into_iter().find(|known| known.escape_debug().to_string() == nick).unwrap();
    bencher.bench_local(|| Safe::nick(black_box(nick), "7f3a"));
}

/// A line as the chat shows it, in colours.
#[divan::bench(args = SAID.map(|(name, _)| name))]
fn look_of_a_line(bencher: Bencher<'_, '_>, name: &str) {
    let (look, line, shown_name) = (look(), line(said(name)), Safe::nick("alice", ""));
    bencher.bench_local(|| look.line(black_box(&line), &shown_name, line.said));
}

/// `→ alice is here (desk-17, 10.77.0.1)`.
#[divan::bench]
fn look_of_a_newcomer(bencher: Bencher<'_, '_>) {
    let (mut hearer, mut authors) = (Hearer::new(&lobby()), [Author::new(1, Signing::Unsigned, &lobby())]);
    hearer.meet(&mut authors);
    let (look, peer, name) = (look(), hearer.node.peers().next().unwrap(), Safe::nick("alice", ""));
    bencher.bench_local(|| look.joined(black_box(&peer), &name, peer.started));
}

fn said(name: &str) -> &'static str {
    SAID.into_iter().find(|(known, _)| *known == name).unwrap().1
}

fn look() -> Look {
    Look { colored: true, settings: LookSettings::DEFAULT }
}

fn line(text: &'static str) -> HeardLine {
    let author = Author::new(1, Signing::Signed, &lobby());
    HeardLine {
        author: author.run(),
        signer: author.identity.public_key(),
        nick: Nick::new("alice").unwrap(),
        seq: Seq::FIRST,
        action: false,
        text: Text::new(text).unwrap(),
        said: UnixMillis(1_795_442_520_000),
        arrival: Arrival::InTime,
        link: LinkId(1),
        from: author.address,
    }
}
