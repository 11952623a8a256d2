//! Lists in words.

/// Names that are told one by one; of more, the number.
pub(crate) const NAMES_MAX: usize = 5;

/// `bob`, `bob and carol`, `a, b and c`, or `a, b, c, d, e and 7 more`: in their order, nothing for none.
pub(crate) fn names(names: &[impl AsRef<str>]) -> String {
    let mut words: Vec<&str> = names.iter().take(NAMES_MAX).map(AsRef::as_ref).collect();
    let more = names.len() - words.len();
    let last = if more > 0 { format!("{more} more") } else { words.pop().unwrap_or_default().to_owned() };
    if words.is_empty() { last } else { format!("{} and {last}", words.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_ends_with_and_and_a_crowd_is_summed_up() {
        let listed = |words: &str| names(&words.split_whitespace().collect::<Vec<_>>());
        assert_eq!((listed(""), listed("a")), (String::new(), "a".to_owned()));
        assert_eq!((listed("a b"), listed("a b c")), ("a and b".to_owned(), "a, b and c".to_owned()));
        assert_eq!(listed("a b c d e"), "a, b, c, d and e");
        assert_eq!(listed("a b c d e f g"), "a, b, c, d, e and 2 more");
    }
}
