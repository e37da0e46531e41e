//! Lines of text with a bound: a line that is too long is skipped without being held.

use std::io::BufRead;

use super::BadLine;

/// Bytes in a line, at most: far more than an account with 10,000 charges needs.
pub const LONGEST_LINE: usize = 16 * 1024 * 1024;

/// Reads numbered lines. CRLF and a byte order mark are taken off, blank lines are passed over.
pub struct Lines<R> {
    source: R,
    limit: usize,
    line: u64,
    held: Vec<u8>,
    ended: bool,
}

/// How reading one line went.
enum End {
    Whole,
    TooLong,
    Nothing,
}

impl<R: BufRead> Lines<R> {
    /// Lines of at most [`LONGEST_LINE`] bytes.
    pub fn new(source: R) -> Self {
        Self::with_limit(source, LONGEST_LINE)
    }

    /// Lines of at most so many bytes.
    pub fn with_limit(source: R, limit: usize) -> Self {
        Self { source, limit, line: 0, held: Vec::new(), ended: false }
    }

    /// The next line that is not blank, with its number; `None` at the end. A file that breaks off is one bad line.
    #[expect(clippy::should_implement_trait, reason = "it lends its buffer, which an Iterator cannot")]
    pub fn next(&mut self) -> Option<Result<(u64, &str), BadLine>> {
        loop {
            if self.ended {
                return None;
            }
            self.line = self.line.saturating_add(1);
            let end = match self.fill() {
                Ok(end) => end,
                Err(error) => {
                    self.ended = true;
                    return Some(self.bad(format!("the file cannot be read any further: {error}")));
                }
            };
            match end {
                End::Nothing => {
                    self.ended = true;
                    return None;
                }
                End::TooLong => {
                    let limit = self.limit;
                    return Some(self.bad(format!("longer than {limit} bytes: one account a line")));
                }
                End::Whole if self.held.iter().all(u8::is_ascii_whitespace) => {}
                End::Whole => break,
            }
        }
        let line = self.line;
        Some(match std::str::from_utf8(&self.held) {
            Ok(text) => Ok((line, text)),
            Err(error) => {
                let at = error.valid_up_to().saturating_add(1);
                Err(BadLine { line, reason: format!("not UTF-8 (GBK?) at byte {at}: save the file as UTF-8") })
            }
        })
    }

    fn bad<T>(&self, reason: String) -> Result<T, BadLine> {
        Err(BadLine { line: self.line, reason })
    }

    /// Fills `held` with the next line, without its end; a line over the limit is read to its end and dropped.
    fn fill(&mut self) -> std::io::Result<End> {
        self.held.clear();
        let (mut any, mut too_long) = (false, false);
        loop {
            let chunk = match self.source.fill_buf() {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                chunk => chunk?,
            };
            if chunk.is_empty() {
                break;
            }
            any = true;
            let end = memchr::memchr(b'\n', chunk);
            let part = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or_default();
            too_long |= self.held.len().saturating_add(part.len()) > self.limit;
            if too_long {
                self.held = Vec::new();
            } else {
                self.held.extend_from_slice(part);
            }
            let taken = part.len().saturating_add(usize::from(end.is_some()));
            self.source.consume(taken);
            if end.is_some() {
                break;
            }
        }
        if self.held.last() == Some(&b'\r') {
            self.held.pop();
        }
        if self.line == 1 && self.held.starts_with(b"\xEF\xBB\xBF") {
            self.held.drain(..3);
        }
        Ok(match (any, too_long) {
            (false, _) => End::Nothing,
            (true, true) => End::TooLong,
            (true, false) => End::Whole,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is held never grows past the bound, however long the line is.
    #[test]
    fn a_long_line_is_not_held() {
        let text = [vec![b'x'; 100_000], b"\ngood".to_vec()].concat();
        let mut lines = Lines::with_limit(std::io::BufReader::with_capacity(64, text.as_slice()), 1000);
        assert!(lines.next().is_some_and(|read| read.is_err()));
        assert!(lines.held.capacity() <= 2048, "{}", lines.held.capacity());
        assert_eq!(lines.next(), Some(Ok((2, "good"))));
        assert_eq!(lines.next(), None);
    }
}
