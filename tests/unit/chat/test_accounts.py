"""Who must log in, and who may."""

import pytest

from chat.accounts import has_oauth, has_password, is_password, may_enter
from chat.launch import refuse_public_host
from compass.core import InvalidInput


@pytest.fixture(autouse=True)
def nobody_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COMPASS_PASSWORD", "COMPASS_USERS", "OAUTH_GITHUB_CLIENT_ID", "OAUTH_GITHUB_CLIENT_SECRET"):
        monkeypatch.delenv(name, raising=False)


def test_without_accounts_only_loopback_is_served() -> None:
    refuse_public_host("127.0.0.1")
    with pytest.raises(InvalidInput, match="COMPASS_PASSWORD"):
        refuse_public_host("0.0.0.0")


def test_half_an_oauth_provider_opens_no_door(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OAUTH_PROMPT", "consent")
    monkeypatch.setenv("OAUTH_GITHUB_CLIENT_ID", "id")
    assert not has_oauth()
    with pytest.raises(InvalidInput):
        refuse_public_host("0.0.0.0")

    monkeypatch.setenv("OAUTH_GITHUB_CLIENT_SECRET", "secret")
    assert has_oauth()
    refuse_public_host("0.0.0.0")


def test_a_password_opens_the_door_and_is_compared_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not has_password() and not is_password("")
    monkeypatch.setenv("COMPASS_PASSWORD", "pässword")

    refuse_public_host("0.0.0.0")
    assert is_password("pässword")
    assert not is_password("pässwor") and not is_password("")


def test_listed_users_alone_enter(monkeypatch: pytest.MonkeyPatch) -> None:
    assert may_enter("anybody@example.com")
    monkeypatch.setenv("COMPASS_USERS", "Ann@example.com, bob")

    assert may_enter("ann@example.com") and may_enter("bob")
    assert not may_enter("eve@example.com")
