//! Decompression of delivered objects, told by their first bytes: gzip, zstd or plain. Output is bounded whatever the
//! input claims, so a small object can't take the memory of the machine.

use std::borrow::Cow;
use std::io::Read;

use libdeflater::{DecompressionError, Decompressor};

const GZIP: [u8; 3] = [0x1f, 0x8b, 8];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// Header and trailer of the smallest gzip member.
const GZIP_FRAME: usize = 18;
/// Deflate can't expand a byte beyond this.
const DEFLATE_RATIO: usize = 1032;
/// Largest zstd window taken: 128 MB, what `zstd --long` writes by default.
const ZSTD_WINDOW_LOG: u32 = 27;

/// Why an object could not be decompressed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompressionError {
    /// The stream is cut off, corrupt, or followed by bytes that are not part of it.
    #[error("{format} stream is damaged: {detail}")]
    Damaged {
        /// `gzip` or `zstd`.
        format: &'static str,
        /// What is wrong with it.
        detail: String,
    },
    /// More output than the limit: a decompression bomb, or a limit that is too low.
    #[error("{format} stream is larger than {limit} bytes when decompressed")]
    TooLarge {
        /// `gzip`, `zstd` or `plain`.
        format: &'static str,
        /// The limit in bytes.
        limit: usize,
    },
}

/// The bytes of an object, decompressed where they are gzip (any number of members) or zstd (any number of frames), as
/// they are where not. Never holds more than `max_bytes` of output.
pub fn decompress(bytes: &[u8], max_bytes: usize) -> Result<Cow<'_, [u8]>, CompressionError> {
    let mut inflater = Inflater::default();
    match inflater.decompress(bytes, max_bytes)? {
        Some(length) => {
            inflater.output.truncate(length);
            Ok(Cow::Owned(inflater.output))
        }
        None => Ok(Cow::Borrowed(bytes)),
    }
}

/// Decompresses object after object into one buffer: thousands of small objects cost no allocation each.
#[derive(Default)]
pub(crate) struct Inflater {
    deflate: Option<Decompressor>,
    /// Initialised memory, longer than what is in use.
    pub(crate) output: Vec<u8>,
}

impl Inflater {
    /// Length of the result in `output`; `None`: `bytes` are not compressed.
    pub(crate) fn decompress(&mut self, bytes: &[u8], limit: usize) -> Result<Option<usize>, CompressionError> {
        let done = self.inflate(bytes, limit);
        if done.is_err() {
            // A bomb has filled it up to the limit, and no later object may need as much.
            self.output = Vec::new();
        }
        done
    }

    fn inflate(&mut self, bytes: &[u8], limit: usize) -> Result<Option<usize>, CompressionError> {
        if bytes.starts_with(&GZIP[..2]) {
            self.gzip(bytes, limit).map(Some)
        } else if bytes.starts_with(&ZSTD) {
            self.zstd(bytes, limit).map(Some)
        } else if bytes.len() > limit {
            Err(CompressionError::TooLarge { format: "plain", limit })
        } else {
            Ok(None)
        }
    }

    /// libdeflate is two to three times as fast as a streaming inflate, but does not say where a member ends. It is used
    /// where the object can be one member only - no further gzip header within, and the object's last eight bytes are the
    /// member's own checksum and length - and that is nearly every object that AWS delivers.
    fn gzip(&mut self, bytes: &[u8], limit: usize) -> Result<usize, CompressionError> {
        if bytes.len() < GZIP_FRAME || memchr::memmem::find(&bytes[GZIP_FRAME..], &GZIP).is_some() {
            return self.gzip_members(bytes, limit);
        }
        match self.gzip_single(bytes, limit)? {
            Some(length) if is_trailer_of(bytes, &self.output[..length]) => Ok(length),
            _ => self.gzip_members(bytes, limit),
        }
    }

