"""AWS and the providers, emulated on this machine.

``appsync`` adds AppSync's authorization and subscriptions to the emulator, ``stand_ins`` has the
providers and the injection of faults, ``stack`` starts, deploys and stops all of it.
"""
