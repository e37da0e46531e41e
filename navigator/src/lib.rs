//! The navigator: takes what a person says to one of the questions that are answered, or to a person.
//!
//! ```text
//! text ─► plain ─► (asks for a person?) ─► words, characters, sounds ─► vector ─► scores ─► question | person, and why
//!
//! lines ─► without near-duplicates ─► vectors ─► a plane for each class ─► model.bin
//! ```
//!
//! No input or output, no clock, no randomness, whole numbers only: the same lines give the same model on every machine.
//!
//! From the ground up: [`text`], [`words`], [`features`], [`weigh`]; [`questions`], [`lines`], [`near`]; [`svm`],
//! [`model`], [`train`]; [`person`], [`navigate`]; [`measure`]; [`answers`].
#![cfg_attr(test, allow(clippy::as_conversions))]

pub mod answers;
pub mod features;
pub mod lines;
pub mod measure;
pub mod model;
pub mod navigate;
pub mod near;
pub mod person;
pub mod questions;
pub mod svm;
pub mod text;
pub mod train;
pub mod weigh;
pub mod words;
