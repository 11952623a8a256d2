//! Who has not got what was said, in words.

use cooee::node::{Lacking, Unheard};
use cooee::wire::Run;

use crate::ui::look::lines;
use crate::ui::safe::Safe;
use crate::ui::words::{self, NAMES_MAX};

/// `carol has not got 3 lines; bob 1 line`: whoever lacks most comes first. `None` where nobody of them is among the
/// peers any more.
pub(crate) fn lacking_lines(lacking: &[Lacking], names: &[(Run, Safe)]) -> Option<String> {
    let mut known = known(lacking, names);
    known.sort_by(|(a, a_lacks), (b, b_lacks)| b_lacks.cmp(a_lacks).then_with(|| a.cmp(b)));
    let mut parts: Vec<String> =
        known.iter().take(NAMES_MAX).map(|(nick, lacks)| format!("{nick} {}", lines(*lacks))).collect();
    let (nick, lacks) = known.first()?;
    parts[0] = format!("{nick} has not got {}", lines(*lacks));
    if known.len() > NAMES_MAX {
        parts.push(format!("and {} more", known.len() - NAMES_MAX));
    }
    Some(parts.join("; "))
}

/// `2 of 3 heard "yes, where"; carol has not`. `None` where nobody who has not is among the peers any more.
pub(crate) fn unheard(unheard: &Unheard, said: Option<&Safe>, names: &[(Run, Safe)]) -> Option<String> {
    let mut names: Vec<String> = known(&unheard.lacking, names).into_iter().map(|(nick, _)| nick).collect();
    let have = if names.len() == 1 { "has" } else { "have" };
    if names.is_empty() {
        return None;
    }
    names.sort();
    let names = words::names(&names);
    let said = said.map_or_else(|| "what you said".to_owned(), |said| format!("\"{said}\""));
    Some(match (unheard.hearers.saturating_sub(unheard.lacking.len()), unheard.hearers) {
        (0, 1) => format!("{names} has not heard {said}"),
        (heard, hearers) => format!("{heard} of {hearers} heard {said}; {names} {have} not"),
    })
}

/// What those are called who lack lines and are still among the peers, and how many lines.
fn known(lacking: &[Lacking], names: &[(Run, Safe)]) -> Vec<(String, u32)> {
    let name = |run| names.iter().find(|(named, _)| *named == run).map(|(_, name)| name.as_str().to_owned());
    lacking.iter().filter_map(|lacking| Some((name(lacking.run)?, lacking.lines))).collect()
}

#[cfg(test)]
mod tests {
    use cooee::wire::Seq;

    use super::*;
    use crate::ui::sample::run;

    /// Runs of these names, numbered from 0.
    fn peers(names: &[&'static str]) -> Vec<(Run, Safe)> {
        (0..).zip(names).map(|(number, name)| (run(number), Safe::literal(name))).collect()
    }

    /// Who lacks how many lines, by number.
    fn lacking(lines: &[u32]) -> Vec<Lacking> {
        (0..).zip(lines).map(|(number, lines)| Lacking { run: run(number), lines: *lines }).collect()
    }

    #[test]
    fn who_lacks_most_is_named_first_and_a_crowd_is_summed_up() {
        let words = |nicks: &[&'static str], lines: &[u32]| lacking_lines(&lacking(lines), &peers(nicks));
        assert_eq!(words(&["carol"], &[1]).unwrap(), "carol has not got 1 line");
        assert_eq!(words(&["bob", "carol"], &[1, 3]).unwrap(), "carol has not got 3 lines; bob 1 line");
        let crowd = words(&["a", "b", "c", "d", "e", "f", "g", "h"], &[2; 8]).unwrap();
        assert_eq!(crowd, "a has not got 2 lines; b 2 lines; c 2 lines; d 2 lines; e 2 lines; and 3 more");
        assert_eq!(words(&["bob"], &[1, 7]).unwrap(), "bob has not got 1 line", "one who has gone is passed over");
        assert_eq!(words(&[], &[1]), None);
    }

    #[test]
    fn a_line_that_not_all_have_heard_is_told() {
        let words = |nicks: &[&'static str], hearers, said: Option<&Safe>| {
            let lacking = lacking(&vec![1; nicks.len()]);
            unheard(&Unheard { up_to: Seq::FIRST, hearers, lacking }, said, &peers(nicks))
        };
        let said = Safe::literal("yes, where");
        assert_eq!(words(&["carol"], 3, Some(&said)).unwrap(), r#"2 of 3 heard "yes, where"; carol has not"#);
        assert_eq!(words(&["carol"], 1, Some(&said)).unwrap(), r#"carol has not heard "yes, where""#);
        assert_eq!(words(&["dave", "carol"], 3, None).unwrap(), "1 of 3 heard what you said; carol and dave have not");
        let crowd = words(&["a", "b", "c", "d", "e", "f", "g"], 7, None).unwrap();
        assert_eq!(crowd, "0 of 7 heard what you said; a, b, c, d, e and 2 more have not");
        assert_eq!(words(&[], 3, None), None);
    }
}
