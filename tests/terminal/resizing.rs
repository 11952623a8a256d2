//! The terminal becomes wider and narrower while somebody types.

use crate::chat::two;

#[test]
fn nothing_is_lost_or_overwritten_while_the_terminal_is_resized() {
    let (mut alice, mut bob) = two();
    let (mut typed, mut number) = (String::new(), 0);
    for columns in [80, 50, 100, 40, 80] {
        bob.resize(columns);
        for _ in 0..4 {
            let word = format!("word{number} and ");
            bob.keys(&word);
            typed.push_str(&word);
            alice.keys(&format!("line {number}\r"));
            bob.expect(&format!("alice    line {number}"));
            let tail = format!("word{number} and");
            bob.expect_screen(&tail, |rows| rows.iter().rfind(|row| !row.is_empty()).unwrap().ends_with(&tail));
            number += 1;
        }
        let rows = bob.all_rows();
        assert_eq!(rows.iter().filter(|row| row.starts_with("[bob]")).count(), 1, "{rows:#?}");
        let heard: Vec<&String> = rows.iter().filter(|row| row.contains("alice    line")).collect();
        assert_eq!(heard.len(), number, "{rows:#?}");
        assert!(heard.iter().enumerate().all(|(at, row)| row.ends_with(&format!("alice    line {at}"))), "{rows:#?}");
    }
    bob.keys("no more\r");
    let visible = |text: &str| text.replace(' ', "");
    let said = visible(&(typed + "no more"));
    alice.expect_screen("all that was typed", |rows| {
        visible(&rows.iter().skip_while(|row| !row.contains("bob      ")).cloned().collect::<String>()).contains(&said)
    });
}
