"""Who may enter, and whose conversations are kept.

Without a password there are no accounts: the chat binds to loopback and keeps no list of conversations.
"""

import hmac
import os

import chainlit as cl

PASSWORD_VARIABLE = "COMPASS_PASSWORD"


def has_accounts() -> bool:
    """Whether people must log in: by password, or by an OAuth provider set in the environment."""
    return bool(os.environ.get(PASSWORD_VARIABLE)) or has_oauth()


def has_oauth() -> bool:
    """Whether Chainlit finds an OAuth provider in the environment (OAUTH_GITHUB_CLIENT_ID and the like)."""
    return any(
        name.startswith("OAUTH_") and name.endswith("_CLIENT_ID") and os.environ[name] for name in os.environ
    )


def configure_history() -> None:
    """Register the log-in callbacks that the environment asks for."""
    if os.environ.get(PASSWORD_VARIABLE):
        cl.password_auth_callback(check_password)
    if has_oauth():
        cl.oauth_callback(accept_oauth)


async def check_password(username: str, password: str) -> cl.User | None:
    """One password for the team; the name tells whose conversations are whose."""
    expected = os.environ[PASSWORD_VARIABLE]
    if username.strip() and hmac.compare_digest(password.encode(), expected.encode()):
        return cl.User(identifier=username.strip())
    return None


async def accept_oauth(
    provider_id: str,
    token: str,
    raw_user_data: dict[str, str],
    default_user: cl.User,
    id_token: str | None = None,
) -> cl.User | None:
    """Whoever the provider lets in is let in."""
    return default_user
