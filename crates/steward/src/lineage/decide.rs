use super::edge::{Edge, EdgeKind};
use crate::{AmiId, CanonicalName, ImageBuildArn, Region, ReleaseId, Timestamp};

/// EC2 tells so many steps of an image's ancestry, and no more.
pub const MOST_ANCESTORS: usize = 50;

/// What an image was built on, as far as it could be found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parentage {
    /// Nothing says what it was.
    Unknown,
    /// A build of Image Builder's: the recipe names it, or its image is the parent.
    Build(ImageBuildArn),
    /// A release of the record, which has the parent for a placement.
    Release(ReleaseId),
    /// An image from elsewhere: itself, and what EC2 remembers above it.
    Foreign(Vec<Ancestor>),
}

/// An image in EC2's memory of where another came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ancestor {
    /// Where it is, or was.
    pub region: Region,
    /// Which.
    pub ami: AmiId,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// The verified provider that it is of: `amazon`. Such an image is a root.
    pub alias: Option<String>,
    /// What it came from.
    pub source: Option<(Region, AmiId)>,
    /// The release that has it for a placement, where the record knows one.
    pub release: Option<ReleaseId>,
    /// The build of the hub that made it, where one says so.
    pub build: Option<ImageBuildArn>,
    /// Whether EC2 told of it: of one that was gone before anybody asked only the id is known.
    pub told: bool,
}

/// What is to be written of a release's lineage: what is above comes first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lineage {
    /// Releases that may not be in the record yet.
    pub nodes: Vec<Node>,
    /// How they came from each other.
    pub links: Vec<Link>,
}

/// A release that others came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its name.
    pub name: CanonicalName,
    /// As much as is known of it.
    pub kind: NodeKind,
}

/// What is known of a release that is met as somebody's ancestor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// Its name: the rest comes when it is looked at itself.
    Stub,
    /// It is an image from elsewhere.
    Foreign {
        /// When it was made.
        created: Option<Timestamp>,
        /// The verified provider that it is of.
        alias: Option<String>,
        /// Whether anything is above it.
        above: Above,
    },
}

/// What is above an image from elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Above {
    /// Its own source, by an edge.
    Source,
    /// Nothing: a verified provider's image, or one of which EC2 remembers no source.
    Nothing,
    /// More, which EC2 does not tell: it is no root.
    Untold,
}

/// That one release came from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Which from which.
    pub edge: Edge,
    /// How.
    pub kind: EdgeKind,
}

/// Decides what a release's parentage adds to the record.
pub fn decide_lineage(child: ReleaseId, parentage: &Parentage) -> Lineage {
    let mut lineage = Lineage::default();
    let built_on = |parent| Link {
        edge: Edge { parent, child },
        kind: EdgeKind::Build,
    };
    match parentage {
        Parentage::Unknown => {}
        Parentage::Release(parent) => lineage.links.push(built_on(*parent)),
        Parentage::Build(build) => {
            let name = CanonicalName::Build(build.clone());
            lineage.links.push(built_on(name.id()));
            lineage.nodes.push(Node {
                name,
                kind: NodeKind::Stub,
            });
        }
        Parentage::Foreign(chain) => {
            let mut below: Option<ReleaseId> = None;
            for (at, ancestor) in chain.iter().enumerate() {
                let (id, node) = met(ancestor, at + 1 == chain.len());
                lineage.links.push(match below {
                    None => built_on(id),
                    Some(below) => Link {
                        edge: Edge {
                            parent: id,
                            child: below,
                        },
                        kind: EdgeKind::Copy,
                    },
                });
                lineage.nodes.extend(node);
                below = Some(id);
                // What is above a release of ours is that release's own affair.
                if ancestor.release.is_some() || ancestor.build.is_some() {
                    break;
                }
            }
            lineage.nodes.reverse();
            lineage.links.reverse();
        }
    }
    lineage
}

