//! The verification of an ID token.

use anyhow::{Context, Result, ensure};
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
use latchkey_bench_fleet::tokens::{SignatureBytes, Tokens};
use latchkey_bench_row::{Goal, Row};
use scalekit_auth::{
    Secret, Wall,
    protocol::{
        id_token::{Clocks, TokenBinding, Validation, verify},
        jwks::JwkSet,
    },
    testing::{CLIENT, ISSUER},
};

use crate::alternating::{Effort, in_turn, nanoseconds};

/// The row's name.
pub const NAME: &str = "verify-id-token";

const SECOND: i64 = 1_800_057_600;

/// The verification of a sign-in's ID token by all rules, with a cached key; the baseline is its signature alone.
pub fn rows(effort: Effort) -> Result<Vec<Row>> {
    let tokens = Tokens::new()?;
    let nonce = Secret::new("q8ZtXK3mVn0RbYw7sLd2HcJ5uEo9iGf1aTxPkQvBzM4");
    let issued = tokens.issue(Some(nonce.expose()), SECOND);
    let SignatureBytes { message, signature } =
        SignatureBytes::of(&issued.id).context("an ID token has three parts")?;
    let keys = JwkSet::read(tokens.key_response())?;
    let (id_token, access_token) = (Secret::new(issued.id), Secret::new(issued.access));
    let expected = Validation {
        issuer: ISSUER,
        client_id: CLIENT,
        organization: None,
        connection: None,
        binding: TokenBinding::SignIn { nonce: &nonce },
        access_token: &access_token,
        clocks: Clocks::agreeing(Wall(SECOND * 1000)),
    };
    let key = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, tokens.public_key())?;
    verify(&id_token, &keys, &expected)?;
    let mut bare_is_valid = true;
    let mut is_valid = true;
    let medians = in_turn(
        effort.runs,
        || {
            Ok(nanoseconds(effort.repetitions, || {
                bare_is_valid &= key.verify_sig(&message, &signature).is_ok();
            }))
        },
        || {
            Ok(nanoseconds(effort.repetitions, || {
                is_valid &= verify(&id_token, &keys, &expected).is_ok();
            }))
        },
    )?;
    ensure!(bare_is_valid && is_valid, "a token was rejected");
    let row = Row::new(NAME, "ns", medians.subject, effort.runs);
    let row = row.beside("the bare RS256 verification by aws-lc-rs, key parsed", medians.baseline);
    Ok(vec![row.with_goal(Goal::TimesAtMost(1.15))])
}
