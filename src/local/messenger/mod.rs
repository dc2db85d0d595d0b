pub(crate) mod crank;
pub(crate) mod routes;
