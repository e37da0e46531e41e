//! The `forbear` program.
fn main() {}
