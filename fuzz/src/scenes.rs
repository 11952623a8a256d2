//! Lives of LANs as they are really led, for a fuzzer to begin with: in them, everything is sent that ever is.

use crate::step::{Garble, Step, Steps};

/// Each scene by its name.
pub fn scenes() -> Vec<(&'static str, Steps)> {
    let scenes = [
        ("talk", talk()),
        ("late", late()),
        ("loss", loss()),
        ("orphans", orphans()),
        ("cut", cut()),
        ("visit", visit()),
        ("leave", leave()),
        ("move", move_about()),
        ("sleep", sleep()),
        ("clones", clones()),
        ("garbled", garbled()),
        ("private", private()),
        ("forged", forged()),
        ("rooms", rooms()),
        ("ping", ping()),
    ];
    scenes.into_iter().map(|(name, steps)| (name, Steps(steps))).collect()
}

fn member(host: u8) -> Step {
    Step::Start { host, manner: 0, history: 50 }
}

fn pass(millis: u16) -> Step {
    Step::Pass { millis, lost: 0 }
}

fn say(host: u8) -> Step {
    Step::Say { host, action: false, bytes: 20 }
}

fn talk() -> Vec<Step> {
    let act = Step::Say { host: 2, action: true, bytes: 6 };
    let at_length = Step::Say { host: 0, action: false, bytes: 3000 };
    let mut steps = vec![member(0), member(1), member(2), pass(3000), say(0), say(1), act, at_length, pass(3000)];
    // More at once than go in a datagram of their own.
    steps.extend((0..15).map(|_| say(1)));
    steps.push(pass(2000));
    steps
}

fn late() -> Vec<Step> {
    let mut steps = vec![member(0), member(1), pass(2000)];
    (0..12).for_each(|line| steps.extend([say(line % 2), pass(300)]));
    steps.extend([member(2), pass(6000)]);
    steps
}

fn loss() -> Vec<Step> {
    let mut steps = vec![member(0), member(1), member(2), member(3), pass(2000)];
    for (line, lost) in (0..8).zip([0x5555, 0x1111, 0xffff, 0x0101].into_iter().cycle()) {
        steps.extend([say(line), say(line), Step::Pass { millis: 400, lost }]);
    }
    steps.push(pass(10_000));
    steps
}

/// One misses a line whose author is gone then, and has to ask all.
fn orphans() -> Vec<Step> {
    let deaf = Step::Pass { millis: 1, lost: 0x2222 };
    let author_ends = Step::Start { host: 0, manner: 4, history: 0 };
    let mut steps = vec![member(0), member(1), member(2), pass(2000), say(0), pass(1000)];
    steps.extend([deaf, say(0), say(0), author_ends, pass(1000), Step::Stand { seconds: 5 }, pass(30_000)]);
    steps
}

/// For a while nobody hears anybody.
fn cut() -> Vec<Step> {
    let silence = Step::Pass { millis: 30_000, lost: 0xffff };
    let mut steps = vec![member(0), member(1), member(2), pass(2000), say(0), pass(1000)];
    steps.extend([say(0), say(1), silence, pass(12_000)]);
    steps
}

/// In the lobby, elsewhere and in a sealed room it is asked which rooms there are.
fn rooms() -> Vec<Step> {
    let [elsewhere, sealed] = [(1, 4), (2, 16)].map(|(host, manner)| Step::Start { host, manner, history: 0 });
    let mut steps = vec![member(0), elsewhere, sealed, member(3), pass(2000)];
    (0..3).for_each(|host| steps.extend([Step::AskRooms { host }, pass(1000)]));
    steps.extend([Step::Describe { host: 0, status: 1 }, Step::Leave { host: 1 }, pass(30_000)]);
    steps
}

