"""Legitimate and hostile traffic on the synthesized web ACL: figures and report."""
