//! Keys in a file that the operator keeps.

use std::path::PathBuf;

use super::{KeySource, KeysUnavailable, Published, document};

#[derive(Debug)]
pub struct FileKeys(PathBuf);

impl FileKeys {
    pub fn new(path: PathBuf) -> FileKeys {
        FileKeys(path)
    }
}

impl KeySource for FileKeys {
    fn keys(&self) -> Published<'_> {
        Box::pin(async {
            let path = self.0.clone();
            let read = tokio::task::spawn_blocking(move || std::fs::read(path)).await;
            let text = match read {
                Ok(Ok(text)) => text,
                Ok(Err(error)) => {
                    return Err(KeysUnavailable(format!("{}: {error}", self.0.display())));
                }
                Err(error) => return Err(KeysUnavailable(error.to_string())),
            };
            document::parse(&text)
        })
    }
}
