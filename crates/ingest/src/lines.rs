//! Large inputs of one record a line, cut at line ends, so that a file of any size needs the memory of a piece.

use std::io::{self, Read};

/// Pieces of about this many bytes.
pub(crate) const PIECE: usize = 16 << 20;
/// An object beyond this size is looked at for lines.
pub(crate) const LARGE: usize = 32 << 20;

/// Whether the text is JSON objects, one a line - its first line is one that is whole - or lines of another kind.
pub(crate) fn is_lines(beginning: &[u8]) -> bool {
    if event::decode::is_lines_of_text(beginning) {
        return true;
    }
    let Some(end) = memchr::memchr(b'\n', beginning) else {
        return false;
    };
    let first = beginning[..end].trim_ascii();
    first.starts_with(b"{") && first.ends_with(b"}") && is_balanced(first)
}

/// Braces and brackets outside of strings close as they open.
fn is_balanced(text: &[u8]) -> bool {
    let (mut depth, mut quoted, mut escaped) = (0_i64, false, false);
    for byte in text {
        match (quoted, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => quoted = !quoted,
            (false, b'{' | b'[') => depth += 1,
            (false, b'}' | b']') => depth -= 1,
            _ => {}
        }
    }
    depth == 0 && !quoted
}

/// The length of the leading piece of `text`: about [`PIECE`] bytes, up to the end of a line.
pub(crate) fn piece(text: &[u8]) -> usize {
    if text.len() <= PIECE {
        return text.len();
    }
    match memchr::memrchr(b'\n', &text[..PIECE]) {
        Some(end) => end + 1,
        None => memchr::memchr(b'\n', &text[PIECE..]).map_or(text.len(), |end| PIECE + end + 1),
    }
}

/// The pieces of a file, read one at a time.
pub(crate) struct FilePieces {
    file: Box<dyn Read + Send>,
    pending: Vec<u8>,
    longest_line: usize,
    ended: bool,
}

impl FilePieces {
    pub(crate) fn new(file: Box<dyn Read + Send>, longest_line: usize) -> Self {
        Self { file, pending: Vec::new(), longest_line, ended: false }
    }

    /// The next piece; empty at the end. A line that is longer than any record may be is cut.
    pub(crate) fn next(&mut self) -> io::Result<Vec<u8>> {
        loop {
            self.fill()?;
            if self.ended {
                return Ok(std::mem::take(&mut self.pending));
            }
            if let Some(end) = memchr::memrchr(b'\n', &self.pending) {
                let rest = self.pending.split_off(end + 1);
                return Ok(std::mem::replace(&mut self.pending, rest));
            }
            if self.pending.len() > self.longest_line {
                return Ok(std::mem::take(&mut self.pending));
            }
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        let wanted = PIECE as u64;
        let read = (&mut self.file).take(wanted).read_to_end(&mut self.pending)?;
        self.ended = read == 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    #[test]
    fn lines_are_told_from_documents() {
        let check = |text: &str, expected: bool| assert_eq!(is_lines(text.as_bytes()), expected, "{text}");
        check("{\"a\":1}\n{\"a\":2}\n", true);
        check("{\"a\":\"}{\\\"\"}\r\n{\"a\":2}", true);
        check("{\"Records\":[\n{\"a\":1},\n", false);
        check("{\"a\":1}", false);
        check("{\n\"a\":1}\n", false);
        check("[{\"a\":1}]\n", false);
        check("{\"a\":{}\n}\n", false);
        check("", false);
        check("version account-id srcaddr\n2 1 192.0.2.1\n", true);
        check("\u{1f}\u{8b}\0\n", false);
        check("PAR1\n", false);
        check("\n{}\n", false);
    }

    #[test]
    fn pieces_end_with_lines() {
        let line = format!("{{\"a\":\"{}\"}}\n", "x".repeat(1 << 20));
        let text = line.repeat(40);
        let mut rest = text.as_bytes();
        let mut sizes = Vec::new();
        while !rest.is_empty() {
            let end = piece(rest);
            assert!(rest[end - 1] == b'\n' && end <= PIECE);
            sizes.push(end);
            rest = &rest[end..];
        }
        assert_eq!(sizes.iter().sum::<usize>(), text.len());
        assert_eq!(sizes.len(), 3);
        // A line longer than a piece stays whole.
        let long = format!("{}\n{{}}\n", "x".repeat(PIECE + 5));
        assert_eq!(piece(long.as_bytes()), PIECE + 6);
    }

    #[test]
    fn a_file_comes_in_pieces() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let line = format!("{{\"a\":\"{}\"}}\n", "x".repeat(3 << 20));
        let text = line.repeat(20) + "{\"last\":1}";
        std::fs::write(&path, &text).unwrap();
        let mut pieces = FilePieces::new(Box::new(File::open(&path).unwrap()), 1 << 30);
        let mut all = Vec::new();
        loop {
            let piece = pieces.next().unwrap();
            if piece.is_empty() {
                break;
            }
            assert!(piece.len() <= PIECE + line.len());
            assert!(piece.ends_with(b"\n") || piece.ends_with(b"{\"last\":1}"));
            all.extend(piece);
        }
        assert!(all == text.as_bytes());
    }
}
