//! Any bytes are read or refused; what was read is written again and read as the same.
#![no_main]

use cooee_fuzz::check_datagram;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| check_datagram(bytes));
