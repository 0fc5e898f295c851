"""The addresses of a local stack's servers, as parameters of its template.

Each local stack has ports of its own. As parameters they leave the template the same for all of
them, so that it need not be synthesized again.
"""

import aws_cdk as cdk

from cdk.local_stage import LocalAddress

NO_SERVER = "http://127.0.0.1:9"
"""The discard port; the parameters' default, for a template that nothing deploys."""


def declare_local_addresses(stack: cdk.Stack) -> None:
    """Adds the parameters to the stack."""
    for address in LocalAddress:
        cdk.CfnParameter(
            stack, address.value, default=NO_SERVER, allowed_pattern=r"https?://[^\s/]+"
        )


def local_address(address: LocalAddress) -> str:
    """The parameter's value, in a stack that declares it."""
    return cdk.Fn.ref(address.value)
