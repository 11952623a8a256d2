//! Whatever stands in the files of keys, it is read or refused, and nothing of it gets lost by being written again.
#![no_main]

use cooee_fuzz::check_files;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| check_files(bytes));
