"""The security report: advisories, bills of materials, scanners and named tests."""
