"""Deployment packages of the functions, made by uv without Docker.

A package holds one function's folder, the shared ``orderflow`` library and the function's locked
dependencies. It omits the AWS SDK, which the Lambda runtime contains and AWS patches, and packages
that only the SDK needs. Packages that the function needs too (urllib3, jmespath) are included in
the locked version, because the runtime's may be older.

On this machine the library and the dependencies are not copied into each package: it names their
folders, which the functions share (:data:`PACKAGES_FILE`). Eighteen copies of 20 MB would be
compiled, packed, loaded up and unpacked at each deployment. What all functions depend on is a
folder, and what some of them need beside it is another.

Packages are cached under ``.build/functions`` by the digest of their content.
"""

import compileall
import hashlib
import os
import platform
import py_compile
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType

from cdk.build_cache import built

ROOT = Path(__file__).parents[3]
CACHE = ROOT / ".build" / "functions"
BOOTSTRAP = Path(__file__).parent / "local_bootstrap.sh"

PROVIDED = ("boto3", "botocore")

#: The dependency group that every function's group includes.
_BASE = "function-base"

#: In a package for this machine: the folders that its function imports from as well, one a line.
PACKAGES_FILE = "packages"

#: So many of them are those of all functions, and come first: the library, and what all depend on.
OF_ALL_FUNCTIONS = 2

# Sources that only the CDK app reads (the API's schema and resolvers), and caches.
NOT_DEPLOYED = re.compile(r"(^|/)(__pycache__(/|$)|\.)|\.(pyc|graphql|js)$")

_NOTHING: Mapping[str, bytes] = MappingProxyType({})

# Installers write these; the function does not read them, and they differ between machines.
INSTALLER_NOISE = (
    ".lock",
    "bin",
    "*.dist-info/INSTALLER",
    "*.dist-info/RECORD",
    "*.dist-info/REQUESTED",
    "*.dist-info/sboms",
    "**/__pycache__",
    "**/*.pyi",
)


class BundlingError(Exception):
    """uv is missing or failed; the message says why."""


@dataclass(frozen=True)
class Target:
    """The platform that a package runs on.

    Attributes:
        name: distinguishes packages for different targets.
        install_options: uv's options to choose the platform's wheels.
        python: its version; bytecode is included if this interpreter has the same.
        bootstrap: the text of the start script to include, for custom runtimes; it reads
            :data:`PACKAGES_FILE`, so that a package with one shares its dependencies.
    """

    name: str
    install_options: tuple[str, ...]
    python: tuple[int, int]
    bootstrap: str | None = None

    @property
    def reads_our_bytecode(self) -> bool:
        """Whether modules compiled here need not be compiled again at each cold start there."""
        return self.python == sys.version_info[:2]


# Lambda's Python 3.13 runs on Amazon Linux 2023 (glibc 2.34), so manylinux_2_28 wheels fit.
AWS_LAMBDA = Target(
    name="python3.13-aarch64",
    install_options=("--python-platform", "aarch64-manylinux_2_28", "--python-version", "3.13"),
    python=(3, 13),
)


def local_target(python: Path = Path(sys.executable)) -> Target:
    """This machine, and the interpreter at ``python`` (of the running version)."""
    return Target(
        name=f"python{platform.python_version()}-{platform.system()}-{platform.machine()}".lower(),
        install_options=("--python", str(python)),
        python=sys.version_info[:2],
        bootstrap=BOOTSTRAP.read_text(),
    )


@dataclass(frozen=True)
class Bundle:
    """One function's deployment package, unpacked.

    Attributes:
        path: its folder, which never changes.
        digest: of its content and target (hex).
        shared: the folders that it names, which never change either.
    """

    path: Path
    digest: str
    shared: tuple[Path, ...] = ()


def bundle(function: str, target: Target) -> Bundle:
    """The package of the function in ``functions/<function>``, built unless it is cached.

    Raises:
        BundlingError: uv is missing or failed, or the function does not exist.
    """
    if not (ROOT / "functions" / function / "handler.py").is_file():
        raise BundlingError(f"functions/{function}/handler.py does not exist.")
    requirements = _requirements(function.replace("_", "-"))
    sources, library = _sources(function), _sources("orderflow")
    if target.bootstrap is None:
        return _built(function, target, requirements, sources | library)
    shared = (
        _built("orderflow", target, sources=library).path,
        *(_built("dependencies", target, part).path for part in _shared_parts(requirements)),
    )
    names = "".join(f"{folder.resolve()}\n" for folder in shared)
    start = {"bootstrap": target.bootstrap.encode(), PACKAGES_FILE: names.encode()}
    package = _built(function, target, sources=sources | start)
    return replace(package, shared=shared)


