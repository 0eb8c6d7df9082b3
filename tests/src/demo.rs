//! Placeholder until the stories run.

fn main() {}
