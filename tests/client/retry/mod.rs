//! Retries, failover and the check of a schedule: how often a request is sent, where, and after which wait.
//! Every native test of a retry belongs here.

mod backoff;
mod delivery_check;
mod failover;
mod network;
mod writes;

const PROCESS: &str = "_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA";
const OTHER: &str = "Do_Uc2Sju_ffp6Ev0AnLVdPtot15rvMjP-a9VVaA5fM";
