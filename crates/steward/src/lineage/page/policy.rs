use sha2::{Digest as _, Sha256};

use super::html::Html;

/// What the page may do: use the one style and the one script that it was made with. It fetches nothing, and sends nothing.
pub(super) fn policy(style: &Html, script: &Html) -> Html {
    let mut html = Html::default();
    html.markup("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-")
        .text(digest(style))
        .markup("'; script-src 'sha256-")
        .text(digest(script))
        .markup("'; base-uri 'none'; form-action 'none'\">\n");
    html
}

fn digest(of: &Html) -> String {
    base64(&Sha256::digest(of.as_str()))
}

/// As browsers compare digests.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = (0..3).fold(0_usize, |bits, n| {
            bits << 8 | three.get(n).map_or(0, |byte| usize::from(*byte))
        });
        for n in 0..4 {
            let digit = DIGITS[bits >> (18 - 6 * n) & 63];
            text.push(if n > three.len() { '=' } else { char::from(digit) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn a_digest_is_the_one_that_browsers_compute() {
        // The example of the standard (CSP level 3, section 2.3.1).
        let mut script = Html::default();
        script.markup("alert('Hello, world.');");
        assert_eq!(digest(&script), "qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng=");
    }
}
