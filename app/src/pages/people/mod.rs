//! Signing in, one's own area and profile.

pub mod area;
pub mod profile;
pub mod sign_in;
