"""X-Ray on this machine: segments of the emulated services, a daemon, and what is asked of it.

``emulated`` makes MiniStack hand traces on and send segments as Lambda and Step Functions do,
``store`` keeps what arrives, ``receiver`` is the daemon's UDP port, and ``api`` answers as X-Ray.
"""
