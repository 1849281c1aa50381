//! Cookies (RFC 6265), as far as sites on one machine need them.

use http::Uri;

/// What sites left.
#[derive(Debug, Default)]
pub(super) struct Cookies(Vec<Cookie>);

struct Cookie {
    site: String,
    path: String,
    name: String,
    value: String,
}

impl std::fmt::Debug for Cookie {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Cookie({})", self.name)
    }
}

impl Cookies {
    /// Keeps, changes or removes what a site set.
    pub(super) fn set(&mut self, address: &Uri, header: &str) {
        let mut parts = header.split(';').map(str::trim);
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
            return;
        };
        let (mut path, mut gone) = ("/".to_owned(), value.is_empty());
        for attribute in parts {
            let (key, said) = attribute.split_once('=').unwrap_or((attribute, ""));
            match key.to_ascii_lowercase().as_str() {
                "path" => said.clone_into(&mut path),
                "max-age" => gone |= said.parse::<i64>().is_ok_and(|seconds| seconds <= 0),
                _ => {}
            }
        }
        let site = site(address);
        self.0
            .retain(|it| (&it.site, &it.path, it.name.as_str()) != (&site, &path, name));
        if !gone {
            self.0.push(Cookie {
                site,
                path,
                name: name.to_owned(),
                value: value.to_owned(),
            });
        }
    }

    /// What goes along with a request.
    pub(super) fn header(&self, address: &Uri) -> Option<String> {
        let site = site(address);
        let path = address.path();
        let pairs: Vec<String> = self
            .0
            .iter()
            .filter(|cookie| cookie.site == site && is_below(path, &cookie.path))
            .map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

/// Path matching (RFC 6265 §5.1.4).
fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || folder.ends_with('/') || rest.starts_with('/'))
}

/// Cookies do not tell ports apart, but two sites on one machine are two sites here.
fn site(address: &Uri) -> String {
    address.authority().map_or_else(String::new, ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_goes_to_its_site_and_path_until_it_is_removed() {
        let at = |address: &'static str| Uri::from_static(address);
        let mut cookies = Cookies::default();
        cookies.set(&at("http://127.0.0.1:1/a"), "one=1; Path=/; HttpOnly; Secure");
        cookies.set(&at("http://127.0.0.1:1/a"), "two=2; path=/login/x; SameSite=Lax");
        let sent = |cookies: &Cookies, address| cookies.header(&at(address));
        assert_eq!(sent(&cookies, "http://127.0.0.1:1/"), Some("one=1".into()));
        assert_eq!(
            sent(&cookies, "http://127.0.0.1:1/login/x"),
            Some("one=1; two=2".into())
        );
        assert_eq!(
            sent(&cookies, "http://127.0.0.1:1/login/xy"),
            Some("one=1".into())
        );
        assert_eq!(sent(&cookies, "http://127.0.0.1:2/"), None);
        cookies.set(&at("http://127.0.0.1:1/b"), "one=; Path=/; Max-Age=0");
        assert_eq!(sent(&cookies, "http://127.0.0.1:1/"), None);
        assert!(!format!("{cookies:?}").contains("=2"));
    }
}
