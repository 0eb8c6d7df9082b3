#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| scalekit_fuzz::jwks(bytes));
