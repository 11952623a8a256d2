//! What the code reads, by the names of the page.

use cooee::wire::{Heard, MAGIC, Message, Packet, Ping, PingWay, Pong, PrivateText, Run, Seq, VERSION, Wanted};

/// What a packet tells, by the names of the page; but for what does not show what is in it.
pub(crate) fn told(packet: &Packet<'_>, is_sealed: bool) -> Vec<(&'static str, String)> {
    let (kind, number) = match &packet.message {
        Message::Beacon(counter, _) => (1, counter.0),
        Message::Goodbye(counter, _) => (2, counter.0),
        Message::Lines(lines) => (3, lines.first().number()),
        Message::Nack(counter, _) => (4, counter.0),
        Message::Ack(counter, _) => (5, counter.0),
        Message::HistoryRequest(counter, _) => (6, counter.0),
        Message::PrivateLine(counter, _) => (7, counter.0),
        Message::Notes(counter, _) => (8, counter.0),
        Message::PrivateAck(counter, _) => (9, counter.0),
        Message::Ping(counter, _) => (10, counter.0),
        Message::Pong(counter, _) => (11, counter.0),
        Message::Addresses(counter, _) => (12, counter.0),
    };
    let last_seq = |seq: Option<Seq>| ("last_seq", seq.map_or(0, Seq::number).to_string());
    let mut told = vec![
        ("magic", String::from_utf8(MAGIC.to_vec()).unwrap()),
        ("version", VERSION.to_string()),
        ("kind", kind.to_string()),
        ("flags", bits(&[packet.signer.is_some(), is_sealed])),
        ("room", format!("{:016x}", packet.room.0)),
        ("peer", packet.author.peer.to_string()),
        ("epoch", packet.author.epoch.to_string()),
        ("number", number.to_string()),
    ];
    match &packet.message {
        Message::Beacon(_, beacon) => {
            let (names, some) = match beacon.heard {
                Heard::All(_) => (true, false),
                Heard::Some(_) => (true, true),
                Heard::Filter(_) => (false, false),
            };
            told.extend([
                ("flags", bits(&[beacon.hello, beacon.visitor, beacon.acks, names, some, beacon.remote])),
                ("nick", beacon.profile.nick.to_string()),
                ("host", beacon.profile.host.to_string()),
                ("version", beacon.profile.version.to_string()),
                ("status", beacon.profile.status.to_string()),
                ("port", beacon.port.to_string()),
                ("interval", beacon.interval.duration().as_millis().to_string()),
                ("started", beacon.started.0.to_string()),
                ("time", beacon.time.0.to_string()),
                last_seq(beacon.last_seq),
                ("digest", beacon.digest.0.to_string()),
                ("hears", beacon.hears.to_string()),
                ("room", beacon.room.as_ref().map_or_else(String::new, ToString::to_string)),
            ]);
        }
        Message::Goodbye(_, goodbye) => told.push(last_seq(goodbye.last_seq)),
        Message::Lines(lines) => {
            told.extend([("time", lines.time().0.to_string()), ("nick", lines.nick().to_string())]);
            for line in lines.iter() {
                let flags = bits(&[line.manner.action, line.manner.continues, line.manner.goes_on]);
                told.extend([("flags", flags), ("text", line.part.to_string())]);
            }
        }
        Message::Nack(_, nack) => {
            told.push(("flags", bits(&[nack.to_all])));
            told.extend(named(nack.author));
            told.extend([("first", nack.missing.first().to_string()), ("last", nack.missing.last().to_string())]);
        }
        Message::Ack(_, ack) => {
            told.extend(named(ack.author));
            told.extend([("up_to", ack.up_to.to_string()), ("lost", ack.lost.to_string())]);
        }
        Message::PrivateLine(_, line) => told.extend(named(line.reader)),
        Message::PrivateAck(_, ack) => {
            told.extend(named(ack.author));
            told.push(("up_to", ack.up_to.to_string()));
        }
        Message::Ping(_, Ping { reader, way, token }) | Message::Pong(_, Pong { reader, way, token }) => {
            told.push(("flags", bits(&[*way == PingWay::Broadcast])));
            told.extend(named(*reader));
            told.push(("token", token.0.to_string()));
        }
        // The records are no fields of postcard's: their vector shows them as bytes.
        Message::Addresses(_, addresses) => told.extend(named(addresses.reader)),
        Message::HistoryRequest(_, request) => {
            told.push(("flags", bits(&[request.to_all])));
            told.extend(named(request.asked));
            told.extend(wanted(request.wanted));
        }
        Message::Notes(_, notes) => {
            told.push(("flags", bits(&[notes.more()])));
            told.extend(wanted(notes.answers()));
            for held in notes.iter() {
                told.extend(named(held.author));
                let from = held.from.map_or(0, Seq::number);
                told.extend([("from", from.to_string()), ("last", held.last.to_string())]);
            }
        }
    }
    told
}

/// Flags, the lowest bit first.
fn bits(flags: &[bool]) -> String {
    flags.iter().rev().fold(0_u8, |high, flag| high << 1 | u8::from(*flag)).to_string()
}

/// A run as a body has it.
fn named(run: Run) -> [(&'static str, String); 2] {
    [("peer", run.peer.0.to_string()), ("epoch", run.epoch.0.to_string())]
}

fn wanted(wanted: Wanted) -> [(&'static str, String); 2] {
    let (lines, but_for) = match wanted {
        Wanted::LastLines(lines) => (lines, 0),
        Wanted::AllAuthors { but_for } => (0, but_for),
    };
    [("lines", lines.to_string()), ("but_for", but_for.to_string())]
}

/// What a private line says, by the names of the page.
pub(crate) fn told_in_private(text: &PrivateText<'_>) -> Vec<(&'static str, String)> {
    let manner = text.manner;
    vec![
        ("flags", bits(&[manner.action, manner.continues, manner.goes_on])),
        ("seq", text.seq.to_string()),
        ("time", text.time.0.to_string()),
        ("nick", text.nick.to_string()),
        ("text", text.part.to_string()),
    ]
}
