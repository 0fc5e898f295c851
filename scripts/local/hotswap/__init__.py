"""Brings saved sources into a running local stack past CloudFormation, as ``cdk watch`` does.

What is deployed is compared with the sources, so that each part may be run at any time. Of a save
that is broken nothing is deployed.
"""
