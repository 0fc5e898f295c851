"""Commands for operators: of failures, orders, breakers, refunds, the audit and customers."""
