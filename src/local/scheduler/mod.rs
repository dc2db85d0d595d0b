pub(crate) mod cron;
pub(crate) mod pending;
pub(crate) mod routes;
pub(crate) mod schedule;
pub(crate) mod unit;
