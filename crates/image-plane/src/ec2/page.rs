//! Pages of a listing, and the token that leads to the next one.

use crate::time::Time;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::world::{Target, World};

/// Where a page starts and how much it holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Page {
    /// `None` asks for everything at once.
    pub(crate) most: Option<usize>,
    /// The last id of the page before.
    pub(crate) after: Option<String>,
    digest: u64,
    issued: Time,
}

impl Page {
    /// Reads `MaxResults` and `NextToken`. `scope` is what the token must have been issued for: the rest of the request.
    pub(crate) fn read(
        world: &World,
        target: Target,
        params: &mut Params,
        bounds: (usize, usize),
        scope: &str,
    ) -> Result<Self, ApiError> {
        let most: Option<usize> = params.parsed("MaxResults")?;
        let (least, greatest) = bounds;
        if let Some(most) = most
            && !(least..=greatest).contains(&most)
        {
            let bound = if most < least {
                format!("greater than or equal to {least}")
            } else {
                format!("less than or equal to {greatest}")
            };
            return Err(ApiError::client(
                "InvalidParameterValue",
                format!("Value ( {most} ) for parameter maxResults is invalid. Expecting a value {bound}."),
            ));
        }
        let token = params.text("NextToken")?;
        Self::at(world, target, most, token.as_deref(), scope).ok_or_else(|| {
            ApiError::client(
                "InvalidPaginationToken",
                "The specified pagination token is not valid or is expired.",
            )
        })
    }

    /// The page a token leads to, the first one without a token; `None` where the token is not good.
    pub(crate) fn at(
        world: &World,
        target: Target,
        most: Option<usize>,
        token: Option<&str>,
        scope: &str,
    ) -> Option<Self> {
        let digest = digest(&format!("{target} {scope}"));
        let after = match token {
            None => None,
            Some(token) => Some(open(token, digest, world)?),
        };
        Some(Self {
            most,
            after,
            digest,
            issued: world.now,
        })
    }

    /// The id the page starts after, as the type it is.
    pub(crate) fn after<I: std::str::FromStr>(&self) -> Option<I> {
        self.after.as_deref().and_then(|id| id.parse().ok())
    }

    /// The token of the page after the one that ends with this id.
    pub(crate) fn next(&self, last: &str) -> String {
        let plain = format!("{:016x}{:016x}{last}", self.digest, self.issued.millis());
        plain
            .bytes()
            .fold(String::new(), |token, byte| token + &format!("{byte:02x}"))
    }
}

fn open(token: &str, digest: u64, world: &World) -> Option<String> {
    if !token.is_ascii() || !token.len().is_multiple_of(2) {
        return None;
    }
    let bytes: Option<Vec<u8>> = (0..token.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(token.get(at..at + 2)?, 16).ok())
        .collect();
    let plain = String::from_utf8(bytes?).ok()?;
    let (issued_for, rest) = (plain.get(..16)?, plain.get(16..)?);
    let (issued, last) = (rest.get(..16)?, rest.get(16..)?);
    let issued = Time::from_millis(i64::from_str_radix(issued, 16).ok()?);
    let fresh = world.now.since(issued) <= world.settings.token_lifetime;
    (u64::from_str_radix(issued_for, 16).ok()? == digest && fresh).then(|| last.to_owned())
}

fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// One page's worth of things: how many candidates are looked at before the page is cut.
///
/// Real pages are cut before they are filtered, so that one may come back short or empty with a token. With `sparse`
/// off they are filled.
pub(crate) fn collect<I: Copy, T>(
    page: &Page,
    sparse: bool,
    mut after: Option<I>,
    mut next_ids: impl FnMut(Option<I>, usize) -> Vec<I>,
    mut pick: impl FnMut(I) -> Option<T>,
) -> (Vec<T>, Option<I>) {
    let most = page.most.unwrap_or(usize::MAX);
    let chunk = most.min(1000);
    let mut picked = Vec::new();
    let mut looked_at = 0;
    loop {
        let ids = next_ids(after, chunk);
        let exhausted = ids.len() < chunk;
        for id in ids {
            after = Some(id);
            looked_at += 1;
            picked.extend(pick(id));
            let full = picked.len() >= most || (sparse && looked_at >= most);
            if full && !next_ids(after, 1).is_empty() {
                return (picked, after);
            } else if full {
                return (picked, None);
            }
        }
        if exhausted {
            return (picked, None);
        }
    }
}
