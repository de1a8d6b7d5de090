//! Buckets, and what lies in them.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::time::Time;
use crate::world::{Target, World};

/// One version of an object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredObject {
    /// When it was put there.
    pub at: Time,
    /// The ARN of who put it.
    pub by: String,
    /// What kind of text it is said to be.
    pub content_type: Option<String>,
    /// It.
    pub body: Bytes,
}

/// Every bucket, by its name: there is one of it for all accounts.
#[derive(Debug, Default)]
pub(crate) struct Store {
    buckets: BTreeMap<String, Bucket>,
}

/// A versioned bucket: nothing is lost by being written again.
#[derive(Debug)]
pub(super) struct Bucket {
    pub(super) target: Target,
    objects: BTreeMap<String, Vec<StoredObject>>,
}

impl Store {
    pub(super) fn bucket(&mut self, name: &str) -> Option<&mut Bucket> {
        self.buckets.get_mut(name)
    }
}

impl Bucket {
    pub(super) fn put(&mut self, key: String, object: StoredObject) {
        self.objects.entry(key).or_default().push(object);
    }
}

impl World {
    /// Creates a versioned bucket; whether no other has its name.
    pub fn create_bucket(&mut self, target: Target, name: &str) -> bool {
        let is_free = !self.objects.buckets.contains_key(name);
        if is_free {
            let bucket = Bucket {
                target,
                objects: BTreeMap::new(),
            };
            self.objects.buckets.insert(name.to_owned(), bucket);
        }
        is_free
    }

    /// What lies in a bucket, by key, each version from the oldest.
    pub fn stored(&self, bucket: &str) -> BTreeMap<String, Vec<StoredObject>> {
        self.objects
            .buckets
            .get(bucket)
            .map(|bucket| bucket.objects.clone())
            .unwrap_or_default()
    }
}