    /// `None`: libdeflate found the stream bad; the streaming decoder says how.
    fn gzip_single(&mut self, bytes: &[u8], limit: usize) -> Result<Option<usize>, CompressionError> {
        let claimed = trailer_word(bytes, 4) as usize;
        let possible = bytes.len().saturating_mul(DEFLATE_RATIO).min(limit);
        let mut room = claimed.clamp(1, possible.max(1));
        let deflate = self.deflate.get_or_insert_with(Decompressor::new);
        loop {
            if self.output.len() < room {
                self.output.resize(room, 0);
            }
            let available = self.output.len().min(limit);
            match deflate.gzip_decompress(bytes, &mut self.output[..available]) {
                Ok(length) => return Ok(Some(length)),
                Err(DecompressionError::BadData) => return Ok(None),
                Err(DecompressionError::InsufficientSpace) if available >= possible => {
                    return Err(CompressionError::TooLarge { format: "gzip", limit });
                }
                Err(DecompressionError::InsufficientSpace) => room = available.saturating_mul(2).min(possible),
            }
        }
    }

    fn gzip_members(&mut self, bytes: &[u8], limit: usize) -> Result<usize, CompressionError> {
        let mut rest = bytes;
        self.output.clear();
        while !rest.is_empty() {
            if !rest.starts_with(&GZIP[..2]) {
                let detail = format!("{} bytes after the end are not gzip", rest.len());
                return Err(CompressionError::Damaged { format: "gzip", detail });
            }
            // bufread: consumes exactly one member, so that `rest` then begins with what follows it.
            let mut member = flate2::bufread::GzDecoder::new(rest);
            read_bounded("gzip", &mut member, &mut self.output, limit)?;
            rest = member.into_inner();
        }
        Ok(self.output.len())
    }

    fn zstd(&mut self, bytes: &[u8], limit: usize) -> Result<usize, CompressionError> {
        let damaged = |error: std::io::Error| CompressionError::Damaged { format: "zstd", detail: error.to_string() };
        let mut frames = zstd::stream::read::Decoder::with_buffer(bytes).map_err(damaged)?;
        frames.window_log_max(ZSTD_WINDOW_LOG).map_err(damaged)?;
        self.output.clear();
        read_bounded("zstd", &mut frames, &mut self.output, limit)?;
        Ok(self.output.len())
    }
}

fn read_bounded(
    format: &'static str,
    from: &mut impl Read,
    output: &mut Vec<u8>,
    limit: usize,
) -> Result<(), CompressionError> {
    let left = limit.saturating_sub(output.len());
    let read = from.by_ref().take(left as u64).read_to_end(output);
    let more = read.and_then(|_| from.read(&mut [0]));
    match more {
        Ok(0) => Ok(()),
        Ok(_) => Err(CompressionError::TooLarge { format, limit }),
        Err(error) => Err(CompressionError::Damaged { format, detail: error.to_string() }),
    }
}

/// Little-endian word that ends `from_end - 4` bytes before the end; 0 where there is none.
fn trailer_word(bytes: &[u8], from_end: usize) -> u32 {
    let at = bytes.len().checked_sub(from_end);
    at.and_then(|at| bytes[at..].first_chunk()).map_or(0, |word| u32::from_le_bytes(*word))
}

