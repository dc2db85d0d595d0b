pub(crate) mod http_message;
pub(crate) mod patches;
pub(crate) mod reply;
pub(crate) mod routes;
pub(crate) mod schedule;
pub(crate) mod state;
