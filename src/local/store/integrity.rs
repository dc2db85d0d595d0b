//! A look through the whole store: which records are damaged.

use serde_json::Value;

use crate::ans104::DataItem;
use crate::error::Result;
use crate::local::hyperbeam::http_message;
use crate::local::hyperbeam::http_message::HttpMessage;
use crate::local::network::{Network, id_of};
use crate::local::platform::Platform;
use crate::local::store::records as store;

/// Under which names signed HTTP messages are kept.
const HTTP: &str = "http/";

impl<H: Platform> Network<H> {
    /// The names of all records with content, but for snapshots, which can be made anew.
    ///
    /// # Errors
    /// `Storage`.
    pub async fn records(&self) -> Result<Vec<String>> {
        let mut records = Vec::new();
        for kind in ["item/", "http/", "module/", "monitor/", "published/"] {
            records.extend(self.platform.names(kind).await?);
        }
        for process in self
            .platform
            .names("process/")
            .await?
            .iter()
            .filter_map(|name| id_of(name))
        {
            for kind in ["entry", "assignment", "result"] {
                records.extend(self.platform.names(&format!("{kind}/{process}/")).await?);
            }
            // Of an outbox that is not delivered yet: only the newest entries can have one.
            let entries = self.platform.names(&format!("entry/{process}/")).await?;
            for entry in entries.iter().filter_map(|name| name.rsplit('/').next()) {
                let is_settled = self.platform.get(&format!("result/{process}/{entry}")).await?.is_some();
                if !is_settled {
                    records.extend(self.platform.names(&format!("push/{process}/{entry}/")).await?);
                }
            }
        }
        Ok(records)
    }

    /// The headers and the body that were signed of a kept HTTP message, and when it came, in milliseconds.
    ///
    /// # Errors
    /// `Storage`.
    pub async fn original(&self, name: &str) -> Result<(Vec<(String, String)>, Vec<u8>, u64)> {
        let (kept, original) = self.http_message(name).await?;
        let (headers, body) = store::split::<Value>(name, &original)?;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let headers = headers.as_array().map(Vec::as_slice).unwrap_or_default();
        let headers = headers.iter().map(|line| Some((text(&line[0])?, text(&line[1])?)));
        let headers: Option<Vec<(String, String)>> = headers.collect();
        let headers = headers.ok_or_else(|| store::damaged(name))?;
        Ok((headers, body.to_vec(), kept.timestamp))
    }

    /// Whether what is kept is what its headers and its body say, which the caller has verified.
    ///
    /// # Errors
    /// `Storage` when it is not.
    pub async fn check_original(&self, name: &str, message: HttpMessage) -> Result<()> {
        let (kept, _) = self.http_message(name).await?;
        match message.into_item() {
            Ok(item) if item.as_bytes() == kept.item.as_bytes() => Ok(()),
            _ => Err(store::damaged(name)),
        }
    }

    async fn http_message(&self, name: &str) -> Result<(store::Kept, Vec<u8>)> {
        let kept = match id_of(name).filter(|_| name.starts_with(HTTP)) {
            Some(id) => store::http_message(&*self.platform, &id).await?,
            None => None,
        };
        kept.ok_or_else(|| store::missing(name))
    }

    /// Which of these records are damaged, and in which words that is said.
    ///
    /// # Errors
    /// `Storage` when the platform cannot read.
    pub async fn damaged(&self, records: &[String]) -> Result<Vec<(String, String)>> {
        let mut damaged = Vec::new();
        for name in records {
            match self.read(name).await {
                Ok(()) => {}
                Err(error) if store::is_damage(&error) => damaged.push((name.clone(), error.message().into())),
                Err(error) => return Err(error),
            }
        }
        Ok(damaged)
    }

    async fn read(&self, name: &str) -> Result<()> {
        if name.starts_with(HTTP) {
            let (headers, body, timestamp) = self.original(name).await?;
            // Without the feature, the caller verifies it.
            if cfg!(feature = "httpsig") {
                let message = http_message::verified(&headers, &body, timestamp);
                let message = message.map_err(|refusal| store::damaged(name).with_source(refusal.into_error()))?;
                return self.check_original(name, message).await;
            }
            return Ok(());
        }
        match name.strip_prefix("item/").and_then(id_of) {
            Some(id) => store::item(&*self.platform, &id).await.map(|_| ()),
            None => {
                let content = store::get(&*self.platform, name).await?;
                match content.filter(|_| name.starts_with("assignment/")) {
                    Some(raw) => DataItem::parse(raw)
                        .map(|_| ())
                        .map_err(|error| store::damaged(name).with_source(error)),
                    None => Ok(()),
                }
            }
        }
    }
}
