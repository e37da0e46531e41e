//! Forbear: relief for borrowers after a disaster.
