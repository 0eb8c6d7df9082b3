//! An RS256 public key. It is parsed once: jsonwebtoken's own verifier parses the key for each signature, which
//! takes a third of the time of the verification of an ID token.

use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use jsonwebtoken::{
    Algorithm,
    crypto::JwtVerifier,
    signature::{Error, Verifier},
};

/// RFC 7518 §3.3 requires at least 2048 bits; a key of more than 8192 only costs time.
const BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// An RSA key of 2048 to 8192 bits.
#[derive(Clone)]
pub struct Rs256Key(ParsedPublicKey);

impl Rs256Key {
    /// The key with these big-endian numbers. `None` where they are invalid or the size is outside the limits.
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

/// RFC 7518 §6.3.1.1: they are not part of the number, though libraries with signed integers write one.
fn without_leading_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}

/// The bit length of a number without leading zeros.
fn bits(number: &[u8]) -> usize {
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rs256_key_is_of_that_algorithm() {
        let key = Rs256Key::new(&[0xff; 256], &[1, 0, 1]).unwrap();
        assert_eq!(key.algorithm(), Algorithm::RS256);
        assert!(Rs256Key::new(&[0xff; 256], &[0]).is_none(), "no exponent");
    }
}