/// A member and a visitor ping another one by either way; some of it gets lost.
fn ping() -> Vec<Step> {
    let visitor = Step::Start { host: 2, manner: 1, history: 0 };
    let mut steps = vec![member(0), member(1), visitor, pass(2000)];
    for from in [0, 2] {
        steps.extend([false, true].map(|is_broadcast| Step::Ping { from, to: 1, is_broadcast }));
        steps.push(Step::Pass { millis: 1200, lost: 0x0f00 });
    }
    steps
}

fn visit() -> Vec<Step> {
    let visitor = |history| Step::Start { host: 3, manner: 1, history };
    vec![
        member(0),
        member(1),
        pass(2000),
        visitor(0),
        pass(700),
        say(3),
        pass(1000),
        Step::Leave { host: 3 },
        pass(2000),
    ]
}

fn leave() -> Vec<Step> {
    let gone = Step::Leave { host: 0 };
    vec![
        member(0),
        member(1),
        member(2),
        pass(2000),
        say(0),
        gone,
        pass(2000),
        member(3),
        pass(20_000),
        say(1),
        pass(9000),
    ]
}

fn move_about() -> Vec<Step> {
    let links = |which| Step::Links { host: 1, which };
    let mut steps = vec![member(0), member(1), pass(2000)];
    [3, 2, 0, 1, 5]
        .into_iter()
        .for_each(|which| steps.extend([links(which), Step::Failure { host: 1 }, say(1), pass(1500)]));
    steps.extend([Step::Rename { host: 1, name: 7 }, pass(2000)]);
    steps
}

fn sleep() -> Vec<Step> {
    let wake = |host| Step::Wake { host, hours: 9 };
    vec![member(0), member(1), say(0), pass(2000), Step::Stand { seconds: 40 }, wake(0), say(1), wake(1), pass(9000)]
}

/// Two hosts claim to be one installation, and one is in another room.
fn clones() -> Vec<Step> {
    let start = |host, manner| Step::Start { host, manner, history: 0 };
    vec![
        member(0),
        start(1, 2),
        start(2, 4),
        start(3, 6),
        pass(2000),
        say(0),
        say(1),
        say(2),
        pass(6000),
        member(0),
        say(0),
        pass(6000),
    ]
}

fn garbled() -> Vec<Step> {
    let mut steps = talk();
    for (which, place) in (0..12).zip([40, 33, 50, 28, 32, 60].into_iter().cycle()) {
        let garble = Garble { cut: which % 3, bytes: vec![(place, which), (place + 9, 0xff)] };
        steps.extend([Step::Deliver { which, from: 1, to: 0, garble }, pass(50)]);
    }
    steps.push(pass(5000));
    steps
}

/// Private lines, in an open room and a sealed one; one of three signs nothing.
fn private() -> Vec<Step> {
    let start = |host, manner| Step::Start { host, manner, history: 0 };
    let tell = |from, to, bytes| Step::Tell { from, to, bytes };
    let mut steps = vec![start(0, 0), start(1, 0), start(2, 8), pass(1000), tell(0, 1, 20), tell(1, 0, 2000)];
    steps.extend([tell(0, 2, 5), tell(2, 0, 5), Step::Pass { millis: 5000, lost: 0x5555 }]);
    steps.extend([start(0, 16), start(1, 16), pass(1000), say(0), tell(0, 1, 20), pass(1000), Step::Leave { host: 1 }]);
    steps.push(pass(5000));
    steps
}

/// Of each kind a small one, made by hand.
fn forged() -> Vec<Step> {
    let mut steps = vec![member(0), say(0), pass(500)];
    let bodies: [(u8, &[u8]); 6] = [
        (2, &[3]),
        (3, b"\x00\x01n\x00\x02hi"),
        (4, &[0, 0, 1, 1, 0]),
        (5, &[0, 1, 1]),
        (6, &[0, 0, 1, 50, 0]),
        (8, &[0, 0, 0, 9, 1, 1, 9]),
    ];
    for (kind, body) in bodies {
        steps.push(Step::Forge { from: 1, to: 0, kind, author: 9, number: 1, body: body.to_vec() });
        steps.push(pass(200));
    }
    steps.push(pass(8000));
    steps
}
