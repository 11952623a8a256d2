//! Holds cooee-protocol(7) to the code: its tables, its test vectors, its numbers, and the peer in Python that it shows.
//!
//! The page marks what is read here by comments, "begin NAME" and "end NAME". Without `python3`, the tests that need it
//! say so aloud and count as passed; `COOEE_PYTHON_TESTS=required` makes that a failure.

#![allow(clippy::disallowed_methods, reason = "processes and the kernel live in real time")]
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod format;
mod lab;
mod limits;
mod numbers;
#[cfg(unix)]
#[path = "../lan/process.rs"]
#[allow(dead_code, reason = "the tests of the virtual LAN use all of it")]
mod process;
#[cfg(unix)]
mod program;
mod reading;
mod sealing;
#[cfg(unix)]
mod spread;
mod telling;

const PAGE: &str = include_str!("../../man/cooee-protocol.7");

/// What stands between two marks.
fn part(name: &str) -> &'static str {
    let begin = format!(".\\\" begin {name}\n");
    let end = format!(".\\\" end {name}\n");
    let (_, behind) = PAGE.split_once(&begin).unwrap_or_else(|| panic!("the page has no {begin}"));
    behind.split_once(&end).unwrap_or_else(|| panic!("the page has no {end}")).0
}

/// The cells of a part's table or list, row by row; a cell is what stands between two `Ta`.
fn rows(name: &str) -> Vec<Vec<String>> {
    let items = part(name).lines().filter_map(|line| line.strip_prefix(".It "));
    items.map(|item| item.split(" Ta").map(|cell| plain(cell.trim())).collect()).collect()
}

/// The literal text of a part.
fn literal(name: &str) -> String {
    let (_, behind) = part(name).split_once(".Bd -literal").unwrap();
    let (text, _) = behind.split_once('\n').unwrap().1.split_once(".Ed\n").unwrap();
    plain(text)
}

/// A text without the escapes of mdoc.
fn plain(text: &str) -> String {
    const ESCAPES: [(&str, &str); 6] = [("e", "\\"), ("-", "-"), ("&", ""), ("(aq", "'"), ("(dq", "\""), ("(ha", "^")];
    let mut parts = text.split('\\');
    let mut plain = parts.next().unwrap().to_owned();
    for part in parts {
        let (escape, meaning) = ESCAPES.iter().find(|(escape, _)| part.starts_with(escape)).unwrap_or_else(|| {
            panic!("an escape of mdoc that this test does not know: \\{part}");
        });
        plain += meaning;
        plain += &part[escape.len()..];
    }
    plain
}
