"""What torchrun tells in the environment is read only where torchrun told it."""

import pytest

from core.launch import local_rank, rank, world_size
from core.machine import cores, threads_for_training

TOLD = {
    "RANK": "3",
    "LOCAL_RANK": "1",
    "WORLD_SIZE": "4",
    "LOCAL_WORLD_SIZE": "2",
    "MASTER_ADDR": "127.0.0.1",
}


@pytest.fixture(autouse=True)
def nothing_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in TOLD:
        monkeypatch.delenv(name, raising=False)


def test_a_process_of_several_knows_which_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in TOLD.items():
        monkeypatch.setenv(name, value)
    assert (rank(), local_rank(), world_size()) == (3, 1, 4)
    assert threads_for_training() == max(1, cores() // 4)


@pytest.mark.parametrize(
    "changes", [{}, {"WORLD_SIZE": "4", "RANK": "2"}, {**TOLD, "RANK": "x", "WORLD_SIZE": "-1"}]
)
def test_alone_it_leads_whatever_else_is_in_the_environment(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, str]
) -> None:
    for name, value in changes.items():
        monkeypatch.setenv(name, value)
    assert (rank(), world_size()) == (0, 1)
    assert threads_for_training() >= 1
