//! What is said to one alone, as the chat shows it.

use crate::chat::{Chat, port, two, two_on};

#[test]
fn what_is_said_to_one_alone_is_marked_in_front_of_the_time() {
    let port = port();
    let (mut alice, mut bob) = two_on(&port);
    let private = |end: &'static str| {
        move |rows: &[String]| rows.iter().any(|row| row.starts_with("private ") && row.ends_with(end))
    };
    bob.keys("half a line");
    bob.expect("[bob] half a line");
    alice.keys("/ms bo the key is under the mat\r");
    alice.expect_screen("where it went", private(" you → bob  the key is under the mat"));
    bob.expect_screen("from whom it comes", private(" alice → you  the key is under the mat"));
    bob.expect("[bob] half a line");
    bob.keys("\u{15}/r thanks\r");
    alice.expect_screen("the answer", private(" bob → you  thanks"));
    // What is pasted behind the command is for the one alone too.
    let mut carol = Chat::open(&port, "carol");
    alice.expect("→ carol is here");
    alice.keys("/msg bob \u{1b}[200~first\nsecond\u{1b}[201~\r");
    bob.expect_screen("the first line", private(" alice → you  first"));
    bob.expect("    second");
    alice.keys("/mgs bob not for all\r");
    alice.expect("Unknown command /mgs. Did you mean /me or /msg?");
    alice.keys("to all\r");
    carol.expect("alice    to all");
    assert!(carol.rows().iter().all(|row| !row.contains("second") && !row.contains("not for all")));
}

#[test]
fn who_has_not_got_what_was_said_to_him_alone_is_told() {
    let (mut alice, mut bob) = two();
    bob.signal("STOP");
    alice.keys("/msg bob yes, where we always meet on Mondays\r");
    alice.expect("! bob has not got \"yes, where we always me…\"");
    bob.signal("CONT");
    bob.keys("/quit\r");
    alice.expect("← bob left");
    alice.keys("/r and now?\r");
    alice.expect("! bob is not here any more; nothing was said");
    alice.keys("/msg bob and now?\r");
    alice.expect("! bob is not here; nothing was said");
}
