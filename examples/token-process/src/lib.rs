//! An AO process: a token, with the actions and tags of AO's standard token.

mod token;

aoxide_process::export!(token::Token);
