//! What anybody may read: home, catalogue, how to join, what the law asks for.

pub mod home;
pub mod legal;
