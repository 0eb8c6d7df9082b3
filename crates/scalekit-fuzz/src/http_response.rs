//! HTTP responses in a text format.

use scalekit_auth::protocol::http_response::HttpResponse;

/// Parses `200 application/json`, then lines such as `retry-after: 5`, an empty line, and the body. Missing
/// parts are absent from the response; the default status is 200.
pub(crate) fn http_response(text: &[u8]) -> HttpResponse {
    let (head, body) = parted(text);
    let head = String::from_utf8_lossy(head);
    let mut lines = head.lines();
    let (status, content_type) =
        lines.next().and_then(|line| line.split_once(' ')).unwrap_or_default();
    let mut response = HttpResponse {
        content_type: (!content_type.is_empty()).then(|| content_type.to_owned()),
        body: body.to_vec().into(),
        ..HttpResponse::new(status.parse().unwrap_or(200))
    };
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        let value = Some(value.to_owned());
        match name {
            "retry-after" => response.retry_after = value,
            "date" => response.date = value,
            "location" => response.location = value,
            _ => {}
        }
    }
    response
}

/// The text before the first empty line, and the text after it.
pub(crate) fn parted(text: &[u8]) -> (&[u8], &[u8]) {
    match text.windows(2).position(|pair| pair == b"\n\n") {
        Some(at) => (&text[..at], &text[at + 2..]),
        None => (text, &[]),
    }
}
