//! Nicks: what they may not have, and when two are the same.

use super::*;

#[test]
fn a_nick_is_one_word() {
    assert_eq!(nick("santiago yes:"), "santiago_yes:");
    assert_eq!(nick("  a \u{a0}\u{3000}\u{2028} b\u{200b} \u{2800} c  "), "a_b_c");
    assert_eq!(nick("bob\u{ff0c}carol\u{ff1a}"), "bob,carol:");
}

#[test]
fn a_nick_begins_with_a_letter_a_digit_or_an_emoji() {
    for plain in ["alice", "Ω", "éa", "田中", "א", "42", "١", "_", "🦊", "🇨🇭", "½", "_x", "x_→_*"] {
        assert_eq!(nick(plain), plain);
    }
    for mark in "?*!→←─[(-<>/@#%.,:;|\\\"'`~^$&+=…–—↦⇒➜➔▶│┌✱❓❗★☞«»‹›•·🡒🠖🖛🙾🗙".chars()
    {
        assert_eq!(nick(&mark.to_string()), "_", "{mark}");
        assert_eq!(nick(&format!("{mark} {mark}{mark}alice")), "____alice", "{mark}");
        assert!(nick(&format!("alice{mark}")).starts_with("alice"), "{mark}");
    }
    assert_eq!(nick("→ dave is here"), "__dave_is_here");
    assert_eq!(nick("<3 anna <3"), "_3_anna_<3");
    assert_eq!(nick("\u{fffd}\u{e000}x"), "__x");
}

#[test]
fn a_mark_in_front_takes_its_accents_along() {
    assert_eq!(nick("?\u{302}\u{20d7}alice"), "_alice");
    // It becomes one with the stroke through it.
    assert_eq!(nick("<\u{338}alice"), "_alice");
    assert_eq!(nick("_\u{20d7}alice"), "_alice");
    assert_eq!(nick("*\u{fe0f}\u{20e3}"), "_");
}

#[test]
fn a_nick_has_no_number_sign() {
    assert_eq!(nick("alice#7f3a"), "alice_7f3a");
    for like_it in ["＃", "﹟", "♯", "⌗", "⋕", "#\u{fe0f}"] {
        assert_eq!(nick(&format!("alice{like_it}7f3a")), "alice_7f3a", "{like_it}");
    }
}

#[test]
fn a_nick_of_which_nothing_can_be_seen_is_the_fallback() {
    for unseen in
        ["", " ", "\u{200b}\u{200d}\u{2060}\u{feff}", "\u{3164}", "\u{2800} \u{ad}", "\u{301}\u{3000}\u{fe0f}"]
    {
        assert_eq!(nick(unseen), "7f3a", "{unseen:?}");
    }
    assert_eq!(Safe::nick("\u{200b}", "?").as_str(), "_");
    assert_eq!(Safe::nick("\u{200b}", "\u{ad}").as_str(), "_");
}

#[test]
fn a_long_nick_is_cut_with_a_sign_of_it() {
    assert_eq!(nick(&"x".repeat(24)), "x".repeat(24));
    assert_eq!(nick(&"x".repeat(200)), "x".repeat(23) + "…");
    assert_eq!(nick(&"?".repeat(200)), "_".repeat(24));
    // Three columns each.
    assert_eq!(nick(&("a".to_owned() + &"\u{17d8}".repeat(20))), "a".to_owned() + &"\u{17d8}".repeat(15) + "…");
}

#[test]
fn nicks_are_the_same_but_for_case() {
    for (a, b) in [
        ("Alice", "aLICE"),
        ("Zoe\u{308}", "ZOË"),
        ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
        ("straße", "STRASSE"),
        ("ǰ", "J\u{30c}"),
        ("\u{390}", "\u{3aa}\u{301}"),
        ("a b", "a_b"),
        ("?alice", "_alice"),
        ("alice#1", "alice_1"),
    ] {
        assert!(same_name(a, b), "{a} {b}");
    }
    assert!(same_name("al\u{200b}ice", " alice\u{fe0f} "));
    assert!(same_name(&("x".repeat(30) + "y"), &"X".repeat(31)));
    assert!(!same_name("alice", "alicia"));
    assert!(!same_name("alice", "_alice"));
    assert!(!same_name("\u{200b}", "\u{200b}"));
}

#[test]
fn nothing_unseen_makes_two_nicks_of_one() {
    let unseen = [
        "\u{200b}\u{200c}\u{200d}\u{2060}\u{feff}",
        "\u{e0061}\u{e006c}\u{e007f}",
        "\u{fe00}\u{e0100}\u{180b}",
        "\u{202e}\u{2066}\u{61c}",
        "\u{34f}\u{115f}\u{3164}\u{2800}",
        // What joins letters of Khmer, Burmese and Kharoshthi, and abbreviates in Syriac.
        "\u{17d2}\u{1039}\u{10a3f}\u{70f}",
    ];
    for hidden in unseen {
        for raw in [format!("al{hidden}ice"), format!("{hidden}alice"), format!("alice{hidden}")] {
            assert_eq!(nick(&raw), "alice", "{raw:?}");
            assert!(same_name(&raw, "Alice"), "{raw:?}");
        }
    }
    for whole in ["ខ្មែរ", "မြန်မာ", "နန္ဒ", "हिन्दी", "ภาษาไทย", "תּוֹרָה", "عَلِيّ", "ܐܒܓ", "가나"]
    {
        assert_eq!(nick(whole), whole);
    }
}
