//! What a file is: its own first bytes say so, not its name and not its sender.

use crate::service::{Served, ServiceError};

/// A kind of file that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// Its media type.
    pub media_type: &'static str,
    /// What such files end with.
    endings: &'static [&'static str],
    /// Other names of the same.
    also: &'static [&'static str],
}

const TAKEN: [Taken; 5] = [
    Taken { media_type: "application/pdf", endings: &["pdf"], also: &["application/x-pdf"] },
    Taken { media_type: "image/jpeg", endings: &["jpg", "jpeg"], also: &["image/jpg", "image/pjpeg"] },
    Taken { media_type: "image/png", endings: &["png"], also: &[] },
    Taken { media_type: "image/heif", endings: &["heic", "heif"], also: &["image/heic"] },
    Taken { media_type: "image/webp", endings: &["webp"], also: &[] },
];

/// What says nothing about a file.
const SILENT: [&str; 3] = ["", "application/octet-stream", "application/x-www-form-urlencoded"];

/// A kind of file that is taken, by its media type.
#[must_use]
pub fn of(media_type: &str) -> Option<Taken> {
    TAKEN.into_iter().find(|taken| taken.media_type == media_type)
}

/// What a content is, if that is taken and its sender does not say otherwise.
///
/// # Errors
/// It is something else, by name, or its sender says so.
pub fn read(content: &[u8], declared: Option<&str>) -> Served<Taken> {
    let found = infer::get(content);
    let media_type = found.map(|kind| kind.mime_type());
    let taken = media_type.and_then(of).ok_or_else(|| {
        let what =
            media_type.map_or_else(|| "of no kind that is known".to_owned(), |name| format!("{name} by its content"));
        ServiceError::invalid("", format!("the file is {what}: send a PDF, JPEG, PNG, HEIC or WebP"))
    })?;
    let said = declared.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if SILENT.contains(&said.as_str()) || said == taken.media_type || taken.also.contains(&said.as_str()) {
        return Ok(taken);
    }
    let message = format!("it is said to be {said}, and is {} by its content", taken.media_type);
    Err(ServiceError::invalid("", message))
}

impl Taken {
    /// The name under which a file is handed out: nothing of a path, and the ending of what it is.
    #[must_use]
    pub fn name(&self, said: Option<&str>) -> String {
        let apart = |letter: char| matches!(letter, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|');
        let plain = said.unwrap_or_default().replace(apart, "_");
        let plain = plain.trim_matches(|letter: char| letter == '.' || letter.is_whitespace());
        let ends = self.endings.iter().any(|ending| plain.to_lowercase().ends_with(&format!(".{ending}")));
        match plain {
            "" => format!("evidence.{}", self.ending()),
            plain if ends => plain.to_owned(),
            plain => format!("{plain}.{}", self.ending()),
        }
    }

    fn ending(&self) -> &'static str {
        self.endings.first().copied().unwrap_or("bin")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PDF: &[u8] = b"%PDF-1.7\n%more";
    const JPEG: &[u8] = b"\xFF\xD8\xFF\xE0\0\x10JFIF";
    const PNG: &[u8] = b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR";
    const HEIC: &[u8] = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
    const WEBP: &[u8] = b"RIFF\x1A\0\0\0WEBPVP8L";

    #[test]
    fn the_content_says_what_a_file_is() {
        for (content, media_type) in [
            (PDF, "application/pdf"),
            (JPEG, "image/jpeg"),
            (PNG, "image/png"),
            (HEIC, "image/heif"),
            (WEBP, "image/webp"),
        ] {
            assert_eq!(read(content, None).unwrap().media_type, media_type);
            assert_eq!(read(content, Some("application/octet-stream")).unwrap().media_type, media_type);
        }
        assert!(read(HEIC, Some("image/heic")).is_ok() && read(JPEG, Some("IMAGE/JPG; q=1")).is_ok());
    }

    #[test]
    fn what_is_something_else_is_refused_by_name() {
        for (content, declared, said) in [
            (&b"MZ\x90\0\x03"[..], None, "application/vnd.microsoft.portable-executable by its content"),
            (b"PK\x03\x04\x14\0", Some("application/pdf"), "application/zip by its content"),
            (b"GIF89a\x01\0", None, "image/gif by its content"),
            (b"<!DOCTYPE html><script>alert(1)</script>", Some("image/png"), "text/html by its content"),
            (b"hello", None, "of no kind that is known"),
            (b"", None, "of no kind that is known"),
            (PNG, Some("image/jpeg"), "said to be image/jpeg, and is image/png"),
            (PDF, Some("text/html"), "said to be text/html, and is application/pdf"),
        ] {
            let error = read(content, declared).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn a_name_is_no_path_and_ends_as_what_it_is() {
        let (pdf, jpeg) = (of("application/pdf").unwrap(), of("image/jpeg").unwrap());
        for (said, name) in [
            (None, "evidence.pdf"),
            (Some("../../etc/passwd"), "_.._etc_passwd.pdf"),
            (Some("C:\\证明.PDF"), "C__证明.PDF"),
            (Some("a.pdf.exe"), "a.pdf.exe.pdf"),
            (Some(" . "), "evidence.pdf"),
        ] {
            assert_eq!(pdf.name(said), name);
        }
        assert_eq!(jpeg.name(Some("house.JPEG")), "house.JPEG");
    }
}
