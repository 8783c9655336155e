//! What a cart service by HTTP may answer, and what is made of it.

use std::{convert::Infallible, time::Duration};

use adapters::cart::{CartError, CartService, DOCUMENT_BYTES_MAX, http::HttpCarts};
use axum::{
    Router,
    body::Body,
    extract::Path,
    http::{HeaderMap, StatusCode, header::LOCATION},
    response::{IntoResponse, Response},
    routing::get,
};
use domain::CartId;
use futures_util::stream;
use tokio::net::TcpListener;

async fn service() -> HttpCarts {
    let answer = async |Path(id): Path<String>, headers: HeaderMap| answer(&id, &headers);
    let routes = Router::new().route("/carts/{id}", get(answer));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://me:secret@{}/carts", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    HttpCarts::at(&url).unwrap()
}

fn answer(id: &str, headers: &HeaderMap) -> Response {
    let of = |length: usize| vec![b'7'; length];
    match id {
        "headers" => {
            let shown = ["accept", "authorization", "user-agent"].map(|it| {
                headers.get(it).and_then(|it| it.to_str().ok()).unwrap_or_default().to_owned()
            });
            shown.join("\n").into_response()
        }
        "full" => of(DOCUMENT_BYTES_MAX).into_response(),
        "over" => of(DOCUMENT_BYTES_MAX + 1).into_response(),
        "unannounced" => {
            let pieces =
                stream::iter([DOCUMENT_BYTES_MAX, 1].map(|it| Ok::<_, Infallible>(of(it))));
            Body::from_stream(pieces).into_response()
        }
        "moved" => (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, "/carts/full")]).into_response(),
        status => StatusCode::from_bytes(status.as_bytes()).unwrap().into_response(),
    }
}

fn id(text: &str) -> CartId {
    text.parse().unwrap()
}

#[tokio::test]
async fn an_answer_is_handed_on_as_it_came() {
    let carts = service().await;
    let headers = carts.cart(&id("headers")).await.map(|it| String::from_utf8(it).unwrap());
    let version = env!("CARGO_PKG_VERSION");
    let expected = format!("application/json\nBasic bWU6c2VjcmV0\norderd/{version}");
    assert_eq!(headers, Ok(expected));
    assert_eq!(carts.cart(&id("full")).await.map(|it| it.len()), Ok(DOCUMENT_BYTES_MAX));
}

#[tokio::test]
async fn each_answer_has_its_meaning() {
    let carts = service().await;
    for (name, expected) in [
        ("404", "the cart service does not know it"),
        ("410", "the cart service does not know it"),
        ("408", "the cart service is unavailable: it answers 408 Request Timeout"),
        ("429", "the cart service is unavailable: it answers 429 Too Many Requests"),
        ("500", "the cart service is unavailable: it answers 500 Internal Server Error"),
        ("503", "the cart service is unavailable: it answers 503 Service Unavailable"),
        ("204", "the cart service can't be read: it answers 204 No Content"),
        ("400", "the cart service can't be read: it answers 400 Bad Request"),
        ("401", "the cart service can't be read: it answers 401 Unauthorized"),
        ("moved", "the cart service can't be read: it answers 307 Temporary Redirect"),
        ("over", "the cart service can't be read: more than 262144 bytes"),
        ("unannounced", "the cart service can't be read: more than 262144 bytes"),
        (".", "the cart service does not know it"),
        ("..", "the cart service does not know it"),
    ] {
        let told = carts.cart(&id(name)).await.map(|it| it.len()).map_err(|it| it.to_string());
        assert_eq!(told, Err(expected.into()), "{name}");
    }
}

#[tokio::test]
async fn what_is_told_of_a_failure_has_no_secret() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://me:secret@{}/key", listener.local_addr().unwrap());
    drop(listener);
    let error = HttpCarts::at(&url).unwrap().cart(&id("c")).await.unwrap_err();
    let CartError::Unavailable(why) = &error else { panic!("{error:?}") };
    assert!(!why.is_empty() && !why.contains("secret") && !why.contains("key"), "{why}");
}

/// It takes the connection and says nothing.
#[tokio::test]
async fn nobody_is_waited_for_for_ever() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let carts = HttpCarts::at(&url).unwrap();
    let asked = tokio::time::timeout(Duration::from_secs(15), carts.cart(&id("c"))).await;
    assert!(matches!(asked, Ok(Err(CartError::Unavailable(_)))), "{asked:?}");
}
