"""All mutants."""

from __future__ import annotations

from typing import Final

from tests.mutation.mutants import DEFINITION
from tests.mutation.query_mutants import QUERIES
from tests.mutation.template_mutants import POLICIES, RESOLVERS, TEMPLATES

MUTANTS: Final = (*DEFINITION, *TEMPLATES, *RESOLVERS, *POLICIES, *QUERIES)
