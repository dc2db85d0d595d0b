pub(crate) mod evaluation;
pub(crate) mod module_input;
pub(crate) mod modules;
pub(crate) mod process_pool;
pub(crate) mod routes;
