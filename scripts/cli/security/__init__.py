"""Commands that guard: accounts and keys, the audit and customers' data, the firewall."""
