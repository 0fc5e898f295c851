"""Who is alerted, and how: a part of a stage's settings.

Everything that operations get comes through one topic: pages of incidents, and alerts of functions
about single orders. A pager gets the pages alone.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

HttpsUrl = Annotated[str, Field(pattern=r"^https://[^\s/]+/\S*$")]
Address = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]


class OnCall(BaseModel):
    """The subscribers of a stage's topic of operations.

    An HTTPS endpoint confirms its subscription itself, as pagers do: PagerDuty's, Opsgenie's and
    their like, and Amazon Q Developer in chat applications, which subscribes to the topic by its
    own settings. An e-mail address confirms it by a link.

    Attributes:
        mailboxes: get all messages.
        chat: HTTPS endpoints that get all messages.
        pagers: HTTPS endpoints of the rotation, which get the pages alone: the rotation and the
            escalation are the pager's own settings (docs/on-call.md).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    mailboxes: tuple[Address, ...] = ()
    chat: tuple[HttpsUrl, ...] = ()
    pagers: tuple[HttpsUrl, ...] = ()


NOBODY = OnCall()
"""For stages whose topic people subscribe to by hand."""
