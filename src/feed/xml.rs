//! A small XML document as a tree, bounded: no document types, no entities but the five and characters by number.

use quick_xml::events::{BytesRef, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

use super::alert::Refusal;

/// How many bytes are read.
pub const MOST_BYTES: usize = 4 << 20;
const MOST_ELEMENTS: usize = 60_000;
const MOST_DEPTH: usize = 32;

/// An element.
#[derive(Debug, Default)]
pub struct Element {
    /// Its namespace, empty when it has none.
    pub space: String,
    /// Its name without prefix.
    pub name: String,
    /// Its own text, in order.
    pub text: String,
    /// The elements in it.
    pub children: Vec<Element>,
}

impl Element {
    /// The first child of a name, in the element's own namespace.
    #[must_use]
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name && child.space == self.space)
    }

    /// All children of a name, in the element's own namespace.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name && child.space == self.space)
    }

    /// The text of a child without the space around it; `None` when there is nothing.
    #[must_use]
    pub fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.trim()).filter(|text| !text.is_empty())
    }
}

/// Reads a document.
///
/// # Errors
/// It is too large or too deep, not well-formed, or holds a document type or an entity.
pub fn read(bytes: &[u8]) -> Result<Element, Refusal> {
    if bytes.len() > MOST_BYTES {
        return Err(Refusal::TooLarge { most: MOST_BYTES });
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Refusal::NotUtf8)?;
    let mut reader = NsReader::from_str(text.trim_start_matches('\u{feff}'));
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<Element> = Vec::new();
    let mut root: Option<Element> = None;
    let mut elements = 0_usize;
    loop {
        let at = reader.buffer_position();
        let malformed = |message: String| Refusal::Malformed(format!("near byte {at}: {message}"));
        let (space, event) = reader.read_resolved_event().map_err(|error| malformed(error.to_string()))?;
        match event {
            Event::Start(start) => {
                elements = elements.saturating_add(1);
                if elements > MOST_ELEMENTS {
                    return Err(Refusal::TooMany { what: "elements", most: MOST_ELEMENTS });
                }
                if open.len() >= MOST_DEPTH {
                    return Err(Refusal::TooDeep { most: MOST_DEPTH });
                }
                if root.is_some() {
                    return Err(malformed("a second root".to_owned()));
                }
                let name = start.local_name().as_ref().to_owned();
                open.push(Element { space: space_of(&space).map_err(malformed)?, name, ..Element::default() });
            }
            Event::End(_) => match (open.pop(), open.last_mut()) {
                (Some(done), Some(parent)) => parent.children.push(done),
                (done, _) => root = done,
            },
            Event::Text(text) => match open.last_mut() {
                Some(element) => element.text.push_str(&text.xml10_content()),
                None if text.xml10_content().trim().is_empty() => {}
                None => return Err(malformed("text outside the root".to_owned())),
            },
            Event::CData(text) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&text.xml10_content());
                }
            }
            Event::GeneralRef(name) => {
                let named = character(&name).map_err(malformed)?.ok_or(Refusal::Doctype)?;
                if let Some(element) = open.last_mut() {
                    element.text.push(named);
                }
            }
            Event::DocType(_) => return Err(Refusal::Doctype),
            Event::Eof => break,
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
    match (root, open.last()) {
        (Some(root), None) => Ok(root),
        (_, Some(element)) => Err(Refusal::Malformed(format!("<{}> is never closed", element.name))),
        (None, None) => Err(Refusal::Malformed("there is no element".to_owned())),
    }
}

fn space_of(found: &ResolveResult<'_>) -> Result<String, String> {
    match found {
        ResolveResult::Bound(space) => Ok(space.as_ref().to_owned()),
        ResolveResult::Unbound => Ok(String::new()),
        ResolveResult::Unknown(prefix) => Err(format!("nobody says what the prefix {prefix} is")),
    }
}

/// What a reference stands for; `None` for names that a document would have to define.
fn character(name: &BytesRef<'_>) -> Result<Option<char>, String> {
    if let Some(numbered) = name.resolve_char_ref().map_err(|error| error.to_string())? {
        return Ok(Some(numbered));
    }
    Ok(match name.xml10_content().as_ref() {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    })
}
