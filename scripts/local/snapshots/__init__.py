"""Snapshots of the local functions: init runs once a version, and each worker is a fork of it.

The contract is that of AWS Lambda SnapStart
(https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html). ``template`` is the process that
stops after a function's init phase, ``stems`` starts what it is forked from, ``host`` has it forked
and hands out workers, ``emulated`` makes MiniStack start its workers that way.
"""
