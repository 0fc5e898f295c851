"""Commands for operators: failed, replay, resume, cancel, reconcile, breakers, refunds, audit."""
