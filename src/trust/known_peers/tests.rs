use proptest::prelude::*;

use super::*;

fn fingerprint(number: u16) -> Fingerprint {
    let mut bytes = [0; 16];
    bytes[..2].copy_from_slice(&number.to_be_bytes());
    Fingerprint(bytes)
}

fn since(day: u32) -> Since {
    format!("2026-11-{day:02}T09:16:02Z").parse().unwrap()
}

fn parsed(text: &str) -> KnownPeers {
    let (known, bad) = KnownPeers::parse(text.as_bytes());
    assert_eq!(bad, [0; 0], "{text}");
    known
}

const VERIFIED: Marks = Marks { verified: true, ignored: false };
const IGNORED: Marks = Marks { verified: false, ignored: true };

#[test]
fn what_is_noted_is_read_again() {
    let (mut known, mut text) = (KnownPeers::default(), String::new());
    let mut add = |noted| match noted {
        Noted::New(line) => text += &line,
        other => panic!("{other:?}"),
    };
    add(known.note(fingerprint(0x7f3a), "alice", since(20)));
    add(known.note(fingerprint(0x91c2), " two  spaces ", since(21)));
    add(known.note(fingerprint(0x7f3a), "ann", since(22)));
    assert_eq!(known.note(fingerprint(0x7f3a), "alice", since(23)), Noted::Known);
    text += &known.mark(fingerprint(0x7f3a), VERIFIED).unwrap();
    assert_eq!(known.mark(fingerprint(0x7f3a), VERIFIED), None, "it is marked so already");
    assert_eq!(known.mark(fingerprint(1), VERIFIED), None, "it is not known");
    let rest = "-0000-0000-0000-0000-0000-0000-0000 2026-11-";
    let lines = [
        format!("7f3a{rest}20T09:16:02Z - alice"),
        format!("91c2{rest}21T09:16:02Z -  two  spaces "),
        format!("7f3a{rest}20T09:16:02Z - ann"),
        format!("7f3a{rest}20T09:16:02Z verified ann"),
    ];
    assert_eq!(text.lines().collect::<Vec<_>>(), lines);
    assert_eq!(parsed(&text), known);
    let alice = known.peer(fingerprint(0x7f3a)).unwrap();
    assert_eq!((alice.since, alice.marks, alice.since.date()), (since(20), VERIFIED, "2026-11-20"));
    assert_eq!(alice.nicks().collect::<Vec<_>>(), ["alice", "ann"]);
}

/// Another program has added a line meanwhile, in whatever order.
#[test]
fn the_last_line_of_a_key_counts() {
    let line = |day, marks, nick| line(fingerprint(1), since(day), marks, nick);
    let known = parsed(&(line(9, VERIFIED, "a") + &line(3, IGNORED, "b") + &line(5, Marks::default(), "a")));
    let peer = known.peer(fingerprint(1)).unwrap();
    assert_eq!((peer.since, peer.marks, peer.nicks().count()), (since(3), Marks::default(), 2));
}

#[test]
fn what_is_not_understood_is_told_and_kept() {
    let good = line(fingerprint(1), since(1), IGNORED, "bob");
    let text = format!("# mine\n\nnonsense\n{good}{}", good.replace("ignored", "hated"));
    let (known, bad) = KnownPeers::parse(&[text.as_bytes(), b"\xff\n"].concat());
    assert_eq!((known.iter().count(), &bad[..]), (1, &[3, 5, 6][..]));
    let hated = good.replace("ignored", "hated");
    let expected =
        [format!("{}# mine\nnonsense\n{hated}", KnownPeers::COMMENT).as_bytes(), b"\xff\n", good.as_bytes()].concat();
    assert_eq!(known.to_text(), expected);
    assert_eq!(KnownPeers::parse(&expected).0.to_text(), expected, "it does not grow each time");
    for bad in [
        good.replace("2026", "26"),
        good.replace('T', "t"),
        good.replace("bob", ""),
        good.replace("bob", "b\u{1b}b"),
        good.replace("bob", &"b".repeat(65)),
        good.replacen("0001", "001", 1),
        good.replace("ignored ", ""),
    ] {
        assert_eq!(KnownPeers::parse(bad.as_bytes()).1, [1], "{bad}");
    }
}

