//! *Registro dei crediti*: how the ledger is proven, to anybody; and to who may check it, what the check found.

mod found;
pub mod proof;
