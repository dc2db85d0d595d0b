//! Retries, failover and the check of a schedule: how often a request is sent, where, and after which wait.
//! Every native test of a retry belongs here.

mod backoff;
mod delivery_check;
mod failover;
mod network;
mod writes;
