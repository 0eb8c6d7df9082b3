//! The user's picture, fetched for the webview, which itself loads nothing from the network.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use scalekit_auth::is_loopback;
use url::{Host, Url};

use crate::http::HttpClient;

/// The size limit of a picture, in bytes.
const MAX_PICTURE_BYTES: usize = 256 * 1024;

/// Pictures are often redirected to a content delivery network.
const MAX_REDIRECTS: usize = 3;

/// The picture as a `data:` URL; none where it fails any check. `http` and loopback addresses are accepted
/// only where the environment itself is at one (`local`).
pub async fn fetch_picture(http: &HttpClient, address: &str, local: bool) -> Option<String> {
    let mut address = Url::parse(address).ok()?;
    for _ in 0..=MAX_REDIRECTS {
        if !is_acceptable(&address, local) {
            return None;
        }
        let request = http::Request::get(address.as_str())
            .header("accept", "image/png, image/jpeg, image/webp, image/gif")
            .body(Vec::new())
            .ok()?;
        let response = http.send_bounded(request, MAX_PICTURE_BYTES).await.ok()?;
        match response.status {
            200 => {
                let kind = kind(&response.body)?;
                return Some(format!(
                    "data:{kind};base64,{}",
                    BASE64_STANDARD.encode(&response.body)
                ));
            }
            301 | 302 | 303 | 307 | 308 => {
                address = address.join(response.location.as_deref()?).ok()?;
            }
            _ => return None,
        }
    }
    None
}

/// Whether the URL may be fetched. The user chooses it, so it must not reach into the local network
/// (server-side request forgery).
fn is_acceptable(address: &Url, local: bool) -> bool {
    if local && is_loopback(address) {
        return matches!(address.scheme(), "http" | "https");
    }
    address.scheme() == "https"
        && matches!(address.host(), Some(Host::Domain(name)) if is_public(name))
}

/// Whether a name can be one of the public DNS. Excluded are names of this computer (RFC 6761 §6.3,
/// `/etc/hosts`) and of the local network (RFC 6762 §3, RFC 8375, ICANN's `internal`). A name without a dot,
/// such as this computer's own, is resolved locally only.
fn is_public(name: &str) -> bool {
    const LOCAL: [&str; 6] =
        ["localhost", "localdomain", "local", "internal", "intranet", "home.arpa"];
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_within = |zone: &&str| {
        name.strip_suffix(zone).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    name.contains('.') && !LOCAL.iter().any(is_within)
}

/// The media type by the first bytes; `Content-Type` is untrusted. SVG is excluded: it can contain scripts.
fn kind(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    const PNG: &[u8] = &[0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3];

    /// Sends this response to every request; `HERE` stands for the server's own URL.
    async fn server(status: &str, body: Vec<u8>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = format!("http://{}/", listener.local_addr().unwrap());
        let status = status.replace("HERE", &here);
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        tokio::spawn(async move {
            while let Ok((mut connection, _)) = listener.accept().await {
                let mut request = [0; 4096];
                let _ = connection.read(&mut request).await;
                let _ = connection.write_all(head.as_bytes()).await;
                let _ = connection.write_all(&body).await;
            }
        });
        here
    }

    async fn fetched(status: &str, body: impl Into<Vec<u8>>, local: bool) -> Option<String> {
        let address = server(status, body.into()).await;
        fetch_picture(&HttpClient::new("test/1"), &address, local).await
    }

    #[tokio::test]
    async fn picture_is_returned_as_data_url() {
        let picture = fetched("200 OK", PNG, true).await.unwrap();
        assert!(picture.starts_with("data:image/png;base64,iVBORw0KGgo"));
    }

    #[test]
    fn picture_kind_is_that_of_its_first_bytes() {
        for (bytes, expected) in [
            (PNG, Some("image/png")),
            (b"\xff\xd8\xff\xe0", Some("image/jpeg")),
            (b"GIF87a.", Some("image/gif")),
            (b"GIF89a.", Some("image/gif")),
            (b"RIFF\x24\0\0\0WEBPVP8 ", Some("image/webp")),
            (b"RIFF\x24\0\0\0WAVEfmt ", None),
            (b"<svg", None),
        ] {
            assert_eq!(kind(bytes), expected, "{bytes:?}");
        }
    }

    #[tokio::test]
    async fn picture_svg_html_404_or_oversized_is_rejected() {
        assert_eq!(fetched("200 OK", "<svg onload=alert(1)>", true).await, None);
        assert_eq!(fetched("200 OK\r\ncontent-type: image/png", "<html>", true).await, None);
        assert_eq!(fetched("200 OK", "", true).await, None);
        assert_eq!(fetched("404 Not Found", PNG, true).await, None);
        assert_eq!(fetched("200 OK", [PNG, &[0; MAX_PICTURE_BYTES]].concat(), true).await, None);
    }

    #[tokio::test]
    async fn picture_redirects_are_limited_and_target_checked() {
        assert_eq!(fetched("302 Found\r\nlocation: HERE", "", true).await, None, "in a circle");
        for place in ["http://example.com/", "file:///etc/passwd", "https://10.0.0.1/"] {
            assert_eq!(fetched(&format!("302 Found\r\nlocation: {place}"), "", true).await, None);
        }
        let picture = server("200 OK", PNG.to_vec()).await;
        let redirected = fetched(&format!("302 Found\r\nlocation: {picture}"), "", true).await;
        assert!(redirected.is_some());
    }

    #[tokio::test]
    async fn picture_url_to_private_or_non_https_is_rejected() {
        assert_eq!(fetched("200 OK", PNG, false).await, None);
        for address in [
            "https://127.0.0.1/a.png",
            "https://localhost/a.png",
            "https://[::1]/a.png",
            "https://169.254.169.254/latest",
            "https://192.168.0.1/a.png",
            "http://example.com/a.png",
            "data:image/png;base64,AAAA",
        ] {
            assert!(!is_acceptable(&Url::parse(address).unwrap(), false), "{address}");
        }
        assert!(is_acceptable(&Url::parse("https://cdn.example.com/a.png").unwrap(), false));
    }

    #[test]
    fn picture_url_with_local_hostname_is_rejected() {
        for name in [
            "localhost.",
            "LOCALHOST",
            "x.localhost",
            "x.localhost.",
            "localhost.localdomain",
            "ip6-localhost",
            "my-computer",
            "my-computer.local",
            "printer.home.arpa",
            "metadata.google.internal",
        ] {
            let address = Url::parse(&format!("https://{name}/a.png")).unwrap();
            assert!(!is_acceptable(&address, false), "{name}");
        }
        for name in ["notlocalhost.example.com", "cdn.example.com.", "mylocal.example"] {
            let address = Url::parse(&format!("https://{name}/a.png")).unwrap();
            assert!(is_acceptable(&address, false), "{name}");
        }
    }
}
