//! Random bytes from the operating system.

use scalekit_auth::{Entropy, Problem, ProblemCode};

/// Fills `bytes` with random bytes.
///
/// # Errors
/// When the operating system provides none.
pub(crate) fn fill(bytes: &mut [u8]) -> Result<(), getrandom::Error> {
    getrandom::fill(bytes)
}

/// The random bytes of one sign-in.
///
/// # Errors
/// When the operating system provides none. There is no fallback.
pub(crate) fn draw() -> Result<Entropy, Problem> {
    draw_from(fill)
}

fn draw_from<E: std::fmt::Display>(
    fill: impl FnOnce(&mut [u8]) -> Result<(), E>,
) -> Result<Entropy, Problem> {
    let mut entropy = Entropy([0; 96]);
    fill(&mut entropy.0).map_err(|why| {
        Problem::new(ProblemCode::EntropyUnavailable).with_detail(why.to_string())
    })?;
    Ok(entropy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    // req: A2
    #[test]
    fn entropy_source_failing_midway_is_reported() {
        let problem = draw_from(|bytes| {
            // A source that fails half-way has provided nothing usable.
            bytes[..48].fill(7);
            Err("the pool is empty")
        })
        .unwrap_err();
        assert_eq!(problem.code, ProblemCode::EntropyUnavailable);
        assert_eq!(problem.detail.as_deref(), Some("the pool is empty"));
    }

    // req: A2
    #[test]
    fn entropy_never_repeats_in_ten_thousand_draws() {
        let mut seen = HashSet::new();
        for _ in 0..10_000 {
            let entropy = draw().unwrap();
            assert!(entropy.0.chunks(32).all(|third| seen.insert(third.to_vec())));
        }
    }
}
