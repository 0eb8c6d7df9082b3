#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| scalekit_fuzz::retry_after_and_date(bytes));
