//! Latchkey
fn main() {}
