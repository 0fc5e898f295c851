"""The description of the AppSync API that the front door serves."""

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class Api(BaseModel):
    """One deployed AppSync API: its id, its schema and its user pool.

    ``subscription_code`` is the JavaScript of its subscriptions' resolvers, by field.
    """

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")

    api_id: str = Field(pattern=r"^[a-zA-Z0-9]+$")
    region: str
    user_pool_id: str
    client_ids: frozenset[str]
    schema_text: str
    subscription_code: dict[str, str] = Field(default_factory=dict)

    @property
    def host(self) -> str:
        """The API's host name on AWS."""
        return f"{self.api_id}.appsync-api.{self.region}.amazonaws.com"

    @property
    def issuer(self) -> str:
        """The ``iss`` claim of the pool's tokens."""
        return f"https://cognito-idp.{self.region}.amazonaws.com/{self.user_pool_id}"
