//! The browser's source of randomness.

use crate::error::{Error, ErrorKind, Result};
use crate::platform::Random;
use crate::web::global::crypto;

/// Random bytes of `crypto.getRandomValues`.
pub struct WebRandom;

impl Random for WebRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        let unavailable = || Error::new(ErrorKind::Unsupported, "There is no source of randomness here");
        let crypto = crypto().ok_or_else(unavailable)?;
        // `getRandomValues` throws for more bytes.
        for piece in bytes.chunks_mut(65_536) {
            crypto
                .get_random_values_with_u8_array(piece)
                .map_err(|_| unavailable())?;
        }
        Ok(())
    }
}
