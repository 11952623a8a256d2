//! What may stand in the file, and what is told of what may not.

mod files;
mod mistakes;
mod sources;

use super::*;

/// What is wrong with a text.
#[track_caller]
fn mistake(text: &str) -> String {
    understand(text).unwrap_err().to_string()
}

/// What is passed over in a text.
#[track_caller]
fn passed_over(text: &str) -> Vec<String> {
    let (_, unknown) = understand(text).unwrap();
    unknown.iter().map(ToString::to_string).collect()
}
