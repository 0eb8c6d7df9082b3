//! The test support: a browser, an application, and their requests to an environment.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use reqwest::{Client, Response, redirect};
use scalekit_dev::{Environment, Options, PASSWORD, Settings, ids};
use serde_json::Value;
use sha2::{Digest, Sha256};
use url::Url;

pub const VERIFIER: &str = "a-code-verifier-of-exactly-forty-three-chars";
pub use scalekit_dev::ADA;

/// A browser with cookies that follows no redirects.
pub struct Browser {
    pub client: Client,
    cookie: Option<String>,
}

impl Browser {
    pub fn new() -> Self {
        let client = Client::builder().redirect(redirect::Policy::none()).no_proxy().build();
        Self { client: client.unwrap(), cookie: None }
    }

    pub async fn get(&mut self, url: &str) -> Response {
        let request = self.client.get(url);
        self.sent(request).await
    }

    pub async fn submit(&mut self, url: &str, form: &[(&str, &str)]) -> Response {
        let request = self.client.post(url).form(form);
        self.sent(request).await
    }

    pub async fn sent(&mut self, mut request: reqwest::RequestBuilder) -> Response {
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        let response = request.send().await.unwrap();
        if let Some(cookie) = response.headers().get("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            self.cookie = cookie.split(';').next().map(str::to_owned);
        }
        response
    }

    /// The form that a request leads to: its action, and its two hidden values.
    pub async fn opens_form(
        &mut self,
        environment: &Environment,
        query: &[(&str, &str)],
    ) -> (String, String, String) {
        let page = location(&self.get(&authorize(environment, query)).await);
        self.reads_form(environment, &page).await
    }

    /// The form at a path of the environment.
    pub async fn reads_form(
        &mut self,
        environment: &Environment,
        path: &str,
    ) -> (String, String, String) {
        let page = format!("{}{path}", environment.url());
        let (request, token) = hidden(&self.get(&page).await.text().await.unwrap());
        (page, request, token)
    }

    /// From the first page to the last redirect.
    pub async fn signs_in(&mut self, environment: &Environment, query: &[(&str, &str)]) -> String {
        let page = location(&self.get(&authorize(environment, query)).await);
        if page.contains("://callback") {
            return page;
        }
        let (page, request, token) = self.reads_form(environment, &page).await;
        let form = [
            ("request", request.as_str()),
            ("form_token", &token),
            ("email", ADA),
            ("password", PASSWORD),
        ];
        location(&self.submit(&page, &form).await)
    }
}

pub fn location(response: &Response) -> String {
    let header = response.headers().get("location");
    header.unwrap_or_else(|| panic!("no redirect: {}", response.status())).to_str().unwrap().into()
}

fn hidden(html: &str) -> (String, String) {
    let value = |name: &str| {
        let rest = html.split_once(&format!("name=\"{name}\" value=\"")).unwrap().1;
        rest.split_once('"').unwrap().0.to_owned()
    };
    (value("request"), value("form_token"))
}

pub fn authorize(environment: &Environment, changes: &[(&str, &str)]) -> String {
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    let client_id = environment.client_id();
    let mut pairs = vec![
        ("response_type", "code"),
        ("client_id", &client_id),
        ("redirect_uri", "io.latchkey.desktop://callback"),
        ("scope", "openid profile email offline_access"),
        ("state", "s1"),
        ("nonce", "n1"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    for change in changes {
        pairs.retain(|(name, _)| *name != change.0);
        pairs.push(*change);
    }
    pairs.retain(|(_, value)| !value.is_empty());
    let url = format!("{}/oauth/authorize", environment.url());
    Url::parse_with_params(&url, pairs).unwrap().into()
}

pub fn pair(link: &str, name: &str) -> Option<String> {
    let url = Url::parse(link).unwrap();
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

pub async fn token(environment: &Environment, form: &[(&str, &str)]) -> (u16, Value) {
    let client = Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/oauth/token", environment.url());
    let response = client.post(url).form(form).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

pub async fn exchange(environment: &Environment, link: &str, verifier: &str) -> (u16, Value) {
    let (code, client_id) = (pair(link, "code").unwrap(), environment.client_id());
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", &client_id),
        ("code", &code),
        ("redirect_uri", "io.latchkey.desktop://callback"),
        ("code_verifier", verifier),
    ];
    token(environment, &form).await
}

pub async fn refresh(environment: &Environment, refresh_token: &str) -> (u16, Value) {
    let client_id = environment.client_id();
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", &client_id),
        ("refresh_token", refresh_token),
    ];
    token(environment, &form).await
}

pub async fn started() -> Environment {
    Environment::start(Settings::default()).await.unwrap()
}

/// An environment with these options.
pub async fn started_with(options: Options) -> Environment {
    Environment::start(Settings { options, ..Settings::default() }).await.unwrap()
}

/// Posts a form to a path, possibly with a header.
pub async fn posted(
    environment: &Environment,
    path: &str,
    form: &[(&str, &str)],
    header: Option<(&str, &str)>,
) -> Response {
    let client = Client::builder().redirect(redirect::Policy::none()).no_proxy().build().unwrap();
    let mut request = client.post(format!("{}{path}", environment.url())).form(form);
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    request.send().await.unwrap()
}

/// The query of an authorization request of the web application.
pub const WEB: [(&str, &str); 2] =
    [("client_id", ids::WEB_APPLICATION), ("redirect_uri", "http://localhost:3000/auth/callback")];

/// The form of its token request.
pub fn web_exchange(code: &str) -> Vec<(&str, &str)> {
    vec![
        ("grant_type", "authorization_code"),
        ("client_id", ids::WEB_APPLICATION),
        ("client_secret", ids::WEB_SECRET),
        ("code", code),
        ("redirect_uri", "http://localhost:3000/auth/callback"),
    ]
}

/// Signs in, and returns the claims of both tokens.
pub async fn tokens_of(
    environment: &Environment,
    email: &str,
    query: &[(&str, &str)],
) -> [Value; 2] {
    let link = environment.sign_in_as(email, &authorize(environment, query)).unwrap();
    let (_, tokens) = exchange(environment, &link, VERIFIER).await;
    [claims(&tokens["id_token"]), claims(&tokens["access_token"])]
}

pub async fn signed_in(environment: &Environment) -> Value {
    let link = environment.sign_in_as(ADA, &authorize(environment, &[])).unwrap();
    exchange(environment, &link, VERIFIER).await.1
}

pub fn claims(token: &Value) -> Value {
    let payload = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}
