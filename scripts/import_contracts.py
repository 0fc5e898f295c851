"""Import contracts of this project's own kinds, for import-linter (``make lint``).

pyproject.toml registers them beside import-linter's kinds and names what they apply to.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any, Final

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

_PROBLEMS: Final = "problems"


class _ListingContract(Contract):
    """A contract that is kept when it finds no problem."""

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002, FBT001
        """Look for problems in the graph of all imports."""
        problems = sorted(self.problems(graph))
        return ContractCheck(kept=not problems, metadata={_PROBLEMS: problems})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print the problems."""
        for problem in check.metadata[_PROBLEMS]:
            output.print_error(problem)

    def problems(self, graph: ImportGraph) -> set[str]:
        """The imports that break the contract, in words."""
        raise NotImplementedError


class ExportsContract(_ListingContract):
    """Other packages import only the modules that a package's ``__all__`` names.

    Options:
        parent: the package whose subpackages are meant.
    """

    type_name = "exports"
    parent: Any = fields.StringField()

    def problems(self, graph: ImportGraph) -> set[str]:
        """Imports of other modules, and names of modules that are missing."""
        packages = [each for each in graph.find_children(self.parent) if graph.find_children(each)]
        return {problem for each in packages for problem in self._of(each, graph)}

    def _of(self, package: str, graph: ImportGraph) -> set[str]:
        exports = {f"{package}.{name}" for name in getattr(import_module(package), "__all__", ())}
        modules = graph.find_children(package)
        missing = {f"{each} is exported but missing" for each in exports - modules}
        inside = {package} | graph.find_descendants(package)
        private = {
            module for each in modules - exports for module in {each} | graph.find_descendants(each)
        }
        return missing | {
            f"{importer} imports {module}, which {package} does not export"
            for module in private
            for importer in graph.find_modules_that_directly_import(module) - inside
        }


class LibrariesContract(_ListingContract):
    """Modules load no library but those named, however indirectly; the standard library is free.

    Options:
        modules: the modules; a package stands for all in it.
        allowed: the libraries' top-level packages.
    """

    type_name = "libraries"
    modules: Any = fields.ListField(subfield=fields.StringField())
    allowed: Any = fields.SetField(subfield=fields.StringField(), required=False)

    def problems(self, graph: ImportGraph) -> set[str]:
        """Libraries that are loaded beyond the allowed ones."""
        allowed = {*(self.allowed or ()), *sys.stdlib_module_names}
        return {
            f"{module} loads {library}"
            for name in self.modules
            for module in {name} | graph.find_descendants(name)
            for library in _loaded_with(module, graph)
            if graph.is_module_squashed(library) and library not in allowed
        }


def _loaded_with(module: str, graph: ImportGraph) -> set[str]:
    """All modules that are loaded by importing one: importing ``a.b`` loads ``a`` as well."""
    loaded: set[str] = set()
    pending = {module}
    while pending:
        each = pending.pop()
        loaded.add(each)
        parent = each.rpartition(".")[0]
        imported = graph.find_modules_directly_imported_by(each) | ({parent} if parent else set())
        pending |= imported - loaded
    return loaded