#[test]
fn those_known_longest_stay() {
    let mut known = KnownPeers::default();
    for number in 0..4096 {
        assert!(matches!(known.note(fingerprint(number), "x", since(1)), Noted::New(_)));
    }
    assert_eq!(known.note(fingerprint(5000), "x", since(2)), Noted::Full);
    assert!(matches!(known.note(fingerprint(7), "y", since(2)), Noted::New(_)), "another nick of one that is known");
    assert!(known.mark(fingerprint(8), IGNORED).is_some());
    let text = known.to_text();
    let more = [&*text, line(fingerprint(5000), since(2), Marks::default(), "x").as_bytes()].concat();
    let (read, bad) = KnownPeers::parse(&more);
    assert_eq!((read.iter().count(), bad.len(), read.peer(fingerprint(5000))), (4096, 0, None));
    let vain = line(fingerprint(1), since(1), IGNORED, "x").repeat(9000);
    let (read, _) = KnownPeers::parse(&[&more, vain.as_bytes()].concat());
    assert!(!read.is_worth_rewriting(), "a key would be lost that is in the text");
}

#[test]
fn a_key_has_few_nicks() {
    let mut known = KnownPeers::default();
    let nicks: Vec<String> = (0..10).map(|number| format!("nick {number}")).collect();
    let noted: Vec<Noted> = nicks.iter().map(|nick| known.note(fingerprint(1), nick, since(1))).collect();
    assert!(noted[..8].iter().all(|noted| matches!(noted, Noted::New(_))));
    assert_eq!(noted[8..], [Noted::Known, Noted::Known]);
    assert_eq!(known.note(fingerprint(2), "two\nlines", since(1)), Noted::Known);
    assert_eq!(known.peer(fingerprint(2)), None);
}

#[test]
fn a_text_that_is_mostly_in_vain_is_made_anew() {
    let (mut known, mut marks) = (KnownPeers::default(), Marks::default());
    known.note(fingerprint(1), "bob", since(1));
    known.note(fingerprint(2), "carol", since(1));
    let before = known.to_text();
    for _ in 0..66 {
        assert!(!known.is_worth_rewriting());
        marks.ignored = !marks.ignored;
        known.mark(fingerprint(1), marks).unwrap();
    }
    known.mark(fingerprint(1), IGNORED).unwrap();
    assert!(known.is_worth_rewriting());
    let text = String::from_utf8(known.to_text()).unwrap();
    assert_eq!(text, String::from_utf8(before).unwrap().replacen(" - bob", " ignored bob", 1));
    assert!(!parsed(&text).is_worth_rewriting());
}

proptest! {
    #[test]
    fn any_bytes_are_read_and_made_anew(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let (known, _) = KnownPeers::parse(&bytes);
        let (again, _) = KnownPeers::parse(&known.to_text());
        prop_assert_eq!(known.to_text(), again.to_text());
    }

    #[test]
    fn any_nick_is_read_again(nick in any::<String>()) {
        let mut known = KnownPeers::default();
        if let Noted::New(line) = known.note(fingerprint(1), &nick, since(1)) {
            prop_assert!(KnownPeers::parse(line.as_bytes()).0.peer(fingerprint(1)).unwrap().has(&nick));
        }
    }
}

#[test]
fn what_is_not_understood_stays_to_the_byte_however_often_it_is_written() {
    let text = b"ed key\r\r\r\n#\ta comment\r\n\xff\xfe\n  \r";
    let mut known = KnownPeers::parse(text).0;
    for _ in 0..3 {
        let written = known.to_text();
        assert_eq!(written[KnownPeers::COMMENT.len()..], [&text[..], b"\n"].concat());
        known = KnownPeers::parse(&written).0;
    }
}
