"""Evaluates web ACLs of AWS WAF on this machine, by the rules of their templates.

What WAF documents is evaluated as documented. What AWS does not publish (the rules of its managed
groups) is not evaluated, and each verdict and each list of rules says so. Sources: the pages of
https://docs.aws.amazon.com/waf/latest/developerguide/ that the modules name.
"""
