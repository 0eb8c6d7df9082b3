//! A published RS256 key. It is parsed once: jsonwebtoken's own verifier parses it for each signature, which takes
//! a third of the time that the verification of an ID token takes.

use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use jsonwebtoken::{
    Algorithm,
    crypto::JwtVerifier,
    signature::{Error, Verifier},
};

/// RFC 7518 §3.3: 2048 bits or more; what is larger than 8192 is only slow.
const BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// An RSA key of 2048 to 8192 bits.
#[derive(Clone)]
pub struct Rs256Key(ParsedPublicKey);

impl Rs256Key {
    /// The key of these big-endian numbers. None where they make no key, or one of another size.
    pub(crate) fn new(modulus: &[u8], exponent: &[u8]) -> Option<Self> {
        let (n, e) = (without_leading_zeros(modulus), without_leading_zeros(exponent));
        if !BITS.contains(&bits(n)) {
            return None;
        }
        let components = RsaPublicKeyComponents { n, e };
        components.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256).ok().map(Self)
    }
}

impl Verifier<Vec<u8>> for Rs256Key {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), Error> {
        self.0.verify_sig(message, signature).map_err(Error::from_source)
    }
}

impl JwtVerifier for Rs256Key {
    fn algorithm(&self) -> Algorithm {
        Algorithm::RS256
    }
}

/// RFC 7518 §6.3.1.1: they are no part of a number, though libraries that keep a sign write one.
fn without_leading_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}

/// How many bits this number without leading zeros has.
fn bits(number: &[u8]) -> usize {
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}
