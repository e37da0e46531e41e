//! Declarations and alerts from outside, one file per format.

pub mod openfema;
