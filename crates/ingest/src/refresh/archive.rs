//! The one file that matters out of a `.tar.gz`.

/// The archive can't be read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// Its compression is damaged.
    #[error("the archive can't be decompressed: {0}")]
    Compression(#[from] event::compression::CompressionError),
    /// It breaks off, or is no tar archive.
    #[error("the archive is damaged")]
    Damaged,
    /// The file is not in it.
    #[error("there is no `{0}` in the archive")]
    Missing(&'static str),
}

/// Size of a tar block.
const BLOCK: usize = 512;
/// Most bytes of a decompressed archive.
const MOST: usize = 1 << 30;

/// The content of the first regular file whose name ends so.
pub(super) fn member(archive: &[u8], ending: &'static str) -> Result<Vec<u8>, ArchiveError> {
    let tar = event::compression::decompress(archive, MOST)?;
    let mut at = 0;
    while let Some(header) = tar.get(at..at + BLOCK) {
        if header.iter().all(|byte| *byte == 0) {
            break;
        }
        let size = octal(&header[124..136]).ok_or(ArchiveError::Damaged)?;
        let content = tar.get(at + BLOCK..).and_then(|rest| rest.get(..size)).ok_or(ArchiveError::Damaged)?;
        let name = header[..100].split(|byte| *byte == 0).next().unwrap_or_default();
        if name.ends_with(ending.as_bytes()) && matches!(header[156], b'0' | 0) {
            return Ok(content.to_vec());
        }
        at += BLOCK + size.div_ceil(BLOCK) * BLOCK;
    }
    if at == 0 { Err(ArchiveError::Damaged) } else { Err(ArchiveError::Missing(ending)) }
}

/// A number in octal digits, padded with spaces or zeros.
fn octal(text: &[u8]) -> Option<usize> {
    let digits = text.split(|byte| *byte == 0).next()?;
    let digits = std::str::from_utf8(digits).ok()?.trim();
    usize::from_str_radix(digits, 8).ok().filter(|size| *size <= MOST)
}
