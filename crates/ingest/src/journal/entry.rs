//! The form of an entry: `magic (8) | sequence (8) | length of the note (4) | length of the body (4) | crc32 (4) | note | body`,
//! numbers little-endian. The checksum is over all but the magic and itself.

use bytes::Bytes;

/// Begins an entry. Not text, so that what senders post hardly ever holds it.
const MAGIC: [u8; 8] = [0x89, b'T', b'H', b'J', 0xff, 0x0d, 0x0a, 1];
const HEAD: usize = 28;

/// An entry of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number, counted up over the life of the journal.
    pub sequence: u64,
    /// What is said of the body.
    pub note: Bytes,
    /// The body.
    pub body: Bytes,
}

/// What stands at a place.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// An entry, and how many bytes it takes.
    Entry(Entry, usize),
    /// Nothing more.
    End,
    /// An entry that breaks off: its write did not come to an end, so nobody was told that it is safe.
    Torn,
    /// Bytes that are no entry.
    Damage,
}

/// The bytes that an entry takes on the disk.
pub(super) fn size(note: usize, body: usize) -> u64 {
    (HEAD + note + body) as u64
}

/// The head of an entry; the note and the body follow it.
pub(super) fn head(sequence: u64, note: &[u8], body: &[u8]) -> [u8; HEAD] {
    let lengths = [u32::try_from(note.len()).unwrap_or(u32::MAX), u32::try_from(body.len()).unwrap_or(u32::MAX)];
    let mut head = [0; HEAD];
    head[..8].copy_from_slice(&MAGIC);
    head[8..16].copy_from_slice(&sequence.to_le_bytes());
    head[16..20].copy_from_slice(&lengths[0].to_le_bytes());
    head[20..24].copy_from_slice(&lengths[1].to_le_bytes());
    let sum = checksum(&head[8..24], note, body);
    head[24..28].copy_from_slice(&sum.to_le_bytes());
    head
}

fn checksum(head: &[u8], note: &[u8], body: &[u8]) -> u32 {
    let mut sum = crc32fast::Hasher::new();
    for part in [head, note, body] {
        sum.update(part);
    }
    sum.finalize()
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.first_chunk().map(|word| u32::from_le_bytes(*word))
}

fn sequence(bytes: &[u8]) -> Option<u64> {
    bytes.get(8..16)?.first_chunk().map(|word| u64::from_le_bytes(*word))
}

/// Reads what stands at the beginning of `bytes`.
pub(super) fn parse(bytes: &Bytes) -> Found {
    if bytes.is_empty() {
        return Found::End;
    }
    let known = bytes.len().min(MAGIC.len());
    if bytes[..known] != MAGIC[..known] {
        return Found::Damage;
    }
    let (Some(note), Some(body), Some(sum)) = (word(bytes, 16), word(bytes, 20), word(bytes, 24)) else {
        return Found::Torn;
    };
    let (Some(sequence), note, body) = (sequence(bytes), note as usize, body as usize) else { return Found::Torn };
    let end = HEAD + note + body;
    if bytes.len() < end {
        return Found::Torn;
    }
    let entry = Entry { sequence, note: bytes.slice(HEAD..HEAD + note), body: bytes.slice(HEAD + note..end) };
    if checksum(&bytes[8..24], &entry.note, &entry.body) == sum { Found::Entry(entry, end) } else { Found::Damage }
}

/// Where the next whole entry begins, after the first byte.
pub(super) fn resume(bytes: &Bytes) -> Option<usize> {
    let starts = memchr::memmem::find_iter(bytes, &MAGIC);
    starts.filter(|at| *at > 0).find(|at| matches!(parse(&bytes.slice(*at..)), Found::Entry(..)))
}

/// Every whole entry of a file, in order.
pub(super) fn each(bytes: &Bytes, mut seen: impl FnMut(&Entry)) {
    let mut at = 0;
    loop {
        match parse(&bytes.slice(at..)) {
            Found::Entry(entry, length) => {
                seen(&entry);
                at += length;
            }
            Found::End => return,
            Found::Torn | Found::Damage => match resume(&bytes.slice(at..)) {
                Some(further) => at += further,
                None => return,
            },
        }
    }
}
