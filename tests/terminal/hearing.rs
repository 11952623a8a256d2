//! What others say, however long, wide or fast it comes.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::chat::{Chat, port, two};

/// Whether nothing stands at column 0 from this row on but what begins like this.
#[track_caller]
fn assert_only_beginnings(rows: &[String], from: &str, beginnings: &[&str]) {
    let first = rows.iter().position(|row| row.contains(from)).unwrap();
    for row in &rows[first + 1..] {
        let begins = row.is_empty() || row.starts_with(' ') || beginnings.iter().any(|begin| row.contains(begin));
        assert!(begins, "{row:?} in {rows:#?}");
    }
}

#[test]
fn typing_goes_on_while_twenty_lines_a_second_arrive() {
    let (mut alice, mut bob) = two();
    let text = "ring it along, and tell them where the key";
    for (number, c) in text.chars().enumerate() {
        alice.keys(&format!("line {number}\r"));
        bob.keys(&c.to_string());
        // Some arrive before the key, some after it.
        if number % 3 == 0 {
            bob.expect(&format!("alice    line {number}"));
        }
    }
    bob.expect("alice    line 41");
    bob.expect(&format!("[bob] {text}"));
    let heard: Vec<String> =
        bob.all_rows().iter().filter_map(|row| Some(row.split_once("alice    ")?.1.to_owned())).collect();
    assert_eq!(heard, (0..42).map(|number| format!("line {number}")).collect::<Vec<_>>());
    bob.keys("\r");
    alice.expect(&format!("bob      {text}"));
}

#[test]
fn a_line_longer_than_the_screen_cannot_pose_as_others() {
    let (mut alice, mut bob) = two();
    bob.keys("half a line");
    // However wide the terminal is, one of them would come to stand where lines begin.
    let said =
        (0..60).map(|number| format!("{}14:02 eve      trust me", "x".repeat(number))).collect::<Vec<_>>().join(" ");
    alice.keys(&format!("{said} the end\r"));
    bob.expect("the end");
    bob.expect("[bob] half a line");
    let rows = bob.all_rows();
    assert_only_beginnings(&rows, "alice    14:02 eve", &["[bob] half a line"]);
    let shown: String = rows.iter().skip_while(|row| !row.contains("alice    14:02")).map(String::as_str).collect();
    assert!(shown.replace(' ', "").contains(&said.replace(' ', "")));
}

#[test]
fn wide_text_fits_at_any_width() {
    let (mut alice, mut bob) = two();
    let texts = [
        "鍵は植木鉢の下にあります、裏口から入って下さい、猫に餌をやって下さい",
        "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}\u{200d}\u{1f466} \u{1f1e9}\u{1f1ea}\u{1f1eb}\u{1f1f7} \u{2764}\u{fe0f} \u{1f44d}\u{1f3fd} and again \u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}\u{200d}\u{1f466}",
        "e\u{301}a\u{308}o\u{302}\u{323} le cafe\u{301} est ferme\u{301} jusqu'a\u{300} midi",
        "המפתח נמצא מתחת לעציץ ליד הדלת האחורית",
    ];
    for columns in [80, 40, 20] {
        bob.resize(columns);
        bob.keys("植木鉢");
        for (number, text) in texts.iter().enumerate() {
            alice.keys(&format!("{text} {columns}.{number}\r"));
            bob.expect(&format!("{columns}.{number}"));
        }
        bob.expect_screen("the typed line", |rows| {
            let last = rows.iter().rfind(|row| !row.is_empty()).unwrap();
            last.starts_with("[bob] ") && last.ends_with("植木鉢")
        });
        // What was shown before, the terminal has cut by itself.
        let rows = bob.all_rows();
        let from = rows.iter().position(|row| row.contains("alice") && row.ends_with(&format!("{columns}.0")));
        let from = from.or_else(|| rows.iter().position(|row| row.ends_with(&format!("{columns}.0")))).unwrap();
        assert_only_beginnings(&rows[from..], &format!("{columns}.0"), &["alice", "[bob]"]);
        for text in texts {
            let shown: String = rows.iter().map(|row| row.replace(' ', "")).collect();
            assert!(shown.contains(&text.replace(' ', "")), "{text} in {rows:#?}");
        }
    }
    bob.keys("\r");
    alice.expect("bob      植木鉢植木鉢植木鉢");
}

/// Limits are generous, for machines that have much else to do; what is usual is 50 ms.
#[test]
fn who_types_does_not_wait_for_ten_thousand_lines() {
    let port = port();
    const ECHO_MAX: Duration = Duration::from_secs(1);
    let mut bob = Chat::open(&port, "bob");
    let data = TempDir::new().unwrap();
    let mut send = Command::new(env!("CARGO_BIN_EXE_cooee"))
        .args(["--interface", "lo", "--port", &port, "--nick", "alice", "send"])
        .env("XDG_DATA_HOME", data.path())
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let lines: String = (0..10_000).map(|number| format!("line {number}\n")).collect();
    let mut stdin = send.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()).unwrap());
    bob.expect("alice    line ");
    let mut typed = String::new();
    while typed.is_empty() || (typed.len() < 60 && !bob.rows().iter().any(|row| row.ends_with("line 9999"))) {
        typed.push('x');
        let pressed = Instant::now();
        bob.keys("x");
        bob.expect(&format!("[bob] {typed}"));
        let echo = pressed.elapsed();
        assert!(echo < ECHO_MAX, "{echo:?} for key {}", typed.len());
    }
    bob.expect("line 9999");
    writer.join().unwrap();
    assert!(send.wait().unwrap().success());
    let heard = bob.all_rows().iter().filter(|row| row.contains("alice    line ")).count();
    assert_eq!(heard, 10_000);
}
