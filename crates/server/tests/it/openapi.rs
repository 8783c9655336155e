//! The description and the routes tell the same story.

/// Every path and method of the route table, sorted, as its source names them.
pub(crate) fn routes() -> Vec<(String, String)> {
    let source = include_str!("../../src/routes.rs");
    let calls = source.split(".route(").skip(1).map(|it| it.split(".fallback").next().unwrap());
    let mut found = Vec::new();
    for call in calls {
        let path = call.split('"').nth(1).expect("a route has a path");
        for method in ["get", "post", "put", "patch", "delete"] {
            let is_named = call
                .match_indices(&format!("{method}("))
                .any(|(at, _)| !call[..at].ends_with(|it: char| it.is_alphanumeric() || it == '_'));
            if is_named {
                found.push((path.to_owned(), method.to_uppercase()));
            }
        }
    }
    found.sort();
    found
}
