"""For the functions that read or mark the addresses that get no mail."""

from __future__ import annotations

from orderflow.emails.addresses import StoredAddresses
from orderflow.platform import aws, snapshots
from orderflow.platform.environment import AddressesEnvironment, load_environment

snapshots.prepare(aws.table_type)


def addresses() -> StoredAddresses:
    """The addresses that bounced or complained."""
    environment = load_environment(AddressesEnvironment)
    return StoredAddresses(aws.table(environment.addresses_table))
