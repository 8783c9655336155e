//! A buyer with a browser without scripts: it keeps its cookie, fills in forms and follows
//! redirects, one at a time.

use std::cell::RefCell;

use testkit::server::{Reply, TestServer};

pub(super) struct Buyer<'s> {
    pub(super) server: &'s TestServer,
    cookie: RefCell<Option<String>>,
}

impl<'s> Buyer<'s> {
    pub(super) fn of(server: &'s TestServer) -> Buyer<'s> {
        Buyer { server, cookie: RefCell::default() }
    }

    pub(super) fn get(&self, path: &str) -> Reply {
        let mut call = self.server.get(path);
        if let Some(cookie) = &*self.cookie.borrow() {
            call = call.header("cookie", cookie);
        }
        let reply = call.send();
        if let Some(set) = reply.header("set-cookie") {
            let (pair, rest) = set.split_once(';').expect("a cookie with its terms");
            assert!(rest.contains("HttpOnly") && rest.contains("SameSite=Lax"), "{set}");
            *self.cookie.borrow_mut() = Some(pair.to_owned());
        }
        reply
    }

    /// Sends a form as it is, from a page of this server.
    pub(super) fn send(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let origin = format!("http://{}", self.server.address());
        self.send_from(&origin, path, fields)
    }

    pub(super) fn send_from(&self, origin: &str, path: &str, fields: &[(&str, &str)]) -> Reply {
        let encoded = |text: &str| {
            let byte = |it: u8| match it {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'_' | b'-' => {
                    char::from(it).to_string()
                }
                other => format!("%{other:02X}"),
            };
            text.bytes().map(byte).collect::<String>()
        };
        let pairs =
            fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
        let body = pairs.collect::<Vec<_>>().join("&");
        let mut call = self.server.post(path).header("origin", origin);
        if let Some(cookie) = &*self.cookie.borrow() {
            call = call.header("cookie", cookie);
        }
        call.bytes("application/x-www-form-urlencoded", body.into_bytes()).send()
    }

    /// Fills in the form of a page, which goes where the form says.
    #[track_caller]
    pub(super) fn fill(&self, page: &Reply, fields: &[(&str, &str)]) -> Reply {
        let action = between(&page.body, "<form", "</form>").expect("a page with a form");
        let action = between(action, "action=\"", "\"").expect("a form with an address");
        let action = action.replace("&amp;", "&");
        let token = token(page);
        let total = hidden(page, "total");
        let mut all = vec![("token", token.as_str())];
        all.extend(total.as_deref().map(|it| ("total", it)));
        all.extend(fields);
        self.send(&action, &all)
    }

    /// Where a redirect leads on this server, until there is a page.
    #[track_caller]
    pub(super) fn follow(&self, reply: Reply) -> Reply {
        let mut reply = reply;
        for _ in 0..5 {
            if reply.status != 303 {
                return reply;
            }
            let location = reply.header("location").expect("a redirect leads somewhere").to_owned();
            assert!(location.starts_with('/'), "{location}");
            reply = self.get(&location);
        }
        panic!("redirected for ever: {reply}");
    }
}

#[track_caller]
pub(super) fn token(page: &Reply) -> String {
    hidden(page, "token").unwrap_or_else(|| panic!("a form with a token: {page}"))
}

fn hidden(page: &Reply, name: &str) -> Option<String> {
    let field = format!("name=\"{name}\" value=\"");
    between(&page.body, &field, "\"").map(Into::into)
}

pub(super) fn between<'t>(text: &'t str, from: &str, to: &str) -> Option<&'t str> {
    Some(text.split_once(from)?.1.split_once(to)?.0)
}

/// Jane, in New York.
pub(super) const JANE: [(&str, &str); 8] = [
    ("contact.email", "jane@example.com"),
    ("shipping_address.name", "Jane Doe"),
    ("shipping_address.address", "123 Main St"),
    ("shipping_address.city", "New York"),
    ("shipping_address.state", "NY"),
    ("shipping_address.zip", "10001"),
    ("shipping_address.country", "US"),
    ("billing", "same"),
];