def _requirements(group: str) -> str:
    return locked_requirements(group, *(f"--prune={package}" for package in PROVIDED))


def _shared_parts(requirements: str) -> list[str]:
    """The requirements that all functions have, and those that this one has beside them."""
    of_all = {*_entries(_requirements(_BASE))}
    entries = _entries(requirements)
    parts = ([each for each in entries if (each in of_all) is common] for common in (True, False))
    return ["\n".join(part) for part in parts if part]


def _entries(requirements: str) -> list[str]:
    """Each requirement with its hashes, which stand in indented lines below it."""
    return re.split(r"\n(?=\S)", requirements.strip())


def _built(
    name: str, target: Target, requirements: str = "", sources: Mapping[str, bytes] = _NOTHING
) -> Bundle:
    """A folder with these packages and files, built unless it is cached."""
    digest = _digest(target, requirements, sources)
    path = built(
        CACHE / f"{name}-{digest[:20]}",
        lambda folder: _fill(folder, target, requirements, sources),
    )
    return Bundle(path, digest)


def _fill(folder: Path, target: Target, requirements: str, sources: Mapping[str, bytes]) -> None:
    if requirements:
        _install_quietly(folder, target, requirements)
    for name, content in sources.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        if name == "bootstrap":
            file.chmod(0o755)
    if target.reads_our_bytecode:
        _compile(folder)


def _install_quietly(folder: Path, target: Target, requirements: str) -> None:
    """Installs, and removes what only installers need."""
    install(folder, target, requirements)
    for pattern in INSTALLER_NOISE:
        for noise in list(folder.glob(pattern)):
            shutil.rmtree(noise) if noise.is_dir() else noise.unlink()


def _compile(folder: Path) -> None:
    """Puts bytecode beside all modules; AWS's /var/task is read-only, so that none is kept there.

    It is not checked against the source's time of change, which differs where it is unpacked.
    """
    compileall.compile_dir(
        folder,
        stripdir=str(folder),
        quiet=2,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        optimize=0,  # as functions run, whatever the CDK app runs as
    )


def install(folder: Path, target: Target, requirements: str) -> None:
    """Installs exactly these locked requirements, for ``target``, into ``folder``.

    Raises:
        BundlingError: uv is missing or failed.
    """
    run_uv(
        "pip",
        "install",
        # The list is complete; uv must not add the packages that it omits.
        "--no-deps",
        "--require-hashes",
        "--only-binary=:all:",
        f"--target={folder}",
        *target.install_options,
        "--requirements=-",
        given=requirements,
    )


def locked_requirements(group: str, *options: str) -> str:
    """The locked versions and hashes of a dependency group of the project.

    Raises:
        BundlingError: uv is missing, or the group does not exist.
    """
    locked = hashlib.sha256()
    for name in ("pyproject.toml", "uv.lock"):
        locked.update((ROOT / name).read_bytes())
    return _exported(group, options, locked.hexdigest())


@cache
def _exported(group: str, options: tuple[str, ...], _locked: str) -> str:
    """The requirements of a group; asked once for each state of the lock."""
    return run_uv(
        "export",
        "--frozen",
        "--no-header",
        "--no-annotate",
        "--no-emit-project",
        f"--only-group={group}",
        *options,
    )


def _sources(folder: str) -> dict[str, bytes]:
    """The files of ``functions/<folder>`` that are deployed, by their path below ``functions``.

    Read once, so that an edit during the build can't separate the digest from the content.
    """
    base = ROOT / "functions"
    names = sorted(
        path.relative_to(base).as_posix() for path in (base / folder).rglob("*") if path.is_file()
    )
    return {name: (base / name).read_bytes() for name in names if not NOT_DEPLOYED.search(name)}


def _digest(target: Target, requirements: str, sources: Mapping[str, bytes]) -> str:
    built_from = (target, target.reads_our_bytecode, requirements)
    digest = hashlib.sha256(repr(built_from).encode())
    for name, content in sources.items():
        digest.update(f"{name} {hashlib.sha256(content).hexdigest()}\n".encode())
    return digest.hexdigest()


def run_uv(*arguments: str, given: str | None = None) -> str:
    """Runs uv in the project; its standard output.

    Raises:
        BundlingError: uv is missing or failed.
    """
    search_path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    uv = shutil.which("uv", path=search_path)
    if uv is None:
        raise BundlingError("uv is not installed; `make setup` installs it beside this Python.")
    command = (uv, "--quiet", *arguments)
    ran = subprocess.run(  # noqa: S603  # nosec B603
        command, cwd=ROOT, input=given, capture_output=True, text=True, check=False
    )
    if ran.returncode:
        raise BundlingError(f"uv {arguments[0]} failed:\n{ran.stderr.strip()}")
    return ran.stdout
