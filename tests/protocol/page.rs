//! cooee-protocol(7), and what stands between the marks in it.

pub(crate) const PAGE: &str = include_str!("../../man/cooee-protocol.7");

/// What stands between two marks.
pub(crate) fn part(name: &str) -> &'static str {
    let begin = format!(".\\\" begin {name}\n");
    let end = format!(".\\\" end {name}\n");
    let (_, behind) = PAGE.split_once(&begin).unwrap_or_else(|| panic!("the page has no {begin}"));
    behind.split_once(&end).unwrap_or_else(|| panic!("the page has no {end}")).0
}

/// The cells of a part's table or list, row by row; a cell is what stands between two `Ta`.
pub(crate) fn rows(name: &str) -> Vec<Vec<String>> {
    let items = part(name).lines().filter_map(|line| line.strip_prefix(".It "));
    items.map(|item| item.split(" Ta").map(|cell| plain(cell.trim())).collect()).collect()
}

/// The literal text of a part.
pub(crate) fn literal(name: &str) -> String {
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
