//! The house keeps its order: which crate may lean on which, and how each declares it.

#![expect(clippy::expect_used, reason = "this is a test throughout")]

mod manifest;
mod rules;
mod workspace;

use workspace::Workspace;

#[track_caller]
fn assert_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn dependencies_point_one_way() {
    assert_none(&rules::broken_by(&Workspace::read()));
}

#[test]
fn everyday_tests_build_no_aws_sdk() {
    assert_none(&rules::everyday_sdk(&Workspace::read()));
}

#[test]
fn every_version_is_declared_once_in_the_workspace() {
    let workspace = Workspace::read();
    assert_none(&workspace.complaints_of_manifests(manifest::own_versions));
}

#[test]
fn every_member_keeps_to_the_workspaces_lints() {
    let workspace = Workspace::read();
    assert_none(&workspace.complaints_of_manifests(manifest::own_lints));
}
