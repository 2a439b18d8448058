//! What was meant.
