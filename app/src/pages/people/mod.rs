//! Signing in, one's own area and profile.

pub mod sign_in;