fn met(ancestor: &Ancestor, is_last: bool) -> (ReleaseId, Option<Node>) {
    if let Some(release) = ancestor.release {
        return (release, None);
    }
    if let Some(build) = &ancestor.build {
        let name = CanonicalName::Build(build.clone());
        let kind = NodeKind::Stub;
        return (name.id(), Some(Node { name, kind }));
    }
    let name = CanonicalName::Ami {
        region: ancestor.region,
        id: ancestor.ami,
    };
    let above = match (&ancestor.source, &ancestor.alias) {
        _ if !is_last => Above::Source,
        _ if !ancestor.told => Above::Untold,
        (Some(_), None) => Above::Untold,
        (_, Some(_)) | (None, None) => Above::Nothing,
    };
    let kind = NodeKind::Foreign {
        created: ancestor.created,
        alias: ancestor.alias.clone(),
        above,
    };
    (name.id(), Some(Node { name, kind }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn child() -> ReleaseId {
        name("arn:aws:imagebuilder:eu-west-1:111122223333:image/web/1.0.0/1").id()
    }

    fn name(text: &str) -> CanonicalName {
        text.parse().unwrap()
    }

    fn ancestor(n: u8, source: Option<u8>) -> Ancestor {
        let region: Region = "eu-west-1".parse().unwrap();
        Ancestor {
            region,
            ami: ami(n),
            created: None,
            alias: None,
            source: source.map(|n| (region, ami(n))),
            release: None,
            build: None,
            told: true,
        }
    }

    fn ami(n: u8) -> AmiId {
        format!("ami-{n:017x}").parse().unwrap()
    }

    fn above(lineage: &Lineage) -> Vec<Above> {
        let nodes = lineage.nodes.iter();
        nodes
            .map(|node| match node.kind {
                NodeKind::Stub => panic!("{node:?}"),
                NodeKind::Foreign { above, .. } => above,
            })
            .collect()
    }

    #[test]
    fn a_chain_of_copies_is_written_from_its_root_down_to_the_child() {
        let mut root = ancestor(3, None);
        root.alias = Some(String::from("amazon"));
        let lineage = decide_lineage(
            child(),
            &Parentage::Foreign(vec![ancestor(1, Some(2)), ancestor(2, Some(3)), root]),
        );
        assert_eq!(above(&lineage), [Above::Nothing, Above::Source, Above::Source]);
        let id = |n| name(&format!("ami:aws:eu-west-1:{}", ami(n))).id();
        let edges: Vec<_> = lineage
            .links
            .iter()
            .map(|link| (link.edge.parent, link.edge.child, link.kind))
            .collect();
        assert_eq!(
            edges,
            [
                (id(3), id(2), EdgeKind::Copy),
                (id(2), id(1), EdgeKind::Copy),
                (id(1), child(), EdgeKind::Build),
            ]
        );
    }

    #[test]
    fn a_chain_that_is_cut_off_ends_in_no_root() {
        let lineage = decide_lineage(
            child(),
            &Parentage::Foreign(vec![ancestor(1, Some(2)), ancestor(2, Some(3))]),
        );
        assert_eq!(above(&lineage), [Above::Untold, Above::Source]);
        let whole = decide_lineage(child(), &Parentage::Foreign(vec![ancestor(1, None)]));
        assert_eq!(above(&whole), [Above::Nothing]);
    }

    #[test]
    fn a_chain_ends_at_a_release_of_ours() {
        let mut ours = ancestor(2, Some(3));
        ours.release = Some(name("arn:aws:imagebuilder:eu-west-1:111122223333:image/base/1.0.0/1").id());
        let lineage = decide_lineage(
            child(),
            &Parentage::Foreign(vec![ancestor(1, Some(2)), ours.clone(), ancestor(3, None)]),
        );
        assert_eq!((lineage.nodes.len(), lineage.links.len()), (1, 2));
        assert_eq!(Some(lineage.links[0].edge.parent), ours.release);
    }

    #[test]
    fn a_chain_ends_at_an_image_that_a_build_of_the_hub_made_though_the_record_does_not_know_it_yet() {
        let mut ours = ancestor(2, Some(3));
        let base = "arn:aws:imagebuilder:eu-west-1:111122223333:image/base/1.0.0/1";
        ours.build = base.parse().ok();
        let lineage = decide_lineage(
            child(),
            &Parentage::Foreign(vec![ancestor(1, Some(2)), ours, ancestor(3, None)]),
        );
        assert_eq!((lineage.nodes.len(), lineage.links.len()), (2, 2));
        assert_eq!(lineage.links[0].edge.parent, name(base).id());
    }

    #[test]
    fn one_that_was_gone_before_anybody_asked_is_no_root() {
        let mut gone = ancestor(1, None);
        gone.told = false;
        assert_eq!(
            above(&decide_lineage(child(), &Parentage::Foreign(vec![gone]))),
            [Above::Untold]
        );
    }

    #[test]
    fn a_build_that_is_not_in_the_record_yet_is_a_stub_under_its_own_name() {
        let base = "arn:aws:imagebuilder:eu-west-1:111122223333:image/base/1.0.0/1";
        let lineage = decide_lineage(child(), &Parentage::Build(base.parse().unwrap()));
        assert_eq!(
            lineage.nodes,
            [Node {
                name: name(base),
                kind: NodeKind::Stub
            }]
        );
        assert_eq!(
            lineage.links[0].edge,
            Edge {
                parent: name(base).id(),
                child: child()
            }
        );
    }

    #[test]
    fn of_an_unknown_parent_nothing_is_written() {
        assert_eq!(decide_lineage(child(), &Parentage::Unknown), Lineage::default());
    }
}
