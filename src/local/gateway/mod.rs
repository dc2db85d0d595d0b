pub(crate) mod graphql;
pub(crate) mod routes;
pub(crate) mod search;
