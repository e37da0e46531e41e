//! A body that is read while it comes: a few pieces of it wait between the connection and the thread that reads them, and the
//! connection waits when that thread is slower.

use std::io::{self, BufRead, ErrorKind, Read};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::http::header::HeaderMap;
use actix_web::rt;
use actix_web::web::{Buf, Bytes, Payload};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use forbear_engine::digest::hex;
use futures_util::StreamExt;
use tokio::sync::mpsc;

use super::problem::Problem;

/// Pieces that wait, at most.
const WAITING: usize = 16;

/// How long a sender may be silent.
const SILENCE: Duration = Duration::from_secs(60);

/// Bodies of this kind that are read at once, at most: each has a thread.
const MOST: usize = 8;

/// A piece of a body, or its end: one that breaks off has none.
enum Piece {
    Bytes(Bytes),
    End,
}

/// A body, for a thread that may wait.
pub struct Incoming {
    pieces: mpsc::Receiver<Piece>,
    held: Bytes,
    ended: bool,
}

/// Begins to receive a body.
#[must_use]
pub fn begin(body: Payload) -> Incoming {
    let (send, pieces) = mpsc::channel(WAITING);
    rt::spawn(receive(body, send));
    Incoming { pieces, held: Bytes::new(), ended: false }
}

async fn receive(mut body: Payload, to: mpsc::Sender<Piece>) {
    loop {
        match rt::time::timeout(SILENCE, body.next()).await {
            // Nobody reads any more: the rest is passed over, so that the answer can be sent.
            Ok(Some(Ok(bytes))) => drop(to.send(Piece::Bytes(bytes)).await),
            Ok(None) => return drop(to.send(Piece::End).await),
            Ok(Some(Err(_))) | Err(_) => return,
        }
    }
}

impl BufRead for Incoming {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.held.is_empty() && !self.ended {
            match self.pieces.blocking_recv() {
                Some(Piece::Bytes(bytes)) => self.held = bytes,
                Some(Piece::End) => self.ended = true,
                None => return Err(io::Error::new(ErrorKind::UnexpectedEof, "the body broke off")),
            }
        }
        Ok(&self.held)
    }

    fn consume(&mut self, amount: usize) {
        self.held.advance(amount.min(self.held.len()));
    }
}

impl Read for Incoming {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(into)?;
        self.consume(read);
        Ok(read)
    }
}

/// A turn to send such a body; over when it is dropped.
pub struct Turn(());

static TAKEN: AtomicUsize = AtomicUsize::new(0);

/// Takes a turn.
///
/// # Errors
/// All are taken.
pub fn turn() -> Result<Turn, Problem> {
    let free = |taken: usize| (taken < MOST).then(|| taken.saturating_add(1));
    TAKEN.fetch_update(Ordering::SeqCst, Ordering::SeqCst, free).map_err(|_| Problem::too_many(5))?;
    Ok(Turn(()))
}

impl Drop for Turn {
    fn drop(&mut self) {
        TAKEN.fetch_sub(1, Ordering::SeqCst);
    }
}

/// SHA-256 of the content, from `Content-Digest` (RFC 9530), in hexadecimal; none when it is not said.
///
/// # Errors
/// It is said in a form that cannot be read.
pub fn content_digest(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(said) = headers.get("content-digest") else { return Ok(None) };
    let wrong = || Problem::unreadable("", "Content-Digest is `sha-256=:…:`, 32 bytes in base64 (RFC 9530)");
    let members = said.to_str().map_err(|_| wrong())?.split(',');
    let own = members.map(str::trim).find_map(|member| member.strip_prefix("sha-256=:")?.strip_suffix(':'));
    let bytes = STANDARD.decode(own.ok_or_else(wrong)?).map_err(|_| wrong())?;
    if bytes.len() != 32 {
        return Err(wrong());
    }
    Ok(Some(hex(&bytes)))
}
