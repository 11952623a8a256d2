//! How fast lines go out.

use std::collections::BTreeSet;
use std::time::Duration;

use cooee::node::{Command, Rate};
use cooee::wire::{Message, Part};

use super::on_page;
use crate::lab::{ITSELF, Lab, Sent, millis, nack};

/// Says so many lines, none of which shares a datagram with another one.
fn say_long_lines(lab: &mut Lab, count: usize) {
    (0..count).for_each(|_| lab.say(&"x".repeat(Part::MAX)));
}

/// The number of the line in it.
fn line(sent: &Sent) -> Option<u32> {
    match sent.message() {
        Message::Lines(lines) => Some(lines.first().number()),
        _ => None,
    }
}

#[test]
fn of_what_is_on_its_way() {
    let mut lab = Lab::with_hearers(1, 1);
    lab.node.handle_command(lab.now, Command::Pace(Rate::Max)).unwrap();
    let begun = lab.now;
    say_long_lines(&mut lab, 200);
    let mut known = BTreeSet::new();
    let sent = lab.pass(Duration::from_secs(2)).iter();
    let first_copies: Vec<&Sent> = sent.filter(|sent| line(sent).is_some_and(|line| known.insert(line))).collect();
    let at_first = first_copies.iter().filter(|sent| sent.at == begun).count();
    on_page("datagrams on their way", &format!("{at_first} at first"));
    let waited = first_copies[at_first].at.since(begun).as_millis();
    on_page("who stands still", &format!("is left behind after {waited} ms"));
}

#[test]
fn of_losses() {
    let mut lab = Lab::with_hearers(1, 1);
    let mut times = Vec::new();
    for _ in 0..10_000 {
        if lab.node.has_room_to_say() {
            say_long_lines(&mut lab, 1);
        }
        let lines: Vec<(u64, u32)> =
            lab.pass_millis(1).iter().filter_map(|sent| Some((millis(sent.at), line(sent)?))).collect();
        for (at, line) in lines {
            lab.hear(1, nack(ITSELF, line, false));
            times.push(at);
        }
    }
    let end = millis(lab.now);
    // Each goes once more for its nack.
    let in_the_end = times.iter().filter(|at| **at + 2000 > end).count() as f64 / 2.0 / 2.0;
    on_page("where all is lost", &format!("{in_the_end} a second in the end"));
}
