//! Engines of base64 that use the vectors of the processor, compared with the general-purpose engine.

use std::sync::LazyLock;

use base64::alphabet::{self, Alphabet};
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, NO_PAD, PAD};
use base64::engine::{DecodePaddingMode, Engine, Simd};
use base64::{DecodeSliceError, EncodeSliceError};

/// Both engines for an alphabet and a configuration.
pub(crate) struct Pair {
    name: &'static str,
    vectors: Simd,
    general: GeneralPurpose,
}

/// The alphabets that have an engine with vectors: without padding, with padding, and with the most
/// lenient decoder.
pub(crate) static PAIRS: LazyLock<[Pair; 6]> = LazyLock::new(|| {
    let lenient = NO_PAD
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let url_safe = (&alphabet::URL_SAFE, Simd::url_safe as fn(_) -> _);
    let standard = (&alphabet::STANDARD, Simd::standard as fn(_) -> _);
    [
        Pair::new("url-safe, no padding", url_safe, NO_PAD),
        Pair::new("url-safe, padding", url_safe, PAD),
        Pair::new("url-safe, lenient", url_safe, lenient),
        Pair::new("standard, no padding", standard, NO_PAD),
        Pair::new("standard, padding", standard, PAD),
        Pair::new("standard, lenient", standard, lenient),
    ]
});

/// Returns whether the engines differ on this processor.
pub(crate) fn has_vectors() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::is_x86_feature_detected!("avx2");
    #[cfg(target_arch = "aarch64")]
    return std::arch::is_aarch64_feature_detected!("neon");
}

impl Pair {
    fn new(
        name: &'static str,
        (alphabet, vectors): (&Alphabet, fn(GeneralPurposeConfig) -> Simd),
        config: GeneralPurposeConfig,
    ) -> Self {
        Self {
            name,
            vectors: vectors(config),
            general: GeneralPurpose::new(alphabet, config),
        }
    }

    /// Encodes with the general-purpose engine.
    pub(crate) fn encode(&self, bytes: &[u8]) -> Vec<u8> {
        self.general.encode(bytes).into_bytes()
    }

    /// Encodes with both engines, into memory of their own and into slices, and decodes the result.
    pub(crate) fn check_encoding(&self, bytes: &[u8]) {
        let name = self.name;
        let text = self.general.encode(bytes);
        assert_eq!(self.vectors.encode(bytes), text, "{name}");
        assert_eq!(
            self.vectors.decode(&text).as_deref(),
            Ok(bytes),
            "{name}: {text}"
        );

        let mut appended = "before".to_owned();
        self.vectors.encode_string(bytes, &mut appended);
        assert_eq!(appended.strip_prefix("before"), Some(&*text), "{name}");

        for more in [0, 1, 65] {
            let mut buffer = filled(text.len() + more);
            let written = self.vectors.encode_slice(bytes, &mut buffer);
            assert_eq!(written, Ok(text.len()), "{name}");
            let (written, rest) = buffer.split_at(text.len());
            assert_eq!(written, text.as_bytes(), "{name}");
            assert_eq!(rest, filled(buffer.len()).split_at(text.len()).1, "{name}");
        }
        if let Some(short) = text.len().checked_sub(1) {
            let outcome = self.vectors.encode_slice(bytes, &mut filled(short));
            assert_eq!(outcome, Err(EncodeSliceError::OutputSliceTooSmall));
        }
    }

    /// Decodes with both engines: the same bytes, or the same error with the same offset.
    pub(crate) fn check_decoding(&self, text: &[u8]) {
        let name = self.name;
        let expected = self.general.decode(text);
        assert_eq!(self.vectors.decode(text), expected, "{name}: {text:?}");

        let mut appended = b"before".to_vec();
        let outcome = self.vectors.decode_vec(text, &mut appended);
        let outcome = outcome.map(|()| appended.strip_prefix(b"before").map(<[u8]>::to_vec));
        assert_eq!(outcome, expected.map(Some), "{name}: {text:?}");
    }

    /// Decodes with both engines into slices of a length, which may be too small.
    pub(crate) fn check_decoding_into(&self, text: &[u8], length: usize) {
        self.check_slices(text, &mut [vec![0; length], vec![0; length]]);
    }

    /// Decodes with both engines into two slices of the same length.
    pub(crate) fn check_slices(&self, text: &[u8], [vectors, general]: &mut [Vec<u8>; 2]) {
        let length = vectors.len();
        vectors.fill(0xa5);
        general.fill(0xa5);
        let expected = self.general.decode_slice(text, general);
        let outcome = self.vectors.decode_slice(text, vectors);
        let name = self.name;
        assert_eq!(outcome, expected, "{name}, {length} bytes: {text:?}");
        match outcome {
            // Also what follows the decoded bytes, which is not overwritten.
            Ok(_) => assert_eq!(vectors, general, "{name}, {length} bytes: {text:?}"),
            Err(DecodeSliceError::OutputSliceTooSmall) => {
                assert!(length < text.len().div_ceil(4) * 3, "{name}, {length}");
            }
            // What was decoded before the error is not specified.
            Err(DecodeSliceError::DecodeError(_)) => {}
        }
    }
}

/// Bytes that differ from their neighbours.
fn filled(length: usize) -> Vec<u8> {
    (0..=u8::MAX).cycle().take(length).collect()
}
