//! Where a buyer is sent who has bought: the shop's own page, if it is one of its hosts, and never
//! with another order's id.

use domain::shop::Shop;
use url::{Host, Url};

pub(crate) const URL_LENGTH_MAX: usize = 2000;

/// The name of the order in the address that the shop's page gets.
const ORDER_ID: &str = "orderId";

/// Why a buyer is not sent somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotAllowed {
    /// It is no address of a web page, or more than one.
    Address,
    /// Its host is none of the store's.
    Host,
}

/// A page of the shop: of the web, without a user's name in its address, and on a host that the
/// store names, or on that of its success page.
pub(crate) fn page_of(shop: &Shop, text: &str) -> Result<Url, NotAllowed> {
    let url = web_page(text)?;
    let Some(Host::Domain(_) | Host::Ipv4(_) | Host::Ipv6(_)) = url.host() else {
        return Err(NotAllowed::Address);
    };
    let host = url.host_str().unwrap_or_default();
    let own = shop.success_url.as_deref().and_then(|it| web_page(it).ok());
    let is_own = own.is_some_and(|it| it.host_str() == Some(host));
    let is_named = shop.success_hosts.iter().any(|it| it.eq_ignore_ascii_case(host));
    if is_own || is_named { Ok(url) } else { Err(NotAllowed::Host) }
}

/// What browsers and libraries read in two ways is no address here.
fn web_page(text: &str) -> Result<Url, NotAllowed> {
    let is_plain = |it: char| it.is_ascii_graphic() && it != '\\';
    let has_slashes = ["http://", "https://"].iter().any(|scheme| {
        text.get(..scheme.len()).is_some_and(|it| it.eq_ignore_ascii_case(scheme))
            && !text[scheme.len()..].starts_with('/')
    });
    if text.len() > URL_LENGTH_MAX || !text.chars().all(is_plain) || !has_slashes {
        return Err(NotAllowed::Address);
    }
    let url = Url::parse(text).map_err(|_| NotAllowed::Address)?;
    let is_web = matches!(url.scheme(), "http" | "https");
    let has_user = !url.username().is_empty() || url.password().is_some();
    let authority = text.split("://").nth(1).and_then(|it| it.split(['/', '?', '#']).next());
    let has_at = authority.is_none_or(|it| it.contains('@'));
    if is_web && !has_user && !has_at { Ok(url) } else { Err(NotAllowed::Address) }
}

/// The address with the order's id: the first parameter where there is none, else after those that
/// are there, and the fragment last. An id that stands there already goes.
pub(crate) fn with_order(mut page: Url, id: &str) -> Url {
    let others = page.query().unwrap_or_default().split('&').filter(|pair| {
        let name = pair.split('=').next().unwrap_or_default();
        let name = crate::body::form_decoded(name);
        !pair.is_empty() && name.is_none_or(|it| it != ORDER_ID)
    });
    let own = format!("{ORDER_ID}={id}");
    let query: Vec<&str> = others.chain([own.as_str()]).collect();
    let query = query.join("&");
    page.set_query(Some(&query));
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shop(success_url: Option<&str>, hosts: &[&str]) -> Shop {
        Shop {
            success_url: success_url.map(Into::into),
            success_hosts: hosts.iter().map(|it| (*it).into()).collect(),
            ..Shop::first()
        }
    }

    #[test]
    fn a_page_is_one_of_the_shop_in_every_spelling() {
        let shop = shop(Some("https://own.example/thanks"), &["shop.example", "127.0.0.1"]);
        for good in [
            "https://shop.example/thanks",
            "http://shop.example",
            "HTTPS://SHOP.example/",
            "https://shop.example:8443/a?b=c#d",
            "https://own.example/elsewhere",
            "http://127.0.0.1:9000/thanks",
        ] {
            assert!(page_of(&shop, good).is_ok(), "{good}");
        }
        for (bad, why) in [
            ("https://evil.example/", NotAllowed::Host),
            ("https://shop.example.evil.example/", NotAllowed::Host),
            ("https://evil.example/shop.example", NotAllowed::Host),
            ("https://evilshop.example", NotAllowed::Host),
            ("https://shop.example./", NotAllowed::Host),
            ("https://shop.example@evil.example/", NotAllowed::Address),
            ("https://shop.example:pw@evil.example/", NotAllowed::Address),
            ("https://@shop.example/", NotAllowed::Address),
            ("https://evil.example\\@shop.example/", NotAllowed::Address),
            ("https:\\\\shop.example", NotAllowed::Address),
            ("https:/shop.example", NotAllowed::Address),
            ("https:///shop.example", NotAllowed::Address),
            ("https:shop.example", NotAllowed::Address),
            ("//shop.example/", NotAllowed::Address),
            ("/thanks", NotAllowed::Address),
            ("shop.example", NotAllowed::Address),
            ("javascript:alert(1)//shop.example", NotAllowed::Address),
            ("data:text/html,shop.example", NotAllowed::Address),
            ("ftp://shop.example/", NotAllowed::Address),
            (" https://shop.example/", NotAllowed::Address),
            ("https://shop.example/\r\nSet-Cookie: a=b", NotAllowed::Address),
            ("https://shop.ex\tample/", NotAllowed::Address),
            ("https://evil\u{3002}example/", NotAllowed::Address),
            ("https://evil.example#@shop.example/", NotAllowed::Host),
            ("https://evil.example?@shop.example/", NotAllowed::Host),
            ("https://0x7f.1.evil.example/", NotAllowed::Host),
            ("https://", NotAllowed::Address),
            ("", NotAllowed::Address),
        ] {
            assert_eq!(page_of(&shop, bad), Err(why), "{bad}");
        }
    }

    #[test]
    fn a_store_that_names_no_hosts_has_that_of_its_page_alone() {
        assert!(page_of(&shop(Some("https://a.example/x"), &[]), "https://a.example/y").is_ok());
        assert_eq!(page_of(&shop(None, &[]), "https://a.example/"), Err(NotAllowed::Host));
    }

    #[test]
    fn the_orders_id_stands_where_programs_look_for_it() {
        let check = |page: &str, expected: &str| {
            let url = Url::parse(page).expect("an address");
            assert_eq!(with_order(url, "999-7").as_str(), expected);
        };
        check("http://shop.example/thanks", "http://shop.example/thanks?orderId=999-7");
        check("http://shop.example", "http://shop.example/?orderId=999-7");
        check("http://shop.example/a?", "http://shop.example/a?orderId=999-7");
        check("http://shop.example/a?b=c%20d&e", "http://shop.example/a?b=c%20d&e&orderId=999-7");
        check("http://shop.example/a#x?y", "http://shop.example/a?orderId=999-7#x?y");
        check("http://shop.example/a?b=c#x", "http://shop.example/a?b=c&orderId=999-7#x");
        check("http://shop.example/?orderId=1-1&b=c", "http://shop.example/?b=c&orderId=999-7");
        check("http://shop.example/?order%49d=1-1", "http://shop.example/?orderId=999-7");
    }
}