fn is_trailer_of(bytes: &[u8], output: &[u8]) -> bool {
    trailer_word(bytes, 4) == output.len() as u32 && trailer_word(bytes, 8) == libdeflater::crc32(output)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn gzip(data: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(data).expect("to memory");
        encoder.finish().expect("to memory")
    }

    #[test]
    fn a_bomb_leaves_no_memory_behind() {
        for bomb in [gzip(&vec![b' '; 8 << 20]), gzip(&vec![b' '; 4 << 20]).repeat(2)] {
            let mut inflater = Inflater::default();
            assert!(inflater.decompress(&bomb, 1 << 20).is_err());
            assert_eq!(inflater.output.capacity(), 0);
            assert_eq!(inflater.decompress(&gzip(b"next"), 1 << 20).ok(), Some(Some(4)));
        }
    }

    fn check(bytes: &[u8], limit: usize, expected: Result<&[u8], &str>) {
        match (decompress(bytes, limit), expected) {
            (Ok(found), Ok(expected)) => assert_eq!(&found[..], expected),
            (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error} / {part}"),
            (found, expected) => panic!("{found:?} instead of {expected:?}"),
        }
    }

    #[test]
    fn plain_gzip_and_zstd_are_told_by_their_first_bytes() {
        check(b"{}", 10, Ok(b"{}"));
        check(b"", 10, Ok(b""));
        check(&gzip(b"hello"), 10, Ok(b"hello"));
        check(&gzip(b""), 10, Ok(b""));
        check(&zstd::encode_all(&b"hello"[..], 1).expect("zstd"), 10, Ok(b"hello"));
        let text = "abc".repeat(100_000);
        check(&gzip(text.as_bytes()), 1 << 20, Ok(text.as_bytes()));
    }

    #[test]
    fn members_and_frames_follow_one_another() {
        check(&[gzip(b"ab"), gzip(b"cd")].concat(), 10, Ok(b"abcd"));
        check(&[gzip(b"ab"), gzip(b"ab")].concat(), 10, Ok(b"abab"));
        check(&[gzip(b"ab"), gzip(b"")].concat(), 10, Ok(b"ab"));
        let frame = |text: &[u8]| zstd::encode_all(text, 1).expect("zstd");
        check(&[frame(b"ab"), frame(b"cd")].concat(), 10, Ok(b"abcd"));
    }

    #[test]
    fn damage_is_an_error() {
        let whole = gzip(b"hello hello hello");
        for cut in [2, 5, 12, whole.len() - 9, whole.len() - 4, whole.len() - 1] {
            check(&whole[..cut], 100, Err("gzip stream is damaged"));
        }
        check(&[&whole[..], b"garbage"].concat(), 100, Err("7 bytes after the end"));
        check(&[&whole[..], &[0]].concat(), 100, Err("damaged"));
        check(&[&whole[..], &whole[..9]].concat(), 100, Err("damaged"));
        let mut flipped = whole.clone();
        flipped[14] ^= 0x40;
        check(&flipped, 100, Err("gzip stream is damaged"));
        let frame = zstd::encode_all(&b"hello hello"[..], 1).expect("zstd");
        check(&frame[..frame.len() - 2], 100, Err("zstd stream is damaged"));
        check(&[&frame[..], b"garbage"].concat(), 100, Err("zstd stream is damaged"));
    }

    #[test]
    fn bombs_stop_at_the_limit() {
        let zeros = vec![b' '; 4 << 20];
        check(&gzip(&zeros), 1 << 20, Err("larger than 1048576"));
        check(&gzip(&zeros), 4 << 20, Ok(&zeros));
        check(&[gzip(&zeros), gzip(b"x")].concat(), 4 << 20, Err("larger than"));
        check(&zstd::encode_all(&zeros[..], 1).expect("zstd"), 1 << 20, Err("zstd stream is larger than"));
        check(&zeros, 1 << 20, Err("plain stream is larger"));
    }

    #[test]
    fn a_lying_length_neither_allocates_nor_misleads() {
        let mut lying = gzip(b"hello");
        let end = lying.len();
        lying[end - 4..].copy_from_slice(&u32::MAX.to_le_bytes());
        let mut inflater = Inflater::default();
        assert!(inflater.decompress(&lying, 1 << 30).is_err());
        assert!(inflater.output.capacity() < 1 << 20);
    }

    #[test]
    fn one_inflater_takes_object_after_object() {
        let mut inflater = Inflater::default();
        for text in ["a", "a longer one", "b"] {
            let length = inflater.decompress(&gzip(text.as_bytes()), 100).expect("gzip").expect("compressed");
            assert_eq!(&inflater.output[..length], text.as_bytes());
        }
    }
}
