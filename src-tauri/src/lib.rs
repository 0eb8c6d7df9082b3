//! Latchkey
