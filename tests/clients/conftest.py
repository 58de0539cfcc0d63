"""One akia for each module, and the programs in other languages, each built once a session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.clients import programs
from tests.served import Served, serve

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    akia = serve(tmp_path_factory.mktemp("clients"))
    yield akia
    assert akia.stop() == 0


@pytest.fixture(scope="module")
def iam(served: Served) -> Any:
    return served.client("iam")


@pytest.fixture(scope="module")
def account(served: Served) -> str:
    return str(served.client("sts").get_caller_identity()["Account"])


@pytest.fixture(scope="session")
def javascript() -> programs.Program:
    return programs.javascript()


@pytest.fixture(scope="session")
def java() -> programs.Program:
    return programs.java()


@pytest.fixture(scope="session")
def go() -> programs.Program:
    return programs.go()
